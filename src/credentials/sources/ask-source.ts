import type { Context } from '../../context.ts';
import { bestEffort } from '../../sessions/private-file.ts';
import type { Session } from '../../sessions/session.ts';
import { writeSession } from '../../sessions/session-cache.ts';
import { oneAtATime } from '../one-at-a-time.ts';
import type { Keys } from '../sts/client.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { sourceIdentity } from './identity.ts';
import { processCredentials } from './process.ts';
import type { SourceCall } from './source-call.ts';

// With the lock and the AWS SDK this is heavy: import it lazily, where a source has to be asked.

/** Asks a source, one process at a time, and keeps what it gives if that has an end. @throws AwsroleError */
export function fetchSourceUnderLock(context: Context, call: SourceCall): Promise<Session | Keys> {
  return oneAtATime<Session | Keys>(context, call.options.folder, lockedBy(call), {
    doing: `gets the credentials of profile ${call.source.profile}`,
    poll: call.poll,
    work: () => fetchAndKeep(context, call),
  });
}

async function fetchAndKeep(context: Context, call: SourceCall): Promise<Session | Keys> {
  const { accessKeyId, secretAccessKey, sessionToken, expires } = await fetchFrom(context, call);
  if (expires === undefined || sessionToken === undefined)
    return { accessKeyId, secretAccessKey, sessionToken };
  const obtained = Math.floor(context.now() / 1000);
  const session = { accessKeyId, secretAccessKey, sessionToken, expires, obtained };
  const { source, options, key } = call;
  // An instance and a container give theirs at any time, and to others than us too.
  const { folder } = options;
  if (folder !== undefined && source.kind !== 'credential-source') {
    const kept = { ...session, profile: source.profile, roleArn: sourceIdentity(source, context.env) };
    bestEffort(context.debug, 'the credentials of the source are not kept', () =>
      writeSession(folder, key, kept),
    );
  }
  return session;
}

/** What only one process at a time may use: a refresh token serves many roles, and may work once. */
function lockedBy({ source, key }: SourceCall): string {
  if (source.kind === 'sso') return `sso ${source.session?.value ?? source.startUrl.value}`;
  return source.kind === 'login-session' ? `login ${source.session.value}` : key;
}

/** Asks the source itself. @throws AwsroleError */
async function fetchFrom(context: Context, call: SourceCall): Promise<GivenCredentials> {
  if (call.source.kind === 'credential-process') return processCredentials(context, call.source);
  const { sdkCredentials } = await import('./sdk-sources.ts');
  return sdkCredentials(context, call);
}
