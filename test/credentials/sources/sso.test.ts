import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasScript, typeInto } from '../../terminal/typing.ts';
import { killedAt, makeWorld, needs, roleArn, section, type World } from '../../world.ts';
import { type Fake, fakeSso, inSeconds, type SsoOptions, serve, someCredentials } from './fakes.ts';
import { sessionOfUser } from './user-session.ts';

const [CONFIGURATION, MFA, REFUSED, NETWORK] = [3, 4, 5, 6];
const START_URL = 'https://corp.awsapps.com/start#/';
const LOGIN = 'aws sso login --profile sso';

const profile = { sso_account_id: '123456789012', sso_role_name: 'testrole', region: 'eu-west-1' };
const CONFIG =
  section('profile sso', { ...profile, sso_session: 'corp' }) +
  section('sso-session corp', { sso_start_url: START_URL, sso_region: 'us-east-7' }) +
  section('profile legacy', { ...profile, sso_start_url: START_URL, sso_region: 'us-east-7' }) +
  section('profile "my sso"', { ...profile, sso_session: 'corp' }) +
  section('profile me@corp.com', { ...profile, sso_session: 'corp' }) +
  section('profile role', { role_arn: roleArn('plain'), source_profile: 'my sso' });

function tokenPath(world: World, id: string): string {
  const folder = join(world.home, '.aws', 'sso', 'cache');
  mkdirSync(folder, { recursive: true });
  return join(folder, `${createHash('sha1').update(id).digest('hex')}.json`);
}

/** What `aws sso login` has left. */
function signIn(world: World, id = 'corp', more: Record<string, unknown> = {}): string {
  const path = tokenPath(world, id);
  const token = {
    startUrl: START_URL,
    region: 'us-east-7',
    accessToken: world.keepSecret('token-of-the-person'),
    expiresAt: inSeconds(3600),
    ...more,
  };
  writeFileSync(path, JSON.stringify(token), { mode: 0o600 });
  return path;
}

const REFRESHABLE = {
  clientId: 'client',
  clientSecret: 'client-secret',
  refreshToken: 'refresh-1',
  registrationExpiresAt: '2999-01-01T00:00:00Z',
};

async function ssoWorld(
  options: Partial<SsoOptions> = {},
): Promise<{ world: World; sso: Fake; env: Record<string, string> }> {
  const world = await makeWorld({ config: CONFIG, credentials: undefined });
  const sso = await fakeSso({
    tokens: ['token-of-the-person'],
    role: () => someCredentials(world, 'sso'),
    ...options,
  });
  return { world, sso, env: { AWS_ENDPOINT_URL_SSO: sso.url, AWS_ENDPOINT_URL_SSO_OIDC: sso.url } };
}

describe('SSO', () => {
  it.each([
    ['sso', 'corp'],
    ['my sso', 'corp'],
    ['me@corp.com', 'corp'],
    ['legacy', START_URL],
  ])('gives the role of the profile %j, and is not asked again', async (name, id) => {
    const { world, sso, env } = await ssoWorld();
    signIn(world, id);
    const before = world.snapshot();
    const { set, expires } = await world.lines(name, { env });
    expect(set).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIASSOEXAMPLE',
      AWS_SESSION_TOKEN: someCredentials(world, 'sso').sessionToken,
      AWSROLE_ACCOUNT_ID: '123456789012',
      AWS_REGION: 'eu-west-1',
    });
    expect(expires).toBeGreaterThan(Date.now() / 1000 + 3000);
    expect((await world.lines(name, { env })).set).toEqual(set);
    expect(sso.calls()).toEqual(['GET /federation/credentials']);
    expect(Object.fromEntries(sso.asked[0]?.query ?? [])).toEqual({
      role_name: 'testrole',
      account_id: '123456789012',
    });
    expect(world.snapshot()).toEqual(before);
  });

  it('is asked once by two processes at once', async () => {
    const { world, sso, env } = await ssoWorld();
    signIn(world);
    const [one, two] = await Promise.all([world.lines('sso', { env }), world.lines('sso', { env })]);
    expect(one.set).toEqual(two.set);
    expect(sso.calls()).toHaveLength(1);
  });

  it('is a source for a role', async () => {
    const world = await makeWorld({ config: CONFIG });
    const user = await sessionOfUser(world);
    const sso = await fakeSso({ tokens: ['token-of-the-person'], role: () => user });
    signIn(world);
    const { set } = await world.lines('role', { env: { AWS_ENDPOINT_URL_SSO: sso.url } });
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
    expect(world.sts.requests().at(-1)).toMatchObject({
      action: 'AssumeRole',
      answer: 'OK',
      accessKeyId: user.accessKeyId,
    });
  });

  it('is reached where the profile says', async () => {
    const { world, sso } = await ssoWorld();
    const config =
      CONFIG.replace('[profile sso]', '[profile sso]\nservices = fakes') +
      `[services fakes]\nsso =\n  endpoint_url = ${sso.url}\n`;
    world.write({ config });
    signIn(world);
    const { set } = await world.lines('sso', {
      // As the AWS CLI, which takes the variable of the service before all the rest.
      env: { AWS_ENDPOINT_URL_SSO_OIDC: 'http://127.0.0.1:1' },
    });
    expect(set.AWS_ACCESS_KEY_ID).toBe('ASIASSOEXAMPLE');
    expect(sso.calls()).toHaveLength(1);
  });

  it('renews a token near its end, and puts it back', async () => {
    const { world, sso, env } = await ssoWorld({
      tokens: [],
      refresh: { 'refresh-1': { accessToken: 'token-2', refreshToken: 'refresh-2' } },
    });
    world.keepSecret('token-2');
    const path = signIn(world, 'corp', { ...REFRESHABLE, expiresAt: inSeconds(-5) });
    const { set } = await world.lines('sso', { env });
    expect(set.AWS_ACCESS_KEY_ID).toBe('ASIASSOEXAMPLE');
    expect(sso.calls()).toEqual(['POST /token', 'GET /federation/credentials']);
    const kept = JSON.parse(readFileSync(path, 'utf8'));
    expect(kept).toMatchObject({
      ...REFRESHABLE,
      startUrl: START_URL,
      accessToken: 'token-2',
      refreshToken: 'refresh-2',
    });
    expect(Date.parse(kept.expiresAt)).toBeGreaterThan(Date.now() + 28_000_000);
    expect(Object.keys(kept).sort()).toEqual(
      ['startUrl', 'region', 'accessToken', 'expiresAt', ...Object.keys(REFRESHABLE)].sort(),
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(path, '..'))).toHaveLength(1);
  });

  it.each([
    ['of the token again', 'sso'],
    ['of anything else', 'legacy'],
  ])('leaves nothing where a renewal is killed: the next use %s removes it', async (_what, next) => {
    const { world, env } = await ssoWorld({
      refresh: { 'refresh-1': { accessToken: 'token-2', refreshToken: 'refresh-2' } },
    });
    world.keepSecret('token-2');
    signIn(world, START_URL);
    const path = signIn(world, 'corp', { ...REFRESHABLE, expiresAt: inSeconds(120) });
    const before = world.snapshot();
    const killed = await world.run(['session-lines', 'sso'], { env: { ...env, ...killedAt('/sso/cache/') } });
    expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    expect(JSON.stringify(world.snapshot())).toContain('token-2');
    for (const [name, state] of Object.entries(world.snapshot('.aws/sso/cache'))) {
      expect(state).toMatch(name.endsWith('.json') ? /^100600 / : /^40700 /);
    }
    await world.lines(next, { env });
    expect(world.snapshot()).toEqual(before);
    expect(readdirSync(join(path, '..'))).toHaveLength(2);
  });

  it('uses up a token that cannot be renewed', async () => {
    // Near its end, and without what the SDK wants for a new one; then with a refresh token that was taken back.
    for (const more of [{}, REFRESHABLE]) {
      const { world, env } = await ssoWorld();
      const path = signIn(world, 'corp', { ...more, expiresAt: inSeconds(120) });
      const { set } = await world.lines('sso', { env });
      expect(set.AWS_ACCESS_KEY_ID).toBe('ASIASSOEXAMPLE');
      expect(readdirSync(join(path, '..'))).toHaveLength(1);
    }
  });

  it.each<[string, Record<string, unknown> | undefined, RegExp]>([
    ['no token', undefined, /Nobody has signed in to the SSO session corp yet/],
    ['an old token', { expiresAt: inSeconds(-60) }, /The SSO session corp has ended\n/],
    [
      'a refresh token that is refused',
      { ...REFRESHABLE, refreshToken: 'used', expiresAt: inSeconds(-60) },
      /The SSO session corp has ended \(InvalidGrantException\)\n/,
    ],
    [
      'a token that was taken back',
      { accessToken: 'revoked' },
      /AWS no longer accepts the SSO session corp\n/,
    ],
  ])('with %s says to sign in', async (_what, token, message) => {
    const { world, env } = await ssoWorld();
    if (token !== undefined) signIn(world, 'corp', token);
    const run = await world.run(['session-lines', 'sso'], { env });
    expect(run).toMatchObject({ status: MFA, stdout: '', stderr: expect.stringMatching(message) });
    expect(run.stderr).toContain(`  run: ${LOGIN}\n`);
    expect(run.stderr.split('\n')).toHaveLength(3);
  });

  it.each<[string, string | Record<string, unknown>, string]>([
    ['half a file', '{"accessToken": "SECRET', 'it is not a JSON object'],
    ['no access token', '{"expiresAt": "2999-01-01T00:00:00Z"}', 'it has no accessToken'],
    ['no time', '{"accessToken": "SECRET", "expiresAt": "soon"}', 'its expiresAt is not a time'],
  ])('says which token file is broken: %s', async (_what, text, message) => {
    const { world, env } = await ssoWorld();
    const path = tokenPath(world, 'corp');
    writeFileSync(path, String(text));
    world.keepSecret('SECRET');
    const run = await world.run(['session-lines', 'sso'], { env });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toBe(`awsrole: the token file ${path} is broken: ${message}\n  run: ${LOGIN}\n`);
  });

  it('says which role is not given', async () => {
    const { world, env } = await ssoWorld({ forbidden: '123456789012 testrole' });
    signIn(world);
    const run = await world.run(['session-lines', 'sso'], { env });
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain(
      'refuses role testrole of account 123456789012 for the SSO session corp: ForbiddenException: No access',
    );
    expect(run.stderr).toContain(`sso_role_name (${world.home}/.aws/config:3)`);
  });

  it.each<[string, NonNullable<SsoOptions['answer']>, number, RegExp]>([
    ['fails', () => ({ status: 500, body: 'oops' }), NETWORK, /gave no usable answer \(HTTP 500\)/],
    ['cuts the connection', () => ({}), NETWORK, /could not be reached: the connection was cut/],
    ['is a web page', () => ({ body: '<html>SECRET</html>' }), NETWORK, /gave no usable answer/],
    [
      'throttles',
      () => ({ status: 429, headers: { 'x-amzn-errortype': 'TooManyRequestsException' }, body: {} }),
      REFUSED,
      /AWS is throttling/,
    ],
  ])('says that a service %s', async (_what, answer, status, message) => {
    const { world, env } = await ssoWorld({ answer });
    signIn(world);
    const run = await world.run(['session-lines', 'sso'], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
  });

  it('says that a token could not be renewed for want of a network', async () => {
    const { world, env } = await ssoWorld();
    const path = signIn(world, 'corp', { ...REFRESHABLE, expiresAt: inSeconds(-60) });
    const before = readFileSync(path, 'utf8');
    const nowhere = 'http://127.0.0.1:1';
    const run = await world.run(['session-lines', 'sso'], {
      env: { ...env, AWS_ENDPOINT_URL_SSO_OIDC: nowhere, AWS_MAX_ATTEMPTS: '1' },
    });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain(`${nowhere} could not be reached: nothing is listening there`);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(join(path, '..'))).toHaveLength(1);
  });

  it('does not see what an earlier switch has set, nor other files of AWS', async () => {
    const { world, env } = await ssoWorld();
    const other = await serve(() => ({ status: 500, body: '' }));
    signIn(world);
    const run = await world.run(['exec', 'sso', '--', 'true'], {
      env: {
        ...env,
        AWS_ENDPOINT_URL_SSO: other.url,
        // What the SDK would find in the variables of the process.
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
        AWSROLE_NAMES: 'AWS_ENDPOINT_URL_SSO AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
        AWS_ENDPOINT_URL: env.AWS_ENDPOINT_URL_SSO,
        AWS_PROFILE: 'nobody',
      },
    });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(other.calls()).toEqual([]);
  });
});

describe('on a terminal, where a sign-in is needed', needs(hasScript), () => {
  const QUESTION =
    "Nobody has signed in to the SSO session corp yet. Run `aws sso login --profile 'my sso'` now? [Y/n] ";

  /** A world with an `aws` on PATH that writes down how it was called, and signs in when it is to end well. */
  async function terminal(answer: string, status = 0) {
    const { world, sso, env } = await ssoWorld();
    const path = tokenPath(world, 'corp');
    const token = JSON.stringify({ accessToken: 'token-of-the-person', expiresAt: inSeconds(3600) });
    world.keepSecret('token-of-the-person');
    const bin = join(world.home, 'bin');
    mkdirSync(bin);
    writeFileSync(join(world.home, 'new token'), token);
    writeFileSync(
      join(bin, 'aws'),
      `#!/bin/sh
for word; do echo "<$word>"; done >"$HOME/called"
echo 'open https://device.sso/ and enter ABCD-EFGH'
[ ${status} = 0 ] && cat "$HOME/new token" >'${path}'
exit ${status}\n`,
      { mode: 0o755 },
    );
    const screen = await typeInto(
      `'${process.execPath}' '${world.cli}' session-lines 'my sso' >lines; echo "status $?"`,
      [[QUESTION, answer]],
      { cwd: world.home, env: world.env({ ...env, PATH: `${bin}:${process.env.PATH}` }) },
    );
    const called = existsSync(join(world.home, 'called'))
      ? readFileSync(join(world.home, 'called'), 'utf8')
      : undefined;
    const lines = readFileSync(join(world.home, 'lines'), 'utf8');
    return { screen, called, lines, calls: sso.calls() };
  }
  it('it is offered, done on a yes, and the switch goes on', async () => {
    const { screen, called, lines, calls } = await terminal('\r');
    expect(screen).toContain(QUESTION);
    expect(screen).toContain('open https://device.sso/ and enter ABCD-EFGH');
    expect(screen).toContain('status 0');
    expect(called).toBe('<sso>\n<login>\n<--profile=my sso>\n');
    expect(lines).toMatch(
      /^awsrole-session 2 .*\n[\s\S]*\nAWS_ACCESS_KEY_ID=ASIASSOEXAMPLE\n[\s\S]*\nend\n$/,
    );
    expect(lines).not.toContain('device.sso');
    expect(calls).toHaveLength(1);
  });

  it.each([
    ['a no', 'n\r', 'status 4', "run: aws sso login --profile 'my sso'"],
    ['the end of input', '\u0004', 'status 4', "run: aws sso login --profile 'my sso'"],
    ['Ctrl-C', '\u0003', 'status 130', 'interrupted: nothing changed'],
  ])('nothing is run on %s', async (_what, answer, status, message) => {
    const { screen, called, lines, calls } = await terminal(answer);
    expect(screen).toContain(QUESTION);
    expect(screen).toContain(message);
    expect(screen).toContain(status);
    expect([called, lines, calls]).toEqual([undefined, '', []]);
  });

  it('a sign-in that fails is said, and not tried again', async () => {
    const { screen, called, lines } = await terminal('y\r', 9);
    expect(screen).toContain("aws sso login --profile 'my sso' ended with status 9");
    expect(screen).toContain('status 4');
    expect(called).toBe('<sso>\n<login>\n<--profile=my sso>\n');
    expect(lines).toBe('');
  });
});
