// Writes the commands' names into the files of shell/, which decide by them whether a first word is a profile.
import { readFileSync, writeFileSync } from 'node:fs';
import { COMMANDS } from './src/commands/names.ts';

// The line below the comment is an assignment in the shell's own words; what stands between its quotes is ours.
const LINE = /(# The build writes this line \(src\/commands\/names\.ts\)\.\n[^'\n]*')[^'\n]*(?='\n)/g;

/** The text with the names in each line that is the build's, a space before and behind each. */
export function withNames(text: string): string {
  return text.replace(LINE, (_, before) => `${before} ${COMMANDS.join(' ')} `);
}

/** Writes only those of the files that hold other names. */
export function writeNames(files: readonly string[]): void {
  for (const file of files) {
    const text = readFileSync(file, 'utf8');
    const written = withNames(text);
    if (written !== text) writeFileSync(file, written);
  }
}
