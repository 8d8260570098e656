import type { Context } from '../context.ts';
import { PrivateFileError } from '../files/private-file.ts';
import { printable } from '../profiles/printable.ts';
import type { Session } from '../sessions/session.ts';
import type { CachedSession } from '../sessions/session-cache.ts';
import { durationText } from '../terminal/durations.ts';
import type { SessionStore } from './session-store.ts';
import type { GivenSession } from './sts/client.ts';

/** A smaller difference is no wrong clock: times are whole seconds, and an answer takes a moment. */
const CLOCK_NOISE_SECONDS = 5;
const CLOCK_WARNING_SECONDS = 240;

/** Keeps a session. Where that fails, says so on standard error; the session is used all the same. */
export async function keepSession(
  context: Context,
  sessions: SessionStore,
  key: string,
  session: CachedSession,
): Promise<void> {
  const why = await refusalOf(sessions, key, session);
  if (why !== undefined) {
    const reason = printable(why);
    context.stderr.write(`awsrole: the session is not kept, so the next switch asks AWS again: ${reason}\n`);
  }
}

/** Keeps a session that can be had again at any time; true when it is kept. Only `--debug` says why it is not. */
export async function isKeptSilently(
  context: Context,
  sessions: SessionStore,
  key: string,
  session: CachedSession,
): Promise<boolean> {
  const why = await refusalOf(sessions, key, session);
  if (why !== undefined) context.debug(`not kept: ${why}`);
  return why === undefined;
}

/** Keeps a session; why it cannot be kept, if so. */
async function refusalOf(
  sessions: SessionStore,
  key: string,
  session: CachedSession,
): Promise<string | undefined> {
  try {
    await sessions.write(key, session);
    return undefined;
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    return error.message;
  }
}

/**
 * Converts AWS's times to this computer's clock: with a wrong clock a session would seem to end too early or too late.
 */
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
