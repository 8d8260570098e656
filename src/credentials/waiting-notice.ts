import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';

const PATIENCE_MS = 3_000;

/** Does work, and says on standard error what we wait for when it takes long. */
export async function withWaitingNotice<T>(
  context: Pick<Context, 'stderr'>,
  what: string,
  work: Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => context.stderr.write(`waiting for ${printable(what)}\n`), PATIENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
