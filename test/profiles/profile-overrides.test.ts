import { describe, expect, it } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import { checkHop } from '../../src/profiles/assume-role-input.ts';
import { applyOverrides, type Overrides } from '../../src/profiles/profile-overrides.ts';
import { regionOf, resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { storeOf } from './files.ts';

const ARN = 'arn:aws:iam::123456789012:role/r';
const KEYS = 'aws_access_key_id = A\naws_secret_access_key = S\n';
const CONFIG = `[profile keys]
${KEYS}region = eu-west-1
mfa_serial = arn:aws:iam::123456789012:mfa/me
[profile other]
${KEYS}
[profile role]
role_arn = ${ARN}
source_profile = keys
external_id = of-the-file
session_tags = team=a, Cost=1
[profile first]
role_arn = arn:aws:iam::123456789012:role/first
source_profile = role
mfa_serial = arn:aws:iam::123456789012:mfa/first
[profile here]
role_arn = ${ARN}
credential_source = Environment
`;

type Variables = Record<string, string>;

function chainOf(name: string, overrides: Overrides = {}, env: Variables = {}, config = CONFIG) {
  const store = applyOverrides(storeOf(config), name, overrides, env);
  const chain = resolveRoleChain(store, name);
  return { store, chain, hops: chain.hops.map((hop, index) => checkHop(hop, index > 0)) };
}

function refusal(
  name: string,
  overrides: Overrides = {},
  env: Variables = {},
  config = CONFIG,
): AwsroleError {
  try {
    chainOf(name, overrides, env, config);
  } catch (error) {
    if (error instanceof AwsroleError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('flags', () => {
  it('come before what the profile says, and leave its sources as they are', () => {
    const { store, chain, hops } = chainOf('first', {
      region: 'us-west-2',
      duration: '45m',
      sessionName: 'me@x',
      externalId: 'of-the-flag',
      mfaSerial: 'GAHT12345678',
      sourceIdentity: 'user101',
      tags: ['a=b=c'],
      transitiveTags: ['A'],
      policy: { file: 'p.json', text: '{"Statement":[]}' },
      policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
    });
    expect(hops).toEqual([
      {
        roleArn: ARN,
        partition: 'aws',
        accountId: '123456789012',
        externalId: 'of-the-file',
        tags: [
          { key: 'team', value: 'a' },
          { key: 'Cost', value: '1' },
        ],
      },
      {
        roleArn: 'arn:aws:iam::123456789012:role/first',
        partition: 'aws',
        accountId: '123456789012',
        externalId: 'of-the-flag',
        roleSessionName: 'me@x',
        durationSeconds: 2700,
        sourceIdentity: 'user101',
        tags: [{ key: 'a', value: 'b=c' }],
        transitiveTagKeys: ['a'],
        policy: '{"Statement":[]}',
        policyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
      },
    ]);
    expect(regionOf(store, chain)).toEqual({ value: 'us-west-2', by: '--region' });
    // The device of the user at the beginning: AWS takes no code for a role behind a role.
    expect(chain.mfa?.serial).toEqual({ value: 'GAHT12345678', by: '--mfa-serial' });
  });

  it('replace a tag of the same key and add the others', () => {
    const tags = chainOf('role', { tags: ['cost=2', 'new= x '] }).hops[0]?.tags;
    expect(tags).toEqual([
      { key: 'team', value: 'a' },
      { key: 'cost', value: '2' },
      { key: 'new', value: ' x ' },
    ]);
  });

  it.each(['keys', 'other'])('let the credentials of %s assume the role', (sourceProfile) => {
    expect(chainOf('role', { sourceProfile }).chain.source).toMatchObject({
      kind: 'keys',
      profile: sourceProfile,
    });
    expect(chainOf('here', { sourceProfile }).chain.source).toMatchObject({
      kind: 'keys',
      profile: sourceProfile,
    });
  });

  it.each(['1h30m', '5400', '90m', '1H30M'])('say a duration as %s', (duration) => {
    expect(chainOf('role', { duration }).hops[0]?.durationSeconds).toBe(5400);
  });

  it('change only the region of a profile that is no role', () => {
    const { store, chain } = chainOf('keys', { region: 'us-west-2' });
    expect(regionOf(store, chain)?.value).toBe('us-west-2');
  });

  it.each<[string, Overrides]>([
    ['--source-profile', { sourceProfile: 'other' }],
    ['--duration', { duration: '1h' }],
    ['--tag', { tags: ['a=b'] }],
    ['--policy p.json', { policy: { file: 'p.json', text: '{}' } }],
    ['--policy-arn', { policyArns: ['arn:aws:iam::aws:policy/X'] }],
  ])('of a role make no sense on keys: %s', (flag, overrides) => {
    expect(refusal('keys', { ...overrides, region: 'us-west-2' })).toMatchObject({
      kind: 'usage',
      message: `${flag}: profile "keys" is not a role that is assumed with other credentials, so only --region, --mfa-serial and --no-mfa can change it`,
    });
  });

  it.each<[string, Overrides]>([
    ['--duration: "soon" is not a duration', { duration: 'soon' }],
    ['--duration: duration_seconds of profile "role" is "60", which AWS would refuse', { duration: '1m' }],
    ['--external-id: external_id of profile "role" is "a b", which AWS would refuse', { externalId: 'a b' }],
    [
      '--session-name: role_session_name of profile "role" is "x", which AWS would refuse',
      { sessionName: 'x' },
    ],
    [
      '--source-identity: source_identity of profile "role" is "aws:me", which AWS would refuse',
      { sourceIdentity: 'aws:me' },
    ],
    ['--tag: a session tag of profile "role" is "novalue", which AWS would refuse', { tags: ['novalue'] }],
    ['--tag: a session tag of profile "role" is "A=2", which AWS would refuse', { tags: ['a=1', 'A=2'] }],
    [
      '--transitive-tag: the transitive session tag "b" of profile "role" is not among its session tags',
      { transitiveTags: ['b'] },
    ],
    ['--policy p.json: the policy is not JSON', { policy: { file: 'p.json', text: '{' } }],
    [
      '--policy-arn: a session policy of profile "role" is "ReadOnly", which AWS would refuse',
      { policyArns: ['ReadOnly'] },
    ],
    [
      '--policy-arn: the policy "arn:aws-cn:iam::aws:policy/X" is in partition aws-cn, but the role is in aws',
      { policyArns: ['arn:aws-cn:iam::aws:policy/X'] },
    ],
    [
      '--source-profile: could not find source profile "kyes", referenced from profile "role"',
      { sourceProfile: 'kyes' },
    ],
  ])('that are wrong are named: %s', (message, overrides) => {
    const error = refusal('role', overrides);
    expect(error.kind).toBe('usage');
    expect(error.message.slice(0, message.length)).toBe(message);
  });

  it('do not shorten what a file says too long of a role behind a role', () => {
    expect(refusal('first', { duration: '2h' })).toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(/^--duration: .* is 7200, but a role .* lasts 1 h \(3600\) at most$/),
    });
  });

  it('say nothing of a profile that does not exist', () => {
    expect(refusal('rol', { tags: ['a=b'] })).toMatchObject({
      kind: 'configuration',
      hint: 'did you mean "role"?',
    });
  });
});

describe('a role by its ARN', () => {
  it.each(['arn:aws:iam::123456789012:role/path/to/r', '123456789012:path/to/r'])('%s', (name) => {
    const { chain, hops } = chainOf(name, { sourceProfile: 'other' });
    expect(chain).toMatchObject({ profile: name, profiles: [name, 'other'], source: { kind: 'keys' } });
    expect(hops).toEqual([
      { roleArn: 'arn:aws:iam::123456789012:role/path/to/r', partition: 'aws', accountId: '123456789012' },
    ]);
  });

  it('is assumed from AWS_PROFILE, else AWS_DEFAULT_PROFILE, else default', () => {
    const sourceOf = (overrides: Overrides, env: Variables) =>
      chainOf(ARN, overrides, env, `${CONFIG}[default]\n${KEYS}`).chain.source.profile;
    expect(sourceOf({}, {})).toBe('default');
    expect(sourceOf({}, { AWS_DEFAULT_PROFILE: 'keys' })).toBe('keys');
    expect(sourceOf({}, { AWS_DEFAULT_PROFILE: 'keys', AWS_PROFILE: 'other' })).toBe('other');
    expect(sourceOf({ sourceProfile: 'keys' }, { AWS_PROFILE: 'other' })).toBe('keys');
  });

  it.each<[Overrides, Variables, string, string]>([
    [{}, {}, 'there is no profile "default"', 'name a profile: --source-profile PROFILE'],
    [
      {},
      { AWS_PROFILE: 'otter' },
      'AWS_PROFILE names "otter", which does not exist',
      '--source-profile PROFILE; did you mean "other"?',
    ],
    [
      { sourceProfile: 'otter' },
      {},
      '--source-profile: there is no profile "otter"',
      'did you mean "other"?',
    ],
  ])('without a source is refused: %j %j', (overrides, env, message, hint) => {
    const error = refusal(ARN, overrides, env);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });

  it('takes the MFA device of the user whose keys assume it, but not of a role', () => {
    const serial = (overrides: Overrides): string | undefined =>
      chainOf(ARN, overrides).chain.mfa?.serial.value;
    expect(serial({ sourceProfile: 'keys' })).toBe('arn:aws:iam::123456789012:mfa/me');
    expect(serial({ sourceProfile: 'keys', mfaSerial: 'GAHT12345678' })).toBe('GAHT12345678');
    expect(serial({ sourceProfile: 'keys', noMfa: true })).toBeUndefined();
    expect(serial({ sourceProfile: 'first' })).toBe('arn:aws:iam::123456789012:mfa/me');
  });

  it('is a profile where one has that very name', () => {
    const config = `${CONFIG}[profile 123456789012:r]\n${KEYS}[profile ${ARN}]\n${KEYS}`;
    expect(chainOf('123456789012:r', {}, {}, config).hops).toEqual([]);
    expect(chainOf(ARN, {}, {}, config).hops).toEqual([]);
  });

  const REGIONS = [
    ['aws', 'eu-west-1'],
    ['aws-cn', 'cn-north-1'],
    ['aws-us-gov', 'us-gov-west-1'],
    ['aws-eusc', 'eusc-de-east-1'],
    ['aws-iso', 'us-iso-east-1'],
    ['aws-iso-b', 'us-isob-east-1'],
    ['aws-iso-e', 'eu-isoe-west-1'],
    ['aws-iso-f', 'us-isof-south-1'],
  ];
  it.each(REGIONS)('is in the partition of its source: %s', (partition, region) => {
    const arnOf = (settings: string, overrides: Overrides = {}, env: Variables = {}) =>
      chainOf(
        '123456789012:r',
        overrides,
        { AWS_PROFILE: 's', ...env },
        `[profile s]\n${settings}[profile k]\n${KEYS}`,
      ).hops.at(-1)?.roleArn;
    const arn = `arn:${partition}:iam::123456789012:role/r`;
    expect(arnOf(`${KEYS}region = ${region}\n`, {}, { AWS_REGION: 'us-east-1' })).toBe(arn);
    expect(arnOf(`role_arn = arn:${partition}:iam::123456789012:role/s\nsource_profile = k\n`)).toBe(arn);
    expect(arnOf(`${KEYS}mfa_serial = arn:${partition}:iam::123456789012:mfa/me\n`)).toBe(arn);
    expect(arnOf(KEYS, { region })).toBe(arn);
    expect(arnOf(KEYS, {}, { AWS_REGION: region })).toBe(arn);
    expect(arnOf(KEYS, {}, { AWS_DEFAULT_REGION: region })).toBe(arn);
    expect(arnOf(KEYS)).toBe('arn:aws:iam::123456789012:role/r');
  });

  it.each([
    ['arn:aws:iam::123456789012:user/me', 'it is the ARN of a user', 'arn:aws:iam::123456789012:role/NAME'],
    [
      'arn:aws-cn:sts::123456789012:assumed-role/admin/me',
      'it is a session of a role',
      'the role itself is arn:aws-cn:iam::123456789012:role/admin (with its path, if it has one)',
    ],
    ['arn:awz:iam::123456789012:role/r', '"awz" is not a partition of AWS that awsrole knows', 'role/NAME'],
    [
      'arn:aws:iam::12345678901:role/r',
      '"12345678901" is not an account id, which has 12 digits',
      '123456789012:NAME',
    ],
    ['12345678901:r', 'an account has 12 digits, this has 11', '123456789012:NAME'],
    ['1234567890123:r', 'an account has 12 digits, this has 13', '123456789012:NAME'],
    ['arn:aws:iam::123456789012:role/', 'neither a profile nor the ARN of a role', 'role/NAME'],
    ['arn:aws:s3:::bucket', 'neither a profile nor the ARN of a role', 'role/NAME'],
    ['arn:', 'neither a profile nor the ARN of a role', 'role/NAME'],
    ['123456789012:a b', 'neither a profile nor the ARN of a role', 'role/NAME'],
    ['123456789012:x\x1b[2J', '\\u{1b}', 'role/NAME'],
    ['123456789012:r\nx', 'neither a profile nor the ARN of a role', 'role/NAME'],
  ])('%j is none', (name, message, hint) => {
    const error = refusal(name, { sourceProfile: 'other' });
    expect(error).toMatchObject({ kind: 'configuration' });
    expect(error.message).toMatch(/^"[^\0-\x1f]*" is neither a profile nor the ARN of a role[^\0-\x1f]*$/);
    expect(error.message).toContain(message);
    expect(error.hint).toContain(hint);
  });
});
