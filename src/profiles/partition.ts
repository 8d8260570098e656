import { AwsroleError } from '../errors.ts';
import { quoted } from './printable.ts';

// From AWS's partitions.json (regionRegex and implicitGlobalRegion).
const PARTITIONS = [
  { id: 'aws', regions: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/, defaultRegion: 'us-east-1' },
  { id: 'aws-cn', regions: /^cn-\w+-\d+$/, defaultRegion: 'cn-northwest-1' },
  { id: 'aws-us-gov', regions: /^us-gov-\w+-\d+$/, defaultRegion: 'us-gov-west-1' },
  { id: 'aws-eusc', regions: /^eusc-(de)-\w+-\d+$/, defaultRegion: 'eusc-de-east-1' },
  { id: 'aws-iso', regions: /^us-iso-\w+-\d+$/, defaultRegion: 'us-iso-east-1' },
  { id: 'aws-iso-b', regions: /^us-isob-\w+-\d+$/, defaultRegion: 'us-isob-east-1' },
  { id: 'aws-iso-e', regions: /^eu-isoe-\w+-\d+$/, defaultRegion: 'eu-isoe-west-1' },
  { id: 'aws-iso-f', regions: /^us-isof-\w+-\d+$/, defaultRegion: 'us-isof-south-1' },
] as const;

export type Partition = (typeof PARTITIONS)[number]['id'];

export interface RoleArn {
  readonly partition: Partition;
  /** Twelve digits. */
  readonly accountId: string;
}

/** Returns the partition of an ARN; undefined when it is no ARN or the partition is unknown. */
export function partitionOfArn(arn: string): Partition | undefined {
  const id = /^arn:([a-z-]+):/.exec(arn)?.[1];
  return PARTITIONS.find((partition) => partition.id === id)?.id;
}

/** Returns the partition of a region; undefined when its name has no partition's form. */
export function partitionOfRegion(region: string): Partition | undefined {
  return PARTITIONS.find(({ id, regions }) => regions.test(region) || region === `${id}-global`)?.id;
}

/**
 * Returns the region whose STS is called when no region is set. (The AWS CLI calls the global STS, even for other
 * partitions.)
 */
export function defaultRegion(partition: Partition): string {
  return PARTITIONS.find(({ id }) => id === partition)?.defaultRegion ?? 'us-east-1';
}

// IAM's own limits, well under the 2048 characters of STS: a path of printable ASCII, a name of at most 64 characters.
const ROLE_ARN = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:[\x21-\x7e]{1,510}\/)?[\w+=,.@-]{1,64}$/;

/**
 * Reads the partition and the account from the ARN of a role.
 * @throws AwsroleError kind `configuration` when it is not the ARN of an IAM role.
 */
export function parseRoleArn(arn: string): RoleArn {
  const [, accountId] = ROLE_ARN.exec(arn) ?? [];
  const partition = partitionOfArn(arn);
  if (!accountId || !partition) {
    throw new AwsroleError('configuration', `${quoted(arn.slice(0, 200))} is not the ARN of an IAM role`, {
      hint: 'a role ARN looks like arn:aws:iam::123456789012:role/NAME',
    });
  }
  return { partition, accountId };
}
