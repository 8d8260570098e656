import { printable } from '../profiles/printable.ts';

const CONTEXT = 3;
const NO_NEWLINE = '\\ No newline at end of file';

/** Writes a change of a text, in one place, as `diff -u` does. Undefined for a side is a file that is not there. */
export function unifiedDiff(file: string, before: string | undefined, after: string | undefined): string[] {
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
    lines.flatMap((line) => shown(mark, line));
  return [
    `--- ${before === undefined ? '/dev/null' : printable(file)}`,
    `+++ ${after === undefined ? '/dev/null' : printable(file)}`,
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

function shown(mark: string, line: string): string[] {
  const text = line.replace(/\r?\n$/, '');
  const end = line.endsWith('\r\n') ? '\r' : '';
  // A tab is harmless, and so is a CR at the end of a line.
  const safe = text.split('\t').map(printable).join('\t') + end;
  return line.endsWith('\n') ? [mark + safe] : [mark + safe, NO_NEWLINE];
}
