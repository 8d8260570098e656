import { IAMClient, ListMFADevicesCommand } from '@aws-sdk/client-iam';
import { clientOptions, type Keys, type StsSettings } from '../sts/client-options.ts';
import { requestHandler } from '../sts/http.ts';

// Loads the SDK's IAM client: import it lazily, where IAM has to be asked.

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
