import {
  CreateAccessKeyCommand,
  DeleteAccessKeyCommand,
  GetAccessKeyLastUsedCommand,
  IAMClient,
  ListAccessKeysCommand,
  ListMFADevicesCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import type { KeyPair } from '../../keys/key-store.ts';
import type { LastUse, ListedKey } from '../../keys/rotate.ts';
import { clientOptions, type Keys, type StsSettings } from '../sts/client-options.ts';
import { requestHandler } from '../sts/http.ts';

// The only module that loads the SDK's IAM client: import it lazily, where IAM has to be asked.

/**
 * Lists the MFA devices of the user whose keys these are: serial numbers and ARNs, those of security keys included.
 * @throws the SDK's errors, unchanged
 */
export async function listMfaDevices(settings: StsSettings, keys: Keys): Promise<string[]> {
  const client = await iamClient(settings, keys);
  try {
    const { MFADevices = [] } = await client.send(new ListMFADevicesCommand({}));
    return MFADevices.flatMap(({ SerialNumber }) => (SerialNumber ? [SerialNumber] : []));
  } finally {
    client.destroy();
  }
}

/** Makes a client of IAM; whoever uses it has to destroy it. */
export async function iamClient(settings: StsSettings, keys: Keys): Promise<IAMClient> {
  const handler = await requestHandler(() => iamUrl(settings), settings);
  return new IAMClient(clientOptions(settings, keys, handler));
}

/** Lists the access keys of the user. */
export async function listAccessKeys(client: IAMClient): Promise<ListedKey[]> {
  const { AccessKeyMetadata = [] } = await client.send(new ListAccessKeysCommand({}));
  return Promise.all(
    AccessKeyMetadata.map(async ({ AccessKeyId = '', Status, CreateDate, UserName }) => ({
      accessKeyId: AccessKeyId,
      active: Status === 'Active',
      userName: UserName,
      created: CreateDate?.toISOString(),
      lastUse: await lastUseOf(client, AccessKeyId),
    })),
  );
}

async function lastUseOf(client: IAMClient, AccessKeyId: string): Promise<LastUse> {
  try {
    const { AccessKeyLastUsed } = await client.send(new GetAccessKeyLastUsedCommand({ AccessKeyId }));
    if (AccessKeyLastUsed === undefined) return 'unknown';
    const { LastUsedDate, ServiceName, Region } = AccessKeyLastUsed;
    if (LastUsedDate === undefined) return 'never';
    const places = [ServiceName, Region].filter((name) => name !== undefined && name !== 'N/A');
    return { date: LastUsedDate.toISOString(), where: places.join(', ') || undefined };
  } catch {
    return 'unknown'; // a user may not be allowed to ask
  }
}

/** Makes an access key for the user. */
export async function createAccessKey(client: IAMClient): Promise<KeyPair> {
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({}));
  const { AccessKeyId, SecretAccessKey } = AccessKey ?? {};
  if (AccessKeyId && SecretAccessKey) return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey };
  throw new Error('the answer has no keys in it');
}

/** Makes an access key active or inactive. */
export async function setAccessKeyActive(client: IAMClient, id: string, active: boolean): Promise<void> {
  await client.send(new UpdateAccessKeyCommand({ AccessKeyId: id, Status: active ? 'Active' : 'Inactive' }));
}

/** Deletes an access key; one that is gone already is no mistake. */
export async function deleteAccessKey(client: IAMClient, id: string): Promise<void> {
  try {
    await client.send(new DeleteAccessKeyCommand({ AccessKeyId: id }));
  } catch (error) {
    if ((error as Error).name !== 'NoSuchEntityException') throw error;
  }
}

/** Returns the URL of IAM by the SDK's own rules. Calls nobody. @throws the SDK's error where there is none */
function iamUrl(settings: StsSettings): string {
  if (settings.endpoint !== undefined) return settings.endpoint;
  const client = new IAMClient(clientOptions(settings, { accessKeyId: '-', secretAccessKey: '-' }));
  const { url } = client.config.endpointProvider({
    Region: settings.region,
    UseFIPS: settings.useFipsEndpoint,
    UseDualStack: settings.useDualstackEndpoint,
  });
  return url.origin;
}
