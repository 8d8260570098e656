import type { Context } from '../../context.ts';
import { secondsOfDuration } from '../../profiles/duration.ts';
import type { MfaDevice } from '../../profiles/mfa-device.ts';
import { errorAt } from '../../profiles/place.ts';
import { quoted } from '../../profiles/printable.ts';
import type { Session } from '../../sessions/session.ts';
import { isMfaSessionLength, MFA_SESSION_FORM, type Settings } from '../../settings.ts';
import { inOurTime, keepSession } from '../keep-session.ts';
import type { UserMfa } from '../plan.ts';
import type { UserCall } from '../role-call.ts';
import type { GivenSession } from '../sts/client.ts';

/** Keeps a user's MFA session, for the user and for every role behind the device. */
export async function keepMfaSession(
  context: Context,
  { signer, options }: UserCall,
  { key, serial }: UserMfa,
  given: GivenSession,
): Promise<Session> {
  const session = inOurTime(context, given);
  await keepSession(context, options.sessions, key, { ...session, profile: signer.profile, roleArn: serial });
  return session;
}

/** Returns how many seconds a new MFA session is to last. @throws AwsroleError kind `configuration` */
export function mfaSessionSeconds({ sessionDuration }: MfaDevice, own: Settings): number {
  if (sessionDuration === undefined) return own.mfaSessionSeconds;
  const seconds = secondsOfDuration(sessionDuration.value);
  if (isMfaSessionLength(seconds)) return seconds;
  throw errorAt(
    sessionDuration,
    `mfa_session_duration is ${quoted(sessionDuration.value)}`,
    MFA_SESSION_FORM,
  );
}
