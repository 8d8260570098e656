import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { type CachedSession, removeLitter, writeSession } from '../sessions/session-cache.ts';
import { durationText } from '../terminal/durations.ts';
import type { GivenSession } from './sts/client.ts';

/** Below this a clock is right enough; times are seconds and answers take a moment. */
const CLOCK_NOISE_SECONDS = 5;
const CLOCK_WARNING_SECONDS = 240;

/** Keeps a session in the cache; where that fails, a line on standard error says so, and the session is used all the same. */
export function keepSession(
  context: Context,
  folder: string | undefined,
  key: string,
  session: CachedSession,
): void {
  if (folder === undefined) return;
  try {
    writeSession(folder, key, session);
    removeLitter(folder, context.now());
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    const reason = printable(error.message);
    context.stderr.write(`awsrole: the session is not kept, so the next switch asks AWS again: ${reason}\n`);
  }
}

/** A session with AWS's times in this computer's time: with a wrong clock here it would end too early or too late. */
export function inOurTime(context: Context, { session, clockAhead }: GivenSession): Session {
  if (Math.abs(clockAhead) < CLOCK_NOISE_SECONDS) return session;
  if (Math.abs(clockAhead) >= CLOCK_WARNING_SECONDS) {
    const off = `${durationText(Math.abs(clockAhead))} ${clockAhead > 0 ? 'slow' : 'fast'}`;
    context.stderr.write(
      `awsrole: this computer's clock is ${off}; other AWS tools will be refused until it is right\n`,
    );
  }
  return { ...session, expires: session.expires - clockAhead, obtained: session.obtained - clockAhead };
}
