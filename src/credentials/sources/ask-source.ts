import type { Context } from '../../context.ts';
import type { EndingKeys, Session } from '../../sessions/session.ts';
import { isKeptSilently } from '../keep-session.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { Plan } from '../plan.ts';
import type { SessionOptions } from '../session-options.ts';
import type { Keys } from '../sts/client-options.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { sourceIdentity } from './identity.ts';
import { processCredentials } from './process.ts';

// Loads the lock and maybe the AWS SDK, which takes long: import it lazily, where a source has to be asked.

interface SourceCall {
  readonly plan: Plan;
  readonly options: SessionOptions;
  /** Returns the session if another process has got it meanwhile. */
  readonly gotElsewhere: () => Promise<Session | undefined>;
}

/** Asks the source of a plan, one process at a time, and caches its session if that ends. @throws AwsroleError */
export function askSource(context: Context, call: SourceCall): Promise<EndingKeys | Keys> {
  const { plan, options, gotElsewhere } = call;
  return oneAtATime<EndingKeys | Keys>(context, options.folder, lockedBy(plan), {
    doing: `is getting the credentials of profile ${plan.chain.source.profile}`,
    poll: gotElsewhere,
    work: () => askAndKeep(context, plan, options),
  });
}

async function askAndKeep(context: Context, plan: Plan, options: SessionOptions): Promise<EndingKeys | Keys> {
  const given = await askWithoutLock(context, plan, options);
  const { expires, sessionToken, ...keys } = given;
  if (expires === undefined) return { ...keys, sessionToken };
  const obtained = Math.floor(context.now() / 1000);
  // A user's keys that somebody will delete (as Vault does) are no session to keep.
  if (sessionToken === undefined) return { ...keys, expires, obtained };
  const session = { ...keys, sessionToken, expires, obtained };
  const { source } = plan.chain;
  // An instance and a container can be asked at any time, and their credentials are not ours alone.
  if (source.kind !== 'credential-source') {
    const kept = { ...session, profile: source.profile, roleArn: sourceIdentity(source, context) };
    await isKeptSilently(context, options.sessions, plan.sourceKey, kept);
  }
  return session;
}

/**
 * Names the lock. Whoever uses a refresh token holds the token's lock: it serves many roles, and may work only once.
 */
function lockedBy({ chain: { source }, sourceKey }: Plan): string {
  if (source.kind === 'sso') return `sso ${source.session?.value ?? source.startUrl.value}`;
  return source.kind === 'login-session' ? `login ${source.session.value}` : sourceKey;
}

async function askWithoutLock(
  context: Context,
  plan: Plan,
  options: SessionOptions,
): Promise<GivenCredentials> {
  const { source } = plan.chain;
  if (source.kind === 'credential-process') return processCredentials(context, source, options);
  const { sdkCredentials } = await import('./sdk-sources.ts');
  return sdkCredentials(context, plan, options);
}
