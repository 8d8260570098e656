import { existsSync, mkdirSync, readFileSync, rmdirSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { printable } from '../profiles/printable.ts';
import { RECORD } from './installation.ts';
import { type Prefix, prefixError } from './prefix.ts';

/** Makes a folder and those above it. Returns what it made, the deepest first. @throws AwsroleError */
export function makeFolders(folder: string, umask: number, hint: string): string[] {
  if (existsSync(folder)) return [];
  const made = makeFolders(dirname(folder), umask, hint);
  try {
    // Whatever the caller's umask is: nobody else writes into what we make.
    mkdirSync(folder, { mode: 0o755 & ~umask });
  } catch (error) {
    if (existsSync(folder)) return made; // another run has made it meanwhile
    removeMade(made);
    throw prefixError(
      `the folder ${printable(folder)} could not be created: ${printable((error as Error).message)}`,
      hint,
      error,
    );
  }
  return [folder, ...made];
}

/** Removes those of some folders that are empty. */
export function removeMade(folders: readonly string[]): void {
  for (const folder of folders) {
    try {
      rmdirSync(folder);
    } catch {
      // Something is in it.
    }
  }
}

/** The text of the record of an installation; empty where there is none. */
export function readRecord({ share }: Prefix): string {
  try {
    return readFileSync(join(share, RECORD), 'utf8');
  } catch {
    return '';
  }
}

/** The folders that a record names, and that hold, or held, an installation: others are none of its business. */
export function foldersIn(record: string, { bin, share, manual }: Prefix): string[] {
  const places = [bin, share, dirname(manual)].map((place) => place + sep);
  const named = record
    .split('\n')
    .map((line) => (sep === '\\' ? fromGitBash(line) : line))
    .filter((folder) => folder !== '' && places.some((place) => place.startsWith(folder + sep)));
  // The installers of awsrole 0.1 took no note of those of the manual page.
  return named.includes(dirname(share)) ? [dirname(manual), dirname(dirname(manual)), ...named] : named;
}

/** An installation from Git Bash may have noted `/c/Users`. */
function fromGitBash(folder: string): string {
  return folder
    .replace(/^\/([a-z])\//, (_, drive: string) => `${drive.toUpperCase()}:/`)
    .replaceAll('/', '\\');
}
