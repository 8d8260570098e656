import { join } from 'node:path';
import lockfile from 'proper-lockfile';
import type { Context } from '../context.ts';
import { PrivateFileError } from '../files/private-file.ts';
import { privateKeysFolder } from './key-index.ts';

/** A holder says every few seconds that it is there; one that was killed is waited for so long. */
const STALE_MS = 5_000;
const POLL_MS = 100;

/**
 * Does work while no other awsrole does that has found the keyring too busy. Where it does not get its turn, it does the
 * work all the same: two at once are no mistake, only slower.
 * @param end when to wait no more, in milliseconds of `performance.now()`
 */
export async function inTurn<T>(context: Context, end: number, work: () => Promise<T>): Promise<T> {
  const release = await turn(context, end);
  try {
    return await work();
  } finally {
    await release().catch(() => {}); // taken over, as we were stopped for long
  }
}

async function turn(context: Context, end: number): Promise<() => Promise<void>> {
  const retries = Math.max(0, Math.floor((end - performance.now()) / POLL_MS));
  try {
    return await lockfile.lock(join(privateKeysFolder(context), 'keyring'), {
      realpath: false,
      stale: STALE_MS,
      retries: { retries, factor: 1, minTimeout: POLL_MS, maxTimeout: POLL_MS, randomize: true },
      onCompromised: () => {},
    });
  } catch (error) {
    if (error instanceof PrivateFileError) throw error;
    context.debug(`no turn at the keyring: ${(error as Error).message}`);
    return async () => {};
  }
}
