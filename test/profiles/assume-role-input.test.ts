import { expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import { checkHop } from '../../src/profiles/assume-role-input.ts';
import { resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { storeOf } from './files.ts';

const ARN = 'arn:aws:iam::123456789012:role/role101';

/** Checks the hop of a profile with these settings; the first is on line 4. */
function check(settings: string, roleArn = ARN) {
  const config = `[profile a]\nrole_arn = ${roleArn}\ncredential_source = Environment\n${settings}\n`;
  const [hop] = resolveRoleChain(storeOf(config), 'a').hops;
  if (hop === undefined) throw new Error('no hop');
  return checkHop(hop);
}

function refusal(settings: string, roleArn = ARN): AwsroleError {
  try {
    check(settings, roleArn);
  } catch (error) {
    if (error instanceof AwsroleError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

test('all that a profile can say of a role', () => {
  const settings = [
    'external_id = a/b:c',
    'role_session_name = me@x',
    'duration_seconds = 03600',
    'source_identity = me@corp.example',
    'session_tags = team = a b , Über=straße,empty=,url=https://x/y@z',
    'transitive_session_tags = TEAM , empty',
  ];
  expect(check(settings.join('\n'))).toEqual({
    roleArn: ARN,
    partition: 'aws',
    accountId: '123456789012',
    externalId: 'a/b:c',
    roleSessionName: 'me@x',
    durationSeconds: 3600,
    sourceIdentity: 'me@corp.example',
    tags: [
      { key: 'team', value: 'a b' },
      { key: 'Über', value: 'straße' },
      { key: 'empty', value: '' },
      { key: 'url', value: 'https://x/y@z' },
    ],
    transitiveTagKeys: ['team', 'empty'],
  });
});

test('no file can say a policy: the AWS CLI would not know of it', () => {
  expect(Object.keys(check('policy = {}\nPolicy = {}\npolicyarns = arn:aws:iam::aws:policy/X'))).toHaveLength(
    3,
  );
});

const tags = (count: number): string => Array.from({ length: count }, (_, i) => `k${i}=v`).join(',');

test('fifty tags, of the greatest length', () => {
  expect(check(`session_tags = ${tags(50)}`).tags).toHaveLength(50);
  expect(check(`session_tags = ${'k'.repeat(128)}=${'v'.repeat(256)}`).tags).toHaveLength(1);
  expect(check('session_tags =')).not.toHaveProperty('tags');
});

test('more are refused', () => {
  expect(refusal(`session_tags = ${tags(51)}`).message).toBe(
    'config:4: profile "a" has 51 session tags, and AWS accepts 50 at most',
  );
});

test.each([
  'novalue',
  '=v',
  'aws:x=1',
  'AWS:x=1',
  'a=1,A=2',
  'a=1,,b=2',
  'a=b!',
  'a=b\tc',
  'a="b"',
  `${'k'.repeat(129)}=v`,
  `k=${'v'.repeat(257)}`,
  'a=1\n  b = SECRET',
])('the session_tags %j are refused', (value) => {
  const error = refusal(`session_tags = ${value}`);
  expect(error.message).toMatch(
    /^config:4: a session tag of profile "a" is "[^\0-\x1f]*", which AWS would refuse$/,
  );
  expect(error.message + error.hint).not.toContain('SECRET');
});

test('a transitive tag is one of the tags', () => {
  const error = refusal('transitive_session_tags = a,b\nsession_tags = a=1');
  expect(error.message).toBe(
    'config:4: the transitive session tag "b" of profile "a" is not among its session tags',
  );
  expect(error.hint).toBe('its session tags are: "a"');
});

/** Checks a hop with a policy, which only a flag can say. */
function checkPolicies(text: string | undefined, policyArns: readonly string[] = []) {
  const flag = (by: string, value: string) => ({ value, by });
  return checkHop({
    profile: 'a',
    roleArn: { value: ARN, file: 'config', line: 2 },
    ...(text !== undefined && { policy: flag('--policy p.json', text) }),
    policyArns: policyArns.map((arn) => flag('--policy-arn', arn)),
  });
}

const padded = (length: number): string => `{"Statement":[]${' '.repeat(length - 16)}}`;
const policyArn = (i: number): string => `arn:aws:iam::123456789012:policy/path/p${i}`;

test('a policy of 2048 characters, and ten ARNs of policies', () => {
  expect(checkPolicies(padded(2048)).policy).toHaveLength(2048);
  const arns = Array.from({ length: 10 }, (_, i) => policyArn(i));
  expect(checkPolicies(undefined, [...arns, policyArn(3)]).policyArns).toEqual(arns);
});

test.each([
  ['{', /^--policy p\.json: the policy is not JSON: /],
  ['', /^--policy p\.json: the policy is not JSON: /],
  ['[]', /^--policy p\.json: the policy is not a JSON object$/],
  ['null', /^--policy p\.json: the policy is not a JSON object$/],
  [padded(2049), /^--policy p\.json: the policy has 2049 characters, and AWS accepts 2048 at most$/],
  ['{"Statement":"€"}', /^--policy p\.json: the policy contains a character that AWS does not accept$/],
])('the policy %j is refused', (text, message) => {
  expect(() => checkPolicies(text)).toThrow(message);
});

test.each([
  'ReadOnlyAccess',
  'arn:aws:iam::aws:role/x',
  'arn:aws:iam::12345:policy/x',
  'arn:awz:iam::aws:policy/x',
  'arn:aws:iam::aws:policy/',
  'arn:aws:iam::aws:policy/a b',
])('the policy ARN %j is refused', (arn) => {
  expect(() => checkPolicies(undefined, [arn])).toThrow(
    `--policy-arn: a session policy of profile "a" is "${arn}", which AWS would refuse`,
  );
});

test('a policy of another partition, and an eleventh, are refused', () => {
  expect(() => checkPolicies(undefined, ['arn:aws-us-gov:iam::aws:policy/x'])).toThrow(
    'is in partition aws-us-gov, but the role is in aws',
  );
  const eleven = Array.from({ length: 11 }, (_, i) => policyArn(i));
  expect(() => checkPolicies(undefined, eleven)).toThrow(
    '--policy-arn: there are 11 session policies, and AWS accepts 10 at most',
  );
});

test('a role behind a role lasts an hour at most', () => {
  const config = `[profile a]\nrole_arn = ${ARN}\ncredential_source = Environment\nduration_seconds = 3601\n`;
  const [hop] = resolveRoleChain(storeOf(config), 'a').hops;
  if (hop === undefined) throw new Error('no hop');
  expect(checkHop(hop).durationSeconds).toBe(3601);
  expect(() => checkHop(hop, true)).toThrow(
    'config:4: duration_seconds of profile "a" is 3601, but a role that is assumed from another role lasts 1 h',
  );
});

test('what is not set stays away', () => {
  expect(Object.keys(check(''))).toEqual(['roleArn', 'partition', 'accountId']);
});

test.each(['900', '43200', '0900'])('duration_seconds may be %s', (value) => {
  expect(check(`duration_seconds = ${value}`).durationSeconds).toBe(Number(value));
});

const REFUSED = [
  'duration_seconds = 899',
  'duration_seconds = 43201',
  'duration_seconds = abc',
  'duration_seconds = 3600.5',
  'duration_seconds = 1h',
  'duration_seconds = 1e3',
  'duration_seconds = 0x1000',
  'duration_seconds = -3600',
  'duration_seconds =',
  'duration_seconds = 999999999999999999999',
  'external_id = x',
  'external_id =',
  'external_id = a b',
  'external_id = a\x1b[2J',
  `external_id = ${'x'.repeat(1225)}`,
  'role_session_name = x',
  'role_session_name = a b',
  'role_session_name = a/b',
  `role_session_name = ${'x'.repeat(65)}`,
  'source_identity = x',
  'source_identity =',
  'source_identity = aws:me',
  'source_identity = a b',
  `source_identity = ${'x'.repeat(65)}`,
  'source_identity = ab\n  external_id = SECRET',
  'role_session_name = ab\n  external_id = SECRET',
];

test.each(REFUSED.map((settings) => [settings.slice(0, 60), settings]))(
  '%j is refused, with its file and line',
  (_short, settings) => {
    const error = refusal(settings);
    expect(error.message).toMatch(/^config:4: \w+ of profile "a" is "[^\0-\x1f]*", which AWS would refuse$/);
    expect(error.message).toContain(`${settings.split(' ')[0]} of profile`);
    expect(error.message + error.hint).not.toContain('SECRET');
  },
);

const NO_ROLES = ['arn:foo', 'role101', '123456789012', ARN.replace('role/', 'user/'), `${ARN}x`.repeat(60)];

test.each(NO_ROLES.map((arn) => [arn.slice(0, 60), arn]))('the role_arn %j is refused', (_short, arn) => {
  expect(refusal('', arn).message).toMatch(
    /^config:2: role_arn of profile "a" is ".*", which AWS would refuse$/,
  );
});

test('a role_arn that goes on in the next line is refused, and the hint says why', () => {
  expect(refusal('', `${ARN}\n  mfa_serial = x`).hint).toContain('indented');
});
