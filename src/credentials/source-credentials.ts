import type { Context } from '../context.ts';
import type { Source } from '../profiles/chain-source.ts';
import { errorAt } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { RoleChain } from '../profiles/role-chain.ts';
import { isFresh, type Session } from '../sessions/session.ts';
import { readSession } from '../sessions/session-cache.ts';
import { sessionKey } from '../sessions/session-key.ts';
import type { RoleSessionOptions } from './session-options.ts';
import { sourceIdentity } from './sources/identity.ts';
import { refuseProcessLoop } from './sources/process-loop.ts';
import type { Keys, StsSettings } from './sts/client.ts';
import { partitionOf } from './sts/settings.ts';

/** The keys that stand in an AWS file or in the environment; undefined for a source that has to be asked. */
function standingKeys(context: Context, source: Source): Keys | undefined {
  if (source.kind === 'keys') {
    return {
      accessKeyId: source.accessKeyId.value,
      secretAccessKey: source.secretAccessKey.value,
      sessionToken: source.sessionToken?.value,
    };
  }
  return source.kind === 'credential-source' && source.credentialSource === 'Environment'
    ? environmentKeys(context, source)
    : undefined;
}

function environmentKeys(
  { env }: Context,
  { profile, property }: Extract<Source, { kind: 'credential-source' }>,
): Keys {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    // As the AWS CLI, which still knows the older name and prefers it.
    const sessionToken = env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN || undefined;
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID';
  throw errorAt(
    property,
    `profile ${quoted(profile)} takes its keys from the environment, and ${missing} is not set`,
    `set ${missing} before the switch; what an earlier switch has set does not count`,
  );
}

/** What the session of a source is kept under. */
function sourceKey(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  { endpoint }: Pick<StsSettings, 'endpoint'>,
): string {
  return sessionKey({
    source: sourceIdentity(chain.source, context.env),
    partition: partitionOf(store, chain),
    endpoint: endpoint ?? '',
    hops: [],
  });
}

/** The session that is kept for a chain's source and has not ended; undefined when there is none. */
export function keptSourceSession(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
  folder: string | undefined,
): Session | undefined {
  return folder === undefined
    ? undefined
    : readSession(folder, sourceKey(context, store, chain, settings), context.now());
}

/**
 * The credentials a chain starts from: keys as they stand, else a kept session while it is good, else what the source
 * gives. Long-lived keys come without an end, and are never kept.
 * @throws AwsroleError
 */
export async function sourceCredentials(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: StsSettings,
  options: RoleSessionOptions,
): Promise<Session | Keys> {
  const standing = standingKeys(context, chain.source);
  if (standing !== undefined) return standing;
  const kept = (): Session | undefined => {
    const session = keptSourceSession(context, store, chain, settings, options.folder);
    return session !== undefined && isFresh(session, context.now()) ? session : undefined;
  };
  const session = kept();
  // A new session of a role does not need a new one of its source.
  const stale = options.refresh && chain.hops.length === 0 ? session?.accessKeyId : undefined;
  if (session !== undefined && session.accessKeyId !== stale) {
    context.debug(`a kept session serves the source of ${chain.profile}`);
    return session;
  }
  // Before the lock: the awsrole that started the command holds it, and waits for us.
  refuseProcessLoop(context.env, chain.source);
  const { fetchSourceUnderLock } = await import('./sources/ask-source.ts');
  return fetchSourceUnderLock(context, {
    store,
    profile: chain.profile,
    source: chain.source,
    settings,
    key: sourceKey(context, store, chain, settings),
    options,
    poll: () => {
      const other = kept();
      return other?.accessKeyId === stale ? undefined : other;
    },
  });
}
