import type { Writable } from 'node:stream';
import { printable } from '../profiles/printable.ts';
import { isTerminal } from '../terminal/is-terminal.ts';

const CONTEXT = 3;
const NO_NEWLINE = '\\ No newline at end of file';

/** A text as a letter a byte, whatever it is written in. */
export type Letters = string;

/** Text as {@link Letters}. */
export function lettersOf(text: string): Letters {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A change of a file; undefined for a side is a file that is not there. */
export interface Difference {
  readonly file: string;
  readonly before: Letters | undefined;
  readonly after: Letters | undefined;
}

/** Prints a change as `diff -u` does: to the letter, for `patch`, but at a terminal control characters are shown. */
export function printDiff(stdout: Writable, difference: Difference): void {
  const lines = unifiedDiff(difference, isTerminal(stdout) ? shown : (line) => line);
  if (lines.length > 0) stdout.write(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
}

/** A change in one place. */
function unifiedDiff({ file, before, after }: Difference, write: (line: Letters) => Letters): Letters[] {
  const [old, young] = [linesOf(before ?? ''), linesOf(after ?? '')];
  let head = 0;
  while (head < Math.min(old.length, young.length) && old[head] === young[head]) head += 1;
  let tail = 0;
  const most = Math.min(old.length, young.length) - head;
  while (tail < most && old.at(-1 - tail) === young.at(-1 - tail)) tail += 1;
  if (head === old.length && head === young.length) return [];
  const from = Math.max(0, head - CONTEXT);
  const until = (lines: readonly string[]): number => Math.min(lines.length, lines.length - tail + CONTEXT);
  const range = (lines: readonly string[]): string => {
    const count = until(lines) - from;
    return `${count === 0 ? from : from + 1},${count}`;
  };
  const marked = (mark: string, lines: readonly string[]): string[] =>
    lines.flatMap((line) => markedLine(mark + write(line.replace(/\n$/, '')), line.endsWith('\n')));
  return [
    `--- ${before === undefined ? '/dev/null' : lettersOf(nameOf(file))}`,
    `+++ ${after === undefined ? '/dev/null' : lettersOf(nameOf(file))}`,
    `@@ -${range(old)} +${range(young)} @@`,
    ...marked(' ', old.slice(from, head)),
    ...marked('-', old.slice(head, old.length - tail)),
    ...marked('+', young.slice(head, young.length - tail)),
    ...marked(' ', old.slice(old.length - tail, until(old))),
  ];
}

/** The lines, each with its newline. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** A name as `diff` writes it: quoted, or with a tab behind it where it has blanks, at which `patch` would end it. */
function nameOf(file: string): string {
  if (!/[\p{Cc}"\\]/u.test(file)) return printable(file) + (file.includes(' ') ? '\t' : '');
  const letters = file.replace(/["\\]/g, '\\$&').replace(/\p{Cc}/gu, octal);
  return `"${printable(letters)}"`;
}

function octal(letter: string): string {
  return [...Buffer.from(letter)].map((byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

function markedLine(line: Letters, hasNewline: boolean): Letters[] {
  return hasNewline ? [line] : [line, NO_NEWLINE];
}

function shown(line: Letters): Letters {
  const text = line.replace(/\r$/, '');
  // A tab is harmless, and so is a CR at the end of a line.
  const safe = Buffer.from(text, 'latin1').toString('utf8').split('\t').map(printable).join('\t');
  return lettersOf(safe) + (text === line ? '' : '\r');
}
