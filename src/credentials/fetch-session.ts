import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import type { Hop } from '../profiles/role-chain.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { describeOwner, underLock } from '../sessions/lock.ts';
import { PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { removeLitter, writeSession } from '../sessions/session-cache.ts';
import type { AssumeRoleRequest } from '../sessions/session-key.ts';
import { durationText } from '../terminal/durations.ts';
import { type MfaCodes, mfaCodes, secondsToNextCode } from './mfa.ts';
import { explainStsError, isLostAnswer, isRefusedCode, type StsCall } from './refusal.ts';
import type { RoleSessionOptions } from './role-session.ts';
import { type AssumedRole, assumeRole, type Keys, type StsSettings } from './sts-client.ts';

// With the lock, the prompt and the AWS SDK this is heavy: import it lazily, where a session has to be got.

const MOST_CODES = 3;
/** Below this a clock is right enough; times are seconds and answers take a moment. */
const CLOCK_NOISE_SECONDS = 5;
const CLOCK_WARNING_SECONDS = 240;

/** The keys that sign a call, the profile they are of, and where they stand if they are in a file. */
export interface Signer {
  readonly keys: Keys;
  readonly profile: string;
  readonly place?: Property;
}

/** What one AssumeRole call needs. */
interface HopCall {
  readonly hop: Hop;
  readonly request: AssumeRoleRequest;
  readonly key: string;
  readonly settings: StsSettings;
  readonly signer: Signer;
  readonly options: RoleSessionOptions;
}

/** Gets one hop's session under a lock, so that whoever wants it at the same time waits instead of asking too. */
export async function fetchUnderLock(
  context: Context,
  call: HopCall,
  poll: () => Session | undefined,
): Promise<Session> {
  const { key, request, hop } = call;
  const { folder } = call.options;
  const fetch = (): Promise<Session> => fetchSession(context, call, () => undefined);
  if (folder === undefined) return fetch();
  const device = request.SerialNumber;
  const lock = join(
    folder,
    'locks',
    createHash('sha256')
      .update(device ?? key)
      .digest('hex')
      .slice(0, 32),
  );
  try {
    // A code works once, whatever role it is for: who asks for one holds the lock of its device.
    return await underLock(lock, {
      doing: `${device === undefined ? 'gets a session' : `asks for the MFA code of ${device}`} (profile ${hop.profile})`,
      poll,
      onWait: (owner) => say(context, `waiting: ${describeOwner(owner)}; Ctrl-C gives up`),
      work: (lost) => fetchSession(context, call, () => (lost() ? poll() : undefined)),
    });
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    say(context, `awsrole: no lock: ${printable(error.message)}`);
    return fetch();
  }
}

/** Asks STS, with a code where the profile has an mfa_serial, and keeps the answer. */
async function fetchSession(
  context: Context,
  call: HopCall,
  doneElsewhere: () => Session | undefined,
): Promise<Session> {
  const { hop, key, options } = call;
  const assumed = await (call.request.SerialNumber === undefined
    ? askSts(context, call, undefined)
    : askStsWithCode(context, call, call.request.SerialNumber, doneElsewhere));
  if (!('clockAhead' in assumed)) return assumed;
  const session = inOurTime(context, assumed);
  if (options.folder !== undefined) {
    try {
      writeSession(options.folder, key, { ...session, profile: hop.profile, roleArn: hop.roleArn.value });
      removeLitter(options.folder, context.now());
    } catch (error) {
      if (!(error instanceof PrivateFileError)) throw error;
      say(
        context,
        `awsrole: the session is not kept, so the next switch asks AWS again: ${printable(error.message)}`,
      );
    }
  }
  return session;
}

async function askStsWithCode(
  context: Context,
  call: HopCall,
  serial: string,
  doneElsewhere: () => Session | undefined,
): Promise<AssumedRole | Session> {
  const { codeSource, folder } = call.options;
  const codes: MfaCodes = mfaCodes(context, {
    serial,
    profile: call.hop.profile,
    source: codeSource,
    folder,
  });
  try {
    for (let left = codeSource === 'stdin' ? 1 : MOST_CODES; ; left -= 1) {
      const code = await codes.next();
      const session = doneElsewhere();
      if (session !== undefined) return session;
      try {
        const assumed = await askSts(context, call, code);
        codes.spent(code);
        return assumed;
      } catch (error) {
        const cause = (error as Error).cause;
        if (isLostAnswer(cause)) codes.spent(code);
        if (!isRefusedCode(cause)) throw error;
        const wait = `the next one comes in ${secondsToNextCode(context.now())} s`;
        if (left <= 1) {
          throw new AwsroleError(
            'mfa',
            `AWS refused the MFA code for ${printable(serial)}: mistyped, or used before`,
            {
              hint: `each code works once; ${wait}`,
            },
          );
        }
        say(context, `AWS refused that code: mistyped, or used before; ${wait}`);
      }
    }
  } finally {
    codes.close();
  }
}

/** One call, its refusal explained; the SDK's own error is the cause of what is thrown. */
async function askSts(context: Context, call: HopCall, code: string | undefined): Promise<AssumedRole> {
  const { hop, request, settings, signer } = call;
  const { accessKeyId } = signer.keys;
  const place = (property: Property | undefined): string | undefined =>
    property === undefined ? undefined : `${printable(property.file)}:${property.line}`;
  const asked: StsCall = {
    action: 'AssumeRole',
    accessKeyId,
    sourceProfile: signer.profile,
    region: settings.region,
    endpoint: settings.endpoint,
    roleArn: request.RoleArn,
    profile: hop.profile,
    mfa: code !== undefined,
    where: {
      roleArn: place(hop.roleArn),
      durationSeconds: place(hop.durationSeconds),
      keys: place(signer.place),
    },
  };
  context.debug(
    `AssumeRole ${request.RoleArn} as ${request.RoleSessionName} with ${accessKeyId}` +
      `${code === undefined ? '' : ' and an MFA code'}, STS ${settings.endpoint ?? settings.region}`,
  );
  try {
    return await assumeRole(settings, signer.keys, request, code);
  } catch (error) {
    throw explainStsError(error, asked, context.now());
  }
}

/** AWS's times in this computer's time: with a wrong clock here they would end too early or too late. */
function inOurTime(context: Context, { session, clockAhead }: AssumedRole): Session {
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
