import { join } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { fingerprint, PrivateFileError } from '../files/private-file.ts';
import { printable } from '../profiles/printable.ts';
import { type LockedWork, type LockOwner, NO_LOCK, underLock } from '../sessions/lock.ts';
import { clockText } from '../terminal/durations.ts';

/**
 * Does work under a lock of this name, which one process at a time can hold, and tells the person whom it waits for.
 * Where no lock can be made the work is done all the same.
 * @param folder the cache folder; undefined when nothing can be kept
 * @throws AwsroleError kind `mfa` when the lock is not to be had
 */
export async function oneAtATime<T>(
  context: Context,
  folder: string | undefined,
  name: string,
  locked: Pick<LockedWork<T>, 'doing' | 'poll' | 'work'>,
): Promise<T> {
  if (folder === undefined) return locked.work(NO_LOCK);
  try {
    return await underLock(join(folder, 'locks', fingerprint(name)), {
      ...locked,
      command: commandTyped(process.argv.slice(2)),
      onWait: (owner) => {
        const more = owner === undefined ? '' : `  ${whatToDo(owner, context.now())}\n`;
        context.stderr.write(`waiting: ${describeOwner(owner)}; Ctrl-C gives up\n${more}`);
      },
      giveUp: (owner) =>
        new AwsroleError('mfa', `gave up after 3 minutes: ${describeOwner(owner)}`, {
          hint:
            owner === undefined
              ? 'answer or end it there (Ctrl-C), then try again'
              : `${whatToDo(owner, context.now())}; then try again`,
        }),
    });
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.stderr.write(`awsrole: no lock: ${printable(error.message)}\n`);
    return locked.work(NO_LOCK);
  }
}

/** The command and the names of a command line, without options, whose values may be secret. */
function commandTyped(words: readonly string[]): string {
  const options = words.findIndex((word) => word.startsWith('-'));
  const plain = options < 0 ? words : words.slice(0, options);
  // What the shell function and the launcher call when a name was typed.
  return ['awsrole', ...plain.filter((word) => word !== 'session-lines')].join(' ');
}

/** Words who holds the lock, for a waiting person: `process 123 is asking for the MFA code of ...`. */
function describeOwner(owner: LockOwner | undefined): string {
  if (owner === undefined) return 'another awsrole is already doing this';
  const { pid, doing, elsewhere } = owner;
  return `process ${pid}${elsewhere ? ' on another computer' : ''} ${printable(doing)}`;
}

function whatToDo({ pid, command, since, stopped, elsewhere }: LockOwner, nowMs: number): string {
  const what = `it is ${printable(command)}, since ${clockText(since, nowMs)}`;
  if (stopped) return `${what}, and is stopped: this one goes on in its place`;
  return `${what}: answer it there, or end it${elsewhere ? '' : ` (kill ${pid})`}`;
}
