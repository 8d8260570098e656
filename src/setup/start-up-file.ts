import { readFileSync } from 'node:fs';
import type { InFile } from '../profiles/place.ts';
import { look } from './rights.ts';

/** The line of a start-up file that loads awsrole. */
export interface LoadingLine {
  readonly place: InFile;
  /** The file of ours that it sources; undefined where it asks `awsrole init`, or the name is put together. */
  readonly source: string | undefined;
}

const LOADS =
  /\bawsrole['"]? init\b|\bawsrole\.(?:bash|zsh|fish|ps1|psd1|psm1)\b|\bImport-Module\s+['"]?awsrole\b/i;
const SOURCE = /(?:^|[\s'"(])((?:\/|[A-Za-z]:[\\/])[^'"\n$]*\bawsrole\.(?:bash|zsh|fish|ps1|psd1|psm1))/;

/** Finds the line that loads awsrole; undefined where there is none, or the file is not there. */
export function loadingLine(file: string): LoadingLine | undefined {
  return loadingLineIn(linesOf(file), file);
}

/** As {@link loadingLine}, of a file's lines. */
export function loadingLineIn(lines: readonly string[], file: string): LoadingLine | undefined {
  const index = lines.findIndex((line) => !/^\s*#/.test(line) && LOADS.test(line));
  if (index < 0) return undefined;
  return { place: { file, line: index + 1 }, source: SOURCE.exec(lines[index] ?? '')?.[1] };
}

/** True when a line of a file, comments aside, has a text in it. */
export function mentions(file: string, text: string): boolean {
  return linesOf(file).some((line) => !/^\s*#/.test(line) && line.includes(text));
}

/** The lines of a file; none where it cannot be read. */
export function linesOf(file: string): string[] {
  // A pipe in its place would be waited for.
  if (!look(file)?.isFile()) return [];
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}
