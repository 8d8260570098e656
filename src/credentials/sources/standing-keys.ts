import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { CONTINUED, errorAt, placed } from '../../profiles/place.ts';
import { hasControlCharacter, printable, quoted } from '../../profiles/printable.ts';
import { secondsOfTimestamp } from '../../profiles/timestamp.ts';
import type { EndingKeys } from '../../sessions/session.ts';
import type { Keys } from '../sts/client-options.ts';

type KeysSource = Extract<Source, { kind: 'keys' }>;
type StandingContext = Pick<Context, 'env' | 'now' | 'warn'>;

/**
 * Returns the keys that an AWS file or the environment holds; undefined for a source that has to be asked.
 * @throws AwsroleError kind `configuration` when the environment does not hold them, `sign-in` when they have ended
 */
export function standingKeys(context: StandingContext, source: Source): Keys | EndingKeys | undefined {
  if (source.kind === 'keys') return fileKeys(context, source);
  return source.kind === 'credential-source' && source.credentialSource === 'Environment'
    ? environmentKeys(context, source)
    : undefined;
}

function fileKeys({ now, warn }: StandingContext, source: KeysSource): Keys | EndingKeys {
  const { profile, end } = source;
  for (const property of [source.accessKeyId, source.secretAccessKey, source.sessionToken]) {
    if (property === undefined || !hasControlCharacter(property.value)) continue;
    throw errorAt(
      property,
      `a key of profile ${quoted(profile)} has a control character in it`,
      property.value.includes('\n') ? CONTINUED : 'copy the key again, and nothing else',
    );
  }
  const keys = {
    accessKeyId: source.accessKeyId.value,
    secretAccessKey: source.secretAccessKey.value,
    sessionToken: source.sessionToken?.value,
  };
  if (end === undefined) return keys;
  const { seconds: expires, key, property } = end;
  if (expires === undefined) {
    const what = `${key} of profile ${quoted(profile)} is not a time, so it is not known when its keys expire`;
    warn(placed(property, what));
    return keys;
  }
  if (expires * 1000 <= now()) {
    const what = `the temporary keys of profile ${quoted(profile)} ended at ${printable(property.value)}`;
    throw new AwsroleError('sign-in', placed(property, what), { hint: source.renewal });
  }
  // Nobody renews them before their end, so that is all that has to be watched.
  return { ...keys, expires, obtained: expires };
}

function environmentKeys(
  { env, now }: StandingContext,
  { profile, property }: Extract<Source, { kind: 'credential-source' }>,
): Keys {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    // Like the AWS CLI, which still knows the older name and prefers it.
    const sessionToken = env.AWS_SECURITY_TOKEN || env.AWS_SESSION_TOKEN || undefined;
    if ([accessKeyId, secretAccessKey, sessionToken ?? ''].some(hasControlCharacter)) {
      throw errorAt(
        property,
        `profile ${quoted(profile)} takes its keys from the environment, and one of them has a control character in it`,
        'set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again',
      );
    }
    const end = sessionToken && (env.AWS_CREDENTIAL_EXPIRATION || env.AWS_SESSION_EXPIRATION);
    const expires = end ? secondsOfTimestamp(end) : undefined;
    if (end && expires !== undefined && expires * 1000 <= now()) {
      const what = `profile ${quoted(profile)} takes its keys from the environment, but they expired at ${printable(end)}`;
      throw new AwsroleError('sign-in', placed(property, what), {
        hint: 'put new keys into the environment before the switch',
      });
    }
    return { accessKeyId, secretAccessKey, sessionToken };
  }
  const missing = accessKeyId ? 'AWS_SECRET_ACCESS_KEY' : 'AWS_ACCESS_KEY_ID';
  throw errorAt(
    property,
    `profile ${quoted(profile)} takes its keys from the environment, but ${missing} is not set`,
    `set ${missing} before the switch; what an earlier switch has set does not count`,
  );
}
