import { describe, expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import type { Source } from '../../src/profiles/chain-source.ts';
import {
  endpointUrlOf,
  problemsFor,
  type RoleChain,
  regionOf,
  resolveRoleChain,
} from '../../src/profiles/role-chain.ts';
import type { Property } from '../../src/profiles/shared-config-file.ts';
import { CHAIN_CASES, type ChainCase } from '../cases/chains.ts';
import { chainCase, describeSdkCases, type SdkChainCase } from '../cases/sdk-cases.ts';
import { storeOf } from './files.ts';

/** A chain in the form of the test cases: the source first, keyed by what it is. */
function profileChain({ source, hops }: RoleChain): Record<string, Record<string, string>>[] {
  const [kind, parts] = sourceParts(source);
  const roles = hops.map((hop) => ({
    AssumeRole: values({
      role_arn: hop.roleArn,
      external_id: hop.externalId,
      role_session_name: hop.roleSessionName,
    }),
  }));
  return [{ [kind]: values(parts) }, ...roles];
}

function sourceParts(source: Source): [string, Record<string, Property | undefined>] {
  switch (source.kind) {
    case 'keys':
      return [
        'AccessKey',
        {
          access_key_id: source.accessKeyId,
          secret_access_key: source.secretAccessKey,
          session_token: source.sessionToken,
          account_id: source.accountId,
        },
      ];
    case 'sso':
      return [
        'Sso',
        {
          sso_account_id: source.accountId,
          sso_region: source.region,
          sso_role_name: source.roleName,
          sso_start_url: source.startUrl,
          sso_session: source.session,
        },
      ];
    case 'web-identity':
      return [
        'WebIdentityToken',
        {
          role_arn: source.roleArn,
          web_identity_token_file: source.tokenFile,
          role_session_name: source.roleSessionName,
        },
      ];
    case 'credential-source':
      return ['NamedSource', { name: source.property }];
    case 'credential-process':
      return ['CredentialProcess', { command: source.command, account_id: source.accountId }];
    case 'login-session':
      return ['LoginSession', { login_session: source.session }];
  }
}

function values(parts: Record<string, Property | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(parts).flatMap(([key, part]) => (part ? [[key, part.value]] : [])),
  );
}

// AWS's words, and ours for the same.
const OUR_WORDS: Record<string, RegExp> = {
  'profile must contain `source_profile`':
    /^config:2: profile "A" has a role_arn but neither source_profile nor/,
  'profile contained both source_profile and credential_source':
    /^config:4: profile "A" contains both source_profile and credential_source/,
  'profile missing aws_access_key_id': /^config:5: profile "B" is missing aws_access_key_id/,
  'profile `B` did not contain credential information':
    /^config:4: profile "B" did not contain credential information; it has no settings/,
  'could not find source profile B referenced from A':
    /^config:3: could not find source profile "B", referenced from profile "A"/,
  'No profiles were defined': /^there is no profile "A" in config$/,
  'profile formed an infinite loop': /^config:6: the source profiles form an infinite loop: "A" → "B" → "A"/,
  'if `sso_account_id` is set, then `sso_role_name` must also be set':
    /^config:3: profile "A" is set up for SSO, but sso_role_name is missing/,
  '`sso_region` can only be specified in the [sso-session] config when a session name is given':
    /^config:2: profile "A" has no credentials: it says where to sign in, but not for which account and role/,
  'sso-session named `oops` (referenced by profile `A`) was not found':
    /^config:2: the sso-session "oops", referenced from profile "A", does not exist/,
};

function check({ config, profile, chain, error }: ChainCase): void {
  const store = storeOf(config);
  if (error === undefined) expect(profileChain(resolveRoleChain(store, profile))).toEqual(chain);
  else expect(() => resolveRoleChain(store, profile)).toThrow(error);
}

describe('the chain', () => {
  for (const one of CHAIN_CASES) test(one.name, () => check(one));

  test('of a login_session begins with it', () => {
    const session = 'arn:aws:sts::444455556666:assumed-role/Operator/ann';
    const store = storeOf(
      `[profile desk]\nlogin_session = ${session}\n[profile audit]\nrole_arn = R\nsource_profile = desk\n`,
    );
    expect(profileChain(resolveRoleChain(store, 'desk'))).toEqual([
      { LoginSession: { login_session: session } },
    ]);
    expect(profileChain(resolveRoleChain(store, 'audit'))).toEqual([
      { LoginSession: { login_session: session } },
      { AssumeRole: { role_arn: 'R' } },
    ]);
  });
});

describeSdkCases<SdkChainCase>('assume-role.json', 19, (cases) => {
  test.each(cases)('$docs', (one) => {
    const { Error: error } = one.output;
    check({
      ...chainCase(one),
      ...(error !== undefined && { error: OUR_WORDS[error] ?? /no words of ours for this/ }),
    });
  });
});

const KEYS = 'aws_access_key_id = AK\naws_secret_access_key = SK\n';

/** The chain in short: the source's kind and profile, then the profiles of the hops. */
function short(config: string, credentials?: string, name = 'a'): string {
  const { source, hops } = resolveRoleChain(storeOf(config, credentials), name);
  return [`${source.kind} of ${source.profile}`, ...hops.map(({ profile }) => profile)].join(' > ');
}

function failure(config: string, credentials?: string, name = 'a'): AwsroleError {
  try {
    short(config, credentials, name);
  } catch (error) {
    if (error instanceof AwsroleError && error.kind === 'configuration') return error;
    throw error;
  }
  throw new Error('it did not fail');
}

describe('the chain', () => {
  test('hops come in the order of execution, profiles from the one asked for down', () => {
    const store = storeOf(
      '[profile a]\nrole_arn = A\nsource_profile = b\n[profile b]\nrole_arn = B\nsource_profile = c\nmfa_serial = M\n',
      `[c]\n${KEYS}`,
    );
    const chain = resolveRoleChain(store, 'a');
    expect(chain.hops.map(({ roleArn }) => roleArn.value)).toEqual(['B', 'A']);
    expect(chain.mfa).toMatchObject({ serial: { value: 'M', file: 'config', line: 7 }, profile: 'b' });
    expect(chain.profiles).toEqual(['a', 'b', 'c']);
  });

  test('the role of the profile asked for comes before its keys, in a source profile it is the other way', () => {
    const role = 'role_arn = R\nsource_profile = b\n';
    expect(short(`[profile a]\n${KEYS}${role}[profile b]\n${KEYS}`)).toBe('keys of b > a');
    expect(short(`[profile a]\n${role}[profile b]\n${KEYS}role_arn = R\nsource_profile = a\n`)).toBe(
      'keys of b > a',
    );
  });

  test('half a pair of keys in a source profile is a mistake, not a reason to take its role', () => {
    const config =
      '[profile a]\nrole_arn = R\nsource_profile = b\n[profile b]\nrole_arn = R\nsource_profile = c\n';
    const source = `[profile c]\n${KEYS}`;
    const half = (key: string): string => failure(`${config}${key} = x\n${source}`).message;
    expect(half('aws_access_key_id')).toMatch(/^config:7: .*missing aws_secret_access_key/);
    expect(half('aws_secret_access_key')).toMatch(/^config:7: .*missing aws_access_key_id/);
  });

  test('a profile may be its own source only with keys', () => {
    expect(short(`[profile a]\nrole_arn = R\nsource_profile = a\n${KEYS}`)).toBe('keys of a > a');
    const process = '[profile a]\nrole_arn = R\nsource_profile = a\ncredential_process = p\n';
    expect(failure(process).message).toMatch(
      /^config:3: the source profiles form an infinite loop: "a" → "a"/,
    );
  });

  test('keys of the profile asked for do not break a loop', () => {
    const config = `[profile a]\nrole_arn=R\nsource_profile=b\n${KEYS}[profile b]\nrole_arn=R\nsource_profile=a\n`;
    expect(failure(config).message).toMatch(/^config:8: .*infinite loop/);
  });

  test('credential_source is one of three, case counts', () => {
    const config = (source: string): string => `[profile a]\nrole_arn = R\ncredential_source = ${source}\n`;
    for (const source of ['Environment', 'Ec2InstanceMetadata', 'EcsContainer']) {
      expect(short(config(source))).toBe('credential-source of a > a');
    }
    expect(failure(config('environment')).message).toMatch(
      /^config:3: credential_source of profile "a" is "environment"/,
    );
  });
});

describe('the source, in the order of the AWS CLI', () => {
  const SSO = 'sso_account_id = 1\nsso_role_name = n\nsso_start_url = u\nsso_region = r\n';
  const WEB = 'web_identity_token_file = t\nrole_arn = R\n';
  const LOGIN = 'login_session = l\n';
  const PROCESS = 'credential_process = p\n';

  test.each([
    ['web identity', `${WEB}${SSO}${PROCESS}${LOGIN}`, KEYS, 'web-identity'],
    ['SSO', `${SSO}${PROCESS}${LOGIN}`, KEYS, 'sso'],
    ['keys in the credentials file', `${PROCESS}${LOGIN}`, KEYS, 'keys'],
    ['login_session', `${PROCESS}${LOGIN}${KEYS}`, '', 'login-session'],
    ['credential_process', `${PROCESS}${KEYS}`, '', 'credential-process'],
    ['keys in the config file', KEYS, '', 'keys'],
  ])('%s', (_name, config, credentials, kind) => {
    const files = [`[profile a]\n${config}`, `[a]\n${credentials}`] as const;
    expect(short(...files)).toBe(`${kind} of a`);
    const role = '[profile role]\nrole_arn = R\nsource_profile = a\n';
    expect(short(role + files[0], files[1], 'role')).toBe(`${kind} of a > role`);
  });

  test('what belongs to a key comes from the file of the key', () => {
    const config = `[profile a]\n${KEYS}aws_session_token = OLD\naws_account_id = 1\n`;
    const { source } = resolveRoleChain(storeOf(config, `[a]\n${KEYS}`), 'a');
    expect(sourceParts(source)[1]).toMatchObject({ session_token: undefined, account_id: undefined });
    const split = failure('[profile a]\naws_secret_access_key = SK\n', '[a]\naws_access_key_id = AK\n');
    expect(split.message).toMatch(/^credentials:2: profile "a" is missing aws_secret_access_key/);
  });

  test('aws_security_token is the older name of aws_session_token', () => {
    const { source } = resolveRoleChain(storeOf(`[profile a]\n${KEYS}aws_security_token = T\n`), 'a');
    expect(sourceParts(source)[1]).toMatchObject({ session_token: { value: 'T' } });
  });

  test('an sso-session fills in the start URL and region, and must not contradict', () => {
    const session = '[sso-session s]\nsso_start_url = u\nsso_region = r\n';
    const profile = '[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = n\n';
    expect(profileChain(resolveRoleChain(storeOf(profile + session), 'a'))).toEqual([
      {
        Sso: {
          sso_session: 's',
          sso_account_id: '1',
          sso_role_name: 'n',
          sso_start_url: 'u',
          sso_region: 'r',
        },
      },
    ]);
    expect(short(`${profile}sso_region = r\n${session}`)).toBe('sso of a');
    expect(failure(`${profile}sso_region = x\n${session}`).message).toMatch(
      /^config:5: sso_region of profile "a" differs/,
    );
    expect(failure(`${profile}[sso-session s]\nsso_region = r\n`).message).toMatch(
      /^config:5: .*sso_start_url is missing/,
    );
    expect(failure(`${profile}[sso-session st]\n`).hint).toBe('did you mean "st"?');
  });
});

describe('what leads nowhere', () => {
  test.each([
    [
      'web identity without a role',
      '[profile a]\nweb_identity_token_file = t\n',
      /^config:2: .* but no role_arn$/,
    ],
    [
      'an empty token file',
      '[profile a]\nweb_identity_token_file =\nrole_arn = R\n',
      /^config:2: .* is empty$/,
    ],
    [
      'an empty key',
      '[profile a]\naws_access_key_id =\naws_secret_access_key = x\n',
      /^config:2: .* is empty$/,
    ],
    [
      'a key without its secret',
      '[profile a]\naws_access_key_id = x\n',
      /^config:2: .*missing aws_secret_access_key$/,
    ],
    ['source_profile alone', '[profile a]\nsource_profile = b\n', /^config:2: .*has no role_arn$/],
    [
      'another spelling',
      '[profile a]\nrole-arn = R\nregion = r\n',
      /^config:1: .*it has only role-arn, region$/,
    ],
  ])('%s', (_name, config, message) => expect(failure(config).message).toMatch(message));

  test('a name that is close gets the closest ones', () => {
    const error = failure('[profile prod]\n[profile dev]\n[profile prod-admin]\n', undefined, 'prd');
    expect(error.message).toBe('there is no profile "prd" in config');
    expect(error.hint).toBe('did you mean "prod"?');
    const source = failure('[profile a]\nrole_arn = R\nsource_profile = bse\n[profile base]\n');
    expect(source).toMatchObject({
      message: expect.stringMatching(/^config:3: /),
      hint: 'did you mean "base"?',
    });
  });

  test('a header that is ignored is named', () => {
    const error = failure('[profile b]\n[a]\nregion = r\n');
    expect(error.message).toMatch(/^config:2: there is no profile "a" in config: "\[a\]" is ignored/);
    expect(error.hint).toContain('"[profile a]"');
    expect(failure('[profile a]\nrole_arn = R\nsource_profile = u\n[u]\n').message).toMatch(
      /^config:4: .*source profile "u"/,
    );
  });

  test('a file that is lost is named', () => {
    const store = storeOf(Buffer.from('\ufeff[profile a]\n', 'utf16le'));
    expect(() => resolveRoleChain(store, 'a')).toThrow(
      /^config:1: there is no profile "a" in config: the file is UTF-16/,
    );
  });

  test('without files', () => {
    expect(() => resolveRoleChain(storeOf(undefined), 'a')).toThrow(
      /^there is no profile "a": no profiles were defined/,
    );
  });

  test('names that do harm to a terminal are shown escaped', () => {
    const error = failure('[profile a]\nrole_arn = R\nsource_profile = \x1b[2Jx\n[profile \x1b[2Jy]\n');
    expect(error.message).toContain('"\\u{1b}[2Jx"');
    expect(error.hint).toBe('did you mean "\\u{1b}[2Jy"?');
  });

  test('a line that was indented by mistake is not shown: it may be a secret', () => {
    const error = failure(
      '[profile a]\nrole_arn = R\nsource_profile = b\n  aws_secret_access_key = SECRET\n[profile b]\n',
    );
    expect(error.message).toMatch(/^config:3: could not find source profile "b…"/);
    expect(error.message + error.hint).not.toContain('SECRET');
    expect(error.hint).toContain('indented');
  });
});

describe('lines that cannot be read', () => {
  const config =
    '[profile a]\nrole_arn = R\nsource_profile = b\n[profile b]\nregion: x\n[profile c]\nregion: x\n';

  test('stop a profile whose chain they lie in', () => {
    const credentials = `[b]\n${KEYS}[c]\n${KEYS}`;
    for (const name of ['a', 'b']) {
      expect(failure(config, credentials, name).message).toMatch(/^config:5: expected an '=' sign/);
    }
  });

  test('are only told of elsewhere', () => {
    const store = storeOf(`${config}[profile d]\nregion = x # y\n`, `[d]\n${KEYS}`);
    const { inChain, elsewhere } = problemsFor(store, resolveRoleChain(store, 'd'));
    expect(inChain).toMatchObject([{ severity: 'warning', line: 9, profile: 'd' }]);
    expect(elsewhere.map(({ line }) => line)).toEqual([5, 7]);
  });

  test('stop a profile whose header is one of them, though another header of it is whole', () => {
    expect(failure(`[profile a]\n${KEYS}[profile a\nrole_arn = R\n`).message).toMatch(/^config:4: /);
  });
});

test("the region is the role's, else its source profile's, and so on; empty is unset", () => {
  const region = (a: string, b: string, c: string): string | undefined => {
    const role = 'role_arn = R\nsource_profile =';
    const store = storeOf(`[profile a]\n${role} b\n${a}[profile b]\n${role} c\n${b}[profile c]\n${KEYS}${c}`);
    return regionOf(store, resolveRoleChain(store, 'a'))?.value;
  };
  const line = 'region = ';
  expect(region(`${line}A\n`, `${line}B\n`, `${line}C\n`)).toBe('A');
  expect(region('', `${line}B\n`, `${line}C\n`)).toBe('B');
  expect(region(`${line}\n`, '', `${line}C\n`)).toBe('C');
  expect(region('', '', '')).toBeUndefined();
});

describe('the endpoint', () => {
  const services =
    '[services x]\nsts =\n  endpoint_url = http://sts\ns3 =\n  endpoint_url = http://s3\n[services y]\n';
  const endpoint = (profile: string): string | undefined =>
    endpointUrlOf(storeOf(`${services}[profile a]\n${profile}`), 'a', 'sts')?.value;

  test.each([
    ['services = x\nendpoint_url = http://own\n', 'http://sts'],
    ['services = y\nendpoint_url = http://own\n', 'http://own'],
    ['s3 =\n  endpoint_url = http://s3\n', undefined],
    ['services = x\nignore_configured_endpoint_urls = TRUE\n', undefined],
    ['services = x\nignore_configured_endpoint_urls = false\n', 'http://sts'],
    ['endpoint_url =\n', undefined],
    ['', undefined],
  ])('of %j is %s', (profile, url) => expect(endpoint(profile)).toBe(url));

  test('of a [services] section that does not exist is an error', () => {
    expect(() => endpoint('services = z\n')).toThrow(/^config:8: profile "a" refers to \[services "z"\]/);
  });
});
