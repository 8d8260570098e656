import type { Context } from '../context.ts';
import type { HeldLock } from '../sessions/lock.ts';
import type { Session } from '../sessions/session.ts';
import { giveToAwsCli } from './aws-cli-sharing.ts';
import { inOurTime, keepSession } from './keep-session.ts';
import { forgetDenials, rememberDenial } from './mfa/denials.ts';
import { withDevices } from './mfa/device-hint.ts';
import { keepMfaSession, mfaSessionSeconds } from './mfa/mfa-session.ts';
import { assumeWithMfa } from './mfa/strategy.ts';
import { withCode } from './mfa/with-code.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { UserMfa } from './plan.ts';
import { refuseMfaLoop } from './process-loop.ts';
import type { RoleCall, UserCall } from './role-call.ts';
import { callAssumeRole, callGetSessionToken } from './sts/calls.ts';
import { isDenied } from './sts/refusal.ts';

// Loads the lock, the prompt and the AWS SDK, which takes long: import it lazily, where a session has to be got.

/** Gets one role's session under a lock, so that whoever wants it at the same time waits instead of asking too. */
export async function askRole(context: Context, call: RoleCall): Promise<Session> {
  const { plan, step } = call;
  const { codeSource, folder } = call.options;
  const mfa = step === plan.steps[0] ? plan.mfa : undefined;
  // A caller that may not ask for a code does not wait for a person who is being asked for one.
  const asks = codeSource !== 'none' || mfa?.device.process !== undefined;
  const device = asks ? mfa?.serial : undefined;
  if (asks && mfa !== undefined) refuseMfaLoop(context.env, mfa);
  // A code works once, whatever role it is for, so whoever asks for one holds the lock of its device.
  return oneAtATime(context, folder, device ?? step.key, {
    doing: `${device === undefined ? 'is getting a session' : `is asking for the MFA code of ${device}`} (profile ${step.hop.profile})`,
    poll: call.gotElsewhere,
    work: (held) => askForRole(context, { ...call, held }, mfa),
  });
}

/** Asks STS, with a code where the user has an MFA device, and keeps the answer. */
async function askForRole(
  context: Context,
  call: RoleCall & { held: HeldLock },
  mfa: UserMfa | undefined,
): Promise<Session> {
  const { step, options, awsCliKey } = call;
  const answer = await withDevices(context, call, async () =>
    mfa === undefined
      ? ({ from: 'sts', given: await callAssumeRole(context, call, undefined) } as const)
      : assumeWithMfa(context, { ...call, mfa }),
  );
  if (answer.from === 'elsewhere') return answer.session;
  const session = inOurTime(context, answer.given);
  // Written to our own cache first, so that `clear` knows what the AWS CLI was given.
  await keepSession(context, options.sessions, step.key, {
    ...session,
    profile: step.hop.profile,
    roleArn: step.hop.roleArn.value,
    ...(awsCliKey && { awsCliKey }),
  });
  // Without a cache of our own, `clear` could not take it back.
  if (awsCliKey !== undefined && options.folder !== undefined)
    giveToAwsCli(context, awsCliKey, step.request, session);
  return session;
}

/** Gets a user's MFA session with a code, under the lock of the device. @throws AwsroleError */
export async function askUser(context: Context, call: UserCall, mfa: UserMfa): Promise<Session> {
  const { device, serial, key } = mfa;
  const { codeSource, folder } = call.options;
  const { profile } = call.plan.chain;
  // As for a role: whoever may not ask does not wait for a person who is being asked.
  const asks = codeSource !== 'none' || device.process !== undefined;
  if (asks) refuseMfaLoop(context.env, mfa);
  return oneAtATime(context, folder, asks ? serial : key, {
    doing: `is asking for the MFA code of ${serial} (profile ${profile})`,
    poll: call.gotElsewhere,
    work: (held) => askForUser(context, { ...call, held }, mfa),
  });
}

async function askForUser(
  context: Context,
  call: UserCall & { held: HeldLock },
  mfa: UserMfa,
): Promise<Session> {
  const { plan, options, held, gotElsewhere } = call;
  // Read before a code is asked for, because it may be wrong.
  const seconds = mfaSessionSeconds(mfa.device, options.own);
  const question = { mfa, profile: plan.chain.profile, options, held, gotElsewhere };
  const answer = await withDevices(context, call, () =>
    withCode(context, question, async (code) => {
      try {
        return await callGetSessionToken(context, call, mfa, code, seconds);
      } catch (error) {
        if (isDenied((error as Error).cause)) rememberDenial(context, options.folder, plan);
        throw error;
      }
    }),
  );
  if (answer.from === 'elsewhere') return answer.session;
  if (options.folder !== undefined) forgetDenials(options.folder, plan);
  return keepMfaSession(context, call, mfa, answer.given);
}
