import type { Context } from '../context.ts';
import type { HeldLock } from '../sessions/lock.ts';
import type { Session } from '../sessions/session.ts';
import { giveToAwsCli } from './aws-cli-sharing.ts';
import { inOurTime, keepSession } from './keep-session.ts';
import { assumeWithMfa } from './mfa/strategy.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { RoleCall } from './role-call.ts';
import { callAssumeRole } from './sts/calls.ts';

// Loads the lock, the prompt and the AWS SDK, which takes long: import it lazily, where a session has to be got.

/** Gets one role's session under a lock, so that whoever wants it at the same time waits instead of asking too. */
export async function askRole(context: Context, call: RoleCall): Promise<Session> {
  const { key, request, hop } = call.step;
  const { codeSource, folder } = call.options;
  // A caller that may not ask for a code does not wait for a person who is being asked for one.
  const asks = codeSource !== 'none' || hop.mfaProcess !== undefined;
  const device = asks ? request.SerialNumber : undefined;
  // A code works once, whatever role it is for, so whoever asks for one holds the lock of its device.
  return oneAtATime(context, folder, device ?? key, {
    doing: `${device === undefined ? 'gets a session' : `asks for the MFA code of ${device}`} (profile ${hop.profile})`,
    poll: call.gotElsewhere,
    work: (held) => askSts(context, { ...call, held }),
  });
}

/** Asks STS, with a code where the profile has an mfa_serial, and keeps the answer. */
async function askSts(context: Context, call: RoleCall & { held: HeldLock }): Promise<Session> {
  const { step, options, awsCliKey } = call;
  const serial = step.request.SerialNumber;
  const answer =
    serial === undefined
      ? ({ from: 'sts', given: await callAssumeRole(context, call, undefined) } as const)
      : await assumeWithMfa(context, { ...call, serial });
  if (answer.from === 'elsewhere') return answer.session;
  const session = inOurTime(context, answer.given);
  // Written to our own cache first, so that `clear` knows what the AWS CLI was given.
  keepSession(context, options.folder, step.key, {
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
