import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { checkHop } from '../profiles/assume-role-input.ts';
import { printable } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { Hop, RoleChain } from '../profiles/role-chain.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { describeOwner, underLock } from '../sessions/lock.ts';
import { PrivateFileError } from '../sessions/private-file.ts';
import { renewAfter, type Session } from '../sessions/session.ts';
import { readSession, removeLitter, writeSession } from '../sessions/session-cache.ts';
import { type AssumeRoleRequest, sessionKey } from '../sessions/session-key.ts';
import { durationText } from '../terminal/durations.ts';
import { type CodeSource, type MfaCodes, mfaCodes, secondsToNextCode } from './mfa.ts';
import { explainStsError, isLostAnswer, isRefusedCode, type StsCall } from './refusal.ts';
import { sourceKeys } from './source-credentials.ts';
import type { AssumedRole, Keys, StsSettings } from './sts-client.ts';
import { partitionOf, stsSettings } from './sts-settings.ts';

export interface RoleSessionOptions {
  /** The cache folder; undefined when nothing can be kept. */
  readonly folder: string | undefined;
  readonly codeSource: CodeSource;
  /** Get a new session although a good one is kept. */
  readonly refresh: boolean;
}

/** A session, and whether it came from the cache. */
export interface RoleSession {
  readonly session: Session;
  readonly fromCache: boolean;
}

const MOST_CODES = 3;
/** Below this a clock is right enough; times are seconds and answers take a moment. */
const CLOCK_NOISE_SECONDS = 5;
const CLOCK_WARNING_SECONDS = 240;

/** The requests of a chain and the keys their sessions are kept under, hop by hop. */
export function sessionRequests(
  store: ProfileStore,
  chain: RoleChain,
  settings: Pick<StsSettings, 'endpoint'>,
): { readonly request: AssumeRoleRequest; readonly key: string }[] {
  const requests = chain.hops.map((hop) => assumeRoleRequest(hop));
  const source = sourceKeys(chain);
  return requests.map((request, index) => ({
    request,
    key: sessionKey({
      source: `keys:${source.accessKeyId}`,
      partition: partitionOf(store, chain),
      endpoint: settings.endpoint ?? '',
      hops: requests.slice(0, index + 1),
    }),
  }));
}

/**
 * The session of a chain's last role: a kept one while it is good, else a new one, got hop by hop from the last kept
 * session or the source's keys. Concurrent callers get one session for one MFA code.
 * @throws AwsroleError
 */
export async function roleSession(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  options: RoleSessionOptions,
): Promise<RoleSession> {
  const settings = stsSettings(context.env, store, chain);
  const steps = sessionRequests(store, chain, settings);
  const { folder } = options;
  const last = steps.length - 1;
  const kept = (index: number): Session | undefined => {
    const key = steps[index]?.key;
    const session =
      folder === undefined || key === undefined ? undefined : readSession(folder, key, context.now());
    return session !== undefined && renewAfter(session) * 1000 > context.now() ? session : undefined;
  };

  const stale = options.refresh ? kept(last)?.accessKeyId : undefined;
  const usable = (index: number): Session | undefined => {
    const session = kept(index);
    return index === last && session?.accessKeyId === stale ? undefined : session;
  };
  let index = last;
  let session = usable(index);
  while (session === undefined && index > 0) {
    index -= 1;
    session = usable(index);
  }
  if (session !== undefined && index === last) {
    context.debug(`a kept session serves ${chain.profile}`);
    return { session, fromCache: true };
  }

  let from: Keys = session ?? sourceKeys(chain);
  let sourceProfile = session === undefined ? chain.source.profile : (chain.hops[index]?.profile ?? '');
  let keysPlace =
    session === undefined && chain.source.kind === 'keys' ? chain.source.accessKeyId : undefined;
  let got: Session | undefined;
  for (let next = session === undefined ? 0 : index + 1; next <= last; next += 1) {
    const hop = chain.hops[next];
    const step = steps[next];
    if (hop === undefined || step === undefined) break;
    got = await fetchUnderLock(
      context,
      { hop, ...step, settings, from, sourceProfile, keysPlace, options },
      () => usable(next),
    );
    from = got;
    sourceProfile = hop.profile;
    keysPlace = undefined;
  }
  if (got === undefined) throw new Error(`${chain.profile} has no role to assume`);
  return { session: got, fromCache: false };
}

/** What one AssumeRole call needs. */
interface HopCall {
  readonly hop: Hop;
  readonly request: AssumeRoleRequest;
  readonly key: string;
  readonly settings: StsSettings;
  readonly from: Keys;
  readonly sourceProfile: string;
  /** Where the keys stand, when they are in a file. */
  readonly keysPlace: Property | undefined;
  readonly options: RoleSessionOptions;
}

/** Gets one hop's session under a lock, so that whoever wants it at the same time waits instead of asking too. */
async function fetchUnderLock(
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
  const { hop, request, settings, from, sourceProfile, keysPlace } = call;
  const place = (property: Property | undefined): string | undefined =>
    property === undefined ? undefined : `${printable(property.file)}:${property.line}`;
  const asked: StsCall = {
    action: 'AssumeRole',
    accessKeyId: from.accessKeyId,
    sourceProfile,
    region: settings.region,
    endpoint: settings.endpoint,
    roleArn: request.RoleArn,
    profile: hop.profile,
    mfa: code !== undefined,
    where: {
      roleArn: place(hop.roleArn),
      durationSeconds: place(hop.durationSeconds),
      keys: place(keysPlace),
    },
  };
  context.debug(
    `AssumeRole ${request.RoleArn} as ${request.RoleSessionName} with ${from.accessKeyId}` +
      `${code === undefined ? '' : ' and an MFA code'}, STS ${settings.endpoint ?? settings.region}`,
  );
  const { assumeRole } = await import('./sts-client.ts');
  try {
    return await assumeRole(settings, from, request, code);
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

/** A hop's AssumeRole inputs. The session name says in CloudTrail who it was, so it is the OS user's unless configured. */
function assumeRoleRequest(hop: Hop): AssumeRoleRequest {
  const { roleArn, roleSessionName, durationSeconds, externalId, mfaSerial } = checkHop(hop);
  return {
    RoleArn: roleArn,
    RoleSessionName: roleSessionName ?? legalSessionName(osUserName()),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(mfaSerial === undefined ? {} : { SerialNumber: mfaSerial }),
  };
}

/** STS takes 2 to 64 of `[A-Za-z0-9_+=,.@-]`. */
function legalSessionName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
}

function osUserName(): string {
  try {
    return userInfo().username || 'awsrole';
  } catch {
    return 'awsrole'; // a user id without an entry in the user database, as in containers
  }
}
