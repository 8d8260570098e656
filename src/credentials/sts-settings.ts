import { readFileSync } from 'node:fs';
import type { Environment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { defaultRegion, type Partition, partitionOfArn, partitionOfRegion } from '../profiles/partition.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { type ProfileStore, setting } from '../profiles/profile-store.ts';
import { endpointUrlOf, type RoleChain, regionOf } from '../profiles/role-chain.ts';
import { environmentEndpoint } from '../sessions/session-lines.ts';
import type { StsSettings } from './sts-client.ts';

const DEFAULT_ATTEMPTS = 3;

/**
 * How STS is reached for a profile: what the environment says, else the profile, else what its partition has.
 * @throws AwsroleError kind `configuration` for a region of another partition, or an unreadable ca_bundle
 */
export function stsSettings(env: Environment, store: ProfileStore, chain: RoleChain): StsSettings {
  const configured = (key: string): string | undefined => setting(store, chain.profile, key)?.value;
  return settings(
    env,
    configured,
    endpointUrlOf(store, chain.profile, 'sts')?.value,
    stsRegion(env, store, chain),
  );
}

/** How STS is reached for the keys in the environment, whose variables say all there is to say. */
export function environmentStsSettings(env: Environment): StsSettings {
  const partition = partitionOfArn(env.AWSROLE_ROLE_ARN ?? '') ?? 'aws';
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || defaultRegion(partition);
  return settings(env, () => undefined, undefined, region);
}

function settings(
  env: Environment,
  profileSetting: (key: string) => string | undefined,
  profileEndpoint: string | undefined,
  region: string,
): StsSettings {
  const configured = (variable: string, key: string): string | undefined =>
    env[variable] || profileSetting(key) || undefined;
  const isOn = (variable: string, key: string): boolean =>
    configured(variable, key)?.toLowerCase() === 'true';
  const attempts = Number(configured('AWS_MAX_ATTEMPTS', 'max_attempts'));
  const caBundle = configured('AWS_CA_BUNDLE', 'ca_bundle');
  const ignored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true';
  const endpoint = ignored ? '' : environmentEndpoint(env) || profileEndpoint;
  if (endpoint && !/^https?:\/\/[^\s]+$/.test(endpoint)) {
    throw new AwsroleError('configuration', `the STS endpoint ${quoted(endpoint)} is no http(s) URL`, {
      hint: 'correct AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL or endpoint_url',
    });
  }
  return {
    region,
    endpoint: endpoint || undefined,
    // An endpoint of one's own is taken as it is.
    useFipsEndpoint: !endpoint && isOn('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'),
    useDualstackEndpoint: !endpoint && isOn('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'),
    // Only version 1 of the AWS CLI still knows it; it is kept for who has written it down.
    useGlobalEndpoint:
      !endpoint && configured('AWS_STS_REGIONAL_ENDPOINTS', 'sts_regional_endpoints') === 'legacy',
    maxAttempts: Number.isSafeInteger(attempts) && attempts > 0 ? attempts : DEFAULT_ATTEMPTS,
    caBundle: caBundle === undefined || endpoint?.startsWith('http:') ? undefined : readCaBundle(caBundle),
  };
}

/** The partition of a chain: that of its last role; of plain keys, that of their region. */
export function partitionOf(store: ProfileStore, chain: RoleChain): Partition {
  const arn = chain.hops.at(-1)?.roleArn.value;
  const region = regionOf(store, chain)?.value;
  return (arn && partitionOfArn(arn)) || (region && partitionOfRegion(region)) || 'aws';
}

function stsRegion(env: Environment, store: ProfileStore, chain: RoleChain): string {
  const partition = partitionOf(store, chain);
  const region = regionOf(store, chain);
  if (region !== undefined) {
    const other = partitionOfRegion(region.value);
    if (other !== undefined && other !== partition) {
      throw new AwsroleError(
        'configuration',
        `region ${quoted(region.value)} (${region.file}:${region.line}) is of partition ${other}, the role of ${partition}`,
        { hint: `set a region of ${partition}, such as ${defaultRegion(partition)}` },
      );
    }
    if (!/^[A-Za-z0-9-]{1,63}$/.test(region.value)) {
      throw new AwsroleError(
        'configuration',
        `${quoted(region.value)} is no region (${region.file}:${region.line})`,
        { hint: `a region looks like ${defaultRegion(partition)}` },
      );
    }
    return region.value;
  }
  const shell = env.AWS_REGION || env.AWS_DEFAULT_REGION;
  return shell && partitionOfRegion(shell) === partition ? shell : defaultRegion(partition);
}

function readCaBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AwsroleError(
      'configuration',
      `the CA bundle ${printable(path)} cannot be read: ${printable((error as Error).message)}`,
      { hint: 'correct AWS_CA_BUNDLE or ca_bundle', cause: error },
    );
  }
}
