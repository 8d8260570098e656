import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';

const PATIENCE_MS = 3_000;

/** Does work, and says on standard error what we wait for when it takes longer than `patienceMs`. */
export async function withWaitingNotice<T>(
  context: Pick<Context, 'stderr'>,
  what: string,
  work: Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const timer = setTimeout(() => context.stderr.write(`waiting for ${printable(what)}\n`), patienceMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
