import type { Context } from '../context.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { AwsroleError } from '../errors.ts';

/**
 * Returns the keys that this shell holds.
 * @throws AwsroleError kind `configuration` when it holds none
 */
export function shellKeys({ env }: Context, hint = 'switch first: awsrole PROFILE'): Keys {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new AwsroleError('configuration', 'this shell holds no AWS keys', { hint });
  }
  return { accessKeyId, secretAccessKey, sessionToken: env.AWS_SESSION_TOKEN || undefined };
}
