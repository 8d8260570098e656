import { generateKeyPairSync } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { LOGIN_CASES, type LoginCase, RENEWED, type Token } from '../../cases/logins.ts';
import { describeSdkCases } from '../../cases/sdk-cases.ts';
import { killedAt, makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';
import { type Answer, type Fake, fakeSignin, refuse } from './fakes.ts';

const [CONFIGURATION, MFA, REFUSED, NETWORK] = [3, 4, 5, 6];

/** A case of the AWS SDKs. */
interface SdkCase {
  readonly documentation: string;
  readonly configContents: string;
  readonly cacheContents: Record<string, Token>;
  readonly mockApiCalls?: readonly {
    readonly request: { readonly tokenInput: Record<string, string> };
    readonly response?: { readonly tokenOutput: Record<string, unknown> };
    readonly responseCode?: number;
  }[];
  readonly outcomes: readonly {
    readonly result: 'credentials' | 'cacheContents' | 'error';
    readonly [key: string]: unknown;
  }[];
}

/** Such a case in the form of ours. */
function loginCase(one: SdkCase): LoginCase {
  const outcome = (kind: string): Record<string, unknown> | undefined => {
    const { result: _, ...rest } = one.outcomes.find(({ result }) => result === kind) ?? {};
    return Object.keys(rest).length === 0 ? undefined : rest;
  };
  return {
    name: one.documentation,
    config: one.configContents,
    profile: 'signin',
    tokens: one.cacheContents,
    calls: (one.mockApiCalls ?? []).map(({ request, response, responseCode = 404 }) => ({
      asks: request.tokenInput,
      answer: response?.tokenOutput ?? responseCode,
    })),
    credentials: outcome('credentials') as LoginCase['credentials'],
    left: outcome('cacheContents') as LoginCase['left'],
  };
}

/** So long a new session lasts there. */
const SECONDS = 900;

function cacheFolder(world: World): string {
  const folder = join(world.home, '.aws', 'login', 'cache');
  mkdirSync(folder, { recursive: true });
  return folder;
}

function keepTokens(world: World, tokens: Record<string, Token>): void {
  for (const [name, token] of Object.entries(tokens)) {
    writeFileSync(join(cacheFolder(world), name), JSON.stringify(token), { mode: 0o600 });
    const { secretAccessKey = '', sessionToken = '' } = token.accessToken;
    for (const secret of [secretAccessKey, sessionToken, token.dpopKey]) world.keepSecret(secret);
  }
}

/** The world of a test case, and a sign-in that answers as the case has it. */
async function loginWorld(
  { config, tokens, calls }: LoginCase,
  answer?: () => Answer,
): Promise<{ world: World; signin: Fake; env: Record<string, string> }> {
  const world = await makeWorld({ config, credentials: undefined });
  keepTokens(world, tokens);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const someKey = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const signin = await fakeSignin(Object.values(tokens)[0]?.dpopKey ?? someKey, (body) => {
    if (answer !== undefined) return answer();
    const call = calls.find(({ asks }) => isDeepStrictEqual(asks, body));
    if (typeof call?.answer === 'object') return { body: call.answer };
    return refuse(call?.answer ?? 404, 'AccessDeniedException', { error: 'TOKEN_EXPIRED' });
  });
  return { world, signin, env: { AWS_ENDPOINT_URL_SIGNIN: signin.url, AWS_REGION: 'us-east-1' } };
}

async function check(one: LoginCase): Promise<void> {
  const { world, signin, env } = await loginWorld(one);
  const before = Math.floor(Date.now() / 1000);
  const run = await world.run(['session-lines', one.profile], { env });
  const after = Math.ceil(Date.now() / 1000);
  expect(signin.calls()).toEqual(one.calls.map(() => 'POST /v1/token'));
  const there = existsSync(cacheFolder(world)) ? readdirSync(cacheFolder(world)) : [];
  expect(there).toEqual(Object.keys(one.tokens));
  if (one.credentials === undefined) {
    expect([CONFIGURATION, MFA]).toContain(run.status);
    expect(run).toMatchObject({
      stdout: '',
      stderr: expect.stringContaining(`run: aws login --profile ${one.profile}`),
    });
  } else {
    expect(run).toMatchObject({ status: 0, stderr: '' });
    for (const line of [
      `AWS_ACCESS_KEY_ID=${one.credentials.accessKeyId}`,
      `AWS_SECRET_ACCESS_KEY=${one.credentials.secretAccessKey}`,
      `AWS_SESSION_TOKEN=${one.credentials.sessionToken}`,
    ]) {
      expect(run.stdout).toContain(`\n${line}\n`);
    }
    const [, end = ''] = /\nAWS_CREDENTIAL_EXPIRATION=(.*)\n/.exec(run.stdout) ?? [];
    if (one.calls.length === 0) expect(end).toBe(one.credentials.expiresAt);
    else expectIn(end, before + SECONDS, after + SECONDS);
  }
  for (const name of Object.keys(one.tokens)) {
    const path = join(cacheFolder(world), name);
    const token = JSON.parse(readFileSync(path, 'utf8')) as Token;
    const left = one.left?.[name];
    expect(statSync(path).mode & 0o777).toBe(0o600);
    if (left === undefined) {
      expect(token).toEqual(one.tokens[name]);
    } else {
      // Our clock goes on: when the new session ends is not known to the case.
      const endless = ({ accessToken, ...rest }: Token) => ({
        ...rest,
        accessToken: { ...accessToken, expiresAt: '' },
      });
      expect(endless(token)).toEqual(endless(left));
      expectIn(token.accessToken.expiresAt ?? '', before + SECONDS, after + SECONDS);
    }
  }
}

function expectIn(time: string, from: number, to: number): void {
  const seconds = Date.parse(time) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(from);
  expect(seconds).toBeLessThanOrEqual(to);
}

describe('login_session', () => {
  const one = RENEWED;

  for (const one of LOGIN_CASES) it(one.name, () => check(one));

  it('is asked once by two processes at once, and kept', async () => {
    const { world, signin, env } = await loginWorld(one);
    const [a, b] = await Promise.all([world.lines('desk', { env }), world.lines('desk', { env })]);
    expect((await world.lines('desk', { env })).set).toEqual(a.set);
    expect(b.set).toEqual(a.set);
    expect(signin.calls()).toEqual(['POST /v1/token']);
    expect(a.set).toMatchObject({
      AWS_ACCESS_KEY_ID: 'ASIADESK000001EXAMPLE',
      AWSROLE_ACCOUNT_ID: '444455556666',
    });
  });

  it('leaves nothing where a renewal is killed: the next switch removes it, and what awsrole 0.1 has left', async () => {
    const { world, env } = await loginWorld({
      ...one,
      config:
        one.config + section('profile plain', { role_arn: roleArn('plain'), source_profile: 'user101' }),
    });
    world.write({ credentials: section('user101', USER101_KEYS) });
    const there = readdirSync(cacheFolder(world));
    const killed = await world.run(['session-lines', 'desk'], {
      env: { ...env, ...killedAt('/login/cache/') },
    });
    expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    expect(readdirSync(cacheFolder(world))).toHaveLength(2);
    const ago = Date.now() / 1000 - 120;
    for (const name of ['.awsrole-aB3dE6', '.awsrole-mine']) {
      mkdirSync(join(cacheFolder(world), name));
      utimesSync(join(cacheFolder(world), name), ago, ago);
    }
    await world.lines('plain');
    expect(readdirSync(cacheFolder(world)).sort()).toEqual(['.awsrole-mine', ...there]);
  });

  it('finds its tokens where AWS_LOGIN_CACHE_DIRECTORY says', async () => {
    const { world, env } = await loginWorld({ ...one, tokens: {} });
    const folder = join(world.home, 'tokens');
    mkdirSync(folder);
    const [[name, token]] = Object.entries(one.tokens) as [[string, Token]];
    const expiresAt = '2999-01-01T00:00:00Z';
    const good = { ...token, accessToken: { ...token.accessToken, accessKeyId: 'ELSEWHERE', expiresAt } };
    writeFileSync(join(folder, name), JSON.stringify(good));
    const { set } = await world.lines('desk', { env: { ...env, AWS_LOGIN_CACHE_DIRECTORY: folder } });
    expect(set.AWS_ACCESS_KEY_ID).toBe('ELSEWHERE');
  });

  it.each<[string, () => Answer, number, RegExp]>([
    [
      'a password that was changed',
      () => refuse(400, 'AccessDeniedException', { error: 'USER_CREDENTIALS_CHANGED' }),
      MFA,
      /The login session arn:\S+ has ended \(USER_CREDENTIALS_CHANGED\)\n {2}run: aws login --profile desk/,
    ],
    [
      'a permission that is missing',
      () => refuse(403, 'AccessDeniedException', { error: 'INSUFFICIENT_PERMISSIONS' }),
      REFUSED,
      /refuses to renew the login session .*\n.*signin:CreateOAuth2Token/,
    ],
    ['a server that fails', () => ({ status: 500, body: {} }), NETWORK, /gave no usable answer \(HTTP 500\)/],
    ['a connection that is cut', () => ({}), NETWORK, /could not be reached: the connection was cut/],
  ])('explains %s', async (_what, answer, status, message) => {
    const { world, env } = await loginWorld(one, answer);
    const before = world.snapshot();
    const run = await world.run(['session-lines', 'desk'], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
    expect(world.snapshot()).toEqual(before);
  });

  it.each([
    ['is no JSON', '{"accessToken": "SECRET', 'it is not a JSON object'],
    ['has no fields', '{}', 'it has no accessKeyId, secretAccessKey, sessionToken, accountId, expiresAt, '],
  ])('says which token file is broken: one that %s', async (_what, text, message) => {
    const { world, env } = await loginWorld(one);
    world.keepSecret('SECRET');
    const [name = ''] = Object.keys(one.tokens);
    const path = join(cacheFolder(world), name);
    writeFileSync(path, text);
    const run = await world.run(['session-lines', 'desk'], { env });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(`the token file ${path} is broken: ${message}`);
  });

  it('with a key that is none says so', async () => {
    const [[name, token]] = Object.entries(one.tokens) as [[string, Token]];
    const { world, env } = await loginWorld(one);
    keepTokens(world, { [name]: { ...token, dpopKey: 'no key of anything' } });
    const run = await world.run(['session-lines', 'desk'], { env });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain('is broken: its dpopKey is not a key');
  });
});

describeSdkCases<SdkCase>('login-provider.json', 6, (cases) => {
  for (const one of cases.map(loginCase)) it(one.name, () => check(one));
});
