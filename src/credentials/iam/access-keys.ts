import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  type IAMClient,
  ListAccessKeysCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AwsroleError } from '../../errors.ts';
import type { KeyPair } from '../../keys/key-store.ts';
import type { KeyService, ListedKey } from '../../keys/rotate.ts';
import { printable } from '../../profiles/printable.ts';
import { getCallerIdentity } from '../sts/client.ts';
import type { Keys, StsSettings } from '../sts/client-options.ts';
import { isDenied } from '../sts/refusal.ts';
import { iamClient } from './client.ts';

// Loads the SDK's IAM client: import it lazily.

const STS_CALL_SECONDS = 10;

/**
 * Makes the calls of a rotation.
 * @param signer keys of the user, or the user's MFA session
 */
export function accessKeyService(iam: StsSettings, sts: StsSettings, signer: Keys): KeyService {
  /** Asks IAM. @throws AwsroleError with IAM's own words */
  const ask = async <T>(
    what: string,
    call: (client: IAMClient) => Promise<T>,
    attempts = iam.maxAttempts,
  ): Promise<T> => {
    const client = await iamClient({ ...iam, maxAttempts: attempts }, signer);
    try {
      return await call(client);
    } catch (error) {
      throw explained(what, error as Error);
    } finally {
      client.destroy();
    }
  };
  return {
    list: () =>
      ask('list the keys', listKeys).catch((error: AwsroleError) => {
        if (isDenied(error.cause)) return undefined;
        throw error;
      }),
    // Once only: an answer that was lost has made a key all the same.
    create: () => ask('make a key', createKey, 1),
    setActive: (AccessKeyId, active) =>
      ask(`make ${AccessKeyId} ${active ? 'active' : 'inactive'}`, async (client) => {
        await client.send(
          new UpdateAccessKeyCommand({ AccessKeyId, Status: active ? 'Active' : 'Inactive' }),
        );
      }),
    delete: (AccessKeyId) =>
      ask(`delete ${AccessKeyId}`, async (client) => {
        await client.send(new DeleteAccessKeyCommand({ AccessKeyId }));
      }),
    works: async (pair) => {
      try {
        await getCallerIdentity({ ...sts, callSeconds: STS_CALL_SECONDS }, pair);
        return true;
      } catch {
        return false; // not yet, or STS does not answer: both are waited for
      }
    },
  };
}

async function listKeys(client: IAMClient): Promise<ListedKey[]> {
  const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({}));
  return Promise.all(
    AccessKeyMetadata.map(async ({ AccessKeyId = '', Status, CreateDate }) => ({
      accessKeyId: AccessKeyId,
      active: Status === 'Active',
      created: CreateDate?.toISOString(),
      lastUsed: await lastUsed(client, AccessKeyId),
    })),
  );
}

async function lastUsed(client: IAMClient, AccessKeyId: string): Promise<string | undefined> {
  try {
    const { AccessKeyLastUsed } = await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
    return AccessKeyLastUsed?.LastUsedDate?.toISOString();
  } catch {
    return undefined; // only for a hint
  }
}

async function createKey(client: IAMClient): Promise<KeyPair> {
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({}));
  const { AccessKeyId, SecretAccessKey } = AccessKey ?? {};
  if (AccessKeyId && SecretAccessKey) return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  throw new Error('the answer has no keys in it');
}

function explained(what: string, error: Error): AwsroleError {
  const kind = '$metadata' in error && '$fault' in error && error.$fault === 'client' ? 'refused' : 'network';
  const hint = isDenied(error)
    ? 'the user needs iam:CreateAccessKey, UpdateAccessKey, ListAccessKeys and DeleteAccessKey for itself; where its policy asks for MFA, the profile needs mfa_serial'
    : 'nothing is lost: the same command goes on where this one has stopped';
  return new AwsroleError(kind, `IAM does not ${what}: ${printable(error.message)}`, { hint, cause: error });
}
