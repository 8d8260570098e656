import { AwsroleError } from '../../errors.ts';
import type { KeyService } from '../../keys/rotate.ts';
import { printable } from '../../profiles/printable.ts';
import { getCallerIdentity } from '../sts/client.ts';
import type { Keys, StsSettings } from '../sts/client-options.ts';
import { isDenied } from '../sts/refusal.ts';
import { createAccessKey, deleteAccessKey, iamClient, listAccessKeys, setAccessKeyActive } from './client.ts';

// Loads the SDK's IAM client: import it lazily.

type IamClient = Awaited<ReturnType<typeof iamClient>>;

const STS_CALL_SECONDS = 10;

/**
 * Makes the calls of a rotation.
 * @param signer keys of the user, or the user's MFA session
 */
export function accessKeyService(iam: StsSettings, sts: StsSettings, signer: Keys): KeyService {
  /** How far this computer's clock is wrong: the SDK learns that from an answer, for a second attempt. */
  let clockOffset = 0;
  /** Asks IAM. @throws AwsroleError with IAM's own words */
  const ask = async <T>(
    what: string,
    call: (client: IamClient) => Promise<T>,
    attempts = iam.maxAttempts,
  ): Promise<T> => {
    const client = await iamClient({ ...iam, maxAttempts: attempts }, signer);
    client.config.systemClockOffset = clockOffset;
    try {
      return await call(client);
    } catch (error) {
      throw explained(what, error as Error, signer.accessKeyId);
    } finally {
      clockOffset = client.config.systemClockOffset;
      client.destroy();
    }
  };
  return {
    list: () =>
      ask('list the keys', listAccessKeys).catch((error: AwsroleError) => {
        if (isDenied(error.cause)) return undefined;
        throw error;
      }),
    // Once only: an answer that was lost has made a key all the same.
    create: () => ask('make a key', createAccessKey, 1),
    setActive: (id, active) =>
      ask(`make ${id} ${active ? 'active' : 'inactive'}`, (client) => setAccessKeyActive(client, id, active)),
    delete: (id) => ask(`delete ${id}`, (client) => deleteAccessKey(client, id)),
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

function explained(what: string, error: Error, accessKeyId: string): AwsroleError {
  const kind = '$metadata' in error && '$fault' in error && error.$fault === 'client' ? 'refused' : 'network';
  return new AwsroleError(kind, `IAM did not ${what}: ${printable(error.message)}`, {
    hint: hintFor(error, accessKeyId),
    cause: error,
  });
}

function hintFor(error: Error, accessKeyId: string): string {
  if (isDenied(error))
    return 'the user needs iam:CreateAccessKey, UpdateAccessKey, ListAccessKeys and DeleteAccessKey for itself; where its policy asks for MFA, the profile needs mfa_serial';
  if (error.name === 'InvalidClientTokenId')
    return `AWS does not know the keys ${accessKeyId}: they were deleted or made inactive there; make them active again in IAM, or store others: awsrole add`;
  return 'nothing is lost: run the same command again, and it continues where this one stopped';
}
