import { AwsroleError } from '../errors.ts';
import { credentialSourceOf, hasKeys, type Source, sourceOf } from './chain-source.ts';
import { didYouMean } from './closest-names.ts';
import { listOf } from './list-setting.ts';
import { type ChainMfa, mfaOf } from './mfa-device.ts';
import { CONTINUED, errorAt, quotesHint } from './place.ts';
import { printable, quoted } from './printable.ts';
import { type Profile, type ProfileStore, setting } from './profile-store.ts';
import type { Problem, Property, Section } from './shared-config-file.ts';

/** Settings that only flags can make: the keys of a file are in lower case, so none of them is one of these. */
export const POLICY = 'Policy';
export const POLICY_ARNS = 'PolicyArns';

/** One AssumeRole call, with the unchecked values of its profile: see `checkHop`. */
export interface Hop {
  readonly profile: string;
  readonly roleArn: Property;
  readonly externalId?: Property;
  readonly roleSessionName?: Property;
  readonly durationSeconds?: Property;
  /** The source identity and the tags are aws-vault's words, which the AWS CLI does not know. */
  readonly sourceIdentity?: Property;
  /** Each is `KEY=VALUE`. */
  readonly tags?: readonly Property[];
  readonly transitiveTagKeys?: readonly Property[];
  /** JSON. Like the ARNs, it comes only from a flag. */
  readonly policy?: Property;
  readonly policyArns?: readonly Property[];
}

/** The way to the credentials of a profile: from `source` through each of `hops` in order. */
export interface RoleChain extends ChainMfa {
  readonly profile: string;
  readonly source: Source;
  readonly hops: readonly Hop[];
  /** Every profile on the way, the one asked for first, the one with the source last. */
  readonly profiles: readonly string[];
}

/**
 * Works out how to get the credentials of a profile, as `aws --profile NAME` does (botocore's AssumeRoleProvider and
 * ProfileProviderBuilder): a `role_arn` is assumed with the credentials of its `source_profile` or `credential_source`;
 * in a source profile, keys come before its own `role_arn`. Values are only looked at as far as this needs.
 * @throws AwsroleError kind `configuration`, naming file and line, for whatever leads nowhere: and for any line of a
 * profile on the way that could not be read.
 */
export function resolveRoleChain(store: ProfileStore, name: string): RoleChain {
  const hops: Hop[] = [];
  let first: Profile | undefined;
  const profiles: string[] = [];
  refuseUnreadable(store, name);
  const asked = store.profiles.get(name) ?? missingProfile(store, name);
  let profile = asked;
  for (;;) {
    profiles.push(profile.name);
    const { properties } = profile;
    const roleArn = properties.get('role_arn');
    const keysFirst = profiles.length > 1 && hasKeys(profile);
    if (roleArn === undefined || properties.has('web_identity_token_file') || keysFirst) break;
    hops.unshift(hopOf(profile, roleArn));
    first = profile;

    const sourceProfile = properties.get('source_profile');
    const credentialSource = properties.get('credential_source');
    if (sourceProfile && credentialSource) {
      throw errorAt(
        later(sourceProfile, credentialSource),
        `profile ${quoted(profile.name)} contains both source_profile and credential_source`,
        'delete one of them',
      );
    }
    if (credentialSource) {
      const source = credentialSourceOf(profile, credentialSource);
      return { profile: name, source, hops, profiles, ...mfaOf(asked, first, profile, source) };
    }
    if (sourceProfile === undefined) {
      throw errorAt(
        roleArn,
        `profile ${quoted(profile.name)} has a role_arn but neither source_profile nor credential_source`,
        `say whose keys to assume the role with, such as source_profile = ${hasKeys(profile) ? printable(profile.name) : 'default'}`,
      );
    }
    if (sourceProfile.value === profile.name && hasKeys(profile)) break;
    if (profiles.includes(sourceProfile.value)) {
      const circle = [...profiles, sourceProfile.value].map(quoted).join(' → ');
      throw errorAt(
        sourceProfile,
        `the source profiles form an infinite loop: ${circle}`,
        'make source_profile name a profile with keys',
      );
    }
    refuseUnreadable(store, sourceProfile.value);
    profile = store.profiles.get(sourceProfile.value) ?? missingSource(store, profile, sourceProfile);
  }
  const source = sourceOf(store, profile);
  return { profile: name, source, hops, profiles, ...mfaOf(asked, first, profile, source) };
}

/** Separates the problems in the profiles of a chain (only warnings, else there would be no chain) from all others. */
export function problemsFor(
  store: ProfileStore,
  chain: RoleChain,
): { inChain: Problem[]; elsewhere: Problem[] } {
  const inChain: Problem[] = [];
  const elsewhere: Problem[] = [];
  for (const problem of store.problems) {
    const ours = problem.profile !== undefined && chain.profiles.includes(problem.profile);
    (ours ? inChain : elsewhere).push(problem);
  }
  return { inChain, elsewhere };
}

/**
 * Returns the region of the first profile in the chain that has one: the role's, else its source profile's, and so on.
 */
export function regionOf(store: ProfileStore, chain: RoleChain): Property | undefined {
  return chain.profiles.map((profile) => setting(store, profile, 'region')).find((region) => region?.value);
}

/**
 * Returns the [services] section of a profile; undefined when it names none.
 * @throws AwsroleError kind `configuration` when that section does not exist
 */
export function servicesOf(store: ProfileStore, profile: string): Section | undefined {
  const services = setting(store, profile, 'services');
  const section = services && store.services.get(services.value);
  if (services && !section) {
    throw errorAt(
      services,
      `profile ${quoted(profile)} refers to [services ${quoted(services.value)}], which does not exist${store.absent}`,
      quotesHint(services.value) ??
        didYouMean(services.value, store.services.keys()) ??
        'add that section to the config file, or delete this line',
    );
  }
  return section;
}

/** The services that awsrole itself calls, as a [services] section names them. */
export type Service = 'sts' | 'iam' | 'sso' | 'sso_oidc' | 'signin';

/**
 * Returns the variable for the endpoint of a service, by its name in a [services] section such as `elastic_beanstalk`.
 */
export function endpointVariable(service: string): string | undefined {
  return /^[a-z0-9_]+$/.test(service) ? `AWS_ENDPOINT_URL_${service.toUpperCase()}` : undefined;
}

/**
 * Returns the endpoint that a profile sets for a service: `endpoint_url` of the service in its [services] section, else
 * its own. Undefined when it sets `ignore_configured_endpoint_urls`. The caller looks at environment variables first.
 * @throws AwsroleError kind `configuration` when the [services] section does not exist.
 */
export function endpointUrlOf(store: ProfileStore, profile: string, service: Service): Property | undefined {
  if (setting(store, profile, 'ignore_configured_endpoint_urls')?.value.toLowerCase() === 'true')
    return undefined;
  const own = servicesOf(store, profile)?.properties.get(service)?.nested?.get('endpoint_url');
  return [own, setting(store, profile, 'endpoint_url')].find((url) => url?.value);
}

/** Returns the property that is further down in the file, for an error to name. */
function later(a: Property, b: Property): Property {
  return (a.line ?? 0) > (b.line ?? 0) ? a : b;
}

/**
 * Refuses a profile with a line that could not be read: that may be the line with the role, so nothing is guessed from
 * the rest.
 */
function refuseUnreadable(store: ProfileStore, profile: string): void {
  const problem = store.problems.find((one) => one.severity === 'error' && one.profile === profile);
  if (problem) throw errorAt(problem, problem.message, problem.hint);
}

/** Explains why there is no such profile: its header may be a line that is ignored. */
function missing(
  store: ProfileStore,
  name: string,
  message: string,
  place: Property | undefined,
): AwsroleError {
  const header = store.problems.find((one) => one.profile === name);
  const similar = name.includes('\n') ? CONTINUED : ((place && quotesHint(name)) ?? closest(store, name));
  // Whole files can be unreadable (UTF-16), and headers.
  const lost = store.problems.find((one) => one.severity === 'error' && one.profile === undefined);
  const cause = header ?? (similar ? undefined : lost);
  if (cause) return errorAt(cause, `${message}: ${cause.message}`, cause.hint);
  if (place) return errorAt(place, message, similar ?? 'make source_profile name a profile that exists');
  return new AwsroleError('configuration', message, { hint: similar });
}

/** What was found out of a file with many profiles, of which each may name the same source that is gone. */
const CLOSEST = new WeakMap<ProfileStore['profiles'], Map<string, string | undefined>>();

function closest({ profiles }: ProfileStore, name: string): string | undefined {
  const known = CLOSEST.get(profiles) ?? new Map<string, string | undefined>();
  CLOSEST.set(profiles, known);
  if (!known.has(name)) known.set(name, didYouMean(name, profiles.keys()));
  return known.get(name);
}

/** Explains why there is no such profile. @throws AwsroleError kind `configuration` */
export function missingProfile(store: ProfileStore, name: string): never {
  const files = store.files.map(printable).join(' and ');
  const where = files === '' ? ': no profiles were defined' : ` in ${files}`;
  throw missing(store, name, `there is no profile ${quoted(name)}${where}${store.absent}`, undefined);
}

function missingSource(store: ProfileStore, profile: Profile, source: Property): never {
  const from = `referenced from profile ${quoted(profile.name)}`;
  throw missing(
    store,
    source.value,
    `could not find source profile ${quoted(source.value)}, ${from}${store.absent}`,
    source,
  );
}

function hopOf({ name, properties }: Profile, roleArn: Property): Hop {
  const externalId = properties.get('external_id');
  const roleSessionName = properties.get('role_session_name');
  const durationSeconds = properties.get('duration_seconds');
  const sourceIdentity = properties.get('source_identity');
  const tags = properties.get('session_tags');
  const transitiveTagKeys = properties.get('transitive_session_tags');
  const policy = properties.get(POLICY);
  const policyArns = properties.get(POLICY_ARNS);
  return {
    profile: name,
    roleArn,
    ...(externalId && { externalId }),
    ...(roleSessionName && { roleSessionName }),
    ...(durationSeconds && { durationSeconds }),
    ...(sourceIdentity && { sourceIdentity }),
    ...(tags && { tags: listOf(tags) }),
    ...(transitiveTagKeys && { transitiveTagKeys: listOf(transitiveTagKeys) }),
    ...(policy && { policy }),
    ...(policyArns && { policyArns: listOf(policyArns) }),
  };
}
