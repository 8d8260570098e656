import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import type { Patience } from './key-store.ts';

const SILENCE_MS = 1_000;

/** Waits for a store, and says so after a second where a person sits. */
export async function withPatience<T>(
  context: Pick<Context, 'stderr'>,
  { person }: Patience,
  what: string,
  work: PromiseLike<T>,
): Promise<T> {
  if (!person) return work;
  const timer = setTimeout(() => context.stderr.write(`waiting for ${printable(what)}\n`), SILENCE_MS);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
  }
}
