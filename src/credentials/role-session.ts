import type { Context } from '../context.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { RoleChain } from '../profiles/role-chain.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { bestEffort } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import {
  type CachedSession,
  readFreshSession,
  readSession,
  writeSession,
} from '../sessions/session-cache.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { type AwsCliSharing, awsCliSharing, giveToAwsCli } from './aws-cli-sharing.ts';
import type { RoleSessionOptions } from './session-options.ts';
import { type SessionStep, sessionRequests } from './session-requests.ts';
import { keptSourceSession, sourceCredentials } from './source-credentials.ts';
import type { Signer } from './sts/calls.ts';
import type { StsSettings } from './sts/client.ts';

/** One AssumeRole call of a chain, and the session that would spare it now. */
export interface KeptStep extends SessionStep {
  readonly session: Session | undefined;
  readonly from: 'awsrole' | 'aws-cli';
}

/** The calls of a chain with what is kept for each; looks, and changes nothing. */
export function keptSteps(
  context: Context,
  own: Settings,
  files: LoadedProfiles,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
): KeptStep[] {
  const folder = cacheFolder(context);
  const sharing = awsCliSharing(context, own, files, folder);
  return sessionRequests(context, store, chain, settings).map((step) => {
    const session = readFreshSession(folder, step.key, context.now());
    if (session !== undefined) return { ...step, session, from: 'awsrole' };
    return { ...step, session: sharing.read(step), from: 'aws-cli' };
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
  files: LoadedProfiles,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
  options: RoleSessionOptions,
): Promise<Session> {
  const steps = sessionRequests(context, store, chain, settings);
  const { folder } = options;
  const last = steps.length - 1;
  const end = steps.at(-1);
  if (end === undefined) throw new Error(`${chain.profile} has no role to assume`);

  const own = await loadSettings(context);
  const sharing = awsCliSharing(context, own, files, folder);
  const good = readFreshSession(folder, end.key, context.now());
  const stale = options.refresh ? good?.accessKeyId : undefined;
  if (good !== undefined && good.accessKeyId !== stale) {
    context.debug(`a kept session serves ${chain.profile}`);
    giveKept(context, sharing, end, good, folder);
    return good;
  }

  const usable = (index: number): Session | undefined => {
    const step = steps[index];
    if (step === undefined) return undefined;
    const session = readFreshSession(folder, step.key, context.now());
    if (session !== undefined) return index === last && session.accessKeyId === stale ? undefined : session;
    // Who wants a new session wants none of the AWS CLI's either.
    return index === last && options.refresh ? undefined : takeOver(context, sharing, step, folder);
  };
  let index = last;
  let session = usable(index);
  while (session === undefined && index > 0) {
    index -= 1;
    session = usable(index);
  }
  if (session !== undefined && index === last) return session;

  let signer: Signer =
    session === undefined
      ? await sourceSigner(context, store, chain, settings, options)
      : { keys: session, profile: steps[index]?.hop.profile ?? '' };
  const { fetchUnderLock } = await import('./fetch-session.ts');
  for (const [next, step] of steps.entries()) {
    if (session !== undefined && next <= index) continue;
    const call = { ...step, settings, own, signer, options, awsCliKey: sharing.keyToWrite(step) };
    session = await fetchUnderLock(context, call, () => usable(next));
    index = next;
    signer = { keys: session, profile: step.hop.profile };
  }
  return session as Session;
}

/** Gives the AWS CLI a kept session in place of one that it has not, or not any more. */
function giveKept(
  context: Context,
  sharing: AwsCliSharing,
  step: SessionStep,
  session: CachedSession,
  folder: string | undefined,
): void {
  const { key, request } = step;
  // The ordinary case, told with one look: it was given, and is there.
  if (session.awsCliKey !== undefined && !sharing.lacks(session.awsCliKey)) return;
  const awsCliKey = sharing.keyToWrite(step);
  if (awsCliKey === undefined || folder === undefined || !sharing.lacks(awsCliKey)) return;
  bestEffort(context.debug, 'not shared with the AWS CLI', () => {
    if (session.awsCliKey !== awsCliKey) writeSession(folder, key, { ...session, awsCliKey });
    giveToAwsCli(context, awsCliKey, request, session);
  });
}

/** The AWS CLI's session for a call; it is kept in our cache from then on, where lists and other shells find it. */
function takeOver(
  context: Context,
  sharing: AwsCliSharing,
  step: SessionStep,
  folder: string | undefined,
): Session | undefined {
  const session = sharing.read(step);
  if (session === undefined) return undefined;
  const { hop, key } = step;
  context.debug(`the AWS CLI's session for ${hop.roleArn.value} is used`);
  const kept = { ...session, profile: hop.profile, roleArn: hop.roleArn.value };
  if (folder !== undefined) bestEffort(context.debug, 'not kept', () => writeSession(folder, key, kept));
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
