import { request as httpRequest } from 'node:http';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  AssumeRoleWithWebIdentityCommand,
  DecodeAuthorizationMessageCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
  type STSClientConfig,
} from '@aws-sdk/client-sts';
import { afterEach, describe, expect, it } from 'vitest';
import {
  type StsOptions,
  type StsRole,
  type StsServer,
  type StsUser,
  startStsServer,
  totpCode,
} from '../../src/demo/sts-server.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const ACCOUNT = '123456789012';
const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/ann`;
const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
const INVALID_CODE = 'MultiFactorAuthentication failed with invalid MFA one time pass code. ';
const INVALID_TOKEN = 'The security token included in the request is invalid.';

function user(name: string, more: Partial<StsUser> = {}): StsUser {
  return {
    arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
    accessKeyId: `AKIA${name.toUpperCase().padEnd(9, '0')}EXAMPLE`,
    secretAccessKey: `${name}+secret/`.padEnd(40, 'x'),
    ...more,
  };
}

const ann = user('ann', { mfa: { serial: SERIAL, secret: SECRET } });
const bob = user('bob', { mfa: { serial: `arn:aws:iam::${ACCOUNT}:mfa/bob`, secret: `${SECRET}AA` } });
const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;

function role(name: string, trust: Partial<StsRole['trust']> = {}, more: Partial<StsRole> = {}): StsRole {
  return { arn: roleArn(name), trust: { principals: [ann.arn], ...trust }, ...more };
}

const servers: StsServer[] = [];
const clients: STSClient[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: Partial<StsOptions> = {}): Promise<StsServer> {
  const server = await startStsServer({
    users: [ann, bob],
    roles: [
      role('plain'),
      role('mfa', { mfa: true }),
      role('age', { maxMfaAgeSeconds: 120 }),
      role('external', { externalId: 'partner-7/east' }),
      role('long', { mfa: true }, { maxSessionDuration: 43_200 }),
      role('account', { principals: [`arn:aws:iam::${ACCOUNT}:root`] }),
      role('next', { principals: [roleArn('plain')] }, { maxSessionDuration: 43_200 }),
      role('nextmfa', { principals: [roleArn('mfa')], mfa: true }),
      { ...role('pathed'), arn: `arn:aws:iam::${ACCOUNT}:role/team/blue/pathed` },
    ],
    ...options,
  });
  servers.push(server);
  return server;
}

interface Keys {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

type SignedRequest = { headers: Record<string, string>; body: string; path: string };

/** The real SDK's client. `tamper` changes requests after they were signed. */
function client(
  server: StsServer,
  keys: Keys = ann,
  more: STSClientConfig & { tamper?: (request: SignedRequest) => void } = {},
): STSClient {
  const { tamper, ...config } = more;
  const { accessKeyId, secretAccessKey, sessionToken } = keys;
  const made = new STSClient({
    endpoint: server.url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    ...config,
  });
  if (tamper) {
    made.middlewareStack.add(
      (next) => (args) => {
        tamper(args.request as SignedRequest);
        return next(args);
      },
      { step: 'deserialize', name: 'tamper' },
    );
  }
  clients.push(made);
  return made;
}

const whoami = (sts: STSClient) => sts.send(new GetCallerIdentityCommand({}));
const getSession = (sts: STSClient, input = {}) => sts.send(new GetSessionTokenCommand(input));
const assume = (sts: STSClient, name: string, input: Partial<AssumeRoleCommandInput> = {}) =>
  sts.send(new AssumeRoleCommand({ RoleArn: roleArn(name), RoleSessionName: 'tests', ...input }));

function keysOf(answer: {
  Credentials?:
    | {
        AccessKeyId: string | undefined;
        SecretAccessKey: string | undefined;
        SessionToken: string | undefined;
      }
    | undefined;
}): Keys & { sessionToken: string } {
  const { AccessKeyId, SecretAccessKey, SessionToken } = answer.Credentials ?? {};
  if (!AccessKeyId || !SecretAccessKey || !SessionToken) throw new Error('no credentials in the answer');
  return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
}

/** The refusal of a call: status, Code and Message as the SDK read them; fails when the call went well. */
async function refusal(call: Promise<unknown>): Promise<[number | undefined, string, string]> {
  const error = await call.then(
    () => {
      throw new Error('the call was not refused');
    },
    (reason: Error & { $metadata?: { httpStatusCode?: number } }) => reason,
  );
  return [error.$metadata?.httpStatusCode, error.name, error.message];
}

const notAuthorized = (arn: string, resource: string) =>
  [
    403,
    'AccessDenied',
    `User: ${arn} is not authorized to perform: sts:AssumeRole on resource: ${resource}`,
  ] as const;

const code = (server: StsServer, options?: { next?: boolean }) =>
  server.mfaCode(SERIAL, options)?.code ?? 'none';
const mfa = (server: StsServer) => ({ SerialNumber: SERIAL, TokenCode: code(server, { next: true }) });

/** Sends bytes that no SDK would. */
function raw(
  server: StsServer,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number | undefined; headers: Record<string, unknown>; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: server.port, method: 'POST', path: '/', ...options, agent: false },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          body += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
      },
    );
    request.on('error', reject).end(options.body);
  });
}

describe('GetCallerIdentity', () => {
  it('names users, their sessions and role sessions', async () => {
    const server = await start({ users: [ann, { ...bob, userId: 'AIDABOB' }] });
    const own = await whoami(client(server));
    expect(own).toMatchObject({
      Arn: ann.arn,
      Account: ACCOUNT,
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
    });
    expect(await whoami(client(server, bob))).toMatchObject({ Arn: bob.arn, UserId: 'AIDABOB' });

    const session = await whoami(client(server, keysOf(await getSession(client(server)))));
    expect(session).toMatchObject({ Arn: ann.arn, UserId: own.UserId });

    const assumed = await assume(client(server), 'plain');
    expect(await whoami(client(server, keysOf(assumed)))).toMatchObject({
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/plain/tests`,
      Account: ACCOUNT,
      UserId: assumed.AssumedRoleUser?.AssumedRoleId,
    });
  });

  it('works when everything is denied', async () => {
    const server = await start({ users: [{ ...ann, deny: ['*'] }] });
    expect(await whoami(client(server))).toMatchObject({ Arn: ann.arn });
    expect((await refusal(assume(client(server), 'plain')))[1]).toBe('AccessDenied');
  });
});

describe('signatures', () => {
  const MISMATCH = [
    403,
    'SignatureDoesNotMatch',
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  ];

  it('refuses a wrong secret', async () => {
    const server = await start();
    expect(await refusal(whoami(client(server, { ...ann, secretAccessKey: bob.secretAccessKey })))).toEqual(
      MISMATCH,
    );
  });

  it.each<[string, (request: SignedRequest) => void]>([
    [
      'signature',
      ({ headers }) => {
        headers.authorization = (headers.authorization ?? '').replace(/.$/, (last) =>
          last === '0' ? '1' : '0',
        );
      },
    ],
    [
      'body',
      (request) => {
        // Same length, same meaning.
        request.body = request.body.split('&').reverse().join('&');
      },
    ],
    [
      'host',
      ({ headers }) => {
        headers.host = (headers.host ?? '').replace('127.0.0.1', 'localhost');
      },
    ],
    [
      'signed header',
      ({ headers }) => {
        headers['content-type'] = 'application/x-www-form-urlencoded; charset=utf-8';
      },
    ],
    [
      'query',
      (request) => {
        request.path = '/?Extra=1';
      },
    ],
  ])('refuses a changed %s', async (_what, tamper) => {
    const server = await start();
    expect(await refusal(whoami(client(server, ann, { tamper })))).toEqual(MISMATCH);
  });

  it.each(['host', 'x-amz-date', 'x-amz-security-token'])('wants %s to be signed', async (name) => {
    const server = await start();
    const keys = keysOf(await assume(client(server), 'plain'));
    const tamper = ({ headers }: SignedRequest) => {
      headers.authorization = (headers.authorization ?? '').replace(
        /SignedHeaders=([^,]*)/,
        (_all, list: string) =>
          `SignedHeaders=${list
            .split(';')
            .filter((header) => header !== name)
            .join(';')}`,
      );
    };
    expect(await refusal(whoami(client(server, keys, { tamper })))).toEqual([
      403,
      'SignatureDoesNotMatch',
      `'${name}' must be a 'SignedHeader' in the AWS Authorization.`,
    ]);
  });

  it.each<[string, RegExp, string, string]>([
    ['service', /\/sts\//, '/s3/', "Credential should be scoped to correct service: 'sts'. "],
    [
      'terminator',
      /aws4_request/,
      'aws5_request',
      "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
    ],
  ])('refuses another %s in the scope', async (_what, from, to, message) => {
    const server = await start();
    const tamper = ({ headers }: SignedRequest) => {
      headers.authorization = (headers.authorization ?? '').replace(from, to);
    };
    expect(await refusal(whoami(client(server, ann, { tamper })))).toEqual([
      403,
      'SignatureDoesNotMatch',
      message,
    ]);
  });

  it('wants the date of the scope to be that of X-Amz-Date', async () => {
    const server = await start();
    const tamper = ({ headers }: SignedRequest) => {
      headers.authorization = (headers.authorization ?? '').replace(/\/\d{8}\//, '/20200101/');
    };
    const [status, name, message] = await refusal(whoami(client(server, ann, { tamper })));
    expect([status, name]).toEqual([403, 'SignatureDoesNotMatch']);
    expect(message).toMatch(
      /^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20200101' != '(\d{8})', from '\1T\d{6}Z'\. $/,
    );
  });

  it('refuses unsigned requests and dates that are none', async () => {
    const server = await start();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = 'Action=GetCallerIdentity&Version=2011-06-15';
    const unsigned = await raw(server, { headers, body });
    expect(unsigned.status).toBe(403);
    expect(unsigned.body).toContain('<Code>MissingAuthenticationToken</Code>');
    expect(unsigned.body).toContain('<Message>Request is missing Authentication Token</Message>');
    const tamper = (request: SignedRequest) => {
      request.headers['x-amz-date'] = 'yesterday';
    };
    expect(await refusal(whoami(client(server, ann, { tamper })))).toEqual([
      400,
      'IncompleteSignature',
      "Date must be in ISO-8601 'basic format'. Got 'yesterday'. See http://en.wikipedia.org/wiki/ISO_8601",
    ]);
  });

  it('takes any region unless told which', async () => {
    const free = await start();
    await expect(whoami(client(free, ann, { region: 'mars-north-7' }))).resolves.toBeDefined();
    const bound = await start({ allowedRegions: ['eu-west-1'] });
    await expect(whoami(client(bound, ann, { region: 'eu-west-1' }))).resolves.toBeDefined();
    expect(await refusal(whoami(client(bound)))).toEqual([
      403,
      'SignatureDoesNotMatch',
      'Credential should be scoped to a valid region. ',
    ]);
  });

  it('answers for a region in which STS is off, except who is asking', async () => {
    const server = await start({ disabledRegions: ['af-south-1'] });
    const there = client(server, ann, { region: 'af-south-1' });
    const refused = [
      403,
      'RegionDisabledException',
      `STS is not activated in this region for account:${ACCOUNT}. Your account administrator can activate STS in this region using the IAM Console.`,
    ];
    expect(await refusal(assume(there, 'plain'))).toEqual(refused);
    expect(await refusal(getSession(there))).toEqual(refused);
    await expect(whoami(there)).resolves.toBeDefined();
    await expect(assume(client(server), 'plain')).resolves.toBeDefined();
  });

  it('takes a GET with the parameters in the query', async () => {
    const server = await start();
    const sts = client(server);
    sts.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { method: string; body?: string; headers: object; query: object };
        request.method = 'GET';
        request.query = Object.fromEntries(new URLSearchParams(request.body));
        delete request.body;
        request.headers = { host: `127.0.0.1:${server.port}` };
        return next(args);
      },
      { step: 'build', name: 'get' },
    );
    expect(await whoami(sts)).toMatchObject({ Arn: ann.arn });
    expect(await assume(sts, 'external', { ExternalId: 'partner-7/east' })).toBeDefined();
  });
});

describe('clocks', () => {
  const MINUTE = 60_000;

  it.each([-4.9, 4.9])('takes a client that is %d minutes off', async (minutes) => {
    const server = await start();
    await expect(whoami(client(server, ann, { systemClockOffset: minutes * MINUTE }))).resolves.toBeDefined();
  });

  it("refuses a slow client in AWS's words", async () => {
    const server = await start();
    const [status, name, message] = await refusal(
      whoami(client(server, ann, { systemClockOffset: -6 * MINUTE })),
    );
    expect([status, name]).toEqual([403, 'SignatureDoesNotMatch']);
    expect(message).toMatch(
      /^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
    );
  });

  it("refuses a fast client in AWS's words", async () => {
    const server = await start();
    const [status, name, message] = await refusal(
      whoami(client(server, ann, { systemClockOffset: 6 * MINUTE })),
    );
    expect([status, name]).toEqual([403, 'SignatureDoesNotMatch']);
    expect(message).toMatch(
      /^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
    );
  });

  it('tells the right time, from which the SDK mends its clock', async () => {
    const server = await start();
    server.advanceClock(-3 * 3_600_000);
    const { headers } = await raw(server);
    expect(Math.abs(Date.parse(String(headers.date)) - (Date.now() - 3 * 3_600_000))).toBeLessThan(60_000);
    await expect(whoami(client(server, ann, { maxAttempts: 2 }))).resolves.toBeDefined();
    expect(server.answers()).toEqual({ MissingAction: 1, SignatureDoesNotMatch: 1, OK: 1 });
  });

  it('uses the clock it is given', async () => {
    const server = await start({ now: () => Date.now() + 600_000 });
    expect((await refusal(whoami(client(server))))[2]).toMatch(/^Signature expired/);
  });
});

describe('keys and tokens', () => {
  const INVALID = [403, 'InvalidClientTokenId', INVALID_TOKEN];

  it('refuses a key that nobody has', async () => {
    const server = await start();
    expect(await refusal(whoami(client(server, { ...ann, accessKeyId: 'AKIANOBODY000EXAMPLE' })))).toEqual(
      INVALID,
    );
  });

  it("refuses a session without its token, with another's, a changed one, and a token beside a user's key", async () => {
    const server = await start();
    const one = keysOf(await assume(client(server), 'plain'));
    const two = keysOf(await assume(client(server), 'plain'));
    const { accessKeyId, secretAccessKey } = one;
    expect(await refusal(whoami(client(server, { accessKeyId, secretAccessKey })))).toEqual(INVALID);
    expect(await refusal(whoami(client(server, { ...one, sessionToken: two.sessionToken })))).toEqual(
      INVALID,
    );
    expect(await refusal(whoami(client(server, { ...one, sessionToken: `${one.sessionToken}x` })))).toEqual(
      INVALID,
    );
    expect(await refusal(whoami(client(server, { ...ann, sessionToken: one.sessionToken })))).toEqual(
      INVALID,
    );
    const tamper = ({ headers }: SignedRequest) => {
      headers['x-amz-security-token'] = two.sessionToken;
    };
    expect(await refusal(whoami(client(server, one, { tamper })))).toEqual(INVALID);
    await expect(whoami(client(server, one))).resolves.toBeDefined();
  });

  it('refuses an expired session', async () => {
    let now = Date.now();
    const server = await start({ now: () => now });
    const keys = keysOf(await assume(client(server), 'plain', { DurationSeconds: 900 }));
    const later = (seconds: number) => {
      now += seconds * 1000;
      return client(server, keys, { systemClockOffset: now - Date.now() });
    };
    await expect(whoami(later(898))).resolves.toBeDefined();
    expect(await refusal(whoami(later(2)))).toEqual([
      403,
      'ExpiredToken',
      'The security token included in the request is expired',
    ]);
  });

  it('can end all sessions at once, but not the keys of users', async () => {
    const server = await start();
    const keys = keysOf(await getSession(client(server)));
    server.expireAllSessions();
    expect((await refusal(whoami(client(server, keys))))[1]).toBe('ExpiredToken');
    await expect(whoami(client(server))).resolves.toBeDefined();
  });

  it('gives keys and tokens that look like those of AWS', async () => {
    const server = await start();
    const keys: Keys[] = [];
    for (let i = 0; i < 12; i += 1) keys.push(keysOf(await assume(client(server), 'plain')));
    for (const { accessKeyId, secretAccessKey, sessionToken } of keys) {
      expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
      expect(secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/);
      expect(sessionToken).toMatch(/^[A-Za-z0-9+/]{370,}={0,2}$/);
    }
    expect(
      keys.filter(({ secretAccessKey }) => secretAccessKey.startsWith('/')).length,
    ).toBeGreaterThanOrEqual(3);
    const tokens = keys.map(({ sessionToken }) => sessionToken ?? '');
    for (const ending of [/[^=]$/, /[^=]=$/, /==$/])
      expect(tokens.some((token) => ending.test(token))).toBe(true);
    for (const character of '/+') expect(tokens.some((token) => token.includes(character))).toBe(true);
    expect(new Set(tokens).size).toBe(12);
  });
});

describe('partitions', () => {
  const gov = user('gov', { arn: `arn:aws-us-gov:iam::${ACCOUNT}:user/gov` });
  const govRole = `arn:aws-us-gov:iam::${ACCOUNT}:role/plain`;
  const world = { users: [ann, gov], roles: [role('plain'), { arn: govRole, trust: { principals: ['*'] } }] };

  it('keeps ARNs in their partition', async () => {
    const server = await start(world);
    const inGov = client(server, gov, { region: 'us-gov-west-1' });
    const assumed = await assume(inGov, '', { RoleArn: govRole });
    expect(assumed.AssumedRoleUser?.Arn).toBe(`arn:aws-us-gov:sts::${ACCOUNT}:assumed-role/plain/tests`);
    expect(await refusal(assume(client(server), '', { RoleArn: govRole }))).toEqual(
      notAuthorized(ann.arn, govRole),
    );
  });

  it("refuses one partition's keys in another's regions when told to", async () => {
    const server = await start({ ...world, checkPartition: true });
    expect(await refusal(whoami(client(server, gov)))).toEqual([403, 'InvalidClientTokenId', INVALID_TOKEN]);
    expect((await refusal(whoami(client(server, ann, { region: 'cn-north-1' }))))[1]).toBe(
      'InvalidClientTokenId',
    );
    await expect(whoami(client(server, gov, { region: 'us-gov-east-1' }))).resolves.toBeDefined();
    await expect(whoami(client(server, ann, { region: 'eu-west-1' }))).resolves.toBeDefined();
  });
});

describe('AssumeRole', () => {
  it('answers as AWS does', async () => {
    const server = await start();
    const before = Date.now();
    const answer = await assume(client(server), 'plain');
    expect(answer.AssumedRoleUser).toEqual({
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/plain/tests`,
      AssumedRoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}:tests$/),
    });
    expect(answer.PackedPolicySize).toBeUndefined();
    expect(answer.$metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
    const expires = answer.Credentials?.Expiration?.getTime() ?? 0;
    expect(Math.abs(expires - before - 3_600_000)).toBeLessThan(60_000);

    const again = await assume(client(server), 'plain');
    expect(again.AssumedRoleUser).toEqual(answer.AssumedRoleUser);
    expect(again.Credentials?.AccessKeyId).not.toBe(answer.Credentials?.AccessKeyId);
    const other = await assume(client(server), 'account');
    expect(other.AssumedRoleUser?.AssumedRoleId).not.toBe(answer.AssumedRoleUser?.AssumedRoleId);
  });

  it('leaves the path of a role out of the session', async () => {
    const server = await start();
    const answer = await assume(client(server), 'team/blue/pathed');
    expect(answer.AssumedRoleUser?.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/pathed/tests`);
    expect(await refusal(assume(client(server), 'pathed'))).toEqual(
      notAuthorized(ann.arn, roleArn('pathed')),
    );
  });

  it('refuses roles that do not exist, callers that are not trusted, and denied users', async () => {
    const server = await start({ users: [ann, { ...bob, deny: ['sts:AssumeRole'] }] });
    expect(await refusal(assume(client(server), 'nowhere'))).toEqual(
      notAuthorized(ann.arn, roleArn('nowhere')),
    );
    expect(await refusal(assume(client(server), 'next'))).toEqual(notAuthorized(ann.arn, roleArn('next')));
    expect(await refusal(assume(client(server, bob), 'account'))).toEqual([
      403,
      'AccessDenied',
      `User: ${bob.arn} is not authorized to perform: sts:AssumeRole on resource: ${roleArn('account')} with an explicit deny in an identity-based policy`,
    ]);
  });

  it("denies a role's session what the role's policy denies, and root every role", async () => {
    const root = user('root', { arn: `arn:aws:iam::${ACCOUNT}:root` });
    const trust = { principals: ['*'] };
    const server = await start({
      users: [ann, root],
      roles: [role('shy', {}, { deny: ['sts:AssumeRole'] }), role('open', trust)],
    });
    const shy = client(server, keysOf(await assume(client(server), 'shy')));
    expect((await refusal(assume(shy, 'open')))[2]).toBe(
      `User: arn:aws:sts::${ACCOUNT}:assumed-role/shy/tests is not authorized to perform: sts:AssumeRole on resource: ${roleArn('open')} with an explicit deny in an identity-based policy`,
    );
    expect(await whoami(client(server, root))).toMatchObject({ Arn: root.arn, UserId: ACCOUNT });
    expect(await refusal(assume(client(server, root), 'open'))).toEqual([
      403,
      'AccessDenied',
      'Roles may not be assumed by root accounts.',
    ]);
  });

  it('trusts users, roles, and whole accounts', async () => {
    const server = await start();
    await expect(assume(client(server, bob), 'account')).resolves.toBeDefined();
    expect(await refusal(assume(client(server, bob), 'plain'))).toEqual(
      notAuthorized(bob.arn, roleArn('plain')),
    );
    const plain = client(server, keysOf(await assume(client(server), 'plain')));
    await expect(assume(plain, 'next')).resolves.toBeDefined();
    await expect(assume(plain, 'account')).resolves.toBeDefined();
    expect(await refusal(assume(plain, 'mfa'))).toEqual(
      notAuthorized(`arn:aws:sts::${ACCOUNT}:assumed-role/plain/tests`, roleArn('mfa')),
    );
  });

  it('wants the external id of the trust', async () => {
    const server = await start();
    const sts = client(server);
    await expect(assume(sts, 'external', { ExternalId: 'partner-7/east' })).resolves.toBeDefined();
    await expect(assume(sts, 'plain', { ExternalId: 'superfluous' })).resolves.toBeDefined();
    const refused = notAuthorized(ann.arn, roleArn('external'));
    expect(await refusal(assume(sts, 'external'))).toEqual(refused);
    expect(await refusal(assume(sts, 'external', { ExternalId: 'partner-8' }))).toEqual(refused);
  });

  it('keeps to MaxSessionDuration', async () => {
    const server = await start();
    const sts = client(server);
    expect(await refusal(assume(sts, 'plain', { DurationSeconds: 3601 }))).toEqual([
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
    ]);
    const long = await assume(sts, 'long', { DurationSeconds: 43_200, ...mfa(server) });
    const seconds = ((long.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000;
    expect(Math.abs(seconds - 43_200)).toBeLessThan(60);
  });

  it('gives chained roles, and roles from GetSessionToken, an hour at most', async () => {
    const server = await start();
    const refused = [
      400,
      'ValidationError',
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    ];
    const plain = client(server, keysOf(await assume(client(server), 'plain')));
    expect(await refusal(assume(plain, 'next', { DurationSeconds: 3601 }))).toEqual(refused);
    await expect(assume(plain, 'next', { DurationSeconds: 3600 })).resolves.toBeDefined();
    const session = client(server, keysOf(await getSession(client(server), mfa(server))));
    expect(await refusal(assume(session, 'long', { DurationSeconds: 43_200 }))).toEqual(refused);
    await expect(assume(session, 'long', { DurationSeconds: 3600 })).resolves.toBeDefined();
  });

  it('takes policies, tags and a source identity, and says how full the session is', async () => {
    const server = await start();
    const answer = await assume(client(server), 'plain', {
      Policy: '{"Version":"2012-10-17","Statement":[]}',
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }],
      Tags: [{ Key: 'team', Value: 'blue & green' }],
      TransitiveTagKeys: ['team'],
      SourceIdentity: 'ann',
    }).catch((error: Error) => error.message);
    // "&" is no character of a tag.
    expect(answer).toMatch(
      /'blue & green' at 'tags\.1\.member\.value' failed to satisfy constraint: Member must satisfy/,
    );
    const good = await assume(client(server), 'plain', {
      Policy: '{"Version":"2012-10-17","Statement":[]}',
      Tags: [{ Key: 'team', Value: 'blue' }],
      TransitiveTagKeys: ['team'],
      SourceIdentity: 'ann',
    });
    expect(good.PackedPolicySize).toBeGreaterThan(0);
    expect(good.SourceIdentity).toBe('ann');

    // What is passed on cannot be changed by the next role.
    const chained = client(server, keysOf(good));
    expect((await assume(chained, 'next')).SourceIdentity).toBe('ann');
    expect((await refusal(assume(chained, 'next', { SourceIdentity: 'bob' })))[2]).toContain(
      'sts:SetSourceIdentity',
    );
    expect(await refusal(assume(chained, 'next', { Tags: [{ Key: 'Team', Value: 'red' }] }))).toEqual([
      400,
      'ValidationError',
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    ]);
  });

  it('refuses a policy that is no JSON, doubled tags and transitive keys without a tag', async () => {
    const server = await start();
    const sts = client(server);
    expect(await refusal(assume(sts, 'plain', { Policy: '{' }))).toEqual([
      400,
      // The SDK's name for it; on the wire it is MalformedPolicyDocument.
      'MalformedPolicyDocumentException',
      'Syntax errors in policy.',
    ]);
    const Tags = [
      { Key: 'team', Value: 'a' },
      { Key: 'TEAM', Value: 'b' },
    ];
    expect((await refusal(assume(sts, 'plain', { Tags })))[2]).toMatch(/^Duplicate tag keys found/);
    expect((await refusal(assume(sts, 'plain', { TransitiveTagKeys: ['team'] })))[2]).toMatch(
      /must be included/,
    );
  });

  const constraint = (value: string, member: string, must: string) =>
    `1 validation error detected: Value${value} at '${member}' failed to satisfy constraint: Member must ${must}`;

  it.each<[string, Partial<AssumeRoleCommandInput>, string]>([
    [
      'a session name with a space',
      { RoleSessionName: 'a b!' },
      constraint(" 'a b!'", 'roleSessionName', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
    [
      'a session name that is not ASCII',
      { RoleSessionName: 'zażółć' },
      constraint(" 'zażółć'", 'roleSessionName', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
    [
      'a short session name',
      { RoleSessionName: 'a' },
      constraint(" 'a'", 'roleSessionName', 'have length greater than or equal to 2'),
    ],
    [
      'a long session name',
      { RoleSessionName: 'a'.repeat(65) },
      constraint(` '${'a'.repeat(65)}'`, 'roleSessionName', 'have length less than or equal to 64'),
    ],
    [
      'no session name',
      { RoleSessionName: undefined },
      constraint(' null', 'roleSessionName', 'not be null'),
    ],
    ['no role', { RoleArn: undefined }, constraint(' null', 'roleArn', 'not be null')],
    [
      'a short role ARN',
      { RoleArn: 'garbage' },
      constraint(" 'garbage'", 'roleArn', 'have length greater than or equal to 20'),
    ],
    [
      'too short a time',
      { DurationSeconds: 899 },
      constraint(" '899'", 'durationSeconds', 'have value greater than or equal to 900'),
    ],
    [
      'too long a time',
      { DurationSeconds: 43_201 },
      constraint(" '43201'", 'durationSeconds', 'have value less than or equal to 43200'),
    ],
    [
      'a wrong external id',
      { ExternalId: 'a<b>' },
      constraint(" 'a<b>'", 'externalId', 'satisfy regular expression pattern: [\\w+=,.@:\\/-]*'),
    ],
    [
      'a short external id',
      { ExternalId: 'a' },
      constraint(" 'a'", 'externalId', 'have length greater than or equal to 2'),
    ],
    [
      'a wrong serial',
      { SerialNumber: 'my phone!', TokenCode: '123456' },
      constraint(" 'my phone!'", 'serialNumber', 'satisfy regular expression pattern: [\\w+=/:,.@-]*'),
    ],
    [
      'a short serial',
      { SerialNumber: 'GAHT1234', TokenCode: '123456' },
      constraint(" 'GAHT1234'", 'serialNumber', 'have length greater than or equal to 9'),
    ],
    [
      'a long code, unnamed',
      { SerialNumber: SERIAL, TokenCode: '1234567' },
      constraint('', 'tokenCode', 'have length less than or equal to 6'),
    ],
    [
      'letters in a code, unnamed',
      { SerialNumber: SERIAL, TokenCode: 'abcdef' },
      constraint('', 'tokenCode', 'satisfy regular expression pattern: [\\d]*'),
    ],
    [
      'a wrong source identity',
      { SourceIdentity: 'a b' },
      constraint(" 'a b'", 'sourceIdentity', 'satisfy regular expression pattern: [\\w+=,.@-]*'),
    ],
    [
      'a short policy ARN',
      { PolicyArns: [{ arn: 'arn:x' }] },
      constraint(" 'arn:x'", 'policyArns.1.member.arn', 'have length greater than or equal to 20'),
    ],
    [
      '11 policies',
      { PolicyArns: Array.from({ length: 11 }, () => ({ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' })) },
      constraint('', 'policyArns', 'have length less than or equal to 10'),
    ],
    [
      '51 tags',
      { Tags: Array.from({ length: 51 }, (_, i) => ({ Key: `k${i}`, Value: '' })) },
      constraint('', 'tags', 'have length less than or equal to 50'),
    ],
    [
      'a long ARN that is none',
      { RoleArn: 'this-is-not-an-arn-at-all' },
      'this-is-not-an-arn-at-all is invalid',
    ],
    ["a user's ARN", { RoleArn: ann.arn }, 'Request ARN is invalid'],
    ['an ARN without account', { RoleArn: 'arn:aws:iam:::role/role101' }, 'Request ARN is invalid'],
  ])('refuses %s', async (_what, input, message) => {
    const server = await start();
    expect(await refusal(assume(client(server), 'plain', input))).toEqual([400, 'ValidationError', message]);
  });

  it('lists all that is wrong', async () => {
    const server = await start();
    const [, , message] = await refusal(
      assume(client(server), 'plain', { RoleSessionName: '!', DurationSeconds: 1 }),
    );
    expect(message).toMatch(/^3 validation errors detected: .*'roleSessionName'.*; .*'durationSeconds'/);
  });

  it('takes 50 tags and 10 policies', async () => {
    const server = await start();
    const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' }));
    const PolicyArns = Array.from({ length: 10 }, () => ({ arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }));
    await expect(assume(client(server), 'plain', { Tags, PolicyArns })).resolves.toBeDefined();
  });
});

describe('MFA', () => {
  it('wants a code where the trust does', async () => {
    const server = await start();
    expect(await refusal(assume(client(server), 'mfa'))).toEqual(notAuthorized(ann.arn, roleArn('mfa')));
    await expect(assume(client(server), 'mfa', mfa(server))).resolves.toBeDefined();
  });

  it('wants serial and code, both or neither', async () => {
    const server = await start();
    const refused = [
      403,
      'AccessDenied',
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
    ];
    for (const input of [{ SerialNumber: SERIAL }, { TokenCode: code(server) }]) {
      expect(await refusal(assume(client(server), 'plain', input))).toEqual(refused);
      expect(await refusal(getSession(client(server), input))).toEqual(refused);
    }
  });

  it("refuses another's device, and any from a role's session, without using the code up", async () => {
    const server = await start();
    const refused = [
      403,
      'AccessDenied',
      'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
    ];
    const input = { SerialNumber: SERIAL, TokenCode: code(server) };
    expect(await refusal(assume(client(server, bob), 'account', input))).toEqual(refused);
    expect(await refusal(getSession(client(server, bob), input))).toEqual(refused);
    const plain = client(server, keysOf(await assume(client(server), 'plain')));
    expect(await refusal(assume(plain, 'next', input))).toEqual(refused);
    await expect(assume(client(server), 'mfa', input)).resolves.toBeDefined();
  });

  it('takes each code once, across both actions', async () => {
    const server = await start();
    const refused = [403, 'AccessDenied', INVALID_CODE];
    const first = mfa(server);
    await expect(assume(client(server), 'mfa', first)).resolves.toBeDefined();
    expect(await refusal(assume(client(server), 'mfa', first))).toEqual(refused);
    expect(await refusal(getSession(client(server), first))).toEqual(refused);
    const second = mfa(server);
    expect(second.TokenCode).not.toBe(first.TokenCode);
    await expect(getSession(client(server), second)).resolves.toBeDefined();
    expect(await refusal(assume(client(server), 'mfa', second))).toEqual(refused);
  });

  it('uses a code up even when the role is refused, as it is checked first', async () => {
    const server = await start();
    const input = mfa(server);
    expect(await refusal(assume(client(server), 'nowhere', input))).toEqual(
      notAuthorized(ann.arn, roleArn('nowhere')),
    );
    expect((await refusal(assume(client(server), 'mfa', input)))[2]).toBe(INVALID_CODE);
  });

  it('lets exactly one of several concurrent uses of a code through', async () => {
    const server = await start();
    server.setFault({ delayMs: 50 });
    const input = mfa(server);
    const calls = Array.from({ length: 6 }, (_, i) =>
      i % 2 ? assume(client(server), 'mfa', input) : getSession(client(server), input),
    );
    const settled = await Promise.allSettled(calls);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(server.answers()).toEqual({ OK: 1, AccessDenied: 5 });
  });

  it('accepts one step early or late, not two', async () => {
    // The middle of a step, so that none ends while the test runs.
    const now = Math.floor(Date.now() / 30_000) * 30_000 + 15_000;
    const server = await start({ now: () => now });
    const sts = client(server, ann, { systemClockOffset: now - Date.now() });
    const at = (steps: number) => ({
      SerialNumber: SERIAL,
      TokenCode: totpCode(SECRET, now / 1000 + 30 * steps),
    });
    for (const steps of [-2, 2]) expect((await refusal(assume(sts, 'mfa', at(steps))))[2]).toBe(INVALID_CODE);
    for (const steps of [-1, 1, 0]) await expect(assume(sts, 'mfa', at(steps))).resolves.toBeDefined();
    for (const steps of [-1, 1, 0])
      expect((await refusal(assume(sts, 'mfa', at(steps))))[2]).toBe(INVALID_CODE);
  });

  it('shows codes: the one of now, and the next that works, until there is none', async () => {
    let now = Math.floor(Date.now() / 30_000) * 30_000 + 15_000;
    const server = await start({ now: () => now });
    const sts = client(server, ann, { systemClockOffset: now - Date.now() });
    expect(server.mfaCode('arn:aws:iam::123456789012:mfa/nobody')).toBeUndefined();
    const shown = { serial: SERIAL, code: totpCode(SECRET, now / 1000), secondsLeft: 15 };
    expect(server.mfaCode(SERIAL)).toEqual({ ...shown, used: false });
    for (let i = 0; i < 3; i += 1) await assume(sts, 'mfa', mfa(server));
    expect(server.mfaCode(SERIAL)).toEqual({ ...shown, used: true });
    expect(server.mfaCode(SERIAL, { next: true })).toMatchObject({ code: null, used: true });
    now += 30_000;
    expect(server.mfaCode(SERIAL)?.used).toBe(true);
    expect(server.mfaCode(SERIAL, { next: true })).toMatchObject({
      code: totpCode(SECRET, now / 1000 + 30),
      used: false,
    });
  });

  it('carries into roles from a GetSessionToken session, but not from a role', async () => {
    const server = await start();
    const without = client(server, keysOf(await getSession(client(server))));
    expect(await refusal(assume(without, 'mfa'))).toEqual(notAuthorized(ann.arn, roleArn('mfa')));
    const session = client(server, keysOf(await getSession(client(server), mfa(server))));
    const assumed = keysOf(await assume(session, 'mfa'));
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/mfa/tests`;
    expect(await refusal(assume(client(server, assumed), 'nextmfa'))).toEqual(
      notAuthorized(arn, roleArn('nextmfa')),
    );
  });

  it('counts the age of the code where the trust limits it', async () => {
    let now = Date.now();
    const server = await start({ now: () => now });
    const at = (keys: Keys = ann) => client(server, keys, { systemClockOffset: now - Date.now() });
    const session = keysOf(await getSession(at(), mfa(server)));
    now += 119_000;
    await expect(assume(at(session), 'age')).resolves.toBeDefined();
    now += 2000;
    expect(await refusal(assume(at(session), 'age'))).toEqual(notAuthorized(ann.arn, roleArn('age')));
    await expect(assume(at(), 'age', mfa(server))).resolves.toBeDefined();
    expect(await refusal(assume(at(), 'age'))).toEqual(notAuthorized(ann.arn, roleArn('age')));
  });
});

describe('GetSessionToken', () => {
  const secondsOf = (answer: { Credentials?: { Expiration: Date | undefined } | undefined }) =>
    Math.round(((answer.Credentials?.Expiration?.getTime() ?? 0) - Date.now()) / 1000);

  it('lasts 12 hours, or as long as asked', async () => {
    const server = await start();
    expect(Math.abs(secondsOf(await getSession(client(server))) - 43_200)).toBeLessThan(60);
    for (const DurationSeconds of [900, 129_600]) {
      expect(
        Math.abs(secondsOf(await getSession(client(server), { DurationSeconds })) - DurationSeconds),
      ).toBeLessThan(60);
    }
    for (const [DurationSeconds, must] of [
      [899, 'greater than or equal to 900'],
      [129_601, 'less than or equal to 129600'],
    ] as const) {
      expect(await refusal(getSession(client(server), { DurationSeconds }))).toEqual([
        400,
        'ValidationError',
        `1 validation error detected: Value '${DurationSeconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value ${must}`,
      ]);
    }
  });

  it("gives an account's root user an hour at most", async () => {
    const root = user('root', { arn: `arn:aws:iam::${ACCOUNT}:root` });
    const server = await start({ users: [root] });
    for (const input of [{}, { DurationSeconds: 7200 }]) {
      expect(Math.abs(secondsOf(await getSession(client(server, root), input)) - 3600)).toBeLessThan(60);
    }
  });

  it('is refused for session credentials', async () => {
    const server = await start();
    const refused = [403, 'AccessDenied', 'Cannot call GetSessionToken with session credentials'];
    const session = client(server, keysOf(await getSession(client(server))));
    expect(await refusal(getSession(session))).toEqual(refused);
    const plain = client(server, keysOf(await assume(client(server), 'plain')));
    expect(await refusal(getSession(plain))).toEqual(refused);
  });

  it('can be denied to a user who may still assume roles', async () => {
    const server = await start({ users: [{ ...ann, deny: ['sts:GetSessionToken'] }] });
    expect(await refusal(getSession(client(server), mfa(server)))).toEqual([
      403,
      'AccessDenied',
      `User: ${ann.arn} is not authorized to perform: sts:GetSessionToken with an explicit deny in an identity-based policy`,
    ]);
    await expect(assume(client(server), 'mfa', mfa(server))).resolves.toBeDefined();
  });
});

describe('the query protocol', () => {
  it('refuses other actions, versions and none', async () => {
    const server = await start();
    expect(
      await refusal(client(server).send(new DecodeAuthorizationMessageCommand({ EncodedMessage: 'x' }))),
    ).toEqual([
      400,
      'InvalidAction',
      'Could not find operation DecodeAuthorizationMessage for version 2011-06-15',
    ]);
    const get = async (path: string) => (await raw(server, { method: 'GET', path })).body;
    expect(await get('/?Action=AssumeRole')).toContain(
      '<Message>Could not find operation AssumeRole for version NO_VERSION_SPECIFIED</Message>',
    );
    expect(await get('/?Version=2011-06-15')).toContain('<Code>MissingAction</Code>');
    expect((await raw(server, { path: '/elsewhere' })).status).toBe(404);
  });

  it('answers in XML, with what came from outside escaped', async () => {
    const server = await start();
    const answer = await raw(server, { method: 'GET', path: '/?Version=2011-06-15&Action=%3Cb%3E%26%22%00' });
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toBe('text/xml');
    expect(answer.headers['x-amzn-requestid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(answer.body).toContain('<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">');
    expect(answer.body).toContain('<Type>Sender</Type>');
    expect(answer.body).toContain('operation &#60;b&#62;&#38;&#34;\ufffd for');
    expect(answer.body).toMatch(/<RequestId>[0-9a-f-]{36}<\/RequestId>\s*<\/ErrorResponse>/);
  });

  /** Signs a request whose body the SDK would not write. */
  const withBody = (server: StsServer, extra: string) => {
    const sts = client(server);
    sts.middlewareStack.add(
      (next) => (args) => {
        (args.request as SignedRequest).body += extra;
        return next(args);
      },
      // Before the content-length is set.
      { step: 'serialize', priority: 'low', name: 'extra' },
    );
    return sts;
  };

  it('refuses a parameter that comes twice and a duration that is no number', async () => {
    const server = await start();
    expect((await refusal(assume(withBody(server, '&RoleSessionName=x2'), 'plain'))).slice(0, 2)).toEqual([
      400,
      'MalformedInput',
    ]);
    expect((await refusal(assume(withBody(server, '&DurationSeconds=1h'), 'plain'))).slice(0, 2)).toEqual([
      400,
      'MalformedInput',
    ]);
  });

  it('passes over parameters that it does not know, and notes them', async () => {
    const server = await start();
    await expect(assume(withBody(server, '&Sesame=open'), 'plain')).resolves.toBeDefined();
    expect(server.requests()[0]?.unknownParameters).toEqual(['Sesame']);
  });

  it('refuses a body without end', async () => {
    const server = await start();
    expect((await raw(server, { body: 'x'.repeat(300_000) })).status).toBe(413);
  });
});

describe('faults', () => {
  it('throttles and fails as often as told, for the action it is told', async () => {
    const server = await start();
    server.setFault({ action: 'AssumeRole', count: 1, answer: 'throttle' });
    server.setFault({ action: 'AssumeRole', count: 1, answer: 'internal-failure' });
    await expect(whoami(client(server))).resolves.toBeDefined();
    expect(await refusal(assume(client(server), 'plain'))).toEqual([400, 'Throttling', 'Rate exceeded']);
    expect((await refusal(assume(client(server), 'plain'))).slice(0, 2)).toEqual([500, 'InternalFailure']);
    await expect(assume(client(server), 'plain')).resolves.toBeDefined();
    server.setFault({ answer: 'throttle' });
    await expect(assume(client(server, ann, { maxAttempts: 2 }), 'plain')).rejects.toThrow('Rate exceeded');
    server.clearFaults();
    await expect(assume(client(server), 'plain')).resolves.toBeDefined();
    expect(server.counts()).toEqual({ GetCallerIdentity: 1, AssumeRole: 6 });
    expect(server.answers()).toEqual({ OK: 3, Throttling: 3, InternalFailure: 1 });
  });

  it('is retried by the SDK', async () => {
    const server = await start();
    server.setFault({ count: 1, answer: 'throttle' });
    server.setFault({ count: 1, answer: 'reset-before' });
    await expect(whoami(client(server, ann, { maxAttempts: 3 }))).resolves.toBeDefined();
    expect(server.counts()).toEqual({ GetCallerIdentity: 3 });
  });

  it('delays', async () => {
    const server = await start();
    server.setFault({ delayMs: 300, count: 1 });
    const before = performance.now();
    await whoami(client(server));
    expect(performance.now() - before).toBeGreaterThan(290);
  });

  it('resets the connection before or after the code is used up', async () => {
    const server = await start();
    const input = mfa(server);
    server.setFault({ count: 1, answer: 'reset-before' });
    await expect(assume(client(server), 'mfa', input)).rejects.toMatchObject({ code: 'ECONNRESET' });
    await expect(assume(client(server), 'mfa', input)).resolves.toBeDefined();

    const lost = mfa(server);
    server.setFault({ count: 1, answer: 'reset-after' });
    await expect(assume(client(server), 'mfa', lost)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect((await refusal(assume(client(server), 'mfa', lost)))[2]).toBe(INVALID_CODE);
    expect(server.answers()).toEqual({ 'reset-before': 1, OK: 1, 'reset-after': 1, AccessDenied: 1 });
  });

  it('answers garbage', async () => {
    const server = await start();
    server.setFault({ count: 1, answer: 'garbage' });
    await expect(assume(client(server), 'plain')).rejects.toThrow();
    expect(server.requests()).toMatchObject([{ action: 'AssumeRole', answer: 'garbage', status: 200 }]);
  });
});

describe('what is kept of requests', () => {
  it('is all but the secret', async () => {
    const server = await start();
    const TokenCode = code(server, { next: true });
    const input = {
      SerialNumber: SERIAL,
      TokenCode,
      DurationSeconds: 1800,
      ExternalId: 'partner',
      SourceIdentity: 'ann',
    };
    const keys = keysOf(await assume(client(server, ann, { region: 'eu-west-1' }), 'mfa', input));
    await whoami(client(server, keys));
    const [first, second] = server.requests();
    expect(first).toEqual({
      action: 'AssumeRole',
      answer: 'OK',
      status: 200,
      time: expect.any(Number),
      accessKeyId: ann.accessKeyId,
      region: 'eu-west-1',
      userAgent: expect.stringContaining('aws-sdk-js'),
      roleArn: roleArn('mfa'),
      roleSessionName: 'tests',
      durationSeconds: '1800',
      externalId: 'partner',
      sourceIdentity: 'ann',
      hungUp: false,
      serialNumber: true,
      tokenCode: true,
    });
    expect(second).toMatchObject({
      action: 'GetCallerIdentity',
      accessKeyId: keys.accessKeyId,
      serialNumber: false,
    });
    const kept = JSON.stringify(server.requests());
    // Six digits may well be part of a time, so the code is looked for as a value of its own.
    for (const secret of [`"${TokenCode}"`, keys.secretAccessKey, keys.sessionToken]) {
      expect(kept).not.toContain(secret);
    }
  });

  it('is only so much, while all is counted', async () => {
    const server = await start({ keepRequests: 2 });
    for (let i = 0; i < 4; i += 1) await whoami(client(server));
    expect(server.requests()).toHaveLength(2);
    expect(server.counts()).toEqual({ GetCallerIdentity: 4 });
  });
});

describe('AssumeRoleWithWebIdentity', () => {
  const webTokens = [
    { token: 'good-token', roles: [roleArn('plain')] },
    { token: 'old-token', roles: [roleArn('plain')], expired: true },
  ];
  const identify = (sts: STSClient, token: string, name = 'plain') =>
    sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: roleArn(name),
        RoleSessionName: 'pod',
        WebIdentityToken: token,
      }),
    );

  it('gives the session of a role for its token, without a signature', async () => {
    const server = await start({ webTokens });
    const nobody = client(server, { accessKeyId: 'AKIANOBODY', secretAccessKey: 'none' });
    const session = keysOf(await identify(nobody, 'good-token'));
    expect(await whoami(client(server, session))).toMatchObject({
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/plain/pod`,
    });
    // The session is a role's like any other: its keys may assume the next.
    expect(await assume(client(server, session), 'next')).toHaveProperty('Credentials');
    expect(server.requests()[0]).not.toHaveProperty('accessKeyId');
    expect(JSON.stringify(server.requests())).not.toContain('good-token');
  });

  it.each([
    ['old-token', 'plain', [400, 'ExpiredTokenException', 'Token expired']],
    ['other-token', 'plain', [400, 'InvalidIdentityToken', expect.stringContaining('No OpenIDConnect')]],
    ['good-token', 'mfa', [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity']],
    ['good-token', 'none', [403, 'AccessDenied', 'Not authorized to perform sts:AssumeRoleWithWebIdentity']],
  ])('refuses %s for the role %s', async (token, name, expected) => {
    const server = await start({ webTokens });
    const [status, error, message] = await refusal(identify(client(server), token, name));
    // The SDK has names of its own for some codes.
    expect([
      status,
      error.replace(/^InvalidIdentityTokenException$/, 'InvalidIdentityToken'),
      message,
    ]).toEqual(expected);
  });
});

describe('startStsServer', () => {
  it.each<[string, Partial<StsOptions>, RegExp]>([
    ['a user without a user ARN', { users: [{ ...ann, arn: roleArn('x') }] }, /no user's ARN/],
    ['a role without a role ARN', { roles: [{ ...role('x'), arn: ann.arn }] }, /no role's ARN/],
    ['two users with one key', { users: [ann, { ...bob, accessKeyId: ann.accessKeyId }] }, /two users/],
    [
      'an MFA secret that is not base32',
      { users: [{ ...ann, mfa: { serial: SERIAL, secret: '0189' } }] },
      /not base32/,
    ],
    ['an empty web token', { webTokens: [{ token: '', roles: [] }] }, /web token is empty/],
    ['a role for 13 hours', { roles: [role('x', {}, { maxSessionDuration: 46_800 })] }, /3600 to 43200/],
  ])('refuses %s', async (_what, options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });

  it('closes at once, with connections open', async () => {
    const server = await start();
    server.setFault({ delayMs: 20_000 });
    const call = whoami(client(server));
    call.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 100));
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(15_000);
    await expect(call).rejects.toThrow();
  });
});
