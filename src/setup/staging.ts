import { mkdirSync, readFileSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pause } from '../files/pause.ts';
import { PrivateFileError } from '../files/private-file.ts';
import { entriesOf } from '../files/temporary-file.ts';
import { isGone, ourMachine } from '../processes/process-id.ts';
import { printable } from '../profiles/printable.ts';
import { underLock } from '../sessions/lock.ts';
import { isThere, KEYS, type Prefix, prefixError } from './prefix.ts';

// One run at a time puts an installation together, in a folder beside the tree, and moves it into place by renames. What
// one that was killed has left there is mended by the next: the old tree, or its keys, may be in it.

const LOCK = 'run';
const MOST_RACES = 20;
/** Windows renames and removes nothing that a virus scanner is looking at. */
const PATIENCE = { attempts: 20, milliseconds: 100 };

/** Where the old tree waits. */
export function oldTree({ staging }: Prefix): string {
  return join(staging, 'old');
}

/**
 * Does `work` with the staging folder to itself and nothing in it, and removes the folder. PREFIX/share is there.
 * @throws AwsroleError where another run has it, or it cannot be made
 */
export async function underStaging<T>(prefix: Prefix, work: () => Promise<T>): Promise<T> {
  const { staging } = prefix;
  try {
    for (let attempt = 0; ; attempt += 1) {
      makeStaging(staging);
      try {
        return await underLock(join(staging, LOCK), {
          doing: 'installs awsrole',
          command: 'awsrole setup',
          poll: () => undefined,
          onWait: (owner) => {
            throw another(prefix, owner?.pid);
          },
          giveUp: (owner) => another(prefix, owner?.pid),
          work: async () => {
            recover(prefix);
            try {
              return await work();
            } finally {
              empty(prefix);
            }
          },
        });
      } catch (error) {
        // One that ended just now may have removed the folder, and a third have made it again.
        if (error instanceof PrivateFileError && attempt < MOST_RACES) continue;
        if (error instanceof PrivateFileError) throw unusable(staging, error);
        throw error;
      }
    }
  } finally {
    try {
      rmdirSync(staging);
    } catch {
      // Another's by now, or the keys are in it.
    }
  }
}

function makeStaging(staging: string): void {
  try {
    mkdirSync(staging, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unusable(staging, error as Error);
  }
}

function unusable(staging: string, error: Error): Error {
  return prefixError(
    `the folder ${printable(staging)} cannot be used: ${printable(error.message)}`,
    'remove it if it is there, look at the permissions of the folder above it, and run this again',
    error,
  );
}

function another({ folder, staging }: Prefix, pid: number | undefined): Error {
  return prefixError(
    `another installation into ${printable(folder)} is running${pid === undefined ? '' : ` (process ${pid})`}`,
    `wait for it to end; if there is none, remove ${printable(staging)}`,
  );
}

/** Mends what a run that was killed has left. */
function recover(prefix: Prefix): void {
  const { share, staging } = prefix;
  const pid = pidOfFormer(staging);
  if (pid !== undefined && !isGone({ pid, machine: ourMachine() })) throw another(prefix, pid);
  const old = oldTree(prefix);
  if (!isThere(share) && isThere(old)) move(old, share);
  takeKeysOver(prefix);
  empty(prefix);
}

/** The installers of awsrole 0.1 wrote down only this of themselves. */
function pidOfFormer(staging: string): number | undefined {
  try {
    const [, pid] = /^(\d{1,10})\n?$/.exec(readFileSync(join(staging, 'pid'), 'utf8')) ?? [];
    return pid === undefined ? undefined : Number(pid);
  } catch {
    return undefined;
  }
}

/** Moves the old tree's keys into the new one. @throws AwsroleError where they stay where they are */
export function takeKeysOver(prefix: Prefix): void {
  const [from, to] = [join(oldTree(prefix), KEYS), join(prefix.share, KEYS)];
  if (!isThere(from)) return;
  try {
    // On POSIX an empty folder would be replaced, which may be anybody's.
    if (isThere(to)) throw new Error(`${to} is there as well`);
    move(from, to);
  } catch (error) {
    throw prefixError(
      `your stored keys are in ${printable(from)}: ${printable((error as Error).message)}`,
      `move them to ${printable(to)}, and run this again`,
      error,
    );
  }
}

/** Removes what is in the staging folder but the lock. Keys that could not be moved stay. */
function empty(prefix: Prefix): void {
  if (isThere(join(oldTree(prefix), KEYS))) return;
  for (const name of entriesOf(prefix.staging)) {
    if (!name.startsWith(`${LOCK}.`)) removeTreeAt(join(prefix.staging, name));
  }
}

/** Removes a file or a folder with all that is in it. */
export function removeTreeAt(path: string): void {
  rmSync(path, {
    recursive: true,
    force: true,
    maxRetries: PATIENCE.attempts,
    retryDelay: PATIENCE.milliseconds,
  });
}

/** Renames, on Windows with patience. */
export function move(from: string, to: string): void {
  for (let left = PATIENCE.attempts; ; left -= 1) {
    try {
      renameSync(from, to);
      return;
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      const isBusy = process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(code);
      if (!isBusy || left === 0) throw error;
      pause(PATIENCE.milliseconds);
    }
  }
}
