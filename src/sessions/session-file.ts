import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { AwsFile } from '../profiles/aws-file.ts';
import { ensurePrivateFolder, removeFile, writePrivateFile } from './private-file.ts';

/** What a shell may look up without the core: no quoting, no folder, nothing an option could be taken for. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]{0,99}$/;

/** Modification times this close to now may belong to two states of a file: clocks of file systems tick. */
const TICK_NS = 20_000_000n;
const SECOND_NS = 1_000_000_000n;

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

/** Removes what the wrappers could serve for `profile`, or for every profile. */
export function removeSessionFiles(folder: string, profile?: string): void {
  if (profile !== undefined) {
    if (isPlainName(profile)) removeFile(sessionFilePath(folder, profile));
    return;
  }
  for (const kind of ['shell', 'stamps']) {
    for (const name of names(join(folder, kind))) removeFile(join(folder, kind, name));
  }
}

/**
 * Starts recording the state of an AWS file as a stamp: an empty file with the same modification time, which a shell
 * compares with `-nt` and `-ot`. Node's own utimes loses the nanoseconds, so `touch -r` makes it, while STS is asked.
 * The promise gives the stamp's name, `absent`, or undefined when the state cannot be told for sure.
 */
export async function stampFile(
  folder: string,
  path: string,
  file: AwsFile | undefined,
  nowMs: number,
): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  if (file === undefined) return 'absent';
  const tick = file.modified % SECOND_NS === 0n ? 2n * SECOND_NS : TICK_NS;
  const age = BigInt(Math.floor(nowMs)) * 1_000_000n - file.modified;
  if (age >= 0n && age < tick) return undefined;
  const stamps = join(folder, 'stamps');
  const prefix = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const name = `${prefix}.${file.modified}`;
  const stamp = join(stamps, name);
  ensurePrivateFolder(stamps);
  if (modifiedOf(stamp) === file.modified) return name;
  const temporary = join(stamps, `${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, '', { flag: 'wx', mode: 0o600 });
    await touchLike(path, temporary);
    // Taken after the file was read: it counts only if the file is still in the state that was read.
    if (modifiedOf(temporary) !== file.modified) return undefined;
    renameSync(temporary, stamp);
  } finally {
    removeFile(temporary);
  }
  for (const other of names(stamps)) {
    if (other.startsWith(`${prefix}.`) && other !== name) removeFile(join(stamps, other));
  }
  return name;
}

/** Keeps the lines that the wrappers serve for a plain name. @throws PrivateFileError */
export function writeSessionFile(folder: string, profile: string, lines: string): void {
  writePrivateFile(sessionFilePath(folder, profile), lines);
}

/** Loads what it takes only here: a stamp is made once for each state of a file. */
async function touchLike(path: string, stamp: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  await new Promise<void>((resolve, reject) => {
    execFile('touch', ['-r', path, stamp], (error) => (error === null ? resolve() : reject(error)));
  });
}

function modifiedOf(path: string): bigint | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? stat.mtimeNs : undefined;
}

function names(folder: string): string[] {
  try {
    return statSync(folder).isDirectory() ? readdirSync(folder) : [];
  } catch {
    return [];
  }
}
