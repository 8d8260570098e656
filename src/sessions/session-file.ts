import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasControlCharacter } from '../profiles/printable.ts';
import { readPrivateFile, removeFile, replaceFile, writePrivateFile } from './private-file.ts';
import {
  formatIndexLines,
  formatNameLines,
  formatSessionLines,
  type IndexEntry,
  type MadeFor,
  type SessionLines,
  type ShellVariables,
} from './session-lines.ts';

/** So that the file's name stays below the 255 bytes of every file system, whatever the letters. */
const MOST_LETTERS = 100;
/** `uses` is cut to its last lines when it has grown beyond this. */
const MOST_BYTES_OF_USES = 65_536;
const LINES_OF_USES = 500;
/** Another process may be about to rename a file of this age. */
const ABANDONED_MS = 60_000;

/** True for a profile name whose lines can be kept for the wrappers. */
export function hasSessionFile(profile: string): boolean {
  return profile !== '' && profile.length <= MOST_LETTERS && !hasControlCharacter(profile);
}

/**
 * The session file of a name; the wrappers build the same path. What no file system takes is written `%2F`; the prefix
 * keeps `nul` and `con` from being devices. Where `Dev` and `dev` are one file, its first line says whose it is.
 */
function sessionFilePath(folder: string, profile: string): string {
  const encoded = profile.replace(
    /[%/\\:*?"<>|]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return join(folder, 'shell', `s-${encoded}.session`);
}

/**
 * Keeps the lines that the wrappers serve for a name. The file's modification time is when to renew, for shells that
 * have no clock but can compare files.
 * @throws PrivateFileError
 */
export function writeSessionFile(
  folder: string,
  lines: SessionLines & { readonly times: NonNullable<SessionLines['times']> },
  variables: ShellVariables,
  madeFor: MadeFor,
): void {
  writePrivateFile(sessionFilePath(folder, lines.profile), formatSessionLines(lines, variables, madeFor), {
    modified: lines.times.renewAfter,
  });
}

/** Removes session files whose time to renew has come: of renamed profiles, and those of awsrole 0.1, which bear the time of their writing. */
export function removeEndedSessionFiles(folder: string, nowMs: number): void {
  const shell = join(folder, 'shell');
  for (const name of names(shell)) {
    const stat = lstatSync(join(shell, name), { throwIfNoEntry: false });
    if (stat !== undefined && stat.mtimeMs < nowMs - ABANDONED_MS) removeFile(join(shell, name));
  }
}

/** Has a file `uses` in the cache, to which the wrappers append each name that they switch to, and keeps it short. @throws PrivateFileError */
export function keepUses(folder: string): void {
  const path = join(folder, 'uses');
  const size = lstatSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) writePrivateFile(path, '');
  else if (size > MOST_BYTES_OF_USES) {
    const lines = readPrivateFile(path)?.split('\n') ?? [];
    replaceFile(path, lines.slice(-LINES_OF_USES - 1).join('\n'), { durable: false });
  }
}

/**
 * Keeps the index of profiles that completion reads, and a file of names for bash, where a look at each of ten thousand
 * takes too long.
 * @throws PrivateFileError
 */
export function writeIndexFiles(folder: string, entries: readonly IndexEntry[], madeFor: MadeFor): void {
  writePrivateFile(join(folder, 'completion', 'index'), formatIndexLines(entries, madeFor));
  writePrivateFile(join(folder, 'completion', 'names'), formatNameLines(entries, madeFor));
}

/** Removes what the wrappers could serve for `profile`, or for every profile. */
export function removeSessionFiles(folder: string, profile?: string): void {
  if (profile !== undefined) {
    if (hasSessionFile(profile)) removeFile(sessionFilePath(folder, profile));
    return;
  }
  for (const kind of ['shell', 'stamps', 'completion', 'mfa']) {
    for (const name of names(join(folder, kind))) removeFile(join(folder, kind, name));
  }
  removeFile(join(folder, 'uses'));
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
