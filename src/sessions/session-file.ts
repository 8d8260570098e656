import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, writePrivateFile } from './private-file.ts';
import { formatIndexLines, formatNameLines, type IndexEntry, type MadeFrom } from './session-lines.ts';

/** What a shell may look up without the core: no quoting, no folder, nothing an option could be taken for. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]{0,99}$/;

/** True for a profile name that the wrappers may serve from a session file. */
export function isPlainName(profile: string): boolean {
  return PLAIN_NAME.test(profile);
}

/**
 * The session file of a plain name. Upper-case letters are marked, since `Dev` and `dev` are one file on macOS and
 * Windows; the prefix keeps `nul` and `con` from being devices. The wrappers build the same path.
 */
function sessionFilePath(folder: string, profile: string): string {
  return join(folder, 'shell', `s-${profile.replace(/[A-Z]/g, '%$&')}.session`);
}

/**
 * Keeps the index of profiles that completion reads, and a file of bare names for bash, where a look at each of ten
 * thousand takes too long: the roles in the order of their bytes, how many they are in the first line, then the others.
 * @throws PrivateFileError
 */
export function writeIndexFiles(folder: string, madeFrom: MadeFrom, entries: readonly IndexEntry[]): void {
  writePrivateFile(join(folder, 'completion', 'index'), formatIndexLines(madeFrom, entries));
  writePrivateFile(join(folder, 'completion', 'names'), formatNameLines(madeFrom, entries));
}

/** Removes what the wrappers could serve for `profile`, or for every profile. */
export function removeSessionFiles(folder: string, profile?: string): void {
  if (profile !== undefined) {
    if (isPlainName(profile)) removeFile(sessionFilePath(folder, profile));
    return;
  }
  for (const kind of ['shell', 'stamps', 'completion', 'mfa']) {
    for (const name of names(join(folder, kind))) removeFile(join(folder, kind, name));
  }
}

/** Keeps the lines that the wrappers serve for a plain name. @throws PrivateFileError */
export function writeSessionFile(folder: string, profile: string, lines: string): void {
  writePrivateFile(sessionFilePath(folder, profile), lines);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
