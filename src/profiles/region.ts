import type { Environment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { didYouMean } from './closest-names.ts';
import {
  defaultRegion,
  knownRegions,
  type Partition,
  partitionOfArn,
  partitionOfRegion,
} from './partition.ts';
import { placeText } from './place.ts';
import { printable, quoted } from './printable.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import type { RoleChain } from './role-chain.ts';
import type { Property, SaidProperty } from './shared-config-file.ts';

/** AWS's SDKs read the first, boto3 and version 1 of the AWS CLI only the second. */
const VARIABLES = ['AWS_REGION', 'AWS_DEFAULT_REGION'] as const;

/** The region that a shell has after a switch. */
export interface SwitchRegion {
  /** The one that counts; undefined where nothing names any. */
  readonly region: Property | undefined;
  /**
   * What names it: a profile of the chain; the shell that switches; [default], which programs read where no variable
   * names a region; or nothing but the partition, where what else there is belongs to another one.
   */
  readonly from: 'profile' | 'shell' | 'default' | 'partition' | 'nothing';
  /** The variables to set. Those that the shell has already are not among them: a child of it would take them for ours. */
  readonly variables: ReadonlyMap<string, Property>;
  /** The regions of other partitions that would have come first. */
  readonly passedOver: readonly Property[];
}

/** Returns the partition that the ARNs of a chain, or its SSO region, are of; undefined where there are none. */
export function partitionOfChain(store: ProfileStore, chain: RoleChain): Partition | undefined {
  const { source, profiles } = chain;
  const arns = [
    roleOf(chain),
    source.kind === 'login-session' ? source.session : undefined,
    chain.mfa?.serial,
    ...profiles.map((profile) => setting(store, profile, 'mfa_serial')),
  ];
  const ofArn = arns.map((arn) => arn && partitionOfArn(arn.value)).find((partition) => partition);
  return ofArn ?? (source.kind === 'sso' ? partitionOfRegion(source.region.value) : undefined);
}

function roleOf({ hops, source }: RoleChain): Property | undefined {
  return hops.at(-1)?.roleArn ?? (source.kind === 'web-identity' ? source.roleArn : undefined);
}

/**
 * Works out the region of a switch: the profile's, else that of its source and so on, else the shell's. One of another
 * partition than the role's is passed over, as nothing there takes the role's keys.
 * @param env of the shell before the switch
 * @throws AwsroleError kind `configuration` when the profile itself names a region of another partition than that of its role
 * or of the user's MFA device
 */
export function switchRegion(store: ProfileStore, chain: RoleChain, env: Environment): SwitchRegion {
  const partition = partitionOfChain(store, chain);
  const passedOver: Property[] = [];
  const fits = (region: Property): boolean => {
    const other = partitionOfRegion(region.value);
    if (partition === undefined || other === undefined || other === partition) return true;
    passedOver.push(region);
    return false;
  };
  for (const profile of chain.profiles) {
    const region = setting(store, profile, 'region');
    if (!region?.value) continue;
    const own = profile === chain.profile;
    if ((own && roleOf(chain) === undefined && chain.mfa === undefined) || fits(region)) {
      return { region, from: 'profile', variables: bothSaying(region), passedOver };
    }
    if (own) {
      const owner = roleOf(chain) ? 'the role' : 'the MFA device';
      throw ofAnotherPartition(region, owner, partition as Partition);
    }
  }
  const [first, second] = shellRegions(env).filter(fits);
  if (first !== undefined) {
    const variables = bothSaying(first);
    for (const said of [first, second]) variables.delete(said?.by ?? '');
    return { region: first, from: 'shell', variables, passedOver };
  }
  const ofDefault = setting(store, 'default', 'region');
  const reaches = ofDefault?.value && fits(ofDefault);
  const [other] = passedOver;
  if (other !== undefined && partition !== undefined) {
    const by = `the default of ${partition}, as ${printable(other.value)} (${placeText(other)}) is of another partition`;
    const region = { value: defaultRegion(partition), by };
    return { region, from: 'partition', variables: bothSaying(region), passedOver };
  }
  return reaches
    ? { region: ofDefault, from: 'default', variables: new Map(), passedOver }
    : { region: undefined, from: 'nothing', variables: new Map(), passedOver };
}

function bothSaying(region: Property): Map<string, Property> {
  return new Map(VARIABLES.map((name) => [name, region]));
}

function shellRegions(env: Environment): SaidProperty[] {
  return VARIABLES.flatMap((by) => (env[by] ? [{ by, value: env[by] }] : []));
}

function ofAnotherPartition(region: Property, owner: string, partition: Partition): AwsroleError {
  return new AwsroleError('configuration', foreign(region, owner, partition), {
    hint: `set a region of ${partition}, such as ${defaultRegion(partition)}`,
  });
}

function foreign(region: Property, owner: string, partition: Partition): string {
  const other = partitionOfRegion(region.value);
  return `region ${quoted(region.value)} (${placeText(region)}) is in partition ${other}, but ${owner} is in ${partition}`;
}

/**
 * Says, in a line each, what of the region of a switch is not as a person may think: that another one is used than they
 * have named, or that there is none.
 * @throws AwsroleError as {@link switchRegion}
 */
export function regionNotices(store: ProfileStore, chain: RoleChain, env: Environment): string[] {
  const { region, from, passedOver } = switchRegion(store, chain, env);
  const partition = partitionOfChain(store, chain);
  const [other] = passedOver;
  if (from === 'nothing') return [noRegion(store, chain.profile, defaultRegion(partition ?? 'aws'))];
  if (!other || !region || !partition) return [];
  const owner = roleOf(chain) ? 'the role' : `profile ${quoted(chain.profile)}`;
  return [`${foreign(other, owner, partition)}: ${printable(region.value)} is used`];
}

/**
 * Says, in a line each, which regions of a switch are none that is known here. AWS may have them all the same, as new ones.
 * @throws AwsroleError as {@link switchRegion}
 */
export function unknownRegions(store: ProfileStore, chain: RoleChain, env: Environment): string[] {
  const { region, from } = switchRegion(store, chain, env);
  const { profile, hops } = chain;
  // What is not AWS has regions of its own: `auto`, `minio`.
  if (hops.length === 0 && setting(store, profile, 'endpoint_url')?.value) return [];
  const partition = partitionOfChain(store, chain);
  const named = from === 'shell' ? shellRegions(env) : [region];
  const seen = new Set<string>();
  return named.flatMap((one) => {
    if (one === undefined || isKnown(one.value) || seen.has(one.value)) return [];
    seen.add(one.value);
    const form = `regions look like ${defaultRegion(partition ?? 'aws')}`;
    const meant = didYouMean(one.value, knownRegions(partition)) ?? form;
    return [`${placeText(one)}: ${quoted(one.value)} is not a region that awsrole knows; ${meant}`];
  });
}

/** True for a region of AWS, also in the old form that asks for a FIPS endpoint. */
function isKnown(region: string): boolean {
  return knownRegions().includes(region.replace(/^fips-|-fips$/, ''));
}

function noRegion(store: ProfileStore, name: string, example: string): string {
  const profile = store.profiles.get(name);
  const flag = `--region ${example}`;
  const todo =
    profile === undefined || profile.by !== undefined
      ? `add ${flag}`
      : `add region = ${example} to profile ${quoted(name)} (${placeText(profile)}), or add ${flag}`;
  return `no region is set, and most AWS commands need one: ${todo}`;
}
