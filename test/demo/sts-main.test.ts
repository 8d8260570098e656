import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const folder = mkdtempSync(join(tmpdir(), 'awsrole-sts-main-'));
const program = join(folder, 'sts-main.mjs');
const children: ChildProcess[] = [];

beforeAll(async () => {
  await build({
    entryPoints: ['src/demo/sts-main.ts'],
    outfile: program,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    logLevel: 'warning',
  });
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Started {
  child: ChildProcess;
  url: string;
  pid: number;
  /** Exit status, or the signal's name. */
  ended: Promise<number | string | null>;
}

function run(...args: string[]) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  children.push(child);
  const ended = new Promise<number | string | null>((resolve) => {
    child.on('exit', (code, signal) => resolve(code ?? signal));
  });
  return { child, ended };
}

async function start(...args: string[]): Promise<Started> {
  const { child, ended } = run(...args);
  const line = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.endsWith('\n')) resolve(text);
    });
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => reject(new Error(chunk)));
  });
  expect(line).toMatch(/^\{"url":"http:\/\/127\.0\.0\.1:\d+\/[0-9a-f]{32}","pid":\d+\}\n$/);
  return { child, ended, ...(JSON.parse(line) as { url: string; pid: number }) };
}

interface ControlOptions {
  body?: unknown;
  headers?: Record<string, string>;
}

async function control(
  server: Started,
  method: string,
  path: string,
  options: ControlOptions = {},
): Promise<{ status: number; headers: Record<string, unknown>; json: Record<string, unknown> }> {
  const { text, ...answer } = await ask(server, method, path, options);
  return { ...answer, json: JSON.parse(text) };
}

function ask(
  { url }: Pick<Started, 'url'>,
  method: string,
  path: string,
  options: ControlOptions = {},
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const { headers = {} } = options;
    const request = httpRequest(`${url}/_sandbox/${path}`, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    request.on('error', reject);
    request.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}

async function withClient<T>({ url }: Started, use: (sts: STSClient) => Promise<T>): Promise<T> {
  const [credentials] = SAMPLE_WORLD.users;
  if (credentials === undefined) throw new Error('the sample world has no user');
  const sts = new STSClient({ endpoint: url, region: 'us-east-1', maxAttempts: 1, credentials });
  try {
    return await use(sts);
  } finally {
    sts.destroy();
  }
}

const whoami = (server: Started) => withClient(server, (sts) => sts.send(new GetCallerIdentityCommand({})));
const login = (server: Started, TokenCode: unknown) =>
  withClient(server, (sts) =>
    sts.send(new GetSessionTokenCommand({ SerialNumber: SAMPLE_MFA_SERIAL, TokenCode: String(TokenCode) })),
  );

describe('sts-main', () => {
  it('runs the sample world, says where, and stops on SIGTERM and SIGINT', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await start();
      expect(server.pid).toBe(server.child.pid);
      expect(await whoami(server)).toMatchObject({ Arn: 'arn:aws:iam::123456789012:user/user101' });
      server.child.kill(signal);
      expect(await server.ended).toBe(0);
    }
  });

  it('stops when standard input closes only if told to', async () => {
    const bound = await start('--stop-with-stdin');
    bound.child.stdin?.end();
    expect(await bound.ended).toBe(0);
    const free = await start();
    free.child.stdin?.end();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await expect(whoami(free)).resolves.toBeDefined();
  });

  it('runs the world of a file', async () => {
    const file = join(folder, 'world.json');
    const users = SAMPLE_WORLD.users.map((user) => ({ ...user, deny: ['GetSessionToken'] }));
    writeFileSync(file, JSON.stringify({ users, roles: [], allowedRegions: ['us-east-1'] }));
    const server = await start(file);
    await expect(whoami(server)).resolves.toBeDefined();
    const { json } = await control(server, 'GET', `code?serial=${SAMPLE_MFA_SERIAL}`);
    await expect(login(server, json.code)).rejects.toThrow(/explicit deny/);
  });

  it.each([
    ['no JSON', 'x', /cannot be read as JSON/],
    ['no users', '{}', /no "users" and "roles"/],
    ['a wrong role', '{"users":[],"roles":[{"arn":"x"}]}', /no role's ARN/],
  ])('refuses a file with %s', async (_what, text, message) => {
    const file = join(folder, 'wrong.json');
    writeFileSync(file, text);
    const { child, ended } = run(file);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    expect(await ended).toBe(3);
    expect(said).toMatch(message);
  });

  it('writes the sample files, but never over others', async () => {
    const target = join(folder, 'aws');
    await start('--aws-folder', target);
    const { config, credentials } = sampleFiles();
    expect(readFileSync(join(target, 'config'), 'utf8')).toBe(config);
    expect(readFileSync(join(target, 'credentials'), 'utf8')).toBe(credentials);
    expect(statSync(join(target, 'credentials')).mode & 0o777).toBe(0o600);

    writeFileSync(join(target, 'config'), 'mine');
    expect(await run('--aws-folder', target).ended).toBe(1);
    expect(readFileSync(join(target, 'config'), 'utf8')).toBe('mine');
    expect(existsSync(join(target, 'credentials'))).toBe(true);
  });
});

describe('the control path', () => {
  it('tells what was asked', async () => {
    const server = await start();
    await whoami(server);
    const { status, headers, json } = await control(server, 'GET', 'state');
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(headers['access-control-allow-origin']).toBeUndefined();
    expect(json).toMatchObject({
      counts: { GetCallerIdentity: 1 },
      answers: { OK: 1 },
      clockOffsetMs: 0,
      faults: [],
      requests: [{ action: 'GetCallerIdentity', answer: 'OK' }],
    });
  });

  it('gives codes, so that no test waits for one', async () => {
    const server = await start();
    const path = `code?serial=${encodeURIComponent(SAMPLE_MFA_SERIAL)}`;
    for (let i = 0; i < 2; i += 1) {
      const { json } = await control(server, 'GET', `${path}&next=1`);
      expect(json).toMatchObject({
        serial: SAMPLE_MFA_SERIAL,
        code: expect.stringMatching(/^\d{6}$/),
        used: false,
      });
      expect(json.secondsLeft).toBeGreaterThan(0);
      expect(json.secondsLeft).toBeLessThanOrEqual(30);
      await expect(login(server, json.code)).resolves.toBeDefined();
      await expect(login(server, json.code)).rejects.toThrow(/invalid MFA one time pass code/);
    }
    expect((await control(server, 'GET', 'code?serial=unknown')).status).toBe(404);
  });

  it('sets faults, the clock, and all back', async () => {
    const server = await start();
    await control(server, 'POST', 'faults', {
      body: { action: 'GetCallerIdentity', count: 2, answer: 'throttle' },
    });
    await expect(whoami(server)).rejects.toThrow('Rate exceeded');
    expect((await control(server, 'GET', 'state')).json.faults).toEqual([
      { action: 'GetCallerIdentity', count: 1, answer: 'throttle' },
    ]);
    await control(server, 'POST', 'faults', { body: [] });
    await expect(whoami(server)).resolves.toBeDefined();

    await control(server, 'POST', 'clock', { body: { advanceMs: 600_000 } });
    await expect(whoami(server)).rejects.toThrow(/^Signature expired/);
    await control(server, 'POST', 'clock', { body: { offsetMs: -600_000 } });
    await expect(whoami(server)).rejects.toThrow(/^Signature not yet current/);

    const { json } = await control(server, 'POST', 'reset');
    expect(json).toEqual({
      now: expect.any(Number),
      clockOffsetMs: 0,
      counts: {},
      answers: {},
      faults: [],
      requests: [],
    });
    await expect(whoami(server)).resolves.toBeDefined();
  });

  it('ends sessions', async () => {
    const server = await start();
    const { json } = await control(server, 'GET', `code?serial=${SAMPLE_MFA_SERIAL}&next=1`);
    const { Credentials } = await login(server, json.code);
    const sts = new STSClient({
      endpoint: server.url,
      region: 'us-east-1',
      credentials: {
        accessKeyId: Credentials?.AccessKeyId ?? '',
        secretAccessKey: Credentials?.SecretAccessKey ?? '',
        sessionToken: Credentials?.SessionToken ?? '',
      },
    });
    await expect(sts.send(new GetCallerIdentityCommand({}))).resolves.toBeDefined();
    await control(server, 'POST', 'expire-sessions');
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow(/is expired/);
    await control(server, 'POST', 'reset');
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow(/is invalid/);
    // The used code is forgotten too.
    await expect(login(server, json.code)).resolves.toBeDefined();
    sts.destroy();
  });

  it.each([
    ['faults', { answer: 'explode' }],
    ['faults', { count: 0 }],
    ['faults', { unknown: 1 }],
    ['faults', 'throttle'],
    ['clock', {}],
    ['clock', { advanceMs: '5' }],
  ])('refuses %s of %j', async (path, body) => {
    const server = await start();
    const answer = await control(server, 'POST', path, { body });
    expect(answer.status).toBe(400);
    expect(answer.json.error).toMatch(/./);
    expect((await control(server, 'GET', 'state')).json).toMatchObject({ faults: [], clockOffsetMs: 0 });
  });

  it.each([
    { host: 'evil.example' },
    { host: '127.0.0.1.evil.example:80' },
    { origin: 'http://127.0.0.1' },
    { origin: 'null' },
    { referer: 'https://evil.example/' },
    { 'sec-fetch-site': 'cross-site' },
  ])('is closed to browsers: %j', async (headers) => {
    const server = await start();
    const answer = await control(server, 'GET', 'state', { headers });
    expect([answer.status, answer.json]).toEqual([403, { error: 'not for browsers' }]);
    await control(server, 'POST', 'clock', { headers, body: { advanceMs: 999 } });
    expect((await control(server, 'GET', 'state')).json.clockOffsetMs).toBe(0);
    expect((await control(server, 'GET', 'state', { headers: { host: 'localhost:1' } })).status).toBe(200);
  });

  it.each(['', '/', '/0123456789abcdef0123456789abcdef', '//', '/x/..'])(
    'is closed to whoever does not know the secret path, at %j',
    async (path) => {
      const server = await start();
      const stranger = { ...server, url: `${new URL(server.url).origin}${path}` };
      for (const [method, what, body] of [
        ['GET', 'state'],
        ['GET', `code?serial=${SAMPLE_MFA_SERIAL}`],
        ['POST', 'clock', { advanceMs: 999 }],
        ['POST', 'faults', { answer: 'throttle' }],
        ['POST', 'expire-sessions'],
        ['POST', 'reset'],
      ] as const) {
        const { status, text } = await ask(stranger, method, what, { body });
        expect([status, text]).toEqual([
          expect.toSatisfy((code) => [403, 404].includes(code)),
          expect.anything(),
        ]);
        expect(text).not.toMatch(/counts|code"|clockOffset/);
      }
      expect((await control(server, 'GET', 'state')).json).toMatchObject({ clockOffsetMs: 0, faults: [] });
      // STS itself is there for whoever has keys.
      await expect(whoami({ ...server, url: new URL(server.url).origin })).resolves.toBeDefined();
    },
  );

  it('tells two sandboxes apart', async () => {
    const [one, other] = [await start(), await start()];
    const path = new URL(one.url).pathname;
    expect(new URL(other.url).pathname).not.toBe(path);
    const { status } = await ask({ ...other, url: `${new URL(other.url).origin}${path}` }, 'GET', 'state');
    expect(status).toBe(404);
  });

  it('knows no other paths', async () => {
    const server = await start();
    expect((await control(server, 'GET', 'reset')).status).toBe(404);
    expect((await control(server, 'GET', '../_sandbox/nothing')).status).toBe(404);
  });
});
