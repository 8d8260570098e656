import type { Context } from '../context.ts';
import { withWaitingNotice } from '../terminal/waiting-notice.ts';
import type { Patience } from './key-store.ts';

const SILENCE_MS = 1_000;

/** Waits for a store, and says so after a second where a person sits. */
export function withPatience<T>(
  context: Pick<Context, 'stderr'>,
  { person }: Patience,
  what: string | (() => string),
  work: Promise<T>,
): Promise<T> {
  return person ? withWaitingNotice(context, what, work, SILENCE_MS) : work;
}
