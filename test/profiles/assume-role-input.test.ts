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
    'mfa_serial = arn:aws:iam::123456789012:mfa/user101',
    'external_id = a/b:c',
    'role_session_name = me@x',
    'duration_seconds = 03600',
  ];
  expect(check(settings.join('\n'))).toEqual({
    roleArn: ARN,
    partition: 'aws',
    accountId: '123456789012',
    mfaSerial: 'arn:aws:iam::123456789012:mfa/user101',
    externalId: 'a/b:c',
    roleSessionName: 'me@x',
    durationSeconds: 3600,
  });
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
  'mfa_serial = short',
  'mfa_serial =',
  'mfa_serial = arn:aws:iam::123456789012:mfa/użytkownik',
  `mfa_serial = ${'x'.repeat(257)}`,
  'external_id = x',
  'external_id =',
  'external_id = a b',
  'external_id = a\x1b[2J',
  `external_id = ${'x'.repeat(1225)}`,
  'role_session_name = x',
  'role_session_name = a b',
  'role_session_name = a/b',
  `role_session_name = ${'x'.repeat(65)}`,
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
