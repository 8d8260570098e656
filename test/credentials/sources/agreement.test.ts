import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { aws, hasBoth, python } from '../../aws-tools.ts';
import { makeWorld, needs, roleArn, section, type World } from '../../world.ts';
import { fakeContainer, fakeInstance, fakeSso, inSeconds, someCredentials } from './fakes.ts';
import { sessionOfUser } from './user-session.ts';

const BOTO3 = [
  python,
  '-c',
  `import boto3, sys
for profile in sys.argv[1:]:
    print(boto3.Session(profile_name=profile).get_credentials().access_key)`,
];
/** What signs, by the AWS CLI: the sandbox writes it down. */
const CLI = [aws, '--output', 'json', 'sts', 'get-caller-identity', '--profile'];

async function keyIdOf(
  world: World,
  profile: string,
  env: Record<string, string>,
): Promise<string | undefined> {
  return (await world.lines(profile, { env })).set.AWS_ACCESS_KEY_ID;
}

/** The key with which the last request was signed. */
function signer(world: World): string | undefined {
  return world.sts.requests().at(-1)?.accessKeyId;
}

describe('the AWS CLI and boto3 get the same credentials', needs(hasBoth), () => {
  it('from a process, and its words', async () => {
    const world = await makeWorld();
    const { accessKeyId, secretAccessKey, sessionToken } = await sessionOfUser(world);
    const give = join(world.home, 'give');
    const printed = { Version: 1, SecretAccessKey: secretAccessKey, SessionToken: sessionToken };
    writeFileSync(
      give,
      `#!/bin/sh
test "$*" = "one two \\$three 'four' \\$five \\"six" || { printf '<%s>\\n' "$@" >&2; exit 9; }
echo '${JSON.stringify({ ...printed, AccessKeyId: accessKeyId, Expiration: inSeconds(7200) })}'\n`,
      { mode: 0o755 },
    );
    const command = `${give} "one two" $three\\ "'four'" $'five' \\"six`;
    world.write({
      config: section('profile me@corp.com', { credential_process: command, region: 'us-east-1' }),
    });
    const env = { AWS_EC2_METADATA_DISABLED: 'true' };
    const boto3 = await world.command([...BOTO3, 'me@corp.com'], { env });
    const cli = await world.command([...CLI, 'me@corp.com'], { env });
    expect([cli.status, cli.stderr]).toEqual([0, '']);
    expect([await keyIdOf(world, 'me@corp.com', env), boto3.stdout.trim(), signer(world)]).toEqual(
      Array(3).fill(accessKeyId),
    );
  });

  it('from SSO, with a token that they renew alike', async () => {
    const world = await makeWorld();
    const user = await sessionOfUser(world);
    const sso = await fakeSso({
      refresh: {
        'refresh-1': { accessToken: world.keepSecret('token-2'), refreshToken: 'refresh-2' },
        'refresh-2': { accessToken: world.keepSecret('token-3') },
      },
      role: () => user,
    });
    const folder = join(world.home, '.aws', 'sso', 'cache');
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `${createHash('sha1').update('corp').digest('hex')}.json`);
    const token = {
      startUrl: 'https://corp/start',
      region: 'us-east-1',
      accessToken: 'token-1',
      expiresAt: inSeconds(-60),
      clientId: 'client',
      clientSecret: 'client-secret',
      registrationExpiresAt: '2999-01-01T00:00:00Z',
      refreshToken: 'refresh-1',
    };
    writeFileSync(path, JSON.stringify(token), { mode: 0o600 });
    world.write({
      config:
        section('profile "my sso"', {
          sso_session: 'corp',
          sso_account_id: '123456789012',
          sso_role_name: 'testrole',
          region: 'us-east-1',
        }) + section('sso-session corp', { sso_start_url: 'https://corp/start', sso_region: 'us-east-1' }),
    });
    const env = {
      AWS_ENDPOINT_URL_SSO: sso.url,
      AWS_ENDPOINT_URL_SSO_OIDC: sso.url,
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    // awsrole renews the token, and they take what it has written.
    const ours = await keyIdOf(world, 'my sso', env);
    const boto3 = await world.command([...BOTO3, 'my sso'], { env });
    const cli = await world.command([...CLI, 'my sso'], { env });
    expect([boto3.stderr, cli.status, cli.stderr]).toEqual(['', 0, '']);
    expect([ours, boto3.stdout.trim(), signer(world)]).toEqual(Array(3).fill(user.accessKeyId));
    expect(sso.calls().filter((call) => call === 'POST /token')).toHaveLength(1);
  });

  it('from a token file', async () => {
    const world = await makeWorld({
      credentials: undefined,
      roles: [{ arn: roleArn('web'), trust: { principals: [] } }],
      webTokens: [{ token: 'the-token', roles: [roleArn('web')] }],
    });
    const path = join(world.home, 'token');
    writeFileSync(path, world.keepSecret('the-token'));
    world.write({
      config: section('profile web', {
        role_arn: roleArn('web'),
        web_identity_token_file: path,
        role_session_name: 'same',
        region: 'us-east-1',
      }),
    });
    const env = { AWS_EC2_METADATA_DISABLED: 'true' };
    await keyIdOf(world, 'web', env);
    const boto3 = await world.command([...BOTO3, 'web'], { env });
    expect(boto3).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ASIA/) });
    const [ours, theirs] = world.sts
      .requests()
      .map(({ action, roleArn: arn, roleSessionName, durationSeconds }) => [
        action,
        arn,
        roleSessionName,
        durationSeconds,
      ]);
    expect(ours).toEqual(['AssumeRoleWithWebIdentity', roleArn('web'), 'same', undefined]);
    expect(ours).toEqual(theirs);
    // Each call gives new keys: who they are of is what is the same.
    const cli = await world.command([...CLI, 'web'], { env });
    expect(JSON.parse(cli.stdout)).toMatchObject({
      Arn: 'arn:aws:sts::123456789012:assumed-role/web/same',
    });
  });

  it.each(['EcsContainer', 'Ec2InstanceMetadata'])('from %s', async (credentialSource) => {
    const world = await makeWorld({
      config: section('profile role', {
        role_arn: roleArn('plain'),
        credential_source: credentialSource,
        region: 'us-east-1',
      }),
    });
    const user = await sessionOfUser(world);
    const container = await fakeContainer(() => user, world.keepSecret('authorization-of-it'));
    const instance = await fakeInstance(() => user);
    const env = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${container.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'authorization-of-it',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: instance.url,
    };
    await keyIdOf(world, 'role', env);
    const boto3 = await world.command([...BOTO3, 'role'], { env });
    expect(boto3).toMatchObject({ status: 0, stdout: expect.stringMatching(/^ASIA/) });
    const assumed = world.sts.requests().filter(({ action }) => action === 'AssumeRole');
    expect(assumed.map(({ accessKeyId, answer }) => [accessKeyId, answer])).toEqual(
      Array(2).fill([user.accessKeyId, 'OK']),
    );
    const asked = credentialSource === 'EcsContainer' ? [container, instance] : [instance, container];
    expect(asked[0]?.asked.length).toBeGreaterThanOrEqual(2);
    expect(asked[1]?.asked).toEqual([]);
  });

  it('from none, where the sign-in has ended', async () => {
    const world = await makeWorld({ credentials: undefined });
    const sso = await fakeSso({ role: () => someCredentials(world, 'sso') });
    world.write({
      config: section('profile sso', {
        sso_start_url: 'https://corp/start',
        sso_region: 'us-east-1',
        sso_account_id: '123456789012',
        sso_role_name: 'testrole',
      }),
    });
    const env = { AWS_ENDPOINT_URL_SSO: sso.url, AWS_EC2_METADATA_DISABLED: 'true' };
    const [ours, boto3] = await Promise.all([
      world.run(['session-lines', 'sso'], { env }),
      world.command([...BOTO3, 'sso'], { env }),
    ]);
    expect([ours.status, boto3.status]).toEqual([4, 1]);
    expect(boto3.stderr).toContain('SSOTokenLoadError');
    expect(sso.calls()).toEqual([]);
  });
});
