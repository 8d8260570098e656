import stringWidth from 'string-width';
import { printable } from '../profiles/printable.ts';

/** A text, how it is marked on a screen, and how it is made to fit where there is less room ({@link cut} by default). */
export interface PaintedCell {
  readonly text: string;
  readonly paint?: (text: string) => string;
  readonly shorten?: (text: string, width: number) => string;
}

export type Cell = string | PaintedCell;

const GAP = 2;
const ELLIPSIS = '…';
const INDENT = '  ';
/** The part of a line that a term may take before its meaning goes below it. */
const MOST_OF_TERM = 0.4;
const NARROW = 60;
const segmenter = new Intl.Segmenter();

/**
 * Lines up rows in columns, two spaces apart. The last cell of a row is not padded, and in a row that is shorter than the
 * others it may run to the end of the line. Cells are made safe to show.
 */
export function table(rows: readonly (readonly Cell[])[]): string[] {
  return lined(rows.map((row) => row.map(safe)));
}

/** Which columns may be made narrower, the first one first, and down to what width. */
export type Narrowing = readonly (readonly [column: number, least: number])[];

/**
 * A {@link table} that is at most `width` wide, with cells cut where they have to be; undefined where that is not enough.
 */
export function fittedTable(
  rows: readonly (readonly Cell[])[],
  width: number,
  narrowing: Narrowing,
): string[] | undefined {
  let cells = rows.map((row) => row.map(safe));
  const widths = widthsOf(cells);
  const total = (): number => widths.reduce((sum, one) => sum + one + GAP, -GAP);
  for (const [column, least] of narrowing) {
    const own = widths[column] ?? 0;
    widths[column] = Math.min(own, Math.max(least, own - Math.max(0, total() - width)));
  }
  if (total() > width) return undefined;
  cells = cells.map((row) =>
    row.map((cell, column) => {
      const before = widths.slice(0, column).reduce((sum, one) => sum + one + GAP, 0);
      const spans = column === row.length - 1 && row.length < widths.length;
      const { text, shorten = cut } = cell;
      return { ...cell, text: shorten(text, spans ? width - before : (widths[column] ?? 0)) };
    }),
  );
  return lined(cells);
}

function safe(cell: Cell): PaintedCell {
  return typeof cell === 'string' ? { text: printable(cell) } : { ...cell, text: printable(cell.text) };
}

/** The widths of the columns; the last cell of a shorter row may be as wide as it is. */
function widthsOf(rows: readonly (readonly PaintedCell[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths: number[] = Array(columns).fill(0);
  for (const row of rows) {
    row.forEach(({ text }, column) => {
      const spans = column === row.length - 1 && row.length < columns;
      if (!spans) widths[column] = Math.max(widths[column] ?? 0, stringWidth(text));
    });
  }
  return widths;
}

function lined(rows: readonly (readonly PaintedCell[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map(({ text, paint }, column) => {
        const last = column === row.length - 1;
        return (
          (paint?.(text) ?? text) +
          (last ? '' : ' '.repeat(Math.max(0, (widths[column] ?? 0) - stringWidth(text))))
        );
      })
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

/** How many columns a text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** What the text consists of for a person: letters with their accents. */
export function lettersOf(text: string): string[] {
  return [...segmenter.segment(text)].map(({ segment }) => segment);
}

/** Shortens a text that is wider than `width` columns: what it begins and ends with is left. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const letters = lettersOf(text);
  const room = Math.max(0, width - 1);
  const start = taken(letters, Math.ceil(room / 2));
  const end = taken(letters.toReversed(), room - stringWidth(start.join('')));
  return [...start, ELLIPSIS, ...end.toReversed()].join('');
}

/** Cuts the end off a text that is wider than `width` columns. */
export function cutEnd(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  const letters = lettersOf(text);
  return `${taken(letters, width - 1).join('')}${ELLIPSIS}`;
}

/** As many of the letters, from the first on, as fit into `width` columns. */
function taken(letters: readonly string[], width: number): string[] {
  const found: string[] = [];
  let left = width;
  for (const letter of letters) {
    left -= stringWidth(letter);
    if (left < 0) break;
    found.push(letter);
  }
  return found;
}

/** Breaks a text into lines of at most `width` columns, between words where it can. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return [...lines, line];
}

/**
 * Lines up terms with what they mean, in at most `width` columns; a long term has its meaning below it, and in a narrow
 * terminal each has.
 */
export function definitions(
  entries: readonly (readonly [term: string, meaning: string])[],
  width: number,
): string[] {
  const most = width < NARROW ? 0 : width * MOST_OF_TERM;
  const column = Math.max(
    INDENT.length - GAP,
    ...entries.map(([term]) => term.length).filter((length) => length <= most),
  );
  return entries.flatMap(([term, meaning]) => {
    const lines = wrapped(meaning, width - INDENT.length - column - GAP);
    const indented = lines.map((line) => `${INDENT}${' '.repeat(column + GAP)}${line}`);
    if (term.length > column) return [INDENT + term, ...indented];
    return [`${INDENT}${term.padEnd(column + GAP)}${lines[0]}`, ...indented.slice(1)];
  });
}
