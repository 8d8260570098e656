import { userInfo } from 'node:os';
import type { Context } from '../context.ts';
import { checkHop } from '../profiles/assume-role-input.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { Hop, RoleChain } from '../profiles/role-chain.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { renewAfter, type Session } from '../sessions/session.ts';
import { readSession } from '../sessions/session-cache.ts';
import { type AssumeRoleRequest, mfaSessionKey, sessionKey } from '../sessions/session-key.ts';
import type { CodeSource } from './mfa.ts';
import { keptSourceSession, sourceCredentials, sourceIdentity } from './source-credentials.ts';
import type { Signer } from './sts-calls.ts';
import type { StsSettings } from './sts-client.ts';
import { partitionOf } from './sts-settings.ts';

export interface RoleSessionOptions {
  /** The cache folder; undefined when nothing can be kept. */
  readonly folder: string | undefined;
  readonly codeSource: CodeSource;
  /** Get a new session although a good one is kept. */
  readonly refresh: boolean;
}

/** The requests of a chain and the keys their sessions are kept under, hop by hop. */
function sessionRequests(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: Pick<StsSettings, 'endpoint'>,
): { readonly request: AssumeRoleRequest; readonly key: string; readonly mfaKey: string }[] {
  const requests = chain.hops.map((hop) => assumeRoleRequest(hop));
  const asked = {
    source: sourceIdentity(chain.source, context.env),
    partition: partitionOf(store, chain),
    endpoint: settings.endpoint ?? '',
  };
  return requests.map((request, index) => ({
    request,
    key: sessionKey({ ...asked, hops: requests.slice(0, index + 1) }),
    mfaKey: mfaSessionKey(asked, request.SerialNumber ?? ''),
  }));
}

/** One AssumeRole call of a chain, and the session that would spare it now. */
export interface KeptStep {
  readonly request: AssumeRoleRequest;
  /** What an MFA session of the user and the device is kept under. */
  readonly mfaKey: string;
  readonly session: Session | undefined;
  readonly from: 'awsrole' | 'aws-cli';
}

/** The calls of a chain with what is kept for each; looks, and changes nothing. */
export function keptSteps(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
): KeptStep[] {
  const folder = cacheFolder(context);
  return sessionRequests(context, store, chain, settings).map(({ request, key, mfaKey }) => {
    const session = folder === undefined ? undefined : readSession(folder, key, context.now());
    const good = session !== undefined && renewAfter(session) * 1000 > context.now();
    return { request, mfaKey, session: good ? session : undefined, from: 'awsrole' };
  });
}

/** The session that is kept for a chain's last role, or its source, and has not ended; undefined when there is none. */
export function keptSession(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
): Session | undefined {
  const folder = cacheFolder(context);
  if (folder === undefined) return undefined;
  if (chain.hops.length === 0) return keptSourceSession(context, store, chain, settings, folder);
  const last = sessionRequests(context, store, chain, settings).at(-1);
  return last && readSession(folder, last.key, context.now());
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
  settings: StsSettings,
  options: RoleSessionOptions,
): Promise<Session> {
  const steps = sessionRequests(context, store, chain, settings);
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
    return session;
  }

  let signer: Signer =
    session === undefined
      ? await sourceSigner(context, store, chain, settings, options)
      : { keys: session, profile: chain.hops[index]?.profile ?? '' };
  const { fetchUnderLock } = await import('./fetch-session.ts');
  for (let next = session === undefined ? 0 : index + 1; next <= last; next += 1) {
    const hop = chain.hops[next];
    const step = steps[next];
    if (hop === undefined || step === undefined) break;
    session = await fetchUnderLock(context, { hop, ...step, settings, signer, options }, () => usable(next));
    signer = { keys: session, profile: hop.profile };
  }
  if (session === undefined) throw new Error(`${chain.profile} has no role to assume`);
  return session;
}

async function sourceSigner(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
  options: RoleSessionOptions,
): Promise<Signer> {
  const { source } = chain;
  return {
    keys: await sourceCredentials(context, store, chain, settings, options),
    profile: source.profile,
    ...(source.kind === 'keys' && { place: source.accessKeyId }),
  };
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
