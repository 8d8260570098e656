import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { type StsServer, startStsServer } from '../../src/demo/sts-server.ts';

function hasAwsCli(): boolean {
  try {
    execFileSync('aws', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// On a user's machine these tests are skipped for all to see; in CI a missing AWS CLI is a failure.
const run = hasAwsCli() || process.env.CI ? describe : describe.skip;

run('the AWS CLI', () => {
  let folder: string;
  let server: StsServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'awsrole-aws-cli-'));
    const users = SAMPLE_WORLD.users.map((user, index) =>
      index === 0 ? { ...user, allow: ['iam:ListMFADevices'] } : user,
    );
    server = await startStsServer({ ...SAMPLE_WORLD, users, checkPartition: true });
    for (const [name, text] of Object.entries(sampleFiles()))
      writeFileSync(join(folder, name), text, { mode: 0o600 });
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Runs `aws sts ...` (or another service) with the sample files; the result is the parsed JSON, or what it said when it failed. */
  function aws(
    profile: string,
    args: string[],
    options: { env?: NodeJS.ProcessEnv; input?: string; service?: string } = {},
  ) {
    const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('AWS_'));
    const env = {
      ...Object.fromEntries(kept),
      // The CLI keeps its sessions below the home folder, whatever AWS_CONFIG_FILE says.
      HOME: folder,
      USERPROFILE: folder,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      AWS_ENDPOINT_URL_STS: server.url,
      ...(profile !== '' && { AWS_PROFILE: profile }),
      ...options.env,
    };
    const all = ['--endpoint-url', server.url, '--output', 'json', options.service ?? 'sts', ...args];
    return new Promise<{ json: Record<string, never> | undefined; error: string }>((resolve) => {
      const child = execFile('aws', all, { env }, (failure, stdout, stderr) => {
        resolve({
          json: failure ? undefined : JSON.parse(stdout),
          error: failure ? `${failure.message}${stderr}` : '',
        });
      });
      child.stdin?.end(options.input ?? '');
    });
  }

  const mfaArgs = () => [
    '--serial-number',
    SAMPLE_MFA_SERIAL,
    '--token-code',
    server.mfaCode(SAMPLE_MFA_SERIAL, { next: true })?.code ?? 'none',
  ];
  const assume = (name: string) => [
    'assume-role',
    '--role-arn',
    `arn:aws:iam::123456789012:role/${name}`,
    '--role-session-name',
    'cli',
  ];

  it('sees who it is', async () => {
    server.reset();
    expect(await aws('user101', ['get-caller-identity'])).toMatchObject({
      error: '',
      json: { Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/user101' },
    });
    expect((await aws('user-gov', ['get-caller-identity'])).json).toMatchObject({
      Arn: 'arn:aws-us-gov:iam::123456789012:user/user-gov',
    });
    expect(server.requests()).toMatchObject([
      { region: 'us-east-1', userAgent: expect.stringMatching(/aws-cli/) },
      { region: 'us-gov-west-1' },
    ]);
  });

  it('assumes a role without MFA, and acts as it', async () => {
    server.reset();
    const { json, error } = await aws('user101', assume('plain'));
    expect(error).toBe('');
    expect(json).toMatchObject({
      AssumedRoleUser: { Arn: 'arn:aws:sts::123456789012:assumed-role/plain/cli' },
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA/),
        Expiration: expect.stringMatching(/^\d{4}-.*T/),
      },
    });
    const credentials = json?.Credentials as unknown as Record<string, string>;
    const env = {
      AWS_ACCESS_KEY_ID: credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: credentials.SessionToken,
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_REGION: 'us-east-1',
    };
    expect((await aws('', ['get-caller-identity'], { env })).json).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/plain/cli',
    });
    expect(
      (await aws('', ['get-caller-identity'], { env: { ...env, AWS_SESSION_TOKEN: 'x' } })).error,
    ).toContain(
      'An error occurred (InvalidClientTokenId) when calling the GetCallerIdentity operation: The security token included in the request is invalid',
    );
  });

  it('assumes a role with MFA only', async () => {
    server.reset();
    expect((await aws('user101', assume('role101'))).error).toContain(
      'An error occurred (AccessDenied) when calling the AssumeRole operation: User: arn:aws:iam::123456789012:user/user101 is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/role101',
    );
    const args = [...assume('role101'), ...mfaArgs()];
    expect((await aws('user101', args)).error).toBe('');
    expect((await aws('user101', args)).error).toContain(
      'An error occurred (AccessDenied) when calling the AssumeRole operation: MultiFactorAuthentication failed with invalid MFA one time pass code.',
    );
  });

  it('gets a session', async () => {
    server.reset();
    expect((await aws('user101', ['get-session-token', ...mfaArgs()])).json).toMatchObject({
      Credentials: { AccessKeyId: expect.stringMatching(/^ASIA/) },
    });
    expect(server.counts()).toEqual({ GetSessionToken: 1 });
  });

  it('lists the MFA devices of a user who may', async () => {
    server.reset();
    const { json, error } = await aws('user101', ['list-mfa-devices'], { service: 'iam' });
    expect(error).toBe('');
    expect(json).toMatchObject({ MFADevices: [{ UserName: 'user101', SerialNumber: SAMPLE_MFA_SERIAL }] });
    const denied = await aws('user-cn', ['list-mfa-devices'], { service: 'iam' });
    expect(denied.error).toContain(
      'An error occurred (AccessDenied) when calling the ListMFADevices operation: User: arn:aws-cn:iam::123456789012:user/user-cn is not authorized to perform: iam:ListMFADevices on resource: user user-cn',
    );
  });

  it('finds the roles of the sample files, over a chain and in other partitions', async () => {
    server.reset();
    const arnOf = async (profile: string, input?: string) => {
      const { json, error } = await aws(
        profile,
        ['get-caller-identity'],
        input === undefined ? {} : { input },
      );
      expect(error).toBe('');
      return String(json?.Arn).replace(/\/[^/]*$/, '');
    };
    expect(await arnOf('plain')).toBe('arn:aws:sts::123456789012:assumed-role/plain');
    expect(await arnOf('external')).toBe('arn:aws:sts::123456789012:assumed-role/external');
    expect(await arnOf('cn')).toBe('arn:aws-cn:sts::123456789012:assumed-role/cn');
    const code = `${server.mfaCode(SAMPLE_MFA_SERIAL, { next: true })?.code}\n`;
    expect(await arnOf('chained', code)).toBe('arn:aws:sts::123456789012:assumed-role/chained');
    expect(server.counts()).toEqual({ AssumeRole: 5, GetCallerIdentity: 4 });
  });
});
