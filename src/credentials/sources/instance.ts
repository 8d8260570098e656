import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { setting } from '../../profiles/profile-store.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { Plan } from '../plan.ts';
import { networkReason } from '../sts/refusal.ts';
import type { GivenCredentials } from './given-credentials.ts';
import {
  attempt,
  isMetadataRefusal,
  MetadataError,
  type MetadataRequest,
  metadata,
  metadataCredentials,
} from './metadata-request.ts';

const ADDRESSES = { IPv4: 'http://169.254.169.254', IPv6: 'http://[fd00:ec2::254]' } as const;
const TIMEOUT_SECONDS = 1;
const ATTEMPTS = 2;
const ROLE_PATH = '/latest/meta-data/iam/security-credentials/';
const TOKEN_PATH = '/latest/api/token';
const TOKEN_SECONDS = '21600';
/**
 * Seconds for which an instance may use credentials that have ended when AWS has no newer ones (the SDKs' "static
 * stability").
 */
const EXTENSION_SECONDS = 300;

/** The value of a setting, and the variable or line that it is from, for messages. */
interface Said {
  readonly value: string;
  readonly by: string;
}

/**
 * Gets the credentials of the EC2 instance that we run on (`credential_source = Ec2InstanceMetadata`).
 * @throws AwsroleError
 */
export async function instanceCredentials(
  context: Context,
  { store, chain }: Plan,
): Promise<GivenCredentials> {
  const { env } = context;
  const said = (variable: string, key: string): Said | undefined => {
    if (env[variable]) return { value: env[variable], by: variable };
    const property = setting(store, chain.profile, key);
    return property?.value ? { value: property.value, by: `${key}, ${placeText(property)}` } : undefined;
  };
  const number = (value: Said | undefined, otherwise: number): number => {
    if (value === undefined) return otherwise;
    if (/^\d{1,4}$/.test(value.value) && Number(value.value) > 0) return Number(value.value);
    throw badSetting(value, 'write a whole number');
  };
  if (env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === 'true') {
    throw new AwsroleError(
      'configuration',
      `profile ${printable(chain.source.profile)} uses the credentials of its EC2 instance (credential_source), but AWS_EC2_METADATA_DISABLED is true`,
      { hint: 'unset AWS_EC2_METADATA_DISABLED' },
    );
  }
  const endpoint = said('AWS_EC2_METADATA_SERVICE_ENDPOINT', 'ec2_metadata_service_endpoint');
  if (endpoint !== undefined && !URL.canParse(endpoint.value)) throw badSetting(endpoint, 'write a URL');
  const mode = said('AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE', 'ec2_metadata_service_endpoint_mode');
  const version = modeOf(mode);
  const url = endpoint?.value ?? ADDRESSES[version];
  const noV1 = said('AWS_EC2_METADATA_V1_DISABLED', 'ec2_metadata_v1_disabled')?.value.toLowerCase();
  const seconds = number(said('AWS_METADATA_SERVICE_TIMEOUT', 'metadata_service_timeout'), TIMEOUT_SECONDS);
  const attempts = number(
    said('AWS_METADATA_SERVICE_NUM_ATTEMPTS', 'metadata_service_num_attempts'),
    ATTEMPTS,
  );
  context.debug(`instance metadata of ${url}`);
  try {
    const asked = askInstance(url, attempts, noV1 === 'true', {
      seconds,
      setting: 'metadata_service_timeout',
    });
    const given = await withWaitingNotice(context, `an answer from the instance metadata (${url})`, asked);
    const now = Math.floor(context.now() / 1000);
    if (given.expires === undefined || given.expires > now) return given;
    context.warn('the instance metadata gave credentials that have expired');
    return { ...given, expires: now + EXTENSION_SECONDS };
  } catch (error) {
    throw explain(error, url);
  }
}

/** Asks by version 2, with a token; where there is no token, by version 1 without one, as the SDKs do. */
async function askInstance(
  endpoint: string,
  attempts: number,
  noV1: boolean,
  limits: MetadataRequest,
): Promise<GivenCredentials> {
  const ask = (path: string, more?: Partial<MetadataRequest>): Promise<string> =>
    metadata(new URL(path, endpoint), { ...limits, ...more });
  const headers: Record<string, string> = {};
  try {
    headers['x-aws-ec2-metadata-token'] = await ask(TOKEN_PATH, {
      method: 'PUT',
      headers: { 'x-aws-ec2-metadata-token-ttl-seconds': TOKEN_SECONDS },
    });
  } catch (error) {
    if (noV1 && networkReason(error) === undefined) throw new NoTokenError('no token', { cause: error });
    if (noV1 || (error instanceof MetadataError && error.status === 400)) throw error;
  }
  const role = await attempt(attempts, 0, () => ask(ROLE_PATH, { headers }));
  return attempt(attempts, 0, async () =>
    metadataCredentials(await ask(`${ROLE_PATH}${role.trim()}`, { headers })),
  );
}

/** There is no token for version 2, and version 1 is not allowed. */
class NoTokenError extends Error {}

function modeOf(mode: Said | undefined): keyof typeof ADDRESSES {
  if (mode === undefined) return 'IPv4';
  const version = (['IPv4', 'IPv6'] as const).find((one) => one.toLowerCase() === mode.value.toLowerCase());
  if (version === undefined) throw badSetting(mode, 'write IPv4 or IPv6');
  return version;
}

function badSetting({ value, by }: Said, hint: string): AwsroleError {
  return new AwsroleError('configuration', `${quoted(value)} is not usable (${by})`, { hint });
}

function explain(error: unknown, url: string): AwsroleError {
  const host = `the instance metadata (${printable(url)})`;
  if (error instanceof NoTokenError) {
    return new AwsroleError(
      'network',
      `${host} gives no token, and version 1, which needs none, is not allowed here`,
      { hint: 'is this an EC2 instance? For a container, its hop limit must be 2', cause: error },
    );
  }
  if (isMetadataRefusal(error)) {
    return error.status === 404
      ? new AwsroleError('refused', `${host} has no role for this instance`, {
          hint: 'give the instance a role (instance profile) in EC2',
          cause: error,
        })
      : new AwsroleError('refused', `${host} refuses (HTTP ${error.status})`, {
          hint: 'the metadata may be turned off for this instance, or need a higher hop limit (containers)',
          cause: error,
        });
  }
  const why = networkReason(error) ?? `gave no credentials: ${printable((error as Error).message)}`;
  return new AwsroleError('network', `${host} ${why}`, {
    hint: 'only an EC2 instance has one: is this one?',
    cause: error,
  });
}
