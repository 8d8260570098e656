import { join } from 'node:path';
import type { Context } from '../context.ts';
import { PrivateFileError } from '../files/private-file.ts';
import { removeAbandoned } from '../files/temporary-file.ts';
import { type LockOwner, underLock } from '../sessions/lock.ts';
import { privateKeysFolder } from './key-index.ts';
import { keysError } from './key-store.ts';

/**
 * Does work that changes which keys are stored, while no other awsrole does. What a killed one has left of its files is
 * removed first.
 * @throws AwsroleError kind `keys` when another one keeps at it, or the disk refuses
 */
export async function withIndexLock<T>(context: Context, work: () => Promise<T>): Promise<T> {
  const folder = privateKeysFolder(context);
  try {
    return await underLock<T>(join(folder, 'index'), {
      doing: 'is changing stored keys',
      command: 'awsrole',
      poll: () => undefined,
      onWait: (owner) => {
        context.stderr.write(
          `waiting for ${holder(owner)}, which is changing stored keys; Ctrl-C gives up\n`,
        );
      },
      giveUp: (owner) =>
        keysError(
          `${holder(owner)} has been changing stored keys for 3 minutes`,
          'answer or end that one, then try again',
        ),
      work: () => {
        removeAbandoned(folder, Date.now());
        return work();
      },
    });
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    throw keysError(
      `stored keys cannot be changed: ${error.message}`,
      'nothing was lost: free some space there, or make it writable for you, then run the same command again',
      error,
    );
  }
}

function holder(owner: LockOwner | undefined): string {
  return owner === undefined ? 'another awsrole' : `another awsrole (process ${owner.pid})`;
}
