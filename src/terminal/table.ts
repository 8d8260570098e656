import { printable } from '../profiles/printable.ts';

/** Lines up rows in columns, two spaces apart; the last is not padded. Cells are made safe to show. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const safe = rows.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of safe) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return safe.map((row) =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell)),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** Counts one column for each code point, which is good enough for names. */
function width(text: string): number {
  return [...text].length;
}
