import { AwsroleError } from '../errors.ts';
import { quoted } from './printable.ts';

/**
 * AWS's partitions.json: its regionRegex, its implicitGlobalRegion and the regions. A test compares this with the copies
 * in the AWS SDK and in botocore.
 */
const PARTITIONS = [
  {
    id: 'aws',
    form: /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/,
    defaultRegion: 'us-east-1',
    regions:
      'af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ' +
      'ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ' +
      'ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 ' +
      'il-central-1 me-central-1 me-south-1 me-west-1 mx-central-1 sa-east-1 sa-west-1 ' +
      'us-east-1 us-east-2 us-west-1 us-west-2',
  },
  {
    id: 'aws-cn',
    form: /^cn-\w+-\d+$/,
    defaultRegion: 'cn-northwest-1',
    regions: 'cn-north-1 cn-northwest-1',
  },
  {
    id: 'aws-us-gov',
    form: /^us-gov-\w+-\d+$/,
    defaultRegion: 'us-gov-west-1',
    regions: 'us-gov-east-1 us-gov-west-1',
  },
  {
    id: 'aws-eusc',
    form: /^eusc-(de)-\w+-\d+$/,
    defaultRegion: 'eusc-de-east-1',
    regions: 'eusc-de-east-1',
  },
  {
    id: 'aws-iso',
    form: /^us-iso-\w+-\d+$/,
    defaultRegion: 'us-iso-east-1',
    regions: 'us-iso-east-1 us-iso-west-1',
  },
  {
    id: 'aws-iso-b',
    form: /^us-isob-\w+-\d+$/,
    defaultRegion: 'us-isob-east-1',
    regions: 'us-isob-east-1 us-isob-west-1',
  },
  {
    id: 'aws-iso-e',
    form: /^eu-isoe-\w+-\d+$/,
    defaultRegion: 'eu-isoe-west-1',
    regions: 'eu-isoe-west-1',
  },
  {
    id: 'aws-iso-f',
    form: /^us-isof-\w+-\d+$/,
    defaultRegion: 'us-isof-south-1',
    regions: 'us-isof-east-1 us-isof-south-1',
  },
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
  return PARTITIONS.find(({ id, form }) => form.test(region) || region === `${id}-global`)?.id;
}

/**
 * Returns the region whose STS is called when no region is set. (The AWS CLI calls the global STS, even for other
 * partitions.)
 */
export function defaultRegion(partition: Partition): string {
  return PARTITIONS.find(({ id }) => id === partition)?.defaultRegion ?? 'us-east-1';
}

/** Lists the regions of a partition that were known when this was written; without a partition, of all. */
export function knownRegions(partition?: Partition): string[] {
  return PARTITIONS.filter(({ id }) => partition === undefined || id === partition).flatMap(
    ({ id, regions }) => [...regions.split(' '), `${id}-global`],
  );
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
