import { existsSync, lstatSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateFile, replaceFile, writePrivateFile } from '../files/private-file.ts';
import { entriesOf, removeFile } from '../files/temporary-file.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import {
  ABSENT,
  formatIndexLines,
  formatNameLines,
  formatSessionLines,
  type IndexEntry,
  type MadeFor,
  type SessionLines,
  type ShellVariables,
} from './session-lines.ts';

/** So that the file's name, and its temporary one, stay below the 255 bytes of every file system. */
const MOST_BYTES_OF_NAME = 228;
/** `uses` is cut to its last lines when it has grown beyond this. */
const MOST_BYTES_OF_USES = 65_536;
const LINES_OF_USES = 500;
/** What a use weighs less for each one after it. */
const FADING = 0.9;
/** The file may just be served by a shell whose clock is a little behind. */
const ENDED_MS = 60_000;

/** True for a profile name whose lines can be kept for the wrappers. */
export function hasSessionFile(profile: string): boolean {
  return (
    profile !== '' &&
    Buffer.byteLength(encodedName(profile)) <= MOST_BYTES_OF_NAME &&
    !hasControlCharacter(profile)
  );
}

/**
 * The session file of a name; the wrappers build the same path. What no file system takes is written `%2F`; the prefix
 * keeps `nul` and `con` from being devices. Where `Dev` and `dev` are one file, its first line says whose it is.
 */
function sessionFilePath(folder: string, profile: string): string {
  return join(folder, 'shell', `s-${encodedName(profile)}.session`);
}

function encodedName(profile: string): string {
  return profile.replace(/[%/\\:*?"<>|]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
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

/** Removes session files whose time to renew has come; those of awsrole 0.1 bear the time of their writing. */
export function removeEndedSessionFiles(folder: string, nowMs: number): void {
  for (const path of sessionFiles(folder)) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && stat.mtimeMs < nowMs - ENDED_MS) removeFile(path);
  }
}

/**
 * Removes session files made from a state of the AWS files that is no more: no shell serves them, and they may be of
 * profiles that were renamed or deleted since.
 * @param isKept tells whether there is still a stamp of this name
 */
export function removeOutdatedSessionFiles(folder: string, isKept: (stamp: string) => boolean): void {
  for (const path of sessionFiles(folder)) {
    const [, , states = ''] = readPrivateFile(path)?.split('\n', 3) ?? [];
    const stamps = /^states (\S+ \S+ \S+)$/.exec(states)?.[1]?.split(' ') ?? [];
    if (stamps.length === 0 || !stamps.every((stamp) => stamp === ABSENT || isKept(stamp))) removeFile(path);
  }
}

/** Removes all session files. Returns those that cannot be removed. */
export function removeAllSessionFiles(folder: string): string[] {
  return sessionFiles(folder).filter((path) => !removeFile(path) && existsSync(path));
}

function sessionFiles(folder: string): string[] {
  const shell = join(folder, 'shell');
  const names = entriesOf(shell).filter((name) => name.endsWith('.session'));
  return names.map((name) => join(shell, name));
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

/** Reads the index of profiles; undefined where there is none of these AWS files in these states, whatever shell it is for. */
export function readIndexFile(
  folder: string,
  states: readonly string[],
): Pick<IndexEntry, 'profile' | 'description'>[] | undefined {
  const lines = readPrivateFile(join(folder, 'completion', 'index'))?.split('\n') ?? [];
  const isCurrent = lines[0] === 'awsrole-index 2' && lines[2] === `states ${states.join(' ')}`;
  if (!isCurrent || lines.at(-2) !== 'end') return undefined;
  return lines.slice(3, -2).map((line) => {
    const tab = line.indexOf('\t'); // ten thousand times, split takes three times as long
    return { profile: line.slice(0, tab), description: line.slice(tab + 1) };
  });
}

/** How much each profile was used, and how lately: 1 for a use just now, less for one that others have come after. */
export function usesOf(folder: string): ReadonlyMap<string, number> {
  const uses = new Map<string, number>();
  const lines = readPrivateFile(join(folder, 'uses'))?.split('\n') ?? [];
  const latest = lines.filter((name) => name !== '').slice(-LINES_OF_USES);
  for (const [age, name] of latest.toReversed().entries()) {
    uses.set(name, (uses.get(name) ?? 0) + FADING ** age);
  }
  return uses;
}

/** Removes what the wrappers could serve for `profile`, or for every profile. */
export function removeSessionFiles(folder: string, profile?: string): void {
  if (profile !== undefined) {
    if (hasSessionFile(profile)) removeFile(sessionFilePath(folder, profile));
    return;
  }
  for (const kind of ['shell', 'stamps', 'completion', 'mfa']) {
    for (const name of entriesOf(join(folder, kind))) removeFile(join(folder, kind, name));
  }
  removeFile(join(folder, 'uses'));
}
