import { createHash } from 'node:crypto';
import { lstatSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../context.ts';
import { ensurePrivateFolder, readPrivateFile } from '../files/private-file.ts';
import { entriesOf, removeFile, temporaryName } from '../files/temporary-file.ts';
import type { AwsFile } from '../profiles/aws-file.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { settingsFile } from '../settings.ts';
import { ABSENT } from './session-lines.ts';

/**
 * No state of a file counts that is younger: two states may bear one time, and bash 3.2 and busybox compare whole seconds.
 */
const YOUNG_NS = 2_000_000_000n;
const SECOND_NS = 1_000_000_000n;

type FileState = Pick<AwsFile, 'modified' | 'target'> & { readonly isStream?: boolean };

/**
 * Records the states that both AWS files were read in, for the shells to compare, and that of awsrole's settings, which
 * are read later. Started before AWS is asked, so that it costs no time; undefined when a state cannot be told for sure.
 */
export async function recordStates(
  context: Context,
  folder: string,
  loaded: LoadedProfiles,
): Promise<string[] | undefined> {
  const settings = settingsFile(context);
  const files: [string, FileState | undefined][] = [
    [loaded.places.config, loaded.config],
    [loaded.places.credentials, loaded.credentials],
    ...(settings === undefined ? [] : [[settings, stateOf(settings)] as [string, FileState | undefined]]),
  ];
  try {
    const stamps = await Promise.all(
      files.map(([path, state]) => stampFile(folder, path, state, context.now())),
    );
    return stamps.every((stamp) => stamp !== undefined) ? stamps : undefined;
  } catch (error) {
    context.debug(`no stamp, so the next switch asks the core again: ${(error as Error).message}`);
    return undefined;
  }
}

function stateOf(path: string): FileState | undefined {
  const modified = statSync(path, { bigint: true, throwIfNoEntry: false })?.mtimeNs;
  if (modified === undefined) return undefined;
  const isLink = lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink();
  return { modified, target: isLink ? path : undefined };
}

/**
 * Records the state of a file as a stamp: a file with the same modification time, which a shell compares with `-nt` and
 * `-ot`, and the path in it. Node's own utimes loses the nanoseconds, so `touch -r` makes it, while STS is asked.
 * Gives the stamp's name (the file's path, hashed, and its time in nanoseconds), `absent`, or undefined when the state
 * cannot be told for sure.
 */
async function stampFile(
  folder: string,
  path: string,
  file: FileState | undefined,
  nowMs: number,
): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  if (file === undefined) {
    // A link that leads nowhere may lead somewhere tomorrow.
    return lstatSync(path, { throwIfNoEntry: false }) === undefined ? ABSENT : undefined;
  }
  if (file.isStream) return undefined;
  const wholeSeconds = file.modified % SECOND_NS === 0n;
  // Nix gives all files one time, so a link that leads elsewhere now would look unchanged.
  if (file.target !== undefined && wholeSeconds) return undefined;
  const age = BigInt(Math.floor(nowMs)) * 1_000_000n - file.modified;
  if (age >= 0n && age < YOUNG_NS) return undefined;
  const stamps = join(folder, 'stamps');
  const name = nameOf(path, file.modified);
  const stamp = join(stamps, name);
  ensurePrivateFolder(stamps);
  if (modifiedOf(stamp) === file.modified && readPrivateFile(stamp) === path) return name;
  const temporary = temporaryName(stamps);
  try {
    writeFileSync(temporary, path, { flag: 'wx', mode: 0o600 });
    await touchLike(path, temporary);
    // Taken after the file was read: it counts only if the file is still in the state that was read.
    if (modifiedOf(temporary) === file.modified) renameSync(temporary, stamp);
  } finally {
    removeFile(temporary);
  }
  return name;
}

function nameOf(path: string, modified: bigint): string {
  return `${createHash('sha256').update(path).digest('hex').slice(0, 16)}.${modified}`;
}

/** The name that the stamp of a file's state has, or would have; `absent` where there is no file. */
export function stateName(path: string): string {
  const modified = modifiedOfTarget(path);
  return modified === undefined ? ABSENT : nameOf(path, modified);
}

/**
 * Removes the stamps of states that no file is in any more, because it was changed or is gone. Gives those that are
 * left; undefined where nothing was removed.
 */
export function removeOldStamps(folder: string): ReadonlySet<string> | undefined {
  const stamps = join(folder, 'stamps');
  const names = entriesOf(stamps).filter((name) => /^[0-9a-f]{16}\.\d+$/.test(name));
  const left = names.filter((name) => {
    // Those of awsrole 0.1 do not say whose they are.
    const path = readPrivateFile(join(stamps, name));
    return path ? name.endsWith(`.${modifiedOfTarget(path)}`) : false;
  });
  if (left.length === names.length) return undefined;
  const kept = new Set(left);
  for (const name of names) if (!kept.has(name)) removeFile(join(stamps, name));
  return kept;
}

/** Loads what it takes only here: a stamp is made once for each state of a file. */
async function touchLike(path: string, stamp: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  await new Promise<void>((resolve, reject) => {
    execFile('touch', ['-r', path, stamp], (error) => {
      // Windows has no touch outside Git Bash; PowerShell compares the time in the stamp's name.
      if (error === null || error.code === 'ENOENT') resolve();
      else reject(error);
    });
  });
}

function modifiedOf(path: string): bigint | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? stat.mtimeNs : undefined;
}

/** As {@link modifiedOf}, of the file that a link leads to. */
function modifiedOfTarget(path: string): bigint | undefined {
  try {
    return statSync(path, { bigint: true }).mtimeNs;
  } catch {
    return undefined;
  }
}
