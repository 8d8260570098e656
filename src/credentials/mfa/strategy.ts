import type { Context } from '../../context.ts';
import { printable } from '../../profiles/printable.ts';
import type { HeldLock } from '../../sessions/lock.ts';
import type { AssumeRoleRequest } from '../../sessions/session-key.ts';
import { durationText } from '../../terminal/durations.ts';
import type { Plan, UserMfa } from '../plan.ts';
import type { RoleCall } from '../role-call.ts';
import { readFresh } from '../session-store.ts';
import { callAssumeRole, callGetSessionToken, isRoleSession } from '../sts/calls.ts';
import type { GivenSession } from '../sts/client.ts';
import { isDenied, isEndedSession } from '../sts/refusal.ts';
import { isUserDenied, rememberDenial, wantsOwnCode } from './denials.ts';
import { keepMfaSession, mfaSessionSeconds } from './mfa-session.ts';
import { type Answer, type CodeQuestion, withCode } from './with-code.ts';

// Decides what an MFA code is spent on. One code can serve every role behind its device: GetSessionToken with the code,
// then AssumeRole from that session, which AWS limits to 1 h. Roles that last longer, or that refuse such a session,
// get the code themselves.

const LONGEST_FROM_SESSION = 3_600;
/** A session younger than this is as good as a code: if it is refused, its age is not the reason. */
const YOUNG_SECONDS = 60;

/** A call of a role that a user with an MFA device assumes. */
export interface MfaCall extends RoleCall {
  readonly mfa: UserMfa;
  /** The lock of the device. */
  readonly held: HeldLock;
}

/**
 * Gets the session of a role that a user with an MFA device assumes. `--debug` says which call gets the code, and why.
 * @throws AwsroleError
 */
export async function assumeWithMfa(context: Context, call: MfaCall): Promise<Answer> {
  const { step, options, mfa } = call;
  if (await isWithoutCode(context, call)) {
    context.debug('no MFA code is asked for: the source gives a session');
    return { from: 'sts', given: await callAssumeRole(context, call, undefined) };
  }
  const direct = directReasonOf(context, call);
  if (direct !== undefined) {
    context.debug(`the MFA code goes to AssumeRole itself: ${direct}`);
    return assumeWithCode(context, call);
  }
  const kept = await readFresh(context, options.sessions, mfa.key);
  if (kept === undefined) return withMfaSession(context, call);
  context.debug('a kept MFA session serves, no code is asked for');
  try {
    return { from: 'sts', given: await callAssumeRole(context, call, undefined, kept) };
  } catch (error) {
    if (isEndedSession((error as Error).cause)) {
      context.debug('AWS no longer accepts the kept MFA session');
      return withMfaSession(context, call);
    }
    const age = Math.floor(context.now() / 1000) - kept.obtained;
    if (!isDenied((error as Error).cause) || age < YOUNG_SECONDS) throw error;
    context.stderr.write(
      `AWS refuses ${printable(step.request.RoleArn)} with an MFA session that is ${durationText(age)} old; its trust policy may ` +
        'want a newer code, so you are asked for one\n',
    );
    const answer = await assumeWithCode(context, call);
    rememberDenial(context, options.folder, call.plan, step.request.RoleArn);
    return answer;
  }
}

/**
 * True when the source has given a session that no code goes with: one beside which the profile of keys names a device,
 * or a role's, from which AWS takes none. What a program gives, or a file holds, may be either's.
 */
async function isWithoutCode(context: Context, { signer, mfa, ...call }: MfaCall): Promise<boolean> {
  if (signer.keys.sessionToken === undefined) return false;
  return mfa.device.isOfUser || isRoleSession(context, { ...call, signer });
}

function assumeWithCode(context: Context, call: MfaCall): Promise<Answer> {
  return withCode(context, questionOf(call), (code, spent) => assumeBySpending(context, call, code, spent));
}

/** Assumes a role with a code, which AWS looks at first: where it denies the role, the code is used all the same. */
async function assumeBySpending(
  context: Context,
  call: MfaCall,
  code: string,
  spent: () => void,
): Promise<GivenSession> {
  try {
    return await callAssumeRole(context, call, code);
  } catch (error) {
    if (isDenied((error as Error).cause)) spent();
    throw error;
  }
}

/**
 * Gets an MFA session with a code, and the role with that session; where GetSessionToken is denied, the role with the
 * code.
 */
async function withMfaSession(context: Context, call: MfaCall): Promise<Answer> {
  const { signer, options, mfa, plan } = call;
  // Read before a code is asked for, because it may be wrong.
  const seconds = mfaSessionSeconds(mfa.device, options.own);
  return withCode(context, questionOf(call), async (code, spent) => {
    if (directReasonOf(context, call) !== undefined) return assumeBySpending(context, call, code, spent);
    let given: GivenSession;
    try {
      given = await callGetSessionToken(context, call, mfa, code, seconds);
    } catch (error) {
      if (!isDenied((error as Error).cause)) throw error;
      context.stderr.write(
        `AWS denies GetSessionToken to ${signer.keys.accessKeyId} of profile ${printable(signer.profile)}, so ` +
          'each of its roles needs an MFA code of its own; this attempt may have used up the first\n',
      );
      rememberDenial(context, options.folder, plan);
      return assumeBySpending(context, call, code, spent);
    }
    spent();
    return callAssumeRole(context, call, undefined, await keepMfaSession(context, call, mfa, given));
  });
}

function questionOf({ mfa, held, step, options, gotElsewhere }: MfaCall): CodeQuestion {
  return { mfa, held, profile: step.hop.profile, options, gotElsewhere };
}

/** What decides whether a role gets the code itself. */
export interface MfaQuestion {
  readonly plan: Pick<Plan, 'sourceKey'>;
  readonly request: Pick<AssumeRoleRequest, 'RoleArn' | 'DurationSeconds'>;
  /** Whether the keys that sign are those of a session. */
  readonly temporary: boolean;
  readonly folder: string | undefined;
}

/** Says why a role gets the code itself; undefined when an MFA session will do. */
export function directReason(
  context: Pick<Context, 'now'>,
  { plan, request, temporary, folder }: MfaQuestion,
): string | undefined {
  if (temporary) return 'it is asked for with the keys of a session';
  if ((request.DurationSeconds ?? 0) > LONGEST_FROM_SESSION) return 'its sessions last longer than 1 h';
  // Without a cache the session would serve only once, so getting it would be a wasted call.
  if (folder === undefined) return 'no MFA session can be kept';
  if (isUserDenied(context, folder, plan)) return 'GetSessionToken was denied to this user';
  if (wantsOwnCode(context, folder, plan, request.RoleArn)) return 'it refused an older MFA session';
  return undefined;
}

function directReasonOf(context: Context, call: MfaCall): string | undefined {
  const { plan, step, signer, options } = call;
  return directReason(context, {
    plan,
    request: step.request,
    temporary: signer.keys.sessionToken !== undefined,
    folder: options.sessions.keeps ? options.folder : undefined,
  });
}
