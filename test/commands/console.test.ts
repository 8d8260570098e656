import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { findProgram } from '../../src/find-program.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import {
  makeWorld,
  needs,
  type Run,
  roleArn,
  section,
  USER101_KEYS,
  type World,
  type WorldOptions,
} from '../world.ts';

const CHROMIUM = ['chromium', 'chromium-browser', 'google-chrome'].find((name) =>
  findProgram(name, process.env),
);
const ROLE101 = 'arn:aws:sts::123456789012:assumed-role/role101/';

/** A world whose sandbox is also the sign-in page. */
async function consoleWorld(more: string = '', options: WorldOptions = {}): Promise<World> {
  return makeWorld({ config: sampleFiles().config + more, ...options });
}

function signIn(
  world: World,
  more: Record<string, string | undefined> = {},
): Record<string, string | undefined> {
  return { AWS_ENDPOINT_URL_SIGNIN: world.sts.url, ...more };
}

/** `awsrole console ...`, with a code on standard input where it asks for one. */
function run(
  world: World,
  words: readonly string[],
  { env = {}, code = false }: { env?: Record<string, string | undefined>; code?: boolean } = {},
): Promise<Run> {
  const more = code ? ['--mfa-code', '-'] : [];
  return world.run(['console', ...words, ...more], {
    env: signIn(world, env),
    ...(code && { input: `${world.code()}\n` }),
  });
}

/** The URL that is printed, and nothing else. */
async function printed(
  world: World,
  words: readonly string[],
  options: Parameters<typeof run>[2] = {},
): Promise<URL> {
  const { status, stdout, stderr } = await run(world, [...words, '--print'], options);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^\S+\n$/);
  return new URL(stdout.trim());
}

/** What the sandbox shows at a URL. */
async function pageAt(url: URL | string): Promise<string> {
  const answer = await fetch(url);
  return `${answer.status} ${await answer.text()}`;
}

function signIns(
  world: World,
): { method: string | undefined; durationSeconds: string | undefined; answer: string }[] {
  return world.sts
    .requests()
    .filter(({ action }) => action === 'getSigninToken')
    .map(({ method, durationSeconds, answer }) => ({ method, durationSeconds, answer }));
}

/** An HTTP server in place of AWS's sign-in. */
async function fakeSignIn(
  answer: (request: { method: string; body: string; url: string }) => { status: number; body: string },
): Promise<{ url: string; methods: string[] }> {
  const methods: string[] = [];
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      methods.push(request.method ?? '');
      const { status, body: text } = answer({ method: request.method ?? '', body, url: request.url ?? '' });
      response.writeHead(status).end(text);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, methods };
}

/** A program that writes its arguments and environment into files, and ends with a status. */
function recorder(
  world: World,
  name: string,
  status = 0,
): { folder: string; words: () => string[]; env: () => string } {
  const folder = join(world.home, 'bin');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  const script = `#!/bin/sh\nenv >"${file}.env"\nfor word; do printf '%s\\n' "$word"; done >"${file}.words"\nexit ${status}\n`;
  writeFileSync(file, script);
  chmodSync(file, 0o755);
  return {
    folder,
    words: () => readFileSync(`${file}.words`, 'utf8').split('\n').slice(0, -1),
    env: () => readFileSync(`${file}.env`, 'utf8'),
  };
}

function withFolder(folder: string): string {
  return `${folder}:${process.env.PATH}`;
}

describe('awsrole console PROFILE', () => {
  it('prints a URL that opens the console of the role', async () => {
    const world = await consoleWorld();
    const url = await printed(world, ['role101', '--service', 's3', '--region', 'eu-west-1'], { code: true });
    expect(`${url.origin}${url.pathname}`).toBe(`${world.sts.url}/federation`);
    const page = await pageAt(url);
    expect(page).toContain(`200 `);
    expect(page).toContain(ROLE101);
    expect(page).toContain('https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1');
    expect(signIns(world)).toEqual([{ method: 'POST', durationSeconds: undefined, answer: 'OK' }]);
    // The session is kept as after a switch.
    await printed(world, ['role101']);
    expect(world.sts.counts().GetSessionToken).toBe(1);
    expect(world.sts.counts().AssumeRole).toBe(1);
  });

  it('opens those of chained roles, and of other partitions', async () => {
    const world = await consoleWorld();
    expect(await pageAt(await printed(world, ['plain']))).toContain('assumed-role/plain/');
    expect(await pageAt(await printed(world, ['chained'], { code: true }))).toContain(
      'assumed-role/chained/',
    );
    const cn = await pageAt(await printed(world, ['cn', '--service', 'iam']));
    expect(cn).toContain('arn:aws-cn:sts::');
    expect(cn).toContain('https://console.amazonaws.cn/iam/home');
  });

  it('tells of partitions without a console before it asks for anything', async () => {
    const arn = 'arn:aws-iso:iam::123456789012:role/r';
    const world = await consoleWorld(section('profile iso', { role_arn: arn, source_profile: 'user101' }));
    const refused = await run(world, ['iso']);
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    expect(refused.stderr).toContain('awsrole knows no console of partition aws-iso');
    expect(world.sts.requests()).toEqual([]);
  });

  it('refuses what is no role, before it asks for a code', async () => {
    const more = section('profile mfa-user', {
      ...USER101_KEYS,
      mfa_serial: 'arn:aws:iam::123456789012:mfa/user101',
    });
    const world = await consoleWorld(more);
    for (const name of ['user101', 'mfa-user']) {
      const refused = await run(world, [name]);
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toContain(`"${name}" has the keys of a user`);
      expect(refused.stderr).toContain('use a role');
    }
    expect(world.sts.requests()).toEqual([]);
  });

  it('refuses regions and pages of other partitions before it asks for anything', async () => {
    const world = await consoleWorld();
    for (const [words, message] of [
      [['--region', 'us-gov-west-1'], 'is in partition aws-us-gov, but the session is of aws'],
      [['--region', 'eu-wset-1x'], 'is not a region'],
      [['--region', 'aws-global'], 'is not a region'],
      [['--url', 'https://console.amazonaws.cn/'], 'of partition aws'],
      [['--url', 'http://console.aws.amazon.com/'], 'no https URL'],
      [['--service', '../../x'], '--service'],
      [['--service', 's3', '--url', 'https://console.aws.amazon.com/'], '--service and --url'],
      [['--region', 'eu-west-1', '--url', 'https://console.aws.amazon.com/'], '--region goes with'],
      [['--service', 's3', '--service', 'ec2'], 'given 2 times'],
      [['--duration', '14m'], '15m to 12h'],
      [['--duration', '13h'], '15m to 12h'],
      [['--duration', 'x'], '15m to 12h'],
    ] as const) {
      const refused = await run(world, ['role101', ...words]);
      expect(refused, words.join(' ')).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toContain(message);
    }
    expect(world.sts.requests()).toEqual([]);
  });

  it('warns of a service that it does not know, and tries', async () => {
    const world = await consoleWorld();
    const { stdout, stderr, status } = await run(world, ['plain', '--print', '--service', 'lamda']);
    expect(status).toBe(0);
    expect(stderr).toContain('did you mean "lambda"?');
    expect(await pageAt(stdout.trim())).toContain('console.aws.amazon.com/lamda/home');
  });

  it.skipIf(needs(hasScript).skip)('asks about a guarded role', async () => {
    const world = await consoleWorld(
      section('profile prod', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'us-east-1',
        awsrole_guard: 'confirm',
      }),
    );
    const refused = await run(world, ['prod', '--print']);
    expect(refused).toMatchObject({ status: 8, stdout: '' });
    const command = `"${process.execPath}" "${world.cli}" console prod --print; echo "status $?"`;
    const env = world.env(signIn(world));
    const no = await typeInto(command, [['open the console? [y/N] ', 'n\r']], { env });
    expect(no).toContain('status 8');
    expect(world.sts.requests()).toEqual([]);
    const yes = await typeInto(command, [['open the console? [y/N] ', 'y\r']], { env });
    expect(yes).toContain('Action=login');
    await printed(world, ['prod', '--yes']);
  });

  it('sends no session of another STS to AWS', async () => {
    const world = await consoleWorld();
    const refused = await world.run(['console', 'role101', '--print']);
    expect(refused).toMatchObject({ status: 3, stdout: '' });
    expect(refused.stderr).toContain('its sign-in page is not known');
    expect(refused.stderr).toContain('AWS_ENDPOINT_URL_SIGNIN');
    expect(world.sts.requests()).toEqual([]);
  });
});

describe('awsrole console --duration', () => {
  it('gets a session with the keys of the user and a code, which is kept as that of a switch', async () => {
    const world = await consoleWorld();
    const url = await printed(world, ['long', '--duration', '8h'], { code: true });
    expect(await pageAt(url)).toContain('480 minutes');
    expect(signIns(world)).toEqual([{ method: 'POST', durationSeconds: '28800', answer: 'OK' }]);
    expect(world.sts.counts().GetSessionToken).toBe(undefined);
    await printed(world, ['long', '--duration', '28800']);
    const { set } = await world.lines('long', { more: ['--duration', '8h'] });
    expect(set.AWSROLE_PROFILE).toBe('long');
    expect(world.sts.counts().AssumeRole).toBe(1);
  });

  it('never takes a session that comes from an MFA session, and leaves none for others', async () => {
    const world = await consoleWorld();
    await world.linesWithCode('role101', { more: ['--duration', '30m'] });
    await world.linesWithCode('role101');
    const kept = world.keptSessions();
    const url = await printed(world, ['role101', '--duration', '30m'], { code: true });
    expect(await pageAt(url)).toContain('30 minutes');
    expect(world.keptSessions()).toEqual(kept);
    const last = world.sts
      .requests()
      .filter(({ action }) => action === 'AssumeRole')
      .at(-1);
    expect(last).toMatchObject({ accessKeyId: USER101_KEYS.aws_access_key_id, tokenCode: true });
    expect(existsSync(join(world.home, '.aws', 'cli', 'cache'))).toBe(kept.length > 0);
  });

  it('is for roles that are assumed with the keys of a user', async () => {
    const world = await consoleWorld(
      section('profile process', { credential_process: 'false', region: 'us-east-1' }) +
        section('profile from-process', { role_arn: roleArn('plain'), source_profile: 'process' }),
    );
    for (const [name, why] of [
      ['chained', 'is assumed from another role, "role101"'],
      ['process', 'is not a role that is assumed with keys'],
      ['from-process', 'is assumed with the keys of a session'],
    ] as const) {
      const refused = await run(world, [name, '--duration', '30m']);
      expect(refused, name).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toContain(why);
      expect(refused.stderr).toContain("only for a role that is assumed with a user's own keys");
    }
    expect((await run(world, ['--duration', '1h'])).stderr).toContain('--duration needs a profile');
    expect(world.sts.requests()).toEqual([]);
  });

  it('longer than the role allows is explained', async () => {
    const world = await consoleWorld();
    const refused = await run(world, ['role101', '--duration', '2h'], { code: true });
    expect(refused).toMatchObject({ status: 5, stdout: '' });
    expect(refused.stderr).toContain('does not allow sessions that long');
    expect(refused.stderr).toContain('--duration');
  });
});

describe('awsrole console', () => {
  it('opens that of the session that the shell holds', async () => {
    const world = await consoleWorld();
    const { set } = await world.linesWithCode('role101');
    const page = await pageAt(await printed(world, [], { env: { ...set, AWS_REGION: 'eu-central-1' } }));
    expect(page).toContain(ROLE101);
    expect(page).toContain('https://eu-central-1.console.aws.amazon.com/console/home');
    // A session that something else has put there, whoever it is from.
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = set;
    const env = { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN };
    expect(await pageAt(await printed(world, [], { env }))).toContain(ROLE101);
  });

  it('needs a session of a role', async () => {
    const user = section('profile mfa-user', {
      ...USER101_KEYS,
      mfa_serial: 'arn:aws:iam::123456789012:mfa/user101',
      region: 'us-east-1',
    });
    const world = await consoleWorld(user);
    expect(await run(world, [])).toMatchObject({ status: 3, stdout: '' });
    const { set: plainKeys } = await world.lines('user101');
    const keys = await run(world, [], { env: plainKeys });
    expect(keys).toMatchObject({ status: 2, stdout: '' });
    expect(keys.stderr).toContain("this shell holds a user's own keys (AKIAUSER10100EXAMPLE)");
    const { set: mfa } = await world.linesWithCode('mfa-user');
    const session = await run(world, [], { env: mfa });
    expect(session).toMatchObject({ status: 2, stdout: '' });
    expect(session.stderr).toContain('this shell holds the MFA session of a user');
    expect(signIns(world)).toEqual([]);
    // Where nobody has said whose session it is, AWS refuses it.
    const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = mfa;
    const unknown = await run(world, [], {
      env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN },
    });
    expect(unknown).toMatchObject({ status: 5, stdout: '' });
    expect(unknown.stderr).toContain('Invalid credentials parameter');
    expect(unknown.stderr).toContain('a session of a user (GetSessionToken)');
  });

  it('says when that session has ended', async () => {
    const world = await consoleWorld();
    const { set } = await world.lines('plain');
    const ended = await run(world, [], { env: { ...set, AWSROLE_EXPIRES: '1700000000' } });
    expect(ended).toMatchObject({ status: 4, stdout: '' });
    expect(ended.stderr).toContain('awsrole --refresh plain');
    expect(signIns(world)).toEqual([]);
    world.sts.expireAllSessions();
    const revoked = await run(world, [], { env: set });
    expect(revoked).toMatchObject({ status: 5, stdout: '' });
    expect(revoked.stderr).toContain('it has ended or was revoked');
  });

  it('takes no flags of a new session', async () => {
    const world = await consoleWorld();
    const { set } = await world.lines('plain');
    for (const flag of ['--refresh', '--source-profile=user101', '--mfa-code=-']) {
      const refused = await run(world, [flag], { env: set });
      expect(refused, flag).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toContain('awsrole console PROFILE');
    }
  });
});

describe('the request for a sign-in token', () => {
  it('goes by GET only where POST itself is refused', async () => {
    const world = await consoleWorld();
    world.sts.setFault({ action: 'getSigninToken', answer: 'no-post', count: 2 });
    expect(await pageAt(await printed(world, ['plain']))).toContain('assumed-role/plain/');
    expect(signIns(world)).toEqual([
      { method: 'POST', durationSeconds: undefined, answer: 'Method Not Allowed' },
      { method: 'GET', durationSeconds: undefined, answer: 'OK' },
    ]);
    for (const [status, body] of [
      [400, 'Invalid credentials parameter'],
      [403, 'Forbidden'],
      [500, 'method failed'],
    ] as const) {
      const fake = await fakeSignIn(() => ({ status, body }));
      const refused = await run(world, ['plain', '--print'], { env: { AWS_ENDPOINT_URL_SIGNIN: fake.url } });
      expect(refused, body).toMatchObject({ status: status === 500 ? 6 : 5, stdout: '' });
      expect(fake.methods).toEqual(['POST']);
    }
    const proxy = await fakeSignIn(({ method }) =>
      method === 'POST'
        ? { status: 403, body: 'HTTP method POST is not allowed' }
        : { status: 200, body: '{"SigninToken":"t"}' },
    );
    const url = await printed(world, ['plain'], { env: { AWS_ENDPOINT_URL_SIGNIN: proxy.url } });
    expect(url.searchParams.get('SigninToken')).toBe('t');
    expect(proxy.methods).toEqual(['POST', 'GET']);
  });

  it('goes through the proxy that the environment names', async () => {
    const world = await consoleWorld();
    const proxy = await fakeSignIn(({ method, url }) =>
      method === 'POST' && url === 'http://signin.invalid/x/federation'
        ? { status: 200, body: '{"SigninToken":"t"}' }
        : { status: 404, body: '' },
    );
    const env = { HTTP_PROXY: proxy.url, AWS_ENDPOINT_URL_SIGNIN: 'http://signin.invalid/x/' };
    const url = await printed(world, ['plain'], { env });
    expect(url.href).toMatch(/^http:\/\/signin\.invalid\/x\/federation\?Action=login&/);
    expect(proxy.methods).toEqual(['POST']);
  });

  it('gets no answer that is taken for what it is not', async () => {
    const world = await consoleWorld();
    for (const body of [
      '',
      'x',
      'null',
      '[]',
      '{}',
      '{"SigninToken":5}',
      '{"SigninToken":""}',
      '{"SigninToken":"a\\u001b[31m"}',
      '{"SigninToken":"a\\nb"}',
      `{"SigninToken":"${'a'.repeat(40_000)}"}`,
      '<html>Welcome to our WLAN</html>',
    ]) {
      const fake = await fakeSignIn(() => ({ status: 200, body }));
      const refused = await run(world, ['plain', '--print'], { env: { AWS_ENDPOINT_URL_SIGNIN: fake.url } });
      expect(refused, body.slice(0, 40)).toMatchObject({ status: 6, stdout: '' });
      expect(refused.stderr).toContain('gave no usable answer');
    }
    const odd = await fakeSignIn(() => ({ status: 200, body: '{"SigninToken":"a&b=c #\\"%20"}' }));
    const url = await printed(world, ['plain'], { env: { AWS_ENDPOINT_URL_SIGNIN: odd.url } });
    expect(url.searchParams.get('SigninToken')).toBe('a&b=c #"%20');
  });

  it('is ended by a silent server, and repeats nothing of the session', async () => {
    const world = await consoleWorld();
    const echo = await fakeSignIn(({ body }) => ({ status: 400, body: decodeURIComponent(body) }));
    const refused = await run(world, ['plain', '--print', '--debug'], {
      env: { AWS_ENDPOINT_URL_SIGNIN: echo.url },
    });
    expect(refused).toMatchObject({ status: 5, stdout: '' });
    expect(refused.stderr).toContain('(HTTP 400)');
    expect(refused.stderr).not.toContain('sessionKey');
    const large = await fakeSignIn(() => ({ status: 200, body: 'x'.repeat(2_000_000) }));
    const tooLarge = await run(world, ['plain', '--print'], { env: { AWS_ENDPOINT_URL_SIGNIN: large.url } });
    expect(tooLarge).toMatchObject({ status: 6 });
    expect(tooLarge.stderr).toContain('more than 1 MiB');
    const gone = await run(world, ['plain', '--print'], {
      env: { AWS_ENDPOINT_URL_SIGNIN: 'http://127.0.0.1:1' },
    });
    expect(gone).toMatchObject({ status: 6 });
    expect(gone.stderr).toContain('nothing is listening there');
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const late = await run(world, ['plain', '--print'], {
      env: { AWS_ENDPOINT_URL_SIGNIN: url, AWSROLE_TIMEOUT: '1' },
    });
    expect(late).toMatchObject({ status: 6 });
    expect(late.stderr).toContain('did not answer within 1 s (AWSROLE_TIMEOUT)');
  });
});

describe('the browser', () => {
  const display = { DISPLAY: ':99' };

  it('is the system one where there is a display, and does not get the keys', async () => {
    const world = await consoleWorld();
    const { folder, words, env } = recorder(world, 'xdg-open');
    const { set } = await world.lines('plain');
    const opened = await run(world, [], { env: { ...set, ...display, PATH: withFolder(folder) } });
    expect(opened).toMatchObject({ status: 0, stdout: '' });
    expect(opened.stderr).toContain("AWS's console (plain) opens in your browser");
    expect(words()).toHaveLength(1);
    expect(await pageAt(words()[0] ?? '')).toContain('assumed-role/plain/');
    expect(env()).toContain('DISPLAY=:99');
    expect(env()).not.toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)/);
  });

  it('that fails is told of', async () => {
    const world = await consoleWorld();
    const { folder } = recorder(world, 'xdg-open', 3);
    const failed = await run(world, ['plain'], { env: { ...display, PATH: withFolder(folder) } });
    expect(failed).toMatchObject({ status: 3, stdout: '' });
    expect(failed.stderr).toContain('ended with status 3, so nothing was opened');
    expect(failed.stderr).toContain('--print');
    const missing = await run(world, ['plain'], { env: { ...display, PATH: join(world.home, 'nothing') } });
    expect(missing).toMatchObject({ status: 3, stdout: '' });
    expect(missing.stderr).toContain('was not found');
  });

  it('is none in an ssh session or without a display: the URL is printed', async () => {
    const world = await consoleWorld();
    const { folder } = recorder(world, 'xdg-open');
    const PATH = withFolder(folder);
    for (const [env, why] of [
      [{}, 'there is no display'],
      [{ SSH_CONNECTION: '10.0.0.1 1 10.0.0.2 22', WAYLAND_DISPLAY: 'wayland-0' }, 'this is an ssh session'],
    ] as const) {
      const { status, stdout, stderr } = await run(world, ['plain'], { env: { ...env, PATH } });
      expect(status).toBe(0);
      expect(stderr).toContain(why);
      expect(stderr.split('\n')).toHaveLength(2);
      expect(await pageAt(stdout.trim())).toContain('assumed-role/plain/');
    }
    expect(existsSync(join(folder, 'xdg-open.words'))).toBe(false);
  });

  it('may be a command in the settings, whose words are filled one by one', async () => {
    const name = 'a "b" $(touch x) {url}; & é';
    const world = await consoleWorld(
      section(`profile ${JSON.stringify(name).replace(/\\"/g, '\\"')}`, {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'us-east-1',
      }),
    );
    const { folder, words, env } = recorder(world, 'my browser');
    world.settings(`browser = "${join(folder, 'my browser')}" -P {profile} --name=x{profile}y "--" {url}\n`);
    const opened = await run(world, [name]);
    expect(opened).toMatchObject({ status: 0, stdout: '' });
    const [flag, profile, joined, dashes, url] = words();
    expect([flag, profile, joined, dashes]).toEqual(['-P', name, `--name=x${name}y`, '--']);
    expect(await pageAt(url ?? '')).toContain('assumed-role/plain/');
    expect(env()).not.toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)/);

    world.settings(`browser = "${join(folder, 'my browser')}" {container}\n`);
    const contained = await run(world, [name]);
    expect(contained.status).toBe(0);
    expect(contained.stderr.match(/searches the web/g)).toHaveLength(1);
    const [container = ''] = words();
    expect(container).toMatch(/^ext\+container:name=[^&]+&url=[^&]+$/);
    const parameters = new URLSearchParams(container.slice('ext+container:'.length));
    expect(parameters.get('name')).toBe(name);
    expect(await pageAt(parameters.get('url') ?? '')).toContain('assumed-role/plain/');

    expect((await run(world, [name, '--print'])).stderr).toBe('');
    world.settings(`browser = ${join(folder, 'none')} {url}\n`);
    const missing = await run(world, [name]);
    expect(missing).toMatchObject({ status: 3, stdout: '' });
    expect(missing.stderr).toContain('was not found');
    world.settings('browser = false {url}\n');
    expect((await run(world, [name])).stderr).toContain('"false" ended with status 1');
  });

  it('is refused where the settings name no program, or no place for the URL', async () => {
    const world = await consoleWorld();
    for (const line of [
      '',
      'firefox',
      '{url}',
      '"" {url}',
      '{profile} {url}',
      'firefox "{url}',
      'firefox {profile}',
    ]) {
      const file = world.settings(`advice = on\nbrowser = ${line}\n`);
      const refused = await run(world, ['plain']);
      expect(refused, line).toMatchObject({ status: 3, stdout: '' });
      expect(refused.stderr).toContain(`${file}:2: browser is "`);
    }
  });
});

describe('the sandbox', () => {
  it('gives a token 15 minutes, and refuses what AWS refuses', async () => {
    const world = await consoleWorld();
    const url = await printed(world, ['plain']);
    for (const destination of [
      'https://example.com/',
      'http://console.aws.amazon.com/',
      'https://console.amazonaws.cn/',
      'x',
    ]) {
      const other = new URL(url);
      other.searchParams.set('Destination', destination);
      expect(await pageAt(other)).toBe('400 Invalid Destination\n');
    }
    const other = new URL(url);
    other.searchParams.set('SigninToken', 'x');
    expect(await pageAt(other)).toContain('400 The sign-in token is not valid');
    world.sts.advanceClock(14 * 60_000);
    expect(await pageAt(url)).toContain('200 ');
    world.sts.advanceClock(60_000);
    expect(await pageAt(url)).toContain('400 The sign-in token is not valid');
    // Only those who know the secret path are answered.
    expect(await pageAt(`http://127.0.0.1:${world.sts.port}/federation${url.search}`)).toMatch(/^404 /);
  });

  it('takes a duration only of a role that was assumed with the keys of a user', async () => {
    const world = await consoleWorld();
    const { set: chained } = await world.linesWithCode('role101');
    const { set: direct } = await world.lines('plain');
    const ask = async (
      session: Readonly<Record<string, string>>,
      more: Record<string, string>,
    ): Promise<string> => {
      const body = new URLSearchParams({
        Action: 'getSigninToken',
        Session: JSON.stringify({
          sessionId: session.AWS_ACCESS_KEY_ID,
          sessionKey: session.AWS_SECRET_ACCESS_KEY,
          sessionToken: session.AWS_SESSION_TOKEN,
        }),
        ...more,
      });
      const answer = await fetch(`${world.sts.url}/federation`, { method: 'POST', body });
      return `${answer.status} ${await answer.text()}`;
    };
    expect(await ask(direct, { SessionDuration: '900' })).toMatch(/^200 {"SigninToken":"/);
    expect(await ask(direct, { SessionDuration: '43200' })).toMatch(/^200 /);
    expect(await ask(chained, {})).toMatch(/^200 /);
    for (const [session, more] of [
      [chained, { SessionDuration: '900' }],
      [direct, { SessionDuration: '899' }],
      [direct, { SessionDuration: '43201' }],
      [direct, { SessionDuration: '1h' }],
      [{ ...direct, AWS_SECRET_ACCESS_KEY: 'x' }, {}],
      [{ ...direct, AWS_SESSION_TOKEN: 'x' }, {}],
      [direct, { Session: '{}' }],
      [direct, { Session: 'x' }],
    ] as const) {
      expect(await ask(session, more)).toBe('400 Invalid credentials parameter\n');
    }
  });
});

describe('a real browser', () => {
  it.skipIf(needs(CHROMIUM !== undefined).skip)('shows the page of the role', async () => {
    const world = await consoleWorld();
    const url = await printed(world, ['role101', '--service', 'ddb'], { code: true });
    const { stdout } = await world.command([
      CHROMIUM ?? '',
      '--headless=new',
      '--no-sandbox',
      `--user-data-dir=${join(world.home, 'chromium')}`,
      '--dump-dom',
      url.href,
    ]);
    expect(stdout).toContain(`<dd>${ROLE101}`);
    expect(stdout).toContain('<dd>123456789012</dd>');
    expect(stdout).toContain('<dd>https://console.aws.amazon.com/dynamodbv2/home?region=us-east-1</dd>');
  });
});
