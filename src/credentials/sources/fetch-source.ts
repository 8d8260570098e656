import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { printable } from '../../profiles/printable.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import { describeOwner, underLock } from '../../sessions/lock.ts';
import { PrivateFileError } from '../../sessions/private-file.ts';
import type { Session } from '../../sessions/session.ts';
import { writeSession } from '../../sessions/session-cache.ts';
import type { RoleSessionOptions } from '../role-session.ts';
import { sourceIdentity } from '../source-credentials.ts';
import type { Keys, StsSettings } from '../sts-client.ts';
import { processCredentials } from './process.ts';

// With the lock and the AWS SDK this is heavy: import it lazily, where a source has to be asked.

/** What a source is asked with. */
export interface SourceCall {
  readonly store: ProfileStore;
  /** The one that is switched to, whose settings count; `source.profile` may be another. */
  readonly profile: string;
  readonly source: Source;
  readonly settings: StsSettings;
  /** What its session is kept under. */
  readonly key: string;
  readonly options: RoleSessionOptions;
  /** Looks whether another process has kept a session of this source. */
  readonly poll: () => Session | undefined;
}

/** What a source gave: long-lived keys, or a session with its end in epoch seconds. */
export interface GivenCredentials extends Keys {
  readonly expires?: number | undefined;
}

/** Asks a source, one process at a time, and keeps what it gives if that has an end. @throws AwsroleError */
export async function fetchSourceUnderLock(context: Context, call: SourceCall): Promise<Session | Keys> {
  const { folder } = call.options;
  if (folder === undefined) return fetchAndKeep(context, call);
  const name = createHash('sha256').update(lockedBy(call)).digest('hex').slice(0, 32);
  try {
    return await underLock<Session | Keys>(join(folder, 'locks', name), {
      doing: `gets the credentials of profile ${call.source.profile}`,
      poll: call.poll,
      onWait: (owner) => context.stderr.write(`waiting: ${describeOwner(owner)}; Ctrl-C gives up\n`),
      work: () => fetchAndKeep(context, call),
    });
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.stderr.write(`awsrole: no lock: ${printable(error.message)}\n`);
    return fetchAndKeep(context, call);
  }
}

async function fetchAndKeep(context: Context, call: SourceCall): Promise<Session | Keys> {
  const { accessKeyId, secretAccessKey, sessionToken, expires } = await fetchFrom(context, call);
  if (expires === undefined || sessionToken === undefined)
    return { accessKeyId, secretAccessKey, sessionToken };
  const obtained = Math.floor(context.now() / 1000);
  const session = { accessKeyId, secretAccessKey, sessionToken, expires, obtained };
  const { source, options, key } = call;
  // An instance and a container give theirs at any time, and to others than us too.
  if (options.folder !== undefined && source.kind !== 'credential-source') {
    const kept = { ...session, profile: source.profile, roleArn: sourceIdentity(source, context.env) };
    try {
      writeSession(options.folder, key, kept);
    } catch (error) {
      if (!(error instanceof PrivateFileError)) throw error;
      context.debug(`the credentials of the source are not kept: ${error.message}`);
    }
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
