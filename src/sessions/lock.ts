import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import lockfile from 'proper-lockfile';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import {
  ensurePrivateFolder,
  PrivateFileError,
  readPrivateFile,
  removeFile,
  writePrivateFile,
} from './private-file.ts';

const STALE_MS = 15_000;
const UPDATE_MS = 3_000;
const GIVE_UP_MS = 180_000;

export interface LockOwner {
  readonly pid: number;
  /** What the owner does under the lock, for those who wait: `asks for the MFA code of ...`. */
  readonly doing: string;
}

export interface LockedWork<T> {
  /** What the owner does, told to those who wait for it. */
  readonly doing: string;
  /** Returns the result if somebody else has done the work; called on every wait and once the lock is ours. */
  readonly poll: () => T | undefined;
  /** Called once, when somebody else holds the lock. */
  readonly onWait: (owner: LockOwner | undefined) => void;
  /** The work. `lost()` turns true when another process has taken the lock over (this one was stopped for long). */
  readonly work: (lost: () => boolean) => Promise<T>;
}

/**
 * Does `work` while no other process does work under the same `path`, unless `poll` finds it done. proper-lockfile may
 * give a stale lock to several waiters at once, so the work must be harmless when it is done twice: results are renamed
 * into place, and the price is one more prompt or one refused code.
 * @throws AwsroleError kind `mfa` when the lock is not to be had for three minutes; PrivateFileError when there can be
 * no lock (before any work is done)
 */
export async function underLock<T>(path: string, { doing, poll, onWait, work }: LockedWork<T>): Promise<T> {
  ensurePrivateFolder(dirname(path));
  const deadline = performance.now() + GIVE_UP_MS;
  const ownerFile = `${path}.owner`;
  let lost = false;
  let told = false;
  for (;;) {
    const release = await lockfile
      .lock(path, {
        realpath: false,
        stale: STALE_MS,
        update: UPDATE_MS,
        retries: 0,
        onCompromised: () => {
          lost = true;
        },
      })
      .catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ELOCKED') return undefined;
        throw new PrivateFileError(`${path}.lock: ${error.message}`);
      });
    const done = poll();
    if (release === undefined) {
      if (done !== undefined) return done;
      const owner = readOwner(ownerFile);
      if (performance.now() > deadline) {
        throw new AwsroleError('mfa', `gave up after 3 minutes: ${describeOwner(owner)}`, {
          hint: 'answer or end that one (Ctrl-C), then try again',
        });
      }
      if (!told) onWait(owner);
      told = true;
      await sleep(100 + Math.random() * 200);
      continue;
    }
    try {
      if (done !== undefined) return done;
      writePrivateFile(ownerFile, JSON.stringify({ pid: process.pid, doing } satisfies LockOwner));
      return await work(() => lost);
    } finally {
      removeFile(ownerFile);
      await release().catch(() => {}); // taken over by another process: not ours to remove any more
    }
  }
}

/** Words who holds the lock, for a waiting person: `process 123 asks for the MFA code of ...`. */
export function describeOwner(owner: LockOwner | undefined): string {
  return owner === undefined ? 'another awsrole is at it' : `process ${owner.pid} ${printable(owner.doing)}`;
}

function readOwner(file: string): LockOwner | undefined {
  try {
    const owner: unknown = JSON.parse(readPrivateFile(file) ?? '');
    if (typeof owner !== 'object' || owner === null || !('pid' in owner) || !('doing' in owner))
      return undefined;
    if (typeof owner.pid !== 'number' || typeof owner.doing !== 'string') return undefined;
    return { pid: owner.pid, doing: owner.doing };
  } catch {
    return undefined;
  }
}
