import { emitKeypressEvents, type Interface, type Key } from 'node:readline';
import type { Context } from '../context.ts';
import { hasControlCharacter, printable } from '../profiles/printable.ts';
import { colours } from './colour.ts';
import type { Choice, Ranked } from './ranking.ts';
import { columnsOf } from './screen.ts';
import { SIGNALS } from './signals.ts';
import { cut, cutEnd, lettersOf, widthOf } from './table.ts';
import type { Screen } from './terminal.ts';

/** What a person is shown. */
export interface Question {
  /** Says in a line what this is about. */
  readonly header: string;
  /** What is typed in already. */
  readonly query: string;
  /** The likeliest first. */
  readonly choices: readonly Choice[];
}

const MOST_ROWS = 15;
/** So many that to search them takes a while. */
const MANY = 1000;
const MOST_LETTERS = 200;
const GAP = '  ';
/** The least room that is worth showing the role in. */
const LEAST_ABOUT = 8;
/** How long the rest of an arrow's escape sequence may take to arrive; then it was the Esc key. */
const ESCAPE_MS = 50;
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

const CSI = '\u001b[';
/**
 * While the list is there the cursor is hidden in its first cell. So a window of another size, which breaks lines anew or
 * not, never takes us to a line that is not ours.
 */
const BEGIN = `${CSI}?2004h${CSI}?25l`;
const ERASE = `\r${CSI}J`;
const END = `${ERASE}${CSI}?25h${CSI}?2004l`;

/**
 * Lets a person choose on the screen, below what stands there. It is erased at the end, whatever ends it. Undefined when
 * nothing was chosen: Esc, Ctrl-C, a signal, the end of input.
 */
export async function pick(
  context: Context,
  { input, output }: Screen,
  { header, query: typed, choices }: Question,
): Promise<Choice | undefined> {
  const paints = colours(output, context.env);
  let query = typed;
  let selected = 0;
  let top = 0;
  let rows = 1;
  let rank: ((query: string) => Ranked) | undefined;
  let ranked: Ranked = { found: choices, total: choices.length, score: 0 };
  let isOver = false;

  const draw = (): void => {
    if (isOver) return;
    const width = Math.max(1, (columnsOf(output) ?? USUAL_COLUMNS) - 1);
    const height = output.rows > 0 ? output.rows : USUAL_ROWS;
    rows = Math.max(1, Math.min(MOST_ROWS, height - 3));
    selected = Math.max(0, Math.min(selected, ranked.found.length - 1));
    top = Math.max(0, Math.min(top, selected, ranked.found.length - rows));
    if (selected >= top + rows) top = selected - rows + 1;
    const lines = [
      paints.bold(cutEnd(printable(header), width)),
      queryLine(width),
      ...listLines(ranked.found.slice(top, top + rows), width),
    ].slice(-height);
    const text = lines.map((line) => `${line}${CSI}K`).join('\r\n');
    const back = lines.length > 1 ? `${CSI}${lines.length - 1}A` : '';
    output.write(`\r${text}${CSI}J${back}\r`);
  };

  const queryLine = (width: number): string => {
    const count = `${ranked.total}/${choices.length}`;
    const cursor = paints.inverse(' ') === ' ' ? '_' : paints.inverse(' ');
    const room = Math.max(1, width - 3);
    // The end of it is where one types.
    let shown = printable(query);
    while (widthOf(shown) > room) shown = lettersOf(shown).slice(1).join('');
    // Not at the edge: where a window becomes narrower, a terminal breaks long lines, and what that takes may be out of reach.
    const isRoom = width - 3 - widthOf(shown) > count.length + GAP.length;
    return `${paints.bold('?')} ${shown}${cursor}${isRoom ? GAP + count : ''}`;
  };

  const listLines = (shown: readonly Choice[], width: number): string[] => {
    if (shown.length === 0) return [cutEnd('  no profile fits', width)];
    const names = shown.map(({ name, held }) => (held ? `${printable(name)} *` : printable(name)));
    const room = Math.max(1, width - 2);
    const column = Math.min(room, Math.max(...names.map(widthOf)));
    const left = room - column - GAP.length;
    return shown.map(({ about, held }, index) => {
      const name = cut(names[index] ?? '', column);
      const rest = left < LEAST_ABOUT ? '' : cut(printable(about), left);
      const line = rest === '' ? name : `${name}${' '.repeat(column - widthOf(name))}${GAP}${rest}`;
      if (top + index === selected) return paints.bold(`> ${line}`);
      return held ? `  ${paints.green(line)}` : `  ${line}`;
    });
  };

  // Only once in what arrives at once, such as pasted text.
  let isDrawing = false;
  const drawSoon = (): void => {
    if (isDrawing) return;
    isDrawing = true;
    setImmediate(() => {
      isDrawing = false;
      draw();
    });
  };
  const resize = (): void => {
    // Lines that the terminal has broken anew are no longer one.
    if (!isOver) output.write(ERASE);
    drawSoon();
  };
  const search = (text: string): void => {
    query = lettersOf(text).slice(0, MOST_LETTERS).join('');
    ranked = rank?.(query) ?? ranked;
    selected = 0;
    top = 0;
  };

  const end = (): void => {
    if (isOver) return;
    isOver = true;
    try {
      output.write(END);
      input.setRawMode(false);
    } catch {
      // The terminal is gone, so there is nothing to restore.
    }
  };

  let choose: (choice: Choice | undefined) => void = () => {};
  const chosen = new Promise<Choice | undefined>((resolve) => {
    choose = resolve;
  });
  const cancel = (): void => choose(undefined);
  let isPasting = false;
  const type = (text: string | undefined): void => {
    if (text !== undefined && !hasControlCharacter(text)) search(query + text);
  };
  const onKey = (text: string | undefined, { name = '', ctrl = false, meta = false }: Key): void => {
    const control = ctrl ? name : '';
    const isEnter = name === 'return' || name === 'enter';
    if (control === 'c') cancel();
    else if (name === 'paste-start') isPasting = true;
    else if (name === 'paste-end') isPasting = false;
    // What was pasted chooses nothing.
    else if (isPasting) type(isEnter || name === 'tab' ? ' ' : text);
    else if (isEnter) {
      const choice = ranked.found[selected];
      if (choice !== undefined) choose(choice);
    } else if (name === 'escape' || control === 'g' || (control === 'd' && query === '')) cancel();
    else if (name === 'up' || control === 'p') selected -= 1;
    else if (name === 'down' || control === 'n') selected += 1;
    else if (name === 'pageup') selected -= rows;
    else if (name === 'pagedown') selected += rows;
    else if (name === 'home') selected = 0;
    else if (name === 'end') selected = ranked.found.length - 1;
    else if (name === 'backspace') search(lettersOf(query).slice(0, -1).join(''));
    else if (control === 'u') search('');
    else if (control === 'w') search(query.replace(/\S*\s*$/, ''));
    else if (!ctrl && !meta) type(text);
    selected = Math.max(0, Math.min(selected, ranked.found.length - 1));
    drawSoon();
  };

  // V8 takes many times as long for the first searches as for those that follow: better before than while somebody types.
  const warmUp = async (): Promise<void> => {
    const [first] = choices;
    if (first === undefined || choices.length < MANY) return;
    const searches = [1, 2, 3, 4, 5].map((length) => first.name.slice(0, length)).concat(`${first.name} 1`);
    for (const words of [...searches, ...searches]) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isOver || query !== typed) return;
      rank?.(words);
    }
  };

  for (const signal of SIGNALS) process.on(signal, cancel);
  process.once('exit', end);
  try {
    input.setRawMode(true);
    output.write(BEGIN);
    output.on('resize', resize);
    if (query === '') draw();
    rank = (await import('./ranking.ts')).ranking(choices);
    search(query);
    if (query !== '') draw();
    input.once('end', cancel).once('error', cancel).once('close', cancel);
    emitKeypressEvents(input, { escapeCodeTimeout: ESCAPE_MS } as unknown as Interface);
    input.on('keypress', onKey).resume();
    void warmUp();
    return await chosen;
  } finally {
    end();
    output.off('resize', resize);
    input.off('keypress', onKey).off('end', cancel).off('error', cancel).off('close', cancel).pause();
    for (const signal of SIGNALS) process.off(signal, cancel);
    process.off('exit', end);
  }
}
