import { describe, expect, it } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import { checkMfaSerial } from '../../src/profiles/mfa-serial.ts';
import { applyOverrides, type Overrides } from '../../src/profiles/profile-overrides.ts';
import { type RoleChain, resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { storeOf } from './files.ts';

const KEYS = 'aws_access_key_id = A\naws_secret_access_key = S\n';
const role = (name: string, more: string): string =>
  `[profile ${name}]\nrole_arn = arn:aws:iam::123456789012:role/${name}\n${more}\n`;
const device = (name: string): string => `arn:aws:iam::123456789012:mfa/${name}`;

function chainOf(name: string, config: string, credentials = '', overrides: Overrides = {}): RoleChain {
  const store = applyOverrides(storeOf(config, credentials), name, overrides, {});
  return resolveRoleChain(store, name);
}

/** Checks the device of a chain; gives its serial, and undefined where there is none. */
function check(chain: RoleChain): string | undefined {
  return chain.mfa && checkMfaSerial(chain.mfa, chain.hops[0]?.roleArn);
}

function refusal(act: () => unknown): AwsroleError {
  try {
    act();
  } catch (error) {
    if (error instanceof AwsroleError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}

describe('the MFA device of a profile of keys', () => {
  const user = `[user]\n${KEYS}mfa_serial = ${device('user')}\nmfa_process = otp\nmfa_session_duration = 8h\n`;
  const ofUser = {
    serial: { value: device('user'), file: 'credentials', line: 4 },
    profile: 'user',
    process: { value: 'otp' },
    sessionDuration: { value: '8h' },
  };

  it('counts for the user', () => {
    expect(chainOf('user', '', user)).toMatchObject({ hops: [], mfa: ofUser });
  });

  it('counts for every role that it is the source of, also where a role is behind that', () => {
    const config = role('a', 'source_profile = user') + role('b', 'source_profile = a');
    expect(chainOf('a', config, user).mfa).toMatchObject({ ...ofUser, isOfUser: true });
    expect(chainOf('b', config, user).mfa).toMatchObject({ ...ofUser, isOfUser: true });
  });

  it('may stand in the other file than the keys', () => {
    const config = `[profile user]\nmfa_serial = ${device('here')}\n${role('a', 'source_profile = user')}`;
    for (const name of ['user', 'a']) {
      expect(chainOf(name, config, `[user]\n${KEYS}`).mfa?.serial).toEqual({
        value: device('here'),
        file: 'config',
        line: 2,
      });
    }
  });

  it('is not that of a role which names its own, or none', () => {
    const config =
      role('own', `source_profile = user\nmfa_serial = ${device('own')}`) +
      role('none', 'source_profile = user\nmfa_serial =');
    expect(chainOf('own', config, user).mfa).toMatchObject({
      serial: { value: device('own') },
      profile: 'own',
      isOfUser: false,
      process: { value: 'otp' },
    });
    expect(chainOf('none', config, user).mfa).toBeUndefined();
    expect(chainOf('none', config, user).unusedMfa).toEqual({ value: '', file: 'config', line: 8 });
  });

  it('of [default] is only of those who take its keys', () => {
    const config =
      `[default]\n${KEYS}mfa_serial = ${device('me')}\n[profile other]\n${KEYS}` +
      role('a', 'source_profile = default') +
      role('b', 'source_profile = other');
    const serial = (name: string): string | undefined => chainOf(name, config).mfa?.serial.value;
    expect(['default', 'a', 'other', 'b'].map(serial)).toEqual([
      device('me'),
      device('me'),
      undefined,
      undefined,
    ]);
  });

  it('does not count where there is no user of long-lived keys', () => {
    const serial = `mfa_serial = ${device('x')}\n`;
    const sources = {
      session: `${KEYS}aws_session_token = T\n`,
      sso: 'sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r\n',
      web: 'web_identity_token_file = /t\nrole_arn = arn:aws:iam::123456789012:role/w\n',
      login: 'login_session = arn:aws:iam::123456789012:user/user101\n',
    };
    for (const [name, settings] of Object.entries(sources)) {
      const config = `[profile ${name}]\n${settings}${serial}${role('a', `source_profile = ${name}`)}`;
      expect(chainOf(name, config).mfa, name).toBeUndefined();
      expect(chainOf('a', config).mfa, name).toBeUndefined();
    }
  });

  it('counts beside a credential_process, which may give keys', () => {
    const config = `[profile p]\ncredential_process = keys\nmfa_serial = ${device('p')}\n${role('a', 'source_profile = p')}`;
    expect(chainOf('p', config).mfa?.serial.value).toBe(device('p'));
    expect(chainOf('a', config).mfa?.serial.value).toBe(device('p'));
  });

  it('is not taken from a profile whose role other keys assume', () => {
    const both = `[profile both]\n${KEYS}role_arn = arn:aws:iam::123456789012:role/x\nmfa_serial = ${device('both')}\n`;
    const a = role('a', 'source_profile = both');
    expect(chainOf('a', `${both}source_profile = other\n${a}`).mfa).toBeUndefined();
    expect(chainOf('a', `${both}source_profile = both\n${a}`).mfa?.serial.value).toBe(device('both'));
    // A role of its own keys: the device is both the role's and the user's.
    expect(chainOf('both', `${both}source_profile = both\n`).mfa).toMatchObject({ isOfUser: false });
  });
});

describe('no code is asked for', () => {
  const own = `mfa_serial = ${device('own')}`;

  it.each([
    [
      'SSO',
      'sso_start_url = https://x\nsso_region = us-east-1\nsso_account_id = 123456789012\nsso_role_name = r',
    ],
    ['a web identity', 'web_identity_token_file = /t\nrole_arn = arn:aws:iam::123456789012:role/w'],
    ['a role that has logged in', 'login_session = arn:aws:sts::123456789012:assumed-role/r/me'],
  ])('for a role behind %s, whose session is a role’s', (_name, settings) => {
    const config = `[profile s]\n${settings}\n${role('a', `source_profile = s\n${own}`)}`;
    const chain = chainOf('a', config);
    expect(chain.mfa).toBeUndefined();
    expect(chain.unusedMfa?.value).toBe(device('own'));
    const error = refusal(() => chainOf('a', config, '', { mfaSerial: device('flag') }));
    expect(error.kind).toBe('usage');
    expect(error.message).toContain('--mfa-serial: profile "s" gives the session of a role');
    expect(chainOf('a', config, '', { noMfa: true }).mfa).toBeUndefined();
  });

  it.each(['Ec2InstanceMetadata', 'EcsContainer'])('for a role that %s is the source of', (source) => {
    expect(chainOf('a', role('a', `credential_source = ${source}\n${own}`)).mfa).toBeUndefined();
    expect(chainOf('a', role('a', `credential_source = Environment\n${own}`)).mfa?.serial.value).toBe(
      device('own'),
    );
  });

  it('for a role behind a role; the first role has the device', () => {
    const config = role('a', 'source_profile = user') + role('b', `source_profile = a\n${own}`);
    expect(chainOf('b', config, `[user]\n${KEYS}`).mfa).toBeUndefined();
  });

  it('with --no-mfa, for a user and for roles', () => {
    const config =
      role('a', 'source_profile = user') +
      role('b', 'source_profile = a') +
      role('c', `source_profile = user\n${own}`);
    const user = `[user]\n${KEYS}mfa_serial = ${device('user')}\n`;
    for (const name of ['user', 'a', 'b', 'c']) {
      const chain = chainOf(name, config, user, { noMfa: true });
      expect(chain.mfa, name).toBeUndefined();
      expect(chain.unusedMfa).toEqual({ value: '', by: '--no-mfa' });
    }
    expect(refusal(() => chainOf('a', config, user, { noMfa: true, mfaSerial: device('x') })).kind).toBe(
      'usage',
    );
  });
});

describe('--mfa-serial', () => {
  const user = `[user]\n${KEYS}`;

  it('is for a user as well, and for the user at the beginning of a chain', () => {
    const config = role('a', 'source_profile = user') + role('b', 'source_profile = a');
    for (const name of ['user', 'a', 'b']) {
      expect(chainOf(name, config, user, { mfaSerial: device('flag') }).mfa).toMatchObject({
        serial: { value: device('flag'), by: '--mfa-serial' },
        profile: name,
      });
    }
  });

  it('is refused for keys of a session, which have no MFA session', () => {
    const error = refusal(() =>
      chainOf('user', '', `${user}aws_session_token = T\n`, { mfaSerial: device('x') }),
    );
    expect(error).toMatchObject({ kind: 'usage' });
    expect(error.message).toContain('gives a session, for which there is no MFA session');
  });
});

describe('an mfa_serial', () => {
  const of = (serial: string): RoleChain =>
    chainOf('a', role('a', `credential_source = Environment\nmfa_serial = ${serial}`));

  it.each([
    device('user101'),
    device('team/yubikey'),
    device('passkey'),
    device('u2f'),
    'arn:aws:iam::123456789012:mfa/root-account-mfa-device',
    'arn:aws:iam::123456789012:sms-mfa/user101',
    'GAHT12345678',
  ])('that shows codes is taken: %s', (serial) => {
    expect(check(of(serial))).toBe(serial);
  });

  it.each([
    'arn:aws:iam::123456789012:u2f/user/user101/key-ABCDEF',
    'arn:aws:iam::123456789012:U2F/user/user101/key-ABCDEF',
    'arn:aws:iam::123456789012:u2f/user101',
    'arn:aws-us-gov:iam::123456789012:fido/user/user101',
    'arn:aws:iam::123456789012:passkey/user101',
    'arn:aws:iam::123456789012:webauthn/user101',
    'arn:aws:iam::123456789012:security-key/user101',
    'u2f/user/user101/key-ABCDEF',
  ])('of a security key or passkey is refused, with what to do: %s', (serial) => {
    const error = refusal(() => check(of(serial)));
    expect(error.kind).toBe('configuration');
    expect(error.message).toMatch(
      /^config:4: mfa_serial of profile "a" is ".*", a security key or passkey, and those give no code$/,
    );
    expect(error.hint).toMatch(
      /add one to the same user in IAM.*such as arn:aws[a-z-]*:iam::123456789012:mfa\/NAME$/,
    );
  });

  it.each([
    'arn:aws:iam::123456789012:user/user101',
    'arn:aws:iam::123456789012:role/user101',
    'arn:aws:sts::123456789012:assumed-role/a/b',
    'arn:aws:iam:123456789012:mfa/user101',
    'arn:aws:iam::12345678901:mfa/user101',
    'arn:aws:iam::123456789012:mfa/',
    'arn:aws:iam::123456789012:mfa',
    'mfa/user101',
  ])('that names no device is refused: %s', (serial) => {
    const error = refusal(() => check(of(serial)));
    expect(error.message).toBe(
      `config:4: mfa_serial of profile "a" is "${serial}", which names no MFA device`,
    );
    expect(error.hint).toContain(':mfa/NAME');
  });

  it.each(['short', 'arn:aws:iam::123456789012:mfa/użytkownik', 'x'.repeat(257)])(
    'that AWS would refuse is refused with its line: %.60s',
    (serial) => {
      expect(refusal(() => check(of(serial))).message).toMatch(
        /^config:4: mfa_serial of profile "a" is ".*", which AWS would refuse$/,
      );
    },
  );

  it('of another partition than the role is refused; another account may be right', () => {
    expect(refusal(() => check(of('arn:aws-cn:iam::123456789012:mfa/user101'))).message).toBe(
      'config:4: mfa_serial of profile "a" is a device of partition aws-cn, and the role is of aws',
    );
    expect(check(of('arn:aws:iam::999999999999:mfa/user101'))).toContain('999999999999');
  });

  it('of a source profile is named with its own line', () => {
    const user = `[user]\n${KEYS}mfa_serial = arn:aws:iam::123456789012:u2f/user/me/key\n`;
    const error = refusal(() => check(chainOf('a', role('a', 'source_profile = user'), user)));
    expect(error.message).toMatch(/^credentials:4: mfa_serial of profile "user" is /);
    expect(error.hint).toContain('for roles that want no MFA, delete the line');
  });
});
