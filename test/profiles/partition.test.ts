import { expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import {
  defaultRegion,
  parseRoleArn,
  partitionOfArn,
  partitionOfRegion,
} from '../../src/profiles/partition.ts';

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
