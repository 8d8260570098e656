import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vectors } from '../../profiles/vectors.ts';
import { makeWorld, type World } from '../world.ts';
import { type Answer, type Fake, fakeSignin, refuse } from './fakes.ts';

const [CONFIGURATION, MFA, REFUSED, NETWORK] = [3, 4, 5, 6];

interface Token {
  accessToken: Record<string, string>;
  refreshToken?: string;
  dpopKey: string;
  clientId?: string;
}

interface Outcome {
  readonly result: 'credentials' | 'cacheContents' | 'error';
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly expiresAt?: string;
  readonly [file: string]: unknown;
}

interface Case {
  readonly documentation: string;
  readonly configContents: string;
  readonly cacheContents: Record<string, Token>;
  readonly mockApiCalls?: readonly {
    readonly request: unknown;
    readonly response?: { readonly tokenOutput: Record<string, unknown> };
    readonly responseCode?: number;
  }[];
  readonly outcomes: readonly Outcome[];
}

const cases = vectors<Case>('login-provider.json');
const refreshed = cases.find(({ documentation }) => documentation.includes('successful refresh'));
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
  { configContents, cacheContents, mockApiCalls = [] }: Case,
  answer?: () => Answer,
): Promise<{ world: World; signin: Fake; env: Record<string, string> }> {
  const world = await makeWorld({ config: configContents, credentials: undefined });
  keepTokens(world, cacheContents);
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const someKey = privateKey.export({ type: 'sec1', format: 'pem' }).toString();
  const signin = await fakeSignin(Object.values(cacheContents)[0]?.dpopKey ?? someKey, (body) => {
    if (answer !== undefined) return answer();
    const call = mockApiCalls.find(({ request }) => {
      const { tokenInput } = request as { tokenInput: unknown };
      return JSON.stringify(sorted(tokenInput)) === JSON.stringify(sorted(body));
    });
    if (call?.response !== undefined) return { body: call.response.tokenOutput };
    return refuse(call?.responseCode ?? 404, 'AccessDeniedException', { error: 'TOKEN_EXPIRED' });
  });
  return { world, signin, env: { AWS_ENDPOINT_URL_SIGNIN: signin.url } };
}

function sorted(value: unknown): unknown {
  return Object.entries(Object(value)).sort(([a], [b]) => (a < b ? -1 : 1));
}

describe('the test cases of the AWS SDKs for login_session', () => {
  it.each(cases.map((one) => [one.documentation, one] as const))('%s', async (_name, one) => {
    const { world, signin, env } = await loginWorld(one);
    const before = Math.floor(Date.now() / 1000);
    const run = await world.run(['session-lines', 'signin'], { env });
    const after = Math.ceil(Date.now() / 1000);
    expect(signin.calls()).toEqual((one.mockApiCalls ?? []).map(() => 'POST /v1/token'));
    expect(existsSync(cacheFolder(world)) && readdirSync(cacheFolder(world))).toEqual(
      Object.keys(one.cacheContents),
    );
    for (const outcome of one.outcomes) {
      if (outcome.result === 'error') {
        expect([CONFIGURATION, MFA]).toContain(run.status);
        expect(run).toMatchObject({
          stdout: '',
          stderr: expect.stringContaining('run: aws login --profile signin'),
        });
        for (const [name, token] of Object.entries(one.cacheContents)) {
          expect(JSON.parse(readFileSync(join(cacheFolder(world), name), 'utf8'))).toEqual(token);
        }
      } else if (outcome.result === 'credentials') {
        expect(run).toMatchObject({ status: 0, stderr: '' });
        for (const line of [
          `set AWS_ACCESS_KEY_ID ${outcome.accessKeyId}`,
          `set AWS_SECRET_ACCESS_KEY ${outcome.secretAccessKey}`,
          `set AWS_SESSION_TOKEN ${outcome.sessionToken}`,
        ]) {
          expect(run.stdout).toContain(`\n${line}\n`);
        }
        const [, end = ''] = /\nset AWS_CREDENTIAL_EXPIRATION (.*)\n/.exec(run.stdout) ?? [];
        if (signin.asked.length === 0) expect(end).toBe(outcome.expiresAt);
        else expectIn(end, before + SECONDS, after + SECONDS);
      } else {
        for (const [name, expected] of Object.entries(outcome).filter(([key]) => key.endsWith('.json'))) {
          const path = join(cacheFolder(world), name);
          const { accessToken, ...rest } = JSON.parse(readFileSync(path, 'utf8')) as Token;
          const { accessToken: theirs, ...theirRest } = expected as Token;
          expect(rest).toEqual(theirRest);
          // The case stops the clock; ours goes on.
          expect({ ...accessToken, expiresAt: '' }).toEqual({ ...theirs, expiresAt: '' });
          expectIn(accessToken.expiresAt ?? '', before + SECONDS, after + SECONDS);
          expect(statSync(path).mode & 0o777).toBe(0o600);
        }
      }
    }
  });
});

function expectIn(time: string, from: number, to: number): void {
  const seconds = Date.parse(time) / 1000;
  expect(seconds).toBeGreaterThanOrEqual(from);
  expect(seconds).toBeLessThanOrEqual(to);
}

describe.runIf(refreshed !== undefined)('login_session', () => {
  const one = refreshed ?? ({} as Case);

  it('is asked once by two processes at once, and kept', async () => {
    const { world, signin, env } = await loginWorld(one);
    const [a, b] = await Promise.all([world.lines('signin', { env }), world.lines('signin', { env })]);
    expect((await world.lines('signin', { env })).set).toEqual(a.set);
    expect(b.set).toEqual(a.set);
    expect(signin.calls()).toEqual(['POST /v1/token']);
    expect(a.set).toMatchObject({ AWS_ACCESS_KEY_ID: 'NEWREFRESHEDKEY', AWSROLE_ACCOUNT_ID: '012345678910' });
  });

  it('finds its tokens where AWS_LOGIN_CACHE_DIRECTORY says', async () => {
    const { world, env } = await loginWorld({ ...one, cacheContents: {} });
    const folder = join(world.home, 'tokens');
    mkdirSync(folder);
    const [[name, token]] = Object.entries(one.cacheContents) as [[string, Token]];
    const expiresAt = '2999-01-01T00:00:00Z';
    const good = { ...token, accessToken: { ...token.accessToken, accessKeyId: 'ELSEWHERE', expiresAt } };
    writeFileSync(join(folder, name), JSON.stringify(good));
    const { set } = await world.lines('signin', { env: { ...env, AWS_LOGIN_CACHE_DIRECTORY: folder } });
    expect(set.AWS_ACCESS_KEY_ID).toBe('ELSEWHERE');
  });

  it.each<[string, () => Answer, number, RegExp]>([
    [
      'a password that was changed',
      () => refuse(400, 'AccessDeniedException', { error: 'USER_CREDENTIALS_CHANGED' }),
      MFA,
      /The login session arn:\S+ has ended \(USER_CREDENTIALS_CHANGED\)\n {2}run: aws login --profile signin/,
    ],
    [
      'a permission that is missing',
      () => refuse(403, 'AccessDeniedException', { error: 'INSUFFICIENT_PERMISSIONS' }),
      REFUSED,
      /refuses to renew the login session .*\n.*signin:CreateOAuth2Token/,
    ],
    ['a server that fails', () => ({ status: 500, body: {} }), NETWORK, /gave no usable answer \(HTTP 500\)/],
    ['a connection that is cut', () => ({}), NETWORK, /could not be asked: the connection was cut/],
  ])('explains %s', async (_what, answer, status, message) => {
    const { world, env } = await loginWorld(one, answer);
    const before = world.snapshot();
    const run = await world.run(['session-lines', 'signin'], { env: { ...env, AWS_MAX_ATTEMPTS: '1' } });
    expect(run).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(message) });
    expect(world.snapshot()).toEqual(before);
  });

  it.each([
    ['is no JSON', '{"accessToken": "SECRET', 'it is no JSON object'],
    ['has no fields', '{}', 'it has no accessKeyId, secretAccessKey, sessionToken, accountId, expiresAt, '],
  ])('says which token file is broken: one that %s', async (_what, text, message) => {
    const { world, env } = await loginWorld(one);
    world.keepSecret('SECRET');
    const [name = ''] = Object.keys(one.cacheContents);
    const path = join(cacheFolder(world), name);
    writeFileSync(path, text);
    const run = await world.run(['session-lines', 'signin'], { env });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(`the token file ${path} is broken: ${message}`);
  });

  it('with a key that is none says so', async () => {
    const [[name, token]] = Object.entries(one.cacheContents) as [[string, Token]];
    const { world, env } = await loginWorld(one);
    keepTokens(world, { [name]: { ...token, dpopKey: 'no key of anything' } });
    const run = await world.run(['session-lines', 'signin'], { env });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain('is broken: its dpopKey is no key');
  });
});
