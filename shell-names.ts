// Writes the commands' names into the files of shell/, which decide by them whether a first word is a profile, what they
// do into those that show it at Tab, and the version into PowerShell's module.
import { readFileSync, writeFileSync } from 'node:fs';
import { COMMAND_HELP } from './src/commands/help-texts.ts';
import { COMMANDS, OFFERED_COMMANDS } from './src/commands/names.ts';

// The line below the comment is an assignment in the shell's own words; what stands between its quotes is ours.
const LINE =
  /(# The build writes (this line|what people are offered) \(src\/commands\/names\.ts\)\.\n[^'\n]*')[^'\n]*(?='\n)/g;

const NAMES = ` ${COMMANDS.join(' ')} `;
const OFFERED = OFFERED_COMMANDS.map((name) => `${name}:${COMMAND_HELP[name].about}`).join('|');

/** The text with what is the build's in each of its lines: the names, a space before and behind each, or NAME:ABOUT|... */
export function withNames(text: string): string {
  return text.replace(LINE, (_, before, which) => `${before}${which === 'this line' ? NAMES : OFFERED}`);
}

/** A file with a version: what a shell says it has loaded, or the manifest, of which PowerShell takes digits and dots alone. */
export function withVersion(text: string, version: string): string {
  return text
    .replace(/(# The build writes the version\.\n[^'\n]*'(?:[a-z]+ )?)[^'\n]*/, `$1${version}`)
    .replace(/(?<=\n {2}ModuleVersion = ')[^'\n]*/, version.replace(/[^\d.].*/, ''));
}

/** Writes only those of the files that hold other names. */
export function writeNames(files: readonly string[]): void {
  for (const file of files) rewrite(file, withNames);
}

/** Writes only those of the files that hold another version. */
export function writeVersion(files: readonly string[], version: string): void {
  for (const file of files) rewrite(file, (text) => withVersion(text, version));
}

function rewrite(file: string, change: (text: string) => string): void {
  const text = readFileSync(file, 'utf8');
  const written = change(text);
  if (written !== text) writeFileSync(file, written);
}
