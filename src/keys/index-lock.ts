import { join } from 'node:path';
import type { Context } from '../context.ts';
import { describeOwner, underLock } from '../sessions/lock.ts';
import { privateKeysFolder } from './key-index.ts';

/** Does work that changes which keys are stored, while no other awsrole does. @throws AwsroleError */
export function withIndexLock<T>(context: Context, doing: string, work: () => Promise<T>): Promise<T> {
  return underLock(join(privateKeysFolder(context), 'index'), {
    doing,
    poll: () => undefined,
    onWait: (owner) => context.stderr.write(`waiting: ${describeOwner(owner)}\n`),
    work,
  });
}
