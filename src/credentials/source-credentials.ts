import { AwsroleError } from '../errors.ts';
import { quoted } from '../profiles/printable.ts';
import type { RoleChain } from '../profiles/role-chain.ts';
import type { Keys } from './sts-client.ts';

/**
 * The keys a chain starts from.
 * @throws AwsroleError kind `configuration` for a source that this version cannot fetch from
 */
export function sourceKeys(chain: RoleChain): Keys {
  const { source } = chain;
  if (source.kind === 'keys') {
    return {
      accessKeyId: source.accessKeyId.value,
      secretAccessKey: source.secretAccessKey.value,
      sessionToken: source.sessionToken?.value,
    };
  }
  throw new AwsroleError(
    'configuration',
    `profile ${quoted(source.profile)} gets its credentials by ${source.kind}, which awsrole does not support yet`,
    { hint: 'profiles that end in aws_access_key_id and aws_secret_access_key work' },
  );
}
