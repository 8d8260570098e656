import { fromInstanceMetadata } from '@smithy/credential-provider-imds';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { setting } from '../../profiles/profile-store.ts';
import { announced } from '../announced.ts';
import type { SourceCall } from './fetch-source.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';
import { collectFailures, isolateSdk } from './sdk-isolation.ts';

const ADDRESSES = { IPv4: 'http://169.254.169.254', IPv6: 'http://[fd00:ec2::254]' } as const;
const TIMEOUT_SECONDS = 1;
const RETRIES = 1;

/** A setting, and what said it, for messages. */
interface Said {
  readonly value: string;
  readonly by: string;
}

/**
 * The credentials of the EC2 instance that we run on (`credential_source = Ec2InstanceMetadata`).
 * @throws AwsroleError
 */
export async function instanceCredentials(
  context: Context,
  { store, profile, source }: SourceCall,
): Promise<GivenCredentials> {
  const { env } = context;
  const said = (variable: string, key: string): Said | undefined => {
    if (env[variable]) return { value: env[variable], by: variable };
    const property = setting(store, profile, key);
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
      `profile ${printable(source.profile)} takes the credentials of its EC2 instance (credential_source), and AWS_EC2_METADATA_DISABLED is true`,
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
    RETRIES + 1,
  );
  isolateSdk('', {
    AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint?.value,
    AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: version,
    AWS_EC2_METADATA_V1_DISABLED: noV1 === 'true' ? 'true' : undefined,
  });
  context.debug(`instance metadata of ${url}`);
  const provide = fromInstanceMetadata({
    timeout: seconds * 1000,
    maxRetries: attempts - 1,
    logger: collectFailures(context).logger,
  });
  try {
    return givenCredentials(
      await announced(context, `an answer of the instance metadata (${url})`, provide()),
    );
  } catch (error) {
    throw explain(error, url);
  }
}

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
  const { statusCode, message = '', name } = error as Error & { statusCode?: number };
  const host = `the instance metadata (${printable(url)})`;
  if (statusCode === 404) {
    return new AwsroleError('refused', `${host} knows no role of this instance`, {
      hint: 'give the instance a role (instance profile) in EC2',
      cause: error,
    });
  }
  if (statusCode !== undefined && statusCode < 500) {
    return new AwsroleError('refused', `${host} refuses (HTTP ${statusCode})`, {
      hint: 'the metadata may be turned off for this instance, or ask for IMDSv2 with more hops (containers)',
      cause: error,
    });
  }
  if (name === 'InstanceMetadataV1FallbackError') {
    return new AwsroleError(
      'network',
      `${host} gives no token, and version 1 without one is not allowed here`,
      {
        hint: 'are we on an EC2 instance? In a container, its hop limit must be 2',
        cause: error,
      },
    );
  }
  const [text = ''] = message.trim().split('\n', 1);
  const why = error instanceof SyntaxError ? 'its answer is no JSON' : printable(text);
  return new AwsroleError('network', `${host} gave no credentials: ${why}`, {
    hint: 'only an EC2 instance has one: is this one?',
    cause: error,
  });
}
