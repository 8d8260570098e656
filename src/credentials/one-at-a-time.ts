import { join } from 'node:path';
import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { describeOwner, type LockedWork, underLock } from '../sessions/lock.ts';
import { fingerprint, PrivateFileError } from '../sessions/private-file.ts';

/**
 * Does work under a lock of this name, which one process at a time can hold, and tells the person whom it waits for.
 * Where no lock can be made the work is done all the same: see {@link underLock}.
 * @param folder the cache folder; undefined when nothing can be kept
 * @throws AwsroleError
 */
export async function oneAtATime<T>(
  context: Context,
  folder: string | undefined,
  name: string,
  locked: Omit<LockedWork<T>, 'onWait'>,
): Promise<T> {
  if (folder === undefined) return locked.work(() => false);
  try {
    return await underLock(join(folder, 'locks', fingerprint(name)), {
      ...locked,
      onWait: (owner) => context.stderr.write(`waiting: ${describeOwner(owner)}; Ctrl-C gives up\n`),
    });
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.stderr.write(`awsrole: no lock: ${printable(error.message)}\n`);
    return locked.work(() => false);
  }
}
