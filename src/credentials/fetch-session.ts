import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { type CachedSession, removeLitter, writeSession } from '../sessions/session-cache.ts';
import { durationText } from '../terminal/durations.ts';
import { giveToAwsCli } from './aws-cli-sharing.ts';
import { assumeWithMfa } from './mfa/strategy.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { callAssumeRole, type HopCall } from './sts/calls.ts';
import type { GivenSession } from './sts/client.ts';

// With the lock, the prompt and the AWS SDK this is heavy: import it lazily, where a session has to be got.

/** Below this a clock is right enough; times are seconds and answers take a moment. */
const CLOCK_NOISE_SECONDS = 5;
const CLOCK_WARNING_SECONDS = 240;

/** Gets one hop's session under a lock, so that whoever wants it at the same time waits instead of asking too. */
export async function fetchUnderLock(
  context: Context,
  call: HopCall,
  poll: () => Session | undefined,
): Promise<Session> {
  const { key, request, hop } = call;
  const { codeSource, folder } = call.options;
  // Who may not ask for a code does not wait for a person who does.
  const asks = codeSource !== 'none' || hop.mfaProcess !== undefined;
  const device = asks ? request.SerialNumber : undefined;
  // A code works once, whatever role it is for: who asks for one holds the lock of its device.
  return oneAtATime(context, folder, device ?? key, {
    doing: `${device === undefined ? 'gets a session' : `asks for the MFA code of ${device}`} (profile ${hop.profile})`,
    poll,
    work: (lost) => fetchSession(context, call, () => (lost() ? poll() : undefined)),
  });
}

/** Asks STS, with a code where the profile has an mfa_serial, and keeps the answer. */
async function fetchSession(
  context: Context,
  call: HopCall,
  doneElsewhere: () => Session | undefined,
): Promise<Session> {
  const { hop, key, options } = call;
  const keep = (under: string, session: CachedSession): void => {
    if (options.folder === undefined) return;
    try {
      writeSession(options.folder, under, session);
      removeLitter(options.folder, context.now());
    } catch (error) {
      if (!(error instanceof PrivateFileError)) throw error;
      const reason = printable(error.message);
      say(context, `awsrole: the session is not kept, so the next switch asks AWS again: ${reason}`);
    }
  };
  const serial = call.request.SerialNumber;
  const given = await (serial === undefined
    ? callAssumeRole(context, call, undefined)
    : assumeWithMfa(context, call, serial, doneElsewhere, (mfaSession, under) => {
        const session = inOurTime(context, mfaSession);
        keep(under, { ...session, profile: call.signer.profile, roleArn: serial });
        return session;
      }));
  if (!('clockAhead' in given)) return given;
  const session = inOurTime(context, given);
  // Under our key first, so that `clear` knows of what the AWS CLI gets.
  const { awsCliKey } = call;
  keep(key, {
    ...session,
    profile: hop.profile,
    roleArn: hop.roleArn.value,
    ...(awsCliKey && { awsCliKey }),
  });
  // Where nothing is kept, nobody could clear it either.
  if (awsCliKey !== undefined && options.folder !== undefined)
    giveToAwsCli(context, awsCliKey, call.request, session);
  return session;
}

/** AWS's times in this computer's time: with a wrong clock here they would end too early or too late. */
function inOurTime(context: Context, { session, clockAhead }: GivenSession): Session {
  if (Math.abs(clockAhead) < CLOCK_NOISE_SECONDS) return session;
  if (Math.abs(clockAhead) >= CLOCK_WARNING_SECONDS) {
    const off = `${durationText(Math.abs(clockAhead))} ${clockAhead > 0 ? 'slow' : 'fast'}`;
    say(
      context,
      `awsrole: this computer's clock is ${off}; other AWS tools will be refused until it is right`,
    );
  }
  return { ...session, expires: session.expires - clockAhead, obtained: session.obtained - clockAhead };
}

function say(context: Context, text: string): void {
  context.stderr.write(`${text}\n`);
}
