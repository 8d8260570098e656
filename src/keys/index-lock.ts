import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Context } from '../context.ts';
import { privateKeysFolder } from './key-index.ts';
import { keysError } from './key-store.ts';

/** A holder says every few seconds that it is there; one that was killed is waited for so long. */
const STALE_MS = 10_000;
const POLL_MS = 500;
const MOST_WAITS = 60;

/**
 * Does work that changes which keys are stored, while no other awsrole does. Only what a person starts comes here, one
 * by one, so that the age of the lock is enough to go by.
 * @throws AwsroleError kind `keys` when another one keeps at it
 */
export async function withIndexLock<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const path = join(privateKeysFolder(context), 'index');
  const take = (retries: number): Promise<() => Promise<void>> =>
    lockfile.lock(path, {
      realpath: false,
      stale: STALE_MS,
      retries: { retries, minTimeout: POLL_MS, maxTimeout: POLL_MS },
    });
  const release = await take(0)
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ELOCKED')
        throw keysError(`${path}.lock: ${error.message}`, 'nothing was changed', error);
      context.stderr.write('waiting for another awsrole that changes stored keys\n');
      return take(MOST_WAITS);
    })
    .catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ELOCKED') throw error;
      throw keysError('another awsrole changes stored keys', 'answer or end that one, then try again', error);
    });
  try {
    return await work();
  } finally {
    await release().catch(() => {}); // taken over, as we were stopped for long
  }
}
