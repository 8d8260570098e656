import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, roleArn, section, type World } from '../../world.ts';

const [CONFIGURATION, REFUSED, NETWORK] = [3, 5, 6];
const TOKEN = 'header.good-token.signature';

async function tokenWorld(
  token: string | undefined = TOKEN,
  more: Record<string, string> = {},
): Promise<World> {
  const world = await makeWorld({
    credentials: undefined,
    roles: [
      { arn: roleArn('web'), trust: { principals: [] } },
      { arn: roleArn('next'), trust: { principals: [roleArn('web')] } },
    ],
    webTokens: [
      { token: TOKEN, roles: [roleArn('web')] },
      { token: 'old-token', roles: [roleArn('web')], expired: true },
    ],
  });
  const path = join(world.home, 'the token');
  if (token !== undefined) writeFileSync(path, world.keepSecret(token));
  const web = { role_arn: roleArn('web'), web_identity_token_file: path, region: 'eu-west-1', ...more };
  world.write({
    config:
      section('profile web', web) +
      section('profile "my web"', { ...web, role_session_name: 'ann@corp.com' }) +
      section('profile next', { role_arn: roleArn('next'), source_profile: 'my web' }),
  });
  return world;
}

describe('web_identity_token_file', () => {
  it('gives a session of its role, which is kept', async () => {
    const world = await tokenWorld();
    const { set, expires } = await world.lines('web');
    expect(set).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWSROLE_ROLE_ARN: roleArn('web'),
      AWSROLE_ACCOUNT_ID: '123456789012',
      AWS_REGION: 'eu-west-1',
    });
    expect(expires).toBeGreaterThan(Date.now() / 1000 + 3000);
    expect((await world.lines('web')).set).toEqual(set);
    expect(world.sts.counts()).toEqual({ AssumeRoleWithWebIdentity: 1 });
    expect(world.sts.requests()[0]).toMatchObject({
      roleSessionName: expect.stringMatching(/^awsrole-\d+$/),
    });
    expect(world.sts.requests()[0]).not.toHaveProperty('accessKeyId');
  });

  it('is a source for the next role', async () => {
    const world = await tokenWorld();
    const { set } = await world.lines('next');
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('next'));
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRoleWithWebIdentity', roleSessionName: 'ann@corp.com', answer: 'OK' },
      { action: 'AssumeRole', answer: 'OK' },
    ]);
  });

  it('does not take the variables of another role', async () => {
    const world = await tokenWorld();
    await world.lines('web', {
      env: {
        AWS_ROLE_ARN: roleArn('other'),
        AWS_ROLE_SESSION_NAME: 'other',
        AWS_WEB_IDENTITY_TOKEN_FILE: '/etc/passwd',
      },
    });
    expect(world.sts.requests()).toMatchObject([
      { roleArn: roleArn('web'), roleSessionName: expect.stringMatching(/^awsrole-\d+$/) },
    ]);
  });

  it.each<[string, string, number, RegExp]>([
    ['has expired', 'old-token', REFUSED, /the token in .*\/the token \(.*config:3\) has expired\n/],
    ['nobody knows', 'what-token', REFUSED, /AWS does not accept the token in .*: No OpenIDConnect/],
  ])('explains that a token %s', async (_what, token, status, message) => {
    const world = await tokenWorld(token);
    const run = await world.run(['session-lines', 'web']);
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('explains that a token is not good for the role', async () => {
    const world = await tokenWorld(TOKEN, { role_arn: roleArn('next') });
    const run = await world.run(['session-lines', 'web']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain(`AWS denies ${roleArn('next')} to the token in `);
    expect(run.stderr).toContain(`check that role_arn is right (${world.home}/.aws/config:2)`);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    [
      'with ~, which no AWS tool expands',
      { web_identity_token_file: '~/the token' },
      /config:3: web_identity_token_file of profile "web" cannot be read: ENOENT.*\n {2}no AWS tool expands ~/,
    ],
    ['that is a folder', { web_identity_token_file: '/' }, /config:3: .*EISDIR/],
    [
      'and no role',
      { role_arn: 'arn:aws:iam::12:role/x' },
      /config:2: role_arn of profile "web" is "arn:aws/,
    ],
    ['and a name STS refuses', { role_session_name: 'a b' }, /config:5: role_session_name .* is "a b"/],
  ])('says what is wrong with a file %s, before any call', async (_what, more, message) => {
    const world = await tokenWorld(TOKEN, more);
    const run = await world.run(['session-lines', 'web']);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '', stderr: expect.stringMatching(message) });
    expect(world.sts.counts()).toEqual({});
  });

  it('says that nobody answers', async () => {
    const world = await tokenWorld();
    const run = await world.run(['session-lines', 'web'], {
      env: { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1', AWS_MAX_ATTEMPTS: '1' },
    });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain('http://127.0.0.1:1 could not be reached: nothing is listening there');
  });
});
