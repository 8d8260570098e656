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
 * @throws AwsroleError kind `configuration` when the profile itself names a region of another partition than its role's
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
    if ((own && roleOf(chain) === undefined) || fits(region)) {
      return { region, from: 'profile', variables: bothSaying(region), passedOver };
    }
    if (own) throw ofAnotherPartition(region, partition as Partition);
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

function ofAnotherPartition(region: Property, partition: Partition): AwsroleError {
  return new AwsroleError('configuration', foreign(region, 'the role', partition), {
    hint: `set a region of ${partition}, such as ${defaultRegion(partition)}`,
  });
}

function foreign(region: Property, owner: string, partition: Partition): string {
  const other = partitionOfRegion(region.value);
  return `region ${quoted(region.value)} (${placeText(region)}) is of partition ${other}, ${owner} of ${partition}`;
}

/**
 * Says, in a line each, what a person ought to know of the regions of a switch: that another one is used than they have
 * named, that there is none, and that AWS may have none of this name (a new one is not known here).
 * @throws AwsroleError as {@link switchRegion}
 */
export function regionNotices(store: ProfileStore, chain: RoleChain, env: Environment): string[] {
  const { region, from, passedOver } = switchRegion(store, chain, env);
  const { source, profile } = chain;
  const partition = partitionOfChain(store, chain);
  const notices: string[] = [];
  const [other] = passedOver;
  if (other && region && partition) {
    const owner = roleOf(chain) ? 'the role' : `profile ${quoted(profile)}`;
    notices.push(`${foreign(other, owner, partition)}: ${printable(region.value)} is used`);
  }
  if (from === 'nothing') notices.push(noRegion(store, profile, defaultRegion(partition ?? 'aws')));
  // What is not AWS has regions of its own: `auto`, `minio`.
  if (chain.hops.length === 0 && setting(store, profile, 'endpoint_url')?.value) return notices;
  const named = from === 'shell' ? shellRegions(env) : [region];
  const seen = new Set<string>();
  for (const one of [...named, source.kind === 'sso' ? source.region : undefined]) {
    if (one === undefined || isKnown(one.value) || seen.has(one.value)) continue;
    seen.add(one.value);
    notices.push(unknown(one, partition));
  }
  return notices;
}

/** True for a region of AWS, also in the old form that asks for a FIPS endpoint. */
function isKnown(region: string): boolean {
  return knownRegions().includes(region.replace(/^fips-|-fips$/, ''));
}

function unknown(region: Property, partition: Partition | undefined): string {
  const form = `regions look like ${defaultRegion(partition ?? 'aws')}`;
  const meant = didYouMean(region.value, knownRegions(partition)) ?? form;
  return `warning: ${placeText(region)}: awsrole knows no region ${quoted(region.value)}; ${meant}`;
}

function noRegion(store: ProfileStore, name: string, example: string): string {
  const profile = store.profiles.get(name);
  const flag = `--region ${example}`;
  const todo =
    profile === undefined || profile.by !== undefined
      ? `add ${flag}`
      : `write region = ${example} into profile ${quoted(name)} (${placeText(profile)}), or add ${flag}`;
  return `no region is set, which most commands of AWS ask for: ${todo}`;
}
