import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';

interface Server {
  listen(port: number, host: string, done: () => void): unknown;
  address(): AddressInfo | string | null;
  close(): unknown;
  closeAllConnections(): void;
}

/** Listens until the test ends; gives the port. */
async function start(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

/** Of no host that exists: only the proxy knows the way. */
const STS = 'sts.corp.test';

/** A proxy that passes everything on to a port here; `seen` has `GET http://...` or `CONNECT host:port` of each. */
async function startProxy(port: number): Promise<{
  url: string;
  seen: string[];
  authorizations: (string | undefined)[];
}> {
  const seen: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const proxy = createServer((asked, answer) => {
    seen.push(`${asked.method} ${asked.url}`);
    authorizations.push(asked.headers['proxy-authorization']);
    const { 'proxy-authorization': _, ...headers } = asked.headers;
    const path = new URL(asked.url ?? '').pathname;
    const onward = send({ host: '127.0.0.1', port, path, method: asked.method, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    asked.pipe(onward);
  });
  proxy.on('connect', (asked, socket, head) => {
    seen.push(`CONNECT ${asked.url}`);
    const onward = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    socket.on('error', () => onward.destroy());
  });
  return { url: `http://127.0.0.1:${await start(proxy)}`, seen, authorizations };
}

/** A proxy that takes connections, and cuts them. */
async function startCutting(): Promise<number> {
  const server = createNetServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

const KEYS = {
  AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
  AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
  AWS_REGION: 'us-east-1',
};
const NETWORK = 6;
const REFUSED_PORT = 'http://127.0.0.1:1';

/** The sandbox under an address that is not loopback's, though it leads there. */
function elsewhere(world: World): string {
  return world.sts.url.replace('127.0.0.1', '0.0.0.0');
}

describe('a proxy', () => {
  it.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('that %s names is gone through', async (name) => {
    const world = await makeWorld();
    const proxy = await startProxy(world.sts.port);
    const env = { AWS_ENDPOINT_URL_STS: `http://${STS}`, [name]: proxy.url };
    const { set } = await world.lines('plain', { env });
    expect(set.AWSROLE_PROFILE).toBe('plain');
    expect(proxy.seen).toEqual([`POST http://${STS}/`]);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('is given the name and password of its URL, which are not shown', async () => {
    const world = await makeWorld();
    const proxy = await startProxy(world.sts.port);
    const named = proxy.url.replace('//', '//me:Hunter2@');
    const env = { AWS_ENDPOINT_URL_STS: `http://${STS}`, HTTP_PROXY: named, AWSROLE_DEBUG: '1' };
    world.keepSecret('Hunter2');
    await world.lines('plain', { env });
    expect(proxy.authorizations).toEqual([`Basic ${Buffer.from('me:Hunter2').toString('base64')}`]);
  });

  it.each(['0.0.0.0', '*', 'elsewhere, 0.0.0.0'])('is passed by for a host in NO_PROXY=%s', async (names) => {
    const world = await makeWorld();
    const env = { AWS_ENDPOINT_URL_STS: elsewhere(world), HTTP_PROXY: REFUSED_PORT };
    expect((await world.run(['session-lines', 'plain'], { env })).status).toBe(NETWORK);
    await world.lines('plain', { env: { ...env, NO_PROXY: names } });
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it.each(['corp.test', '.corp.test', 'STS.corp.test', 'localhost, corp.test.'])(
    'is not asked for a host below a name in NO_PROXY=%s',
    async (names) => {
      const world = await makeWorld();
      const proxy = await startProxy(world.sts.port);
      const env = { AWS_ENDPOINT_URL_STS: `http://${STS}`, HTTP_PROXY: proxy.url, NO_PROXY: names };
      const run = await world.run(['session-lines', 'plain'], { env });
      expect(run).toMatchObject({ status: NETWORK, stdout: '' });
      expect(run.stderr).toContain(`awsrole: http://${STS} could not be reached: `);
      expect(proxy.seen).toEqual([]);
    },
  );

  it('is no way to this computer itself', async () => {
    const world = await makeWorld();
    await world.lines('plain', { env: { HTTP_PROXY: REFUSED_PORT } });
    const localhost = world.sts.url.replace('127.0.0.1', 'localhost');
    await world.lines('plain', { env: { AWS_ENDPOINT_URL_STS: localhost, HTTP_PROXY: REFUSED_PORT } });
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('of https is none of http', async () => {
    const world = await makeWorld();
    const env = { AWS_ENDPOINT_URL_STS: elsewhere(world), HTTPS_PROXY: REFUSED_PORT };
    await world.lines('plain', { env });
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('leads to STS over TLS too, whose certificate is looked at', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'awsrole-tls-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const make = `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${STS} \
      -addext subjectAltName=DNS:${STS} -keyout key.pem -out cert.pem`;
    execFileSync('sh', ['-c', make], { cwd: folder, stdio: 'ignore' });
    const world = await makeWorld();
    const sts = new URL(world.sts.url);
    const [cert, key] = ['cert.pem', 'key.pem'].map((name) => readFileSync(join(folder, name)));
    const tls = createTlsServer({ cert, key }, (asked, answer) => {
      const { method, headers, url: path } = asked;
      const onward = send({ host: sts.hostname, port: sts.port, method, path, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      asked.pipe(onward);
    });
    const port = await start(tls);
    const endpoint_url = `https://${STS}`;
    const profile = { role_arn: roleArn('plain'), source_profile: 'user101', endpoint_url };
    world.write({
      config:
        section('profile a', { ...profile, ca_bundle: join(folder, 'cert.pem') }) +
        section('profile b', profile),
    });
    const proxy = await startProxy(port);
    const env = { AWS_ENDPOINT_URL_STS: undefined, HTTPS_PROXY: proxy.url };
    await world.lines('a', { env });
    expect(proxy.seen).toEqual([`CONNECT ${STS}:443`]);
    const untrusted = await world.run(['session-lines', 'b', '--refresh'], { env });
    expect(untrusted).toMatchObject({ status: NETWORK, stdout: '' });
    expect(untrusted.stderr).toContain('certificate is not trusted');
  });

  it.each(['http', 'https'])('that nobody answers at is named, for %s, and not STS', async (scheme) => {
    const world = await makeWorld();
    const name = `${scheme.toUpperCase()}_PROXY`;
    const endpoint = { AWS_ENDPOINT_URL_STS: `${scheme}://${STS}`, AWS_MAX_ATTEMPTS: '1' };
    for (const [proxy, shown, why] of [
      ['http://me:Hunter2@127.0.0.1:1', 'http://127.0.0.1:1', 'nothing is listening there'],
      ['me:Hunter2@127.0.0.1:1', 'http://127.0.0.1:1', 'nothing is listening there'],
      ['http://me:Hunter2@proxy.invalid:3128/', 'http://proxy.invalid:3128', /DNS/],
      [
        `http://me:Hunter2@127.0.0.1:${await startCutting()}`,
        /http:\/\/127\.0\.0\.1:\d+/,
        /could not be reached/,
      ],
    ] as const) {
      const env = { ...endpoint, [name]: proxy, AWSROLE_DEBUG: '1' };
      world.keepSecret('Hunter2');
      const run = await world.run(['session-lines', 'plain'], { env });
      expect(run).toMatchObject({ status: NETWORK, stdout: '' });
      const [said = ''] = /^awsrole: the proxy .*$/m.exec(run.stderr) ?? [run.stderr];
      expect(said).toMatch(shown);
      expect(said).toMatch(why);
      expect(said).not.toContain(STS);
      expect((await world.run(['whoami'], { env: { ...env, ...KEYS } })).stderr).toContain(said);
    }
  });

  it.each(['http', 'https'])('that wants a name and a password says so, for %s', async (scheme) => {
    const world = await makeWorld();
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="x"' }).end('<html>no</html>');
    });
    server.on('connect', (_, socket) => {
      asked += 1;
      socket.end('HTTP/1.1 407 No\r\nproxy-authenticate: Basic realm="x"\r\ncontent-length: 0\r\n\r\n');
    });
    const port = await start(server);
    const name = `${scheme.toUpperCase()}_PROXY`;
    world.keepSecret('Hunter2');
    for (const [user, hint] of [
      ['', `it wants a name and a password: write them into ${name}, as http://NAME:PASSWORD@HOST:PORT`],
      ['me:Hunter2@', `it does not accept the name and the password in ${name}`],
    ]) {
      const env = { AWS_ENDPOINT_URL_STS: `${scheme}://${STS}`, [name]: `http://${user}127.0.0.1:${port}` };
      const run = await world.run(['session-lines', 'plain'], { env });
      expect(run).toMatchObject({ status: NETWORK, stdout: '' });
      expect(run.stderr).toMatch(
        /^awsrole: the proxy http:\/\/127\.0\.0\.1:\d+ does not .*sts\.corp\.test.* \(HTTP 407\)\n/,
      );
      expect(run.stderr).toContain(`\n  ${hint}; in them @ is %40, : is %3A, % is %25\n`);
    }
    // Nobody tries a wrong password again.
    expect(asked).toBe(2);
  });

  it.each([
    'socks5://me:Hunter2@proxy.test',
    'http://me:Hunter2@',
    'http://me:Hunter2@proxy.test:port',
    'http://me:Hun/ter2@proxy.test:3128',
    'http://me:1/Hunter2@proxy.test:3128',
    'http://me:1#Hunter2@proxy.test:3128',
    'http://me:1?Hunter2@proxy.test:3128',
    'http://me:Hunter2%@proxy.test:3128',
    'http:/me:Hunter2@proxy.test:3128',
    'http//me:Hunter2@proxy.test:3128',
    'http://proxy.test:3128/Hunter2.pac',
    'Hunter2 Hunter2',
  ])('that is no URL of http is refused before anything is sent, and not shown: %s', async (proxy) => {
    const world = await makeWorld();
    world.keepSecret('Hunter2');
    const env = { AWS_ENDPOINT_URL_STS: `http://${STS}`, HTTP_PROXY: proxy, AWSROLE_DEBUG: '1' };
    const wrong = await world.run(['session-lines', 'plain'], { env });
    expect(wrong).toMatchObject({ status: 3, stdout: '' });
    expect(wrong.stderr).toMatch(
      /awsrole: the proxy that the environment names is not an http\(s\) URL \(HTTP_PROXY\)\n {2}correct HTTP_PROXY, such as /,
    );
    expect(wrong.stderr).not.toMatch(/ter2/);
  });
});
