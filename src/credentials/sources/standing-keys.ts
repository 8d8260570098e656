import type { Environment } from '../../context.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt } from '../../profiles/place.ts';
import { quoted } from '../../profiles/printable.ts';
import type { Keys } from '../sts/client.ts';

/**
 * Returns the keys that an AWS file or the environment holds; undefined for a source that has to be asked.
 * @throws AwsroleError kind `configuration` when the environment does not hold them
 */
export function standingKeys(env: Environment, source: Source): Keys | undefined {
  if (source.kind === 'keys') {
    return {
      accessKeyId: source.accessKeyId.value,
      secretAccessKey: source.secretAccessKey.value,
      sessionToken: source.sessionToken?.value,
    };
  }
  return source.kind === 'credential-source' && source.credentialSource === 'Environment'
    ? environmentKeys(env, source)
    : undefined;
}

function environmentKeys(
  env: Environment,
  { profile, property }: Extract<Source, { kind: 'credential-source' }>,
): Keys {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (accessKeyId && secretAccessKey) {
    // Like the AWS CLI, which still knows the older name and prefers it.
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
