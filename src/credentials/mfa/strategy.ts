import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { secondsOfDuration } from '../../profiles/duration.ts';
import { errorAt } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import type { Hop } from '../../profiles/role-chain.ts';
import type { HeldLock } from '../../sessions/lock.ts';
import { bestEffort, fingerprint, readPrivateFile, writePrivateFile } from '../../sessions/private-file.ts';
import type { Session } from '../../sessions/session.ts';
import { readFreshSession } from '../../sessions/session-cache.ts';
import type { AssumeRoleRequest } from '../../sessions/session-key.ts';
import { isMfaSessionLength, MFA_SESSION_FORM, type Settings } from '../../settings.ts';
import { durationText } from '../../terminal/durations.ts';
import { inOurTime, keepSession } from '../keep-session.ts';
import type { RoleCall } from '../role-call.ts';
import { callAssumeRole, callGetSessionToken } from '../sts/calls.ts';
import type { GivenSession } from '../sts/client.ts';
import { isDenied, isEndedSession, isLostAnswer, isRefusedCode } from '../sts/refusal.ts';
import { mfaCodes } from './codes.ts';
import { secondsToNextCode } from './totp.ts';

// Decides what an MFA code is spent on. One code can serve every role behind its device: GetSessionToken with the code,
// then AssumeRole from that session, which AWS limits to 1 h. Roles that last longer, or that refuse such a session,
// get the code themselves.

const LONGEST_FROM_SESSION = 3_600;
const MOST_CODES = 3;
/** A session younger than this is as good as a code: if it is refused, its age is not the reason. */
const YOUNG_SECONDS = 60;

/** A call of a role whose profile has an mfa_serial. */
export interface MfaCall extends RoleCall {
  readonly serial: string;
  /** The lock of the device. */
  readonly held: HeldLock;
}

/** The session of a role: a new one, or one that another process has got while we waited for a code. */
export type Answer =
  | { readonly from: 'sts'; readonly given: GivenSession }
  | { readonly from: 'elsewhere'; readonly session: Session };

/**
 * Gets the session of a role whose profile has an mfa_serial. `--debug` says which call gets the code, and why.
 * @throws AwsroleError
 */
export async function assumeWithMfa(context: Context, call: MfaCall): Promise<Answer> {
  const { step, options } = call;
  const direct = directReasonOf(call);
  if (direct !== undefined) {
    context.debug(`the MFA code goes to AssumeRole itself: ${direct}`);
    return withCode(context, call, (code) => callAssumeRole(context, call, code));
  }
  const kept = readFreshSession(options.folder, step.mfaKey, context.now());
  if (kept === undefined) return withMfaSession(context, call);
  context.debug('a kept MFA session serves, no code is asked for');
  try {
    return { from: 'sts', given: await callAssumeRole(context, call, undefined, kept) };
  } catch (error) {
    if (isEndedSession((error as Error).cause)) {
      context.debug('AWS knows the kept MFA session no more');
      return withMfaSession(context, call);
    }
    const age = Math.floor(context.now() / 1000) - kept.obtained;
    if (!isDenied((error as Error).cause) || age < YOUNG_SECONDS) throw error;
    context.stderr.write(
      `AWS refuses ${printable(step.request.RoleArn)} to an MFA session of ${durationText(age)} ago; its trust policy may ` +
        'want a newer code, so it is asked for once more\n',
    );
    const answer = await withCode(context, call, (code) => callAssumeRole(context, call, code));
    remember(context, call, step.request.RoleArn);
    return answer;
  }
}

/**
 * Gets an MFA session with a code, and the role with that session; where GetSessionToken is denied, the role with the
 * code.
 */
async function withMfaSession(context: Context, call: MfaCall): Promise<Answer> {
  const { step, signer, options, serial } = call;
  // Read before a code is asked for, because it may be wrong.
  const seconds = mfaSessionSeconds(step.hop, call.own);
  return withCode(context, call, async (code, spent) => {
    if (directReasonOf(call) !== undefined) return callAssumeRole(context, call, code);
    let session: Session;
    try {
      session = inOurTime(context, await callGetSessionToken(context, call, serial, code, seconds));
    } catch (error) {
      if (!isDenied((error as Error).cause)) throw error;
      context.stderr.write(
        `AWS denies GetSessionToken to ${signer.keys.accessKeyId} of profile ${printable(signer.profile)}, so ` +
          'each of its roles needs an MFA code of its own; this attempt may have used up the first\n',
      );
      remember(context, call, '*');
      return callAssumeRole(context, call, code);
    }
    keepSession(context, options.folder, step.mfaKey, {
      ...session,
      profile: signer.profile,
      roleArn: serial,
    });
    spent();
    return callAssumeRole(context, call, undefined, session);
  });
}

/** What decides whether a role gets the code itself. */
export interface MfaQuestion {
  readonly request: Pick<AssumeRoleRequest, 'RoleArn' | 'DurationSeconds'>;
  /** The id of the keys that would sign the request. */
  readonly accessKeyId: string;
  readonly temporary: boolean;
  readonly folder: string | undefined;
}

/** Says why a role gets the code itself; undefined when an MFA session will do. */
export function directReason({ request, accessKeyId, temporary, folder }: MfaQuestion): string | undefined {
  if (temporary) return 'it is asked for with the keys of a session';
  if ((request.DurationSeconds ?? 0) > LONGEST_FROM_SESSION) return 'its sessions last longer than 1 h';
  // Without a cache the session would serve only once, so getting it would be a wasted call.
  if (folder === undefined) return 'no MFA session can be kept';
  if (isRemembered(folder, accessKeyId, '*')) return 'GetSessionToken was denied to this user';
  if (isRemembered(folder, accessKeyId, request.RoleArn)) return 'it refused an older MFA session';
  return undefined;
}

function directReasonOf({
  step: { request },
  signer: { keys },
  options: { folder },
}: RoleCall): string | undefined {
  const { accessKeyId } = keys;
  return directReason({ request, accessKeyId, temporary: keys.sessionToken !== undefined, folder });
}

/** Returns how many seconds a new MFA session is to last. @throws AwsroleError kind `configuration` */
export function mfaSessionSeconds({ mfaSessionDuration }: Hop, own: Settings): number {
  if (mfaSessionDuration === undefined) return own.mfaSessionSeconds;
  const seconds = secondsOfDuration(mfaSessionDuration.value);
  if (isMfaSessionLength(seconds)) return seconds;
  throw errorAt(
    mfaSessionDuration,
    `mfa_session_duration is ${quoted(mfaSessionDuration.value)}`,
    MFA_SESSION_FORM,
  );
}

function isRemembered(folder: string, accessKeyId: string, roleArn: string): boolean {
  return readPrivateFile(directFile(folder, accessKeyId, roleArn)) !== undefined;
}

function directFile(folder: string, accessKeyId: string, roleArn: string): string {
  return join(folder, 'mfa', `direct-${fingerprint(`${accessKeyId} ${roleArn}`)}`);
}

/** Remembers that a role of this user, or each of them (`*`), needs a code of its own. */
function remember(context: Context, { signer, options: { folder } }: RoleCall, roleArn: string): void {
  if (folder === undefined) return;
  const file = directFile(folder, signer.keys.accessKeyId, roleArn);
  bestEffort(context.debug, 'not remembered', () => writePrivateFile(file, ''));
}

/** Asks for a code and tries it, up to three times while STS says that it is wrong. */
async function withCode(
  context: Context,
  call: MfaCall,
  attempt: (code: string, spent: () => void) => Promise<GivenSession>,
): Promise<Answer> {
  const { serial, held } = call;
  const { codeSource, folder } = call.options;
  const { profile, mfaProcess: process } = call.step.hop;
  const codes = await mfaCodes(context, { serial, profile, source: codeSource, process, folder, held });
  try {
    for (let left = codeSource === 'stdin' ? 1 : MOST_CODES; ; left -= 1) {
      const code = await codes.next();
      const session = call.gotElsewhere();
      if (session !== undefined) return { from: 'elsewhere', session };
      try {
        const given = await attempt(code, () => codes.spent(code));
        codes.spent(code);
        return { from: 'sts', given };
      } catch (error) {
        const cause = (error as Error).cause;
        if (isLostAnswer(cause)) codes.spent(code);
        if (!isRefusedCode(cause)) throw error;
        const wait = `the next one comes in ${secondsToNextCode(context.now())} s`;
        if (left <= 1) {
          throw new AwsroleError(
            'mfa',
            `AWS refused the MFA code for ${printable(serial)}: mistyped, or used before`,
            { hint: `each code works once; ${wait}` },
          );
        }
        context.stderr.write(`AWS refused that code: mistyped, or used before; ${wait}\n`);
      }
    }
  } finally {
    codes.close();
  }
}
