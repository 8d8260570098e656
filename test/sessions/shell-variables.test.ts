import { describe, expect, it } from 'vitest';
import { hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs } from '../world.ts';

/** What others leave in a shell: credentials, ways to get some, and what the shell is said to hold. */
const LEFT_BY = {
  'the SDKs and the AWS CLI': {
    AWS_PROFILE: 'role101',
    AWS_DEFAULT_PROFILE: 'role101',
    AWS_ACCOUNT_ID: '210987654321',
  },
  EKS: {
    AWS_ROLE_ARN: 'arn:aws:iam::210987654321:role/pod',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/var/run/token',
    AWS_ROLE_SESSION_NAME: 'pod',
  },
  'EKS Pod Identity': {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://169.254.170.23/v1/credentials',
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/var/run/token',
  },
  'ECS and CodeBuild': { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/v2/credentials/1' },
  CloudShell: {
    AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://localhost:1338/latest',
    AWS_CONTAINER_AUTHORIZATION_TOKEN: 'x',
  },
  'CI by OIDC': {
    AWS_ROLE_ARN: 'arn:aws:iam::210987654321:role/ci',
    AWS_WEB_IDENTITY_TOKEN_FILE: '/tmp/token',
    AWS_SESSION_TOKEN: 'x',
  },
  'older programs': {
    AWS_ACCESS_KEY: 'AKIAOLD',
    AWS_SECRET_KEY: 's',
    AWS_SECURITY_TOKEN: 'x',
    AWS_DELEGATION_TOKEN: 'x',
  },
  'the AWS SDK for JavaScript': { AWS_CREDENTIAL_SCOPE: 'eu-west-9' },
  'the EB CLI and oh-my-zsh': { AWS_EB_PROFILE: 'role101' },
  'aws-vault': {
    AWS_VAULT: 'x',
    AWS_SESSION_EXPIRATION: '2020-01-01T00:00:00Z',
    AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z',
  },
  awsume: { AWSUME_PROFILE: 'x', AWSUME_EXPIRATION: '2020-01-01T00:00:00', AWSUME_COMMAND: 'x' },
  awsu: { AWSU_PROFILE: 'x' },
  'saml2aws and granted': {
    AWS_SECURITY_TOKEN: 'x',
    AWS_CREDENTIAL_EXPIRATION: '2020-01-01T00:00:00Z',
    AWS_SESSION_EXPIRATION: '2020-01-01T00:00:00Z',
  },
  'aws-sso-cli': { AWS_SSO_PROFILE: 'x' },
} as const;

/** What is the user's, whatever role is held: how programs work, and credentials of something else. */
const THEIRS = {
  AWS_CA_BUNDLE: '/etc/company.pem',
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_LOAD_CONFIG: '1',
  AWS_VAULT_BACKEND: 'file',
  AWS_SSO: 'Default',
  AWS_SSO_ROLE_NAME: 'x',
  AWS_CREDENTIAL_FILE: '/etc/keys',
  AWS_MFA_HELPER: 'x',
  AWS_BEARER_TOKEN_BEDROCK: 'x',
  AWS_EXECUTION_ENV: 'CloudShell',
  BOTO_CONFIG: '/etc/boto.cfg',
  AMAZON_THING: 'x',
};

describe('beside the keys of a role', () => {
  it.each(Object.entries(LEFT_BY))('stands nothing of %s', async (_who, left) => {
    const world = await makeWorld();
    const env = { ...left };
    const { set, unset } = await world.lines('plain', { env });
    const inside = await world.execEnv('plain', { env });
    for (const [name, value] of Object.entries(left)) {
      expect([...unset, ...Object.keys(set)]).toContain(name);
      expect(inside[name]).toBe(set[name]);
      expect(inside[name]).not.toBe(value);
    }
  });

  it('stays what is theirs', async () => {
    const world = await makeWorld();
    const { set, unset } = await world.lines('plain', { env: THEIRS });
    for (const name of Object.keys(THEIRS)) expect([...unset, ...Object.keys(set)]).not.toContain(name);
    expect(await world.execEnv('plain', { env: THEIRS })).toMatchObject(THEIRS);
  });

  it('boto3 is the role, whatever there was', needs(hasBoth), async () => {
    const world = await makeWorld();
    const env = Object.assign({}, ...Object.values(LEFT_BY)) as Record<string, string>;
    const script = 'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])';
    const run = await world.run(['exec', 'plain', '--', python, '-c', script], { env });
    expect(run.stdout).toContain(':assumed-role/plain/');
  });
});
