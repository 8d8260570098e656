import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';

const PATIENCE_MS = 3_000;

/** Does work, and says on standard error what we wait for when it takes longer than `patienceMs`. */
export async function withWaitingNotice<T>(
  context: Pick<Context, 'stderr'>,
  what: string | (() => string),
  work: Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  const say = (): void => {
    context.stderr.write(`waiting for ${printable(typeof what === 'string' ? what : what())}\n`);
  };
  const timer = setTimeout(say, patienceMs);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
