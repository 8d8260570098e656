import { AwsroleError } from '../errors.ts';
import { didYouMean } from './closest-names.ts';
import { secondsOfDuration } from './duration.ts';
import { listOf, tagOf } from './list-setting.ts';
import { MFA_DEVICE } from './mfa-device.ts';
import { type Partition, parseRoleArn, partitionOfArn, partitionOfRegion } from './partition.ts';
import { errorAt } from './place.ts';
import { quoted } from './printable.ts';
import type { Profile, ProfileStore } from './profile-store.ts';
import { partitionOfChain } from './region.ts';
import { POLICY, POLICY_ARNS, type RoleChain, regionOf, resolveRoleChain } from './role-chain.ts';
import type { Property, SaidProperty } from './shared-config-file.ts';

/** What the flags of one switch change in its profile. */
export interface Overrides {
  readonly sourceProfile?: string;
  readonly region?: string;
  /** `1h30m`, `45m`, or seconds. */
  readonly duration?: string;
  readonly sessionName?: string;
  readonly externalId?: string;
  readonly mfaSerial?: string;
  /** No MFA code: the plain keys of a user, a role without MFA. */
  readonly noMfa?: true;
  readonly sourceIdentity?: string;
  /** Each is `KEY=VALUE`. */
  readonly tags?: readonly string[];
  readonly transitiveTags?: readonly string[];
  /** The file's name, and the JSON in it. */
  readonly policy?: { readonly file: string; readonly text: string };
  readonly policyArns?: readonly string[];
}

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Changes the profile of a switch as its flags say. The ARN of a role, or `ACCOUNT:NAME`, becomes a profile too, unless
 * one has that very name.
 * @param env AWS_PROFILE (AWS_DEFAULT_PROFILE) there is whose credentials assume a role that no profile names
 * @throws AwsroleError kind `usage` for a flag that makes no sense, `configuration` for an ARN of something else
 */
export function applyOverrides(
  store: ProfileStore,
  name: string,
  overrides: Overrides,
  env: Variables,
): ProfileStore {
  // In the ordinary switch ten thousand profiles need not be copied.
  if (store.profiles.has(name) && Object.keys(overrides).length === 0) return store;
  const profile = store.profiles.get(name) ?? profileOfRole(store, name, overrides, env);
  if (profile === undefined) return store;
  const properties = new Map([...profile.properties, ...overriding(profile, overrides)]);
  if (overrides.sourceProfile !== undefined) properties.delete('credential_source');
  return { ...store, profiles: new Map([...store.profiles, [name, { ...profile, properties }]]) };
}

/** The flag and the setting of each override. */
const SETTINGS = [
  ['sourceProfile', '--source-profile', 'source_profile'],
  ['region', '--region', 'region'],
  ['sessionName', '--session-name', 'role_session_name'],
  ['externalId', '--external-id', 'external_id'],
  ['mfaSerial', '--mfa-serial', MFA_DEVICE],
  ['sourceIdentity', '--source-identity', 'source_identity'],
] as const;

/** What flags can change where there is no role. */
const OF_EVERY_PROFILE = ['region', MFA_DEVICE];

function said(by: string, value: string): SaidProperty {
  return { value, by };
}

function overriding({ name, properties }: Profile, overrides: Overrides): Map<string, SaidProperty> {
  const found = new Map<string, SaidProperty>();
  for (const [option, flag, key] of SETTINGS) {
    const value = overrides[option];
    if (value !== undefined) found.set(key, said(flag, value));
  }
  const { duration, tags, transitiveTags, policy, policyArns, noMfa } = overrides;
  if (noMfa) {
    const serial = found.get(MFA_DEVICE);
    if (serial) throw errorAt(serial, 'it cannot be combined with --no-mfa', 'leave one of them out');
    found.set(MFA_DEVICE, said('--no-mfa', ''));
  }
  if (duration !== undefined) found.set('duration_seconds', durationOf(duration));
  if (tags !== undefined) found.set('session_tags', tagsWith(properties.get('session_tags'), tags));
  if (transitiveTags !== undefined) {
    found.set('transitive_session_tags', list('--transitive-tag', transitiveTags));
  }
  if (policy !== undefined) found.set(POLICY, said(`--policy ${policy.file}`, policy.text));
  if (policyArns !== undefined) found.set(POLICY_ARNS, list('--policy-arn', policyArns));

  const ofRole = [...found].find(([key]) => !OF_EVERY_PROFILE.includes(key))?.[1];
  if (ofRole !== undefined && (!properties.has('role_arn') || properties.has('web_identity_token_file'))) {
    throw errorAt(
      ofRole,
      `profile ${quoted(name)} is not a role that is assumed with other credentials, so only --region, --mfa-serial and --no-mfa can change it`,
      'leave the flag out, or name a role',
    );
  }
  return found;
}

function list(flag: string, values: readonly string[]): SaidProperty {
  return { ...said(flag, values.join(',')), items: values.map((value) => said(flag, value)) };
}

function durationOf(text: string): SaidProperty {
  const seconds = secondsOfDuration(text);
  if (seconds !== undefined) return said('--duration', String(seconds));
  throw errorAt(
    said('--duration', text),
    `${quoted(text)} is not a duration`,
    'such as 1h30m, 45m, or a number of seconds',
  );
}

/** Adds the tags of flags to the profile's; one with the same key replaces it, whatever its case. */
function tagsWith(own: Property | undefined, tags: readonly string[]): SaidProperty {
  const keyOf = (tag: Property): string => tagOf(tag)?.key.toLowerCase() ?? '';
  const given = list('--tag', tags);
  const keys = new Set(listOf(given).map(keyOf));
  const kept = own === undefined ? [] : listOf(own).filter((tag) => !keys.has(keyOf(tag)));
  return { ...given, items: [...kept, ...listOf(given)] };
}

/** `ACCOUNT:NAME` or `ACCOUNT:PATH/NAME`. */
const SHORT_ROLE = /^(\d+):(.+)$/s;

/** True for a name that stands for a role where no profile has it: an ARN, or an account and more. */
export function isRole(name: string): boolean {
  return name.startsWith('arn:') || SHORT_ROLE.test(name);
}

/** Makes a profile for a role that is named by its ARN; undefined when the name is no ARN. */
function profileOfRole(
  store: ProfileStore,
  name: string,
  overrides: Overrides,
  env: Variables,
): Profile | undefined {
  const [, account, path] = SHORT_ROLE.exec(name) ?? [];
  if (!isRole(name)) return undefined;
  if (account === undefined) checkRoleArn(name);
  else if (account.length !== 12) throw noRole(name, `an account has 12 digits, this has ${account.length}`);

  const source = sourceOf(store, name, overrides, env);
  const chain = resolveRoleChain(store, source.value);
  const roleArn =
    account === undefined
      ? name
      : `arn:${partitionOf(store, chain, overrides, env)}:iam::${account}:role/${path}`;
  if (account !== undefined) checkRoleArn(roleArn, name);
  const settings: [string, Property][] = [
    ['role_arn', said('the command line', roleArn)],
    ['source_profile', source],
  ];
  return { name, properties: new Map(settings), by: 'the command line' };
}

/**
 * Chooses the profile whose credentials assume a role that no profile names.
 * @throws AwsroleError when there is none
 */
function sourceOf(store: ProfileStore, role: string, overrides: Overrides, env: Variables): Property {
  const variable = ['AWS_PROFILE', 'AWS_DEFAULT_PROFILE'].find((name) => env[name]);
  const [place, value] =
    overrides.sourceProfile !== undefined
      ? ['--source-profile', overrides.sourceProfile]
      : [variable ?? 'default', (variable && env[variable]) || 'default'];
  if (store.profiles.has(value)) return said(place, value);
  const similar = didYouMean(value, store.profiles.keys());
  if (place === '--source-profile') {
    throw errorAt(said(place, value), `there is no profile ${quoted(value)}`, similar ?? 'run: awsrole list');
  }
  const why =
    variable === undefined
      ? 'there is no profile "default"'
      : `${variable} names ${quoted(value)}, which does not exist`;
  throw new AwsroleError(
    'configuration',
    `it is not clear whose credentials to use for ${quoted(role)}: ${why}`,
    {
      hint: `name a profile: --source-profile PROFILE${similar && variable ? `; ${similar}` : ''}`,
    },
  );
}

/** Finds the partition of a source, by its ARNs, else its regions. */
function partitionOf(
  store: ProfileStore,
  chain: RoleChain,
  { region }: Overrides,
  env: Variables,
): Partition {
  const regions = [regionOf(store, chain)?.value, region, env.AWS_REGION || env.AWS_DEFAULT_REGION];
  return (
    partitionOfChain(store, chain) ??
    regions.map((name) => partitionOfRegion(name ?? '')).find((partition) => partition !== undefined) ??
    'aws'
  );
}

const LOOKS_LIKE = 'write arn:aws:iam::123456789012:role/NAME, or 123456789012:NAME';

/** Checks the ARN of a role. @throws AwsroleError kind `configuration`, saying what it is instead of a role */
function checkRoleArn(arn: string, typed = arn): void {
  const [, partition = '', service = '', region = '', account = '', resource = ''] =
    /^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(arn) ?? [];
  const [kind = '', role = ''] = resource.split('/');
  if (partitionOfArn(arn) === undefined && service !== '') {
    throw noRole(typed, `${quoted(partition)} is not a partition of AWS that awsrole knows`);
  }
  if (service === 'sts' && kind === 'assumed-role' && /^\d{12}$/.test(account)) {
    throw noRole(
      typed,
      'it is a session of a role',
      `the role itself is arn:${partition}:iam::${account}:role/${role} (with its path, if it has one)`,
    );
  }
  if (service === 'iam' && region === '' && !/^\d{12}$/.test(account)) {
    throw noRole(typed, `${quoted(account)} is not an account id, which has 12 digits`);
  }
  if (service === 'iam' && kind !== 'role' && kind !== '') throw noRole(typed, `it is the ARN of a ${kind}`);
  try {
    parseRoleArn(arn);
  } catch {
    throw noRole(typed);
  }
}

function noRole(name: string, why?: string, hint = LOOKS_LIKE): AwsroleError {
  const reason = why === undefined ? '' : `: ${why}`;
  return new AwsroleError(
    'configuration',
    `${quoted(name)} is neither a profile nor the ARN of a role${reason}`,
    { hint },
  );
}
