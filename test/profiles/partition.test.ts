import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import {
  defaultRegion,
  knownRegions,
  type Partition,
  parseRoleArn,
  partitionOfArn,
  partitionOfRegion,
} from '../../src/profiles/partition.ts';
import { hasBoth, python } from '../aws-tools.ts';
import { needs } from '../world.ts';

/** partitions.json, of which the AWS SDK and botocore bring a copy each. */
interface Theirs {
  readonly partitions: readonly {
    readonly id: string;
    readonly regionRegex: string;
    readonly outputs: { readonly implicitGlobalRegion: string };
    readonly regions: Readonly<Record<string, unknown>>;
  }[];
}

/** What of theirs is not ours. */
function differences({ partitions }: Theirs): string[] {
  return partitions.flatMap(({ id, regionRegex, outputs, regions }) => {
    const known = knownRegions(id as Partition);
    const names = Object.keys(regions);
    return [
      ...names.filter((name) => !known.includes(name)).map((name) => `${id} has ${name}`),
      ...[...names, ...known]
        .filter(
          (name) =>
            new RegExp(regionRegex).test(name) !== (partitionOfRegion(name) === id) &&
            !name.endsWith('-global'),
        )
        .map((name) => `${name} has the form of ${id}`),
      ...(outputs.implicitGlobalRegion === defaultRegion(id as Partition) ? [] : [`the default of ${id}`]),
    ];
  });
}

test('the partitions and regions are those of the AWS SDK', async () => {
  const file = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
  const { partitionsInfo } = (await import(pathToFileURL(join(process.cwd(), file)).href)) as {
    partitionsInfo: Theirs;
  };
  expect(differences(partitionsInfo)).toEqual([]);
  const theirs = partitionsInfo.partitions.flatMap(({ regions }) => Object.keys(regions));
  expect(knownRegions().filter((name) => !theirs.includes(name) && name !== 'aws-eusc-global')).toEqual([]);
});

test('there is none in botocore that is not known here', needs(hasBoth), () => {
  const script =
    'import botocore.session; print(__import__("json").dumps(botocore.session.Session().get_data("partitions")))';
  expect(
    differences(JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' })) as Theirs),
  ).toEqual([]);
});

test.each([
  ['us-east-1', 'aws'],
  ['mx-central-1', 'aws'],
  ['aws-global', 'aws'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['cn-northwest-1', 'aws-cn'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['somewhere', undefined],
  ['us-east-1\n', undefined],
  ['', undefined],
])('region %j is in %s', (region, partition) => expect(partitionOfRegion(region)).toBe(partition));

test.each([
  ['arn:aws:iam::123456789012:role/x', 'aws', 'us-east-1'],
  ['arn:aws-us-gov:iam::123456789012:role/x', 'aws-us-gov', 'us-gov-west-1'],
  ['arn:aws-cn:iam::123456789012:role/x', 'aws-cn', 'cn-northwest-1'],
  ['arn:aws-eusc:iam::123456789012:role/x', 'aws-eusc', 'eusc-de-east-1'],
] as const)('%s is in %s, whose STS is in %s', (arn, partition, region) => {
  expect(partitionOfArn(arn)).toBe(partition);
  expect(defaultRegion(partition)).toBe(region);
  expect(partitionOfRegion(region)).toBe(partition);
});

test('no partition for what is no ARN', () => {
  expect(partitionOfArn('aws')).toBeUndefined();
  expect(partitionOfArn('arn:other:iam::1:role/x')).toBeUndefined();
});

test('a role ARN in parts', () => {
  expect(parseRoleArn('arn:aws-cn:iam::123456789012:role/a/b/r_1+=,.@-')).toEqual({
    partition: 'aws-cn',
    accountId: '123456789012',
  });
});

test.each([
  'arn:foo',
  'arn:aws:iam::12345678901:role/x',
  'arn:aws:iam::123456789012:role/',
  'arn:aws:iam::123456789012:role/a b',
  'arn:aws:iam::123456789012:user/x',
  'arn:aws:iam:us-east-1:123456789012:role/x',
  'arn:aws:sts::123456789012:assumed-role/x/y',
  'arn:other:iam::123456789012:role/x',
  ' arn:aws:iam::123456789012:role/x',
  'arn:aws:iam::123456789012:role/x\n',
  `arn:aws:iam::123456789012:role/${'x'.repeat(65)}`,
  `arn:aws:iam::123456789012:role/${'p/'.repeat(2000)}x`,
])('%j is no role ARN', (arn) => expect(() => parseRoleArn(arn)).toThrow(AwsroleError));
