import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, roleArn, section, type World } from '../../world.ts';
import { type Answer, fakeContainer, fakeInstance, someCredentials } from './fakes.ts';
import { sessionOfUser } from './user-session.ts';

const [CONFIGURATION, REFUSED, NETWORK] = [3, 5, 6];
const TOKEN = 'Basic authorization-of-the-container';

const plain = { role_arn: roleArn('plain'), region: 'eu-west-1' };
const CONFIG =
  section('profile container', { ...plain, credential_source: 'EcsContainer' }) +
  section('profile "my instance"', { ...plain, credential_source: 'Ec2InstanceMetadata' });

async function metadataWorld() {
  const world = await makeWorld({ config: CONFIG });
  return { world, user: await sessionOfUser(world) };
}

function keepToken(world: World): string {
  world.keepSecret(TOKEN);
  return TOKEN;
}

describe('the credentials of a container', () => {
  it('assume a role, with the token of the environment or of a file', async () => {
    const { world, user } = await metadataWorld();
    const fake = await fakeContainer(() => user, keepToken(world));
    const file = join(world.home, 'the token');
    writeFileSync(file, TOKEN);
    const AWS_CONTAINER_CREDENTIALS_FULL_URI = `${fake.url}/v1/credentials`;
    for (const how of [
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: TOKEN },
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'older', AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file },
    ]) {
      const env = { AWS_CONTAINER_CREDENTIALS_FULL_URI, ...how };
      const run = await world.run(['session-lines', 'container', '--refresh'], { env });
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toContain(`\nAWSROLE_ROLE_ARN=${roleArn('plain')}\n`);
      expect(world.sts.requests().at(-1)).toMatchObject({ answer: 'OK', accessKeyId: user.accessKeyId });
    }
    expect(fake.calls()).toEqual(['GET /v1/credentials', 'GET /v1/credentials']);
    // Others than we get them too, at any time: they are not kept.
    expect(JSON.stringify(world.snapshot('.cache'))).not.toContain(user.secretAccessKey);
  });

  it.each<[string, Record<string, string>, number, RegExp]>([
    ['in no container', {}, CONFIGURATION, /AWS_CONTAINER_CREDENTIALS_FULL_URI is set/],
    [
      'from elsewhere',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/x' },
      CONFIGURATION,
      /http:\/\/example.com\/x is not an allowed address for the credentials of a container/,
    ],
    [
      'from what is no URL',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'here' },
      CONFIGURATION,
      /here is not an allowed address for the credentials of a container/,
    ],
    [
      'from nobody',
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1:1/' },
      NETWORK,
      /http:\/\/127.0.0.1:1\/ could not be reached: nothing is listening there/,
    ],
    [
      'with two lines for a token',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: `${TOKEN}\nX-Evil: 1` },
      CONFIGURATION,
      /the authorization token of the container has a line break in it/,
    ],
    [
      'without a token file',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: '/no/such' },
      CONFIGURATION,
      /\/no\/such cannot be read/,
    ],
    [
      'with a wrong token',
      { AWS_CONTAINER_AUTHORIZATION_TOKEN: 'wrong' },
      REFUSED,
      /refuses \(HTTP 401\): Unauthorized: wrong authorization token/,
    ],
  ])('are explained %s', async (what, env, status, message) => {
    const { world, user } = await metadataWorld();
    const fake = await fakeContainer(() => user, keepToken(world));
    const run = await world.run(['session-lines', 'container'], {
      env: {
        ...(what !== 'in no container' && {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: `${fake.url}/v1/credentials`,
        }),
        ...env,
      },
    });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1 });
  });
});

describe('the credentials of an instance', () => {
  it.each<[string, (url: string) => { env?: Record<string, string>; setting?: string }]>([
    ['a variable', (url) => ({ env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: url } })],
    ['the profile', (url) => ({ setting: `ec2_metadata_service_endpoint = ${url}\n` })],
  ])('assume a role, by version 2, where %s says', async (_what, said) => {
    const { world, user } = await metadataWorld();
    const fake = await fakeInstance(() => user);
    const { env = {}, setting = '' } = said(fake.url);
    world.write({ config: CONFIG + setting });
    const { set } = await world.lines('my instance', { env });
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
    expect(world.sts.requests().at(-1)).toMatchObject({ answer: 'OK', accessKeyId: user.accessKeyId });
    expect(fake.calls().map((call) => call.replace(/ .*\//, ' '))).toEqual([
      'PUT token',
      'GET ',
      'GET instance-role',
    ]);
    expect(JSON.stringify(world.snapshot('.cache'))).not.toContain(user.secretAccessKey);
  });

  it.each<
    [string, (url: string) => Record<string, string>, number, RegExp, ((path: string) => Answer | undefined)?]
  >([
    [
      'that is turned off',
      (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_DISABLED: 'true' }),
      CONFIGURATION,
      /AWS_EC2_METADATA_DISABLED is true\n/,
    ],
    [
      'where there is none',
      () => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1' }),
      NETWORK,
      /could not be reached: nothing is listening there\n {2}only an EC2 instance has one/,
    ],
    [
      'without a role',
      (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
      REFUSED,
      /has no role for this instance/,
      (path) => (path.endsWith('/security-credentials/') ? { status: 404, body: '' } : undefined),
    ],
    [
      'that gives no token, where version 1 is not allowed',
      (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url, AWS_EC2_METADATA_V1_DISABLED: 'true' }),
      NETWORK,
      /gives no token, and version 1, which needs none, is not allowed/,
      (path) => (path.endsWith('/token') ? { status: 403, body: '' } : undefined),
    ],
    [
      'whose answer is no JSON',
      (url) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: url }),
      NETWORK,
      /gave no credentials: its answer is not JSON\n/,
      (path) => (path.endsWith('instance-role') ? { body: 'SECRET' } : undefined),
    ],
    [
      'with a mode that does not exist',
      () => ({
        AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: 'IPv5',
        AWS_EC2_METADATA_SERVICE_ENDPOINT: 'http://127.0.0.1:1',
      }),
      CONFIGURATION,
      /"IPv5" is not usable \(AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE\)/,
    ],
  ])('are explained on one %s', async (_what, env, status, message, answer) => {
    const world = await makeWorld({ config: CONFIG });
    world.keepSecret('SECRET');
    const fake = await fakeInstance(
      () => someCredentials(world, 'instance'),
      ({ path }) => answer?.(path),
    );
    const run = await world.run(['session-lines', 'my instance'], { env: env(fake.url) });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
    expect(world.sts.counts()).toEqual({});
  });
});
