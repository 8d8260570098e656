import { createHash, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SAMPLE_MFA_SERIAL } from '../../../src/demo/sample-world.ts';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';
import { inSeconds, refuse, serve } from '../sources/fakes.ts';
import { certificate, startUnending, type Unending, type UnendingServer } from '../sources/unending.ts';

const [CONFIGURATION, MFA, NETWORK] = [3, 4, 6];
const LATE = /did not answer within 1 s \(AWSROLE_TIMEOUT\)/;
const UNDONE = /began to answer, but did not finish within 1 s \(AWSROLE_TIMEOUT\)/;
const LARGE = /answers with more than 1 MiB, which was not read to the end/;
const ENDS: Record<Unending, RegExp> = {
  'says nothing': LATE,
  'sends its headers and nothing more': UNDONE,
  'sends half an answer': UNDONE,
  'sends byte after byte': UNDONE,
  'sends header after header': LATE,
  'sends without end': LARGE,
  'announces more than anybody needs': LARGE,
};
const ALL = Object.keys(ENDS) as Unending[];
/** AWSROLE_TIMEOUT: longer where the other side has to do something in it, which takes its time on a busy machine. */
const secondsFor = (how: Unending): string => (ENDS[how] === LATE ? '1' : ENDS[how] === UNDONE ? '3' : '20');
const saysOf = (how: Unending, seconds = secondsFor(how)): RegExp =>
  new RegExp(ENDS[how].source.replace(' 1 s', ` ${seconds} s`));
/** For every source: one of each end. */
const SOME = ['says nothing', 'sends byte after byte', 'sends without end'] as const;

interface Asking {
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  readonly input?: string;
  /** Where requests before the one in question are answered. */
  readonly first?: (request: string) => string | undefined;
}

/** Files for every source, and what asks it at a URL. */
const SOURCES: Record<string, (world: World, url: string) => Asking> = {
  AssumeRole: (_world, url) => ({
    args: ['session-lines', 'plain'],
    env: { AWS_ENDPOINT_URL_STS: url },
  }),
  'AssumeRole for exec': (_world, url) => ({
    args: ['exec', 'plain', '--', 'true'],
    env: { AWS_ENDPOINT_URL_STS: url },
  }),
  'GetSessionToken with a code': (world, url) => ({
    args: ['session-lines', 'role101', '--mfa-code', '-'],
    env: { AWS_ENDPOINT_URL_STS: url },
    input: `${world.code()}\n`,
  }),
  GetCallerIdentity: (_world, url) => ({
    args: ['whoami'],
    env: {
      AWS_ENDPOINT_URL_STS: url,
      AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
      AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
    },
  }),
  AssumeRoleWithWebIdentity: (world, url) => {
    const token = join(world.home, 'token');
    writeFileSync(token, world.keepSecret('header.good-token.signature'));
    const web = { role_arn: roleArn('web'), web_identity_token_file: token, region: 'eu-west-1' };
    world.write({ config: section('profile web', web) });
    return { args: ['session-lines', 'web'], env: { AWS_ENDPOINT_URL_STS: url } };
  },
  'the portal of SSO': (world, url) => {
    ssoProfile(world, {});
    return { args: ['session-lines', 'sso'], env: { AWS_ENDPOINT_URL_SSO: url } };
  },
  'OIDC of SSO': (world, url) => {
    // A token that has ended: nothing else would do.
    ssoProfile(world, {
      expiresAt: inSeconds(-60),
      clientId: 'client',
      clientSecret: 'client-secret',
      refreshToken: 'refresh',
      registrationExpiresAt: '2999-01-01T00:00:00Z',
    });
    return {
      args: ['session-lines', 'sso'],
      env: { AWS_ENDPOINT_URL_SSO: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_SSO_OIDC: url },
    };
  },
  'AWS sign-in': (world, url) => {
    const session = 'arn:aws:sts::123456789012:assumed-role/Admin/admin';
    const folder = join(world.home, '.aws', 'login', 'cache');
    mkdirSync(folder, { recursive: true });
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const token = {
      accessToken: {
        accessKeyId: 'ASIALOGINEXAMPLE',
        secretAccessKey: world.keepSecret('login/notARealSecret'),
        sessionToken: world.keepSecret('login/notARealToken'),
        accountId: '123456789012',
        expiresAt: inSeconds(-60),
      },
      clientId: 'arn:aws:signin:::devtools/same-device',
      refreshToken: world.keepSecret('login/notARealRefreshToken'),
      dpopKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
    };
    const name = `${createHash('sha256').update(session).digest('hex')}.json`;
    writeFileSync(join(folder, name), JSON.stringify(token), { mode: 0o600 });
    world.write({ config: section('profile login', { login_session: session, region: 'eu-west-1' }) });
    return { args: ['session-lines', 'login'], env: { AWS_ENDPOINT_URL_SIGNIN: url } };
  },
};

function ssoProfile(world: World, more: Record<string, string>): void {
  const folder = join(world.home, '.aws', 'sso', 'cache');
  mkdirSync(folder, { recursive: true });
  const token = { accessToken: world.keepSecret('token-of-the-person'), expiresAt: inSeconds(3600), ...more };
  const name = `${createHash('sha1').update('corp').digest('hex')}.json`;
  writeFileSync(join(folder, name), JSON.stringify(token), { mode: 0o600 });
  world.write({
    config:
      section('profile sso', {
        sso_session: 'corp',
        sso_account_id: '123456789012',
        sso_role_name: 'testrole',
        region: 'eu-west-1',
      }) +
      section('sso-session corp', {
        sso_start_url: 'https://corp.awsapps.com/start',
        sso_region: 'us-east-1',
      }),
  });
}

/** That it was asked once, and read no more than a little of what it had to say. */
function expectOneRequest(server: UnendingServer): void {
  expect(server.asked).toHaveLength(1);
  for (const { bytesWritten } of server.sockets) expect(bytesWritten).toBeLessThan(16 * 1024 * 1024);
}

describe('who never comes to an end', () => {
  const asked = Object.keys(SOURCES).flatMap((source) =>
    (source === 'AssumeRole' ? ALL : SOME).map((how) => [source, how] as const),
  );

  it.each(asked)('is given up: %s, who %s', async (source, how) => {
    const world = await makeWorld();
    const server = await startUnending(how);
    const { args, env, input } = SOURCES[source]?.(world, server.url) ?? { args: [], env: {} };
    const run = await world.run(args, {
      env: { ...env, AWSROLE_TIMEOUT: secondsFor(how) },
      ...(input && { input }),
    });
    expect(run).toMatchObject({ status: NETWORK, stdout: '', stderr: expect.stringMatching(saysOf(how)) });
    expect(run.stderr).toContain(`awsrole: ${server.url} `);
    expectOneRequest(server);
    if (source.endsWith('a code')) expect(run.stderr).toContain('take the next one');
    expect(world.keptSessions()).toEqual([]);
  });

  it.each(SOME)('is given up over TLS as well: one who %s', async (how) => {
    const world = await makeWorld();
    const tls = certificate();
    const server = await startUnending(how, { tls });
    const env = {
      AWS_ENDPOINT_URL_STS: server.url,
      AWS_CA_BUNDLE: tls.file,
      AWSROLE_TIMEOUT: secondsFor(how),
    };
    const run = await world.run(['session-lines', 'plain'], { env });
    expect(run).toMatchObject({ status: NETWORK, stderr: expect.stringMatching(saysOf(how)) });
    expectOneRequest(server);
  });

  it('is given up when TLS does not begin', async () => {
    const world = await makeWorld();
    const server = await startUnending('says nothing');
    const url = server.url.replace('http:', 'https:');
    const run = await world.run(['session-lines', 'plain'], {
      env: { AWS_ENDPOINT_URL_STS: url, AWSROLE_TIMEOUT: '1' },
    });
    expect(run).toMatchObject({ status: NETWORK, stderr: expect.stringMatching(LATE) });
    expect(server.sockets).toHaveLength(1);
  });

  it.each(SOME)('is given up where containers get their credentials: one who %s', async (how) => {
    const world = await containerWorld();
    const server = await startUnending(how);
    const run = await world.run(['session-lines', 'container'], {
      env: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/x`, AWSROLE_TIMEOUT: '1' },
    });
    const says = new RegExp(saysOf(how).source.replace(/ \d+ s.*/, ' 2 s\\n'));
    expect(run).toMatchObject({ status: NETWORK, stdout: '', stderr: expect.stringMatching(says) });
    expect(run.stderr).toContain(`awsrole: ${server.url}/x `);
    for (const { bytesWritten } of server.sockets) expect(bytesWritten).toBeLessThan(16 * 1024 * 1024);
    expect(server.asked).toEqual(['GET /x HTTP/1.1', 'GET /x HTTP/1.1']);
  });

  it.each(SOME)('is given up as instance metadata: one who %s', async (how) => {
    const world = await containerWorld();
    const server = await startUnending(how);
    const run = await world.run(['session-lines', 'instance'], {
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url },
    });
    const says = new RegExp(saysOf(how, '1').source.replace('AWSROLE_TIMEOUT', 'metadata_service_timeout'));
    expect(run).toMatchObject({ status: NETWORK, stdout: '', stderr: expect.stringMatching(says) });
    for (const { bytesWritten } of server.sockets) expect(bytesWritten).toBeLessThan(16 * 1024 * 1024);
  });

  it('is an error as instance metadata when the answer is cut', async () => {
    const world = await containerWorld();
    const fake = await startUnending('sends half an answer');
    const timer = setInterval(() => {
      for (const socket of fake.sockets) socket.destroy();
    }, 200);
    onTestFinished(() => clearInterval(timer));
    const run = await world.run(['session-lines', 'instance'], {
      env: { AWS_EC2_METADATA_SERVICE_ENDPOINT: fake.url, AWS_METADATA_SERVICE_TIMEOUT: '30' },
    });
    expect(run).toMatchObject({ status: NETWORK, stderr: expect.stringContaining('the connection was cut') });
  });

  it('is given up over all its attempts together', async () => {
    const world = await makeWorld();
    const fake = await serve(() => refuse(503, 'ServiceUnavailable'));
    const run = await world.run(['session-lines', 'plain'], {
      env: { AWS_ENDPOINT_URL_STS: fake.url, AWSROLE_TIMEOUT: '1', AWS_MAX_ATTEMPTS: '50' },
    });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toMatch(/gave no usable answer within 1 s \(AWSROLE_TIMEOUT\), asked \d+ times\n/);
    expect(fake.asked.length).toBeGreaterThan(1);
  });
});

async function containerWorld(): Promise<World> {
  const plain = { role_arn: roleArn('plain'), region: 'eu-west-1' };
  return makeWorld({
    config:
      section('profile container', { ...plain, credential_source: 'EcsContainer' }) +
      section('profile instance', { ...plain, credential_source: 'Ec2InstanceMetadata' }),
  });
}

describe('a proxy', () => {
  const STS = 'sts.corp.test';
  const viaProxy = (proxy: string, scheme: string) => ({
    AWS_ENDPOINT_URL_STS: `${scheme}://${STS}`,
    [`${scheme.toUpperCase()}_PROXY`]: proxy,
    AWSROLE_TIMEOUT: '1',
    AWS_MAX_ATTEMPTS: '1',
  });

  it.each(['http', 'https'])('that is not there is named, for %s', async (scheme) => {
    const world = await makeWorld();
    const proxy = `http://me:${world.keepSecret('Hunter2')}@127.0.0.1:1`;
    const run = await world.run(['session-lines', 'plain'], { env: viaProxy(proxy, scheme) });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toMatch(
      /^awsrole: the proxy http:\/\/127.0.0.1:1 could not be reached: nothing is listening there\n {2}check HTTPS_PROXY/,
    );
    expect(run.stderr).not.toContain(STS);
  });

  it('that never answers to CONNECT is named', async () => {
    const world = await makeWorld();
    const server = await startUnending('says nothing');
    const run = await world.run(['session-lines', 'plain'], { env: viaProxy(server.url, 'https') });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain(`awsrole: the proxy ${server.url} did not answer within 0.3 s\n`);
    expect(server.asked).toEqual([`CONNECT ${STS}:443 HTTP/1.1`]);
  });

  it.each([407, 502])('that does not connect is named, with its status %i', async (status) => {
    const world = await makeWorld();
    const server = await startUnending('says nothing', {
      first: () => `HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`,
    });
    const env = { ...viaProxy(server.url, 'https'), AWSROLE_TIMEOUT: '20' };
    const run = await world.run(['session-lines', 'plain'], { env });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain(
      `awsrole: the proxy ${server.url} does not connect to ${STS}:443 (HTTP ${status})\n`,
    );
  });

  it('is named beside STS when nothing comes through it', async () => {
    const world = await makeWorld();
    const tunnel = await startUnending('says nothing', {
      first: (text) => (text.startsWith('CONNECT') ? 'HTTP/1.1 200 OK\r\n\r\n' : undefined),
    });
    for (const scheme of ['http', 'https']) {
      const env = { ...viaProxy(tunnel.url, scheme), AWSROLE_TIMEOUT: '5' };
      const run = await world.run(['session-lines', 'plain'], { env });
      expect(run).toMatchObject({ status: NETWORK, stdout: '' });
      expect(run.stderr).toContain(
        `awsrole: ${scheme}://${STS} did not answer within 5 s (AWSROLE_TIMEOUT), through the proxy ${tunnel.url}\n`,
      );
    }
  });

  it('that is slower than a call may take is left, by the call with more attempts as well', async () => {
    const world = await makeWorld();
    const server = await startUnending('says nothing');
    const env = { ...viaProxy(server.url, 'https'), AWS_MAX_ATTEMPTS: '9' };
    const run = await world.run(['session-lines', 'plain'], { env });
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain(`the proxy ${server.url}`);
  });
});

describe('AWSROLE_TIMEOUT', () => {
  it.each(['0', '301', '1e1', '-1', ' 5', '5s', '0x10', '٣', '$(id)'])('is refused as %j', async (value) => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain'], { env: { AWSROLE_TIMEOUT: value } });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(
      `awsrole: AWSROLE_TIMEOUT is "${value}"\n  write whole seconds from 1 to 300`,
    );
    expect(world.sts.counts()).toEqual({});
  });

  it.each(['', '1', '300', '030'])('is taken as %j', async (value) => {
    const world = await makeWorld();
    await world.lines('plain', { env: { AWSROLE_TIMEOUT: value } });
  });
});

describe('a command that does not end', () => {
  const WAYS = [
    ['itself', 'exec sleep 300'],
    ['what it has started', 'sleep 300; echo 123456'],
    ['what it has started, and takes no SIGTERM', "trap '' TERM; sleep 300; sleep 300"],
    ['what it has left behind with its output open', 'sleep 300 & echo 123456'],
    ['what it has left behind, twice', '(sleep 300 & sleep 300 &) ; sleep 300'],
  ] as const;

  it.each(WAYS)('as mfa_process is ended with %s', async (_what, script) => {
    const world = await makeWorld();
    writeFileSync(join(world.home, 'run'), script);
    const role = { role_arn: roleArn('role101'), source_profile: 'user', mfa_serial: SAMPLE_MFA_SERIAL };
    world.write({
      config: section('profile a', { ...role, mfa_process: `sh "${world.home}/run"` }),
      credentials: section('user', USER101_KEYS),
    });
    await expectEnded(world, 'mfa_process', 2, MFA);
    expect(world.sts.counts()).toEqual({});
  });

  it.each(WAYS.slice(1, 4))('as credential_process is ended with %s', async (_what, script) => {
    const world = await makeWorld();
    writeFileSync(join(world.home, 'run'), script);
    world.write({ config: section('profile a', { credential_process: `sh "${world.home}/run"` }) });
    await expectEnded(world, 'credential_process', 4, CONFIGURATION);
  });

  /** Runs it, and looks for what it has left; all of it stands in a folder of the world's own. */
  async function expectEnded(world: World, what: string, seconds: number, status: number): Promise<void> {
    const run = await world.run(['session-lines', 'a'], {
      env: { AWSROLE_TIMEOUT: '1' },
      cwd: world.home,
    });
    expect(run).toMatchObject({ status, stdout: '' });
    expect(run.stderr).toContain(
      `${what} of profile "a" did not finish within ${seconds} s, and was stopped (AWSROLE_TIMEOUT changes that)`,
    );
    const left = await world.command(
      ['sh', '-c', 'ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -F "$HOME" || :'],
      {
        cwd: '/',
      },
    );
    expect(left.stdout).toBe('');
  }
});
