import { readFileSync } from 'node:fs';
import type { Environment } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { expandPath } from '../../profiles/file-location.ts';
import {
  defaultRegion,
  type Partition,
  partitionOfArn,
  partitionOfRegion,
} from '../../profiles/partition.ts';
import { placeText } from '../../profiles/place.ts';
import { printable, quoted } from '../../profiles/printable.ts';
import { type ProfileStore, setting } from '../../profiles/profile-store.ts';
import { switchRegion } from '../../profiles/region.ts';
import {
  endpointUrlOf,
  endpointVariable,
  type RoleChain,
  regionOf,
  type Service,
} from '../../profiles/role-chain.ts';
import { environmentEndpoint } from '../../sessions/session-lines.ts';
import type { StsSettings } from './client-options.ts';
import { callSeconds } from './timeout.ts';

const DEFAULT_ATTEMPTS = 3;

/**
 * Works out how STS is reached for a profile: by the environment, else the profile, else the defaults of its partition.
 * @throws AwsroleError kind `configuration` for a region of another partition, or an unreadable ca_bundle
 */
export function stsSettings(env: Environment, store: ProfileStore, chain: RoleChain): StsSettings {
  return serviceSettings(env, store, chain.profile, 'sts', stsRegion(env, store, chain));
}

/**
 * Works out how a service of AWS is reached for a profile.
 * @throws AwsroleError kind `configuration` for an endpoint that is no URL, or an unreadable ca_bundle
 */
export function serviceSettings(
  env: Environment,
  store: ProfileStore,
  profile: string,
  service: Service,
  region: string,
): StsSettings {
  const configured = (key: string): string | undefined => setting(store, profile, key)?.value;
  return settings(env, configured, service, endpointUrlOf(store, profile, service)?.value, region);
}

/**
 * Works out how STS is reached with the keys in the environment, whose variables say all there is to say.
 * @throws AwsroleError kind `configuration` where the region is of another partition than the role that is held
 */
export function environmentStsSettings(env: Environment): StsSettings {
  return environmentSettings(env, 'sts');
}

/**
 * Works out how a service of AWS is reached with the keys in the environment.
 * @throws AwsroleError as {@link environmentStsSettings}
 */
export function environmentSettings(env: Environment, service: Service): StsSettings {
  const partition = partitionOfArn(env.AWSROLE_ROLE_ARN ?? env.AWSROLE_MFA_SERIAL ?? '') ?? 'aws';
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || defaultRegion(partition);
  const other = partitionOfRegion(region);
  const isRole = env.AWSROLE_ROLE_ARN && env.AWS_ACCESS_KEY_ID === env.AWSROLE_ACCESS_KEY_ID;
  if (isRole && other !== undefined && other !== partition) {
    const name = env.AWS_REGION ? 'AWS_REGION' : 'AWS_DEFAULT_REGION';
    throw new AwsroleError(
      'configuration',
      `${name} is ${printable(region)}, in partition ${other}, but the role of this shell is in ${partition}, so its keys do not work there`,
      { hint: `set it to a region of ${partition}, such as ${defaultRegion(partition)}` },
    );
  }
  return settings(env, () => undefined, service, undefined, region);
}

/** AWS's own domains, those of dual stack included. */
const OF_AWS = /(^|\.)(amazonaws\.(com|com\.cn|eu)|api\.aws|api\.amazonwebservices\.(com\.cn|eu))$/;

/**
 * Refuses to send a session of another STS than AWS's to AWS: where the STS is one of a company or a sandbox, the
 * endpoint of the other service has to be said as well.
 * @throws AwsroleError kind `configuration`
 */
export function checkSameCloud(service: Service, settings: StsSettings, sts: StsSettings): void {
  if (settings.endpoint !== undefined || sts.endpoint === undefined) return;
  if (OF_AWS.test(new URL(sts.endpoint).hostname)) return;
  const called = service === 'signin' ? 'sign-in page' : service.toUpperCase();
  throw new AwsroleError(
    'configuration',
    `STS is ${printable(sts.endpoint)} here, and its ${called} is not known`,
    { hint: `set ${endpointVariable(service)} as well` },
  );
}

function settings(
  env: Environment,
  profileSetting: (key: string) => string | undefined,
  service: Service,
  profileEndpoint: string | undefined,
  region: string,
): StsSettings {
  const configured = (variable: string, key: string): string | undefined =>
    env[variable] || profileSetting(key) || undefined;
  const isOn = (variable: string, key: string): boolean =>
    configured(variable, key)?.toLowerCase() === 'true';
  const attempts = Number(configured('AWS_MAX_ATTEMPTS', 'max_attempts'));
  const ignored = env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS?.toLowerCase() === 'true';
  const endpoint = ignored ? '' : environmentEndpoint(env, service) || profileEndpoint;
  if (endpoint && !/^https?:\/\/[^\s]+$/.test(endpoint)) {
    const name = service.toUpperCase().replace('_', ' ');
    throw new AwsroleError(
      'configuration',
      `the ${name} endpoint ${quoted(endpoint)} is not an http(s) URL`,
      {
        hint: `correct ${endpointVariable(service)}, AWS_ENDPOINT_URL or endpoint_url`,
      },
    );
  }
  return {
    region,
    endpoint: endpoint || undefined,
    // A configured endpoint is used as it is.
    useFipsEndpoint: !endpoint && isOn('AWS_USE_FIPS_ENDPOINT', 'use_fips_endpoint'),
    useDualstackEndpoint: !endpoint && isOn('AWS_USE_DUALSTACK_ENDPOINT', 'use_dualstack_endpoint'),
    // Only version 1 of the AWS CLI still reads this; it is here for those who rely on it.
    useGlobalEndpoint:
      !endpoint && configured('AWS_STS_REGIONAL_ENDPOINTS', 'sts_regional_endpoints') === 'legacy',
    disableClockSkewCorrection: isOn('AWS_DISABLE_CLOCK_SKEW_CORRECTION', 'disable_clock_skew_correction'),
    callSeconds: callSeconds(env),
    maxAttempts: Number.isSafeInteger(attempts) && attempts > 0 ? attempts : DEFAULT_ATTEMPTS,
    caBundle: endpoint?.startsWith('http:') ? undefined : caBundleOf(env, profileSetting('ca_bundle')),
  };
}

/** Returns the partition of a chain: that of its last role; without a role, that of the MFA device or the region. */
export function partitionOf(store: ProfileStore, chain: RoleChain): Partition {
  const { hops, source } = chain;
  const role = hops.at(-1) ?? (source.kind === 'web-identity' ? source : undefined);
  // A device made of hardware has no ARN.
  const arn = role?.roleArn.value ?? chain.mfa?.serial.value;
  const region = regionOf(store, chain)?.value;
  return (arn && partitionOfArn(arn)) || (region && partitionOfRegion(region)) || 'aws';
}

function stsRegion(env: Environment, store: ProfileStore, chain: RoleChain): string {
  const { region, from } = switchRegion(store, chain, env);
  if (region !== undefined && from === 'profile' && !/^[A-Za-z0-9-]{1,63}$/.test(region.value)) {
    throw new AwsroleError(
      'configuration',
      `${quoted(region.value)} is not a region (${placeText(region)})`,
      {
        hint: `a region looks like ${defaultRegion(partitionOf(store, chain))}`,
      },
    );
  }
  // What has no form of AWS's has no STS either.
  const isAws = region !== undefined && from !== 'default' && partitionOfRegion(region.value) !== undefined;
  return isAws ? region.value : defaultRegion(partitionOf(store, chain));
}

/** Reads the certificates to trust, from the file that the AWS CLI would take. */
function caBundleOf(env: Environment, ofProfile: string | undefined): string | undefined {
  const named = {
    AWS_CA_BUNDLE: env.AWS_CA_BUNDLE,
    ca_bundle: ofProfile,
    REQUESTS_CA_BUNDLE: env.REQUESTS_CA_BUNDLE,
  };
  const [by, path] = Object.entries(named).find(([, value]) => value) ?? [];
  return by && path ? readCaBundle(by, expandPath(path, env, process.platform)) : undefined;
}

function readCaBundle(by: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AwsroleError(
      'configuration',
      `the CA bundle ${printable(path)} cannot be read: ${printable((error as Error).message)}`,
      { hint: `correct ${by}`, cause: error },
    );
  }
}
