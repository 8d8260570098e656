import { describe, expect, it } from 'vitest';
import { resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { storeOf } from './files.ts';

const KEYS = 'aws_access_key_id = ASIA\naws_secret_access_key = x\n';
const TOKEN = 'aws_session_token = y\n';
const MOMENT = Date.parse('2026-11-22T09:44:30Z') / 1000;
const LOCAL = new Date(2026, 10, 22, 9, 44, 30).getTime() / 1000;

function keysOf(credentials: string, config?: string, name = 'a') {
  const { source } = resolveRoleChain(storeOf(config, credentials), name);
  if (source.kind !== 'keys') throw new Error(source.kind);
  return source;
}

describe('the end of temporary keys', () => {
  it.each([
    ['saml2aws', 'x_principal_arn = arn\nx_security_token_expires = 2026-11-22T10:44:30+01:00', MOMENT],
    ['aws-mfa', 'assumed_role = False\nexpiration = 2026-11-22 09:44:30', MOMENT],
    ['gimme-aws-creds', 'x_security_token_expires = 2026-11-22T09:44:30+00:00', MOMENT],
    ['aws-google-auth', 'aws_session_expiration = 2026-11-22T09:44:30+0000', MOMENT],
    ['okta-awscli', 'aws_session_expiration = 2026-11-22 09:44:30+00:00', MOMENT],
    ['aws-azure-login', 'aws_expiration = 2026-11-22T09:44:30.000Z', MOMENT],
    ['autoawsume', 'manager = awsume\nautoawsume = true\nexpiration = 2026-11-22 09:44:30', LOCAL],
    ['stsauth', 'aws_credentials_expiry = 1795340670', MOMENT],
    ['aws-vault', 'aws_credential_expiration = 2026-11-22T09:44:30Z', MOMENT],
    ['a script', 'token_expiration = Sun, 22 Nov 2026 09:44:30 GMT', MOMENT],
    ['another', 'expires = 2026-11-22 09:44:30 +0000 UTC', MOMENT],
    ['one more', 'aws_session_token_expires_at = 1795340670000', MOMENT],
    ['one with quotes', 'x_security_token_expires = "2026-11-22T09:44:30Z"', MOMENT],
  ])('is read as %s writes it', (_tool, lines, seconds) => {
    const { end } = keysOf(`[a]\n${KEYS}${TOKEN}${lines}\n`);
    expect(end?.seconds).toBe(seconds);
    expect(end?.property).toMatchObject({ file: 'credentials', line: 4 + lines.split('\n').length });
  });

  it('is that beside the keys, else that in the other file; of two the later', () => {
    const config = '[profile a]\nexpiration = 2030-01-01T00:00:00Z\n';
    const later = 'expiration = 2020-01-01 00:00:00\nx_security_token_expires = 2026-11-22T09:44:30Z\n';
    expect(keysOf(`[a]\n${KEYS}${TOKEN}${later}`, config).end?.seconds).toBe(MOMENT);
    expect(keysOf(`[a]\n${KEYS}${TOKEN}`, config).end?.property).toMatchObject({ file: 'config', line: 2 });
  });

  it.each([
    ['no session token', `expiration = 2026-11-22 09:44:30\n`],
    ['no time', TOKEN],
    ['an empty one', `${TOKEN}x_security_token_expires =\n`],
    ["Go's time of nothing", `${TOKEN}x_security_token_expires = 0001-01-01T00:00:00Z\n`],
    [
      'that of something else',
      `${TOKEN}source_expiration = 2020-01-01 00:00:00\nsso_registration_expires = 1\n`,
    ],
  ])('is not known with %s', (_what, lines) => {
    expect(keysOf(`[a]\n${KEYS}${lines}`).end).toBeUndefined();
  });

  it.each(['soon', '2026-11-31', '+010000-01-01T00:00:00Z'])('cannot be read as %j', (text) => {
    expect(keysOf(`[a]\n${KEYS}${TOKEN}expiration = ${text}\n`).end).toMatchObject({
      seconds: undefined,
      property: { line: 5 },
    });
  });
});

describe('who wrote temporary keys', () => {
  const EXPIRES = 'x_security_token_expires = 2020-01-01T00:00:00Z\n';
  it.each([
    ['saml', `x_principal_arn = arn\n${EXPIRES}`, undefined, 'saml2aws wrote them; run: saml2aws login'],
    ['a', `x_principal_arn = arn\n${EXPIRES}`, undefined, 'run: saml2aws login --profile a'],
    ['a', 'assumed_role = True\n', undefined, 'aws-mfa wrote them; run: aws-mfa --profile a'],
    ['a', `\n[a-long-term]\n${KEYS}`, undefined, 'run: aws-mfa --profile a'],
    ['autoawsume-a', 'manager = awsume\nautoawsume = true\n', undefined, 'run: awsume a -a'],
    ['a', 'manager = awsume\n', undefined, 'run: awsume PROFILE -o a'],
    ['a', 'aws_expiration = x\n', 'azure_tenant_id = x\n', 'run: aws-azure-login --profile a'],
    ['a', 'aws_session_expiration = x\n', 'google_config.role_arn = x\n', 'run: aws-google-auth --profile a'],
    ['a', '', 'adfs_config.adfs_host = x\n', 'run: aws-adfs login --profile a'],
    ['a', EXPIRES, undefined, 'run: saml2aws login --profile a, gimme-aws-creds, or okta-aws-cli'],
    ['a', 'aws_expiration = x\n', undefined, 'run: aws-azure-login --profile a, or clisso get'],
    ['a', 'aws_session_expiration = x\n', undefined, 'run: aws-google-auth --profile a, okta-awscli'],
    ['a', 'expiration = x\n', undefined, 'run: aws-mfa --profile a, or awsume'],
    ['a', '', undefined, 'whatever wrote them there has to write new ones'],
    ['a; rm -rf ~', 'assumed_role = True\n', '', 'run: aws-mfa --profile NAME'],
  ])('is told for %j by its settings', (name, lines, config, renewal) => {
    const inConfig = config === undefined ? undefined : `[profile "${name}"]\n${config}`;
    expect(keysOf(`[${name}]\n${KEYS}${TOKEN}${lines}`, inConfig, name).renewal).toContain(renewal);
  });
});
