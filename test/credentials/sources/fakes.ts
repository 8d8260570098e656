import { createPublicKey, randomUUID, verify } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { World } from '../../world.ts';

// What stands in for AWS's services around credentials. They check what AWS checks, as far as a client can get it wrong.

/** A request as it came. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Answer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** JSON, unless it is text; undefined cuts the connection. */
  readonly body?: unknown;
}

export interface Fake {
  readonly url: string;
  readonly asked: Asked[];
  /** `GET /path` of each request. */
  calls(): string[];
}

/** An HTTP server on 127.0.0.1, until the test ends. */
export async function serve(answer: (asked: Asked) => Answer | Promise<Answer>): Promise<Fake> {
  const all: Asked[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://fake');
    const asked = {
      method: request.method ?? '',
      path: pathname,
      query: searchParams,
      headers: request.headers,
      body: Buffer.concat(chunks).toString('utf8'),
    };
    all.push(asked);
    const { status = 200, headers, body } = await answer(asked);
    if (body === undefined) {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked: all,
    calls: () => all.map(({ method, path }) => `${method} ${path}`),
  };
}

/** A refusal in the words of AWS's JSON services. */
export function refuse(status: number, name: string, more: Record<string, unknown> = {}): Answer {
  return { status, headers: { 'x-amzn-errortype': name }, body: { message: `${name} it is`, ...more } };
}

export interface Given {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** Credentials that no STS knows. */
export function someCredentials(world: World, name: string): Given {
  return {
    accessKeyId: `ASIA${name.toUpperCase()}EXAMPLE`,
    secretAccessKey: world.keepSecret(`${name}/notARealSecret/of/a/source`),
    sessionToken: world.keepSecret(`${name}/notARealToken/of/a/source/`.repeat(3)),
  };
}

/** In so many seconds, in AWS's form. */
export function inSeconds(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

export interface SsoOptions {
  /** Access tokens that are good. */
  readonly tokens?: readonly string[];
  /** A refresh token, and the tokens that it gives: it works once. */
  readonly refresh?: Record<string, { accessToken: string; refreshToken?: string }>;
  readonly role: () => Given | Promise<Given>;
  /** `ACCOUNT ROLE` that nobody may have. */
  readonly forbidden?: string;
  /** Instead of all this. */
  readonly answer?: (asked: Asked) => Answer | undefined;
}

/** IAM Identity Center: portal and OIDC in one. */
export function fakeSso({ tokens = [], refresh = {}, role, forbidden, answer }: SsoOptions): Promise<Fake> {
  const good = new Set(tokens);
  const unused = new Map(Object.entries(refresh));
  return serve(async (asked) => {
    const instead = answer?.(asked);
    if (instead !== undefined) return instead;
    if (asked.method === 'GET' && asked.path === '/federation/credentials') {
      if (!good.has(String(asked.headers['x-amz-sso_bearer_token'])))
        return refuse(401, 'UnauthorizedException');
      const wanted = `${asked.query.get('account_id')} ${asked.query.get('role_name')}`;
      if (wanted === forbidden) return refuse(403, 'ForbiddenException', { message: 'No access' });
      const expiration = Math.floor(Date.now() / 1000 + 3600) * 1000;
      return { body: { roleCredentials: { ...(await role()), expiration } } };
    }
    if (asked.method === 'POST' && asked.path === '/token') {
      const { clientId, clientSecret, grantType, refreshToken } = JSON.parse(asked.body);
      if (clientId !== 'client' || clientSecret !== 'client-secret')
        return refuse(401, 'InvalidClientException', { error: 'invalid_client' });
      const given = grantType === 'refresh_token' ? unused.get(refreshToken) : undefined;
      if (given === undefined) return refuse(400, 'InvalidGrantException', { error: 'invalid_grant' });
      unused.delete(refreshToken);
      good.add(given.accessToken);
      return { body: { ...given, tokenType: 'Bearer', expiresIn: 28_800 } };
    }
    return refuse(404, 'UnknownOperationException');
  });
}

/** Instance metadata that insists on version 2. */
export function fakeInstance(
  role: () => Given,
  answer?: (asked: Asked) => Answer | undefined,
): Promise<Fake> {
  const token = randomUUID();
  const path = '/latest/meta-data/iam/security-credentials/';
  return serve((asked) => {
    const instead = answer?.(asked);
    if (instead !== undefined) return instead;
    if (asked.method === 'PUT' && asked.path === '/latest/api/token') {
      const seconds = Number(asked.headers['x-aws-ec2-metadata-token-ttl-seconds']);
      return seconds > 0 ? { body: token } : { status: 400, body: '' };
    }
    if (asked.headers['x-aws-ec2-metadata-token'] !== token) return { status: 401, body: '' };
    if (asked.path === path) return { body: 'instance-role' };
    if (asked.path !== `${path}instance-role`) return { status: 404, body: '' };
    return { body: { Code: 'Success', Type: 'AWS-HMAC', ...metadataForm(role()) } };
  });
}

/** The endpoint of an ECS task or an EKS pod. */
export function fakeContainer(role: () => Given | Promise<Given>, token: string): Promise<Fake> {
  return serve(async (asked) => {
    if (asked.headers.authorization !== token)
      return { status: 401, body: { Code: 'Unauthorized', Message: 'wrong authorization token' } };
    if (asked.path !== '/v1/credentials') return { status: 404, body: {} };
    return { body: metadataForm(await role()) };
  });
}

function metadataForm({ accessKeyId, secretAccessKey, sessionToken }: Given): Record<string, string> {
  return {
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    Token: sessionToken,
    Expiration: inSeconds(3600),
    LastUpdated: inSeconds(-60),
  };
}

/** AWS sign-in: gives what `give` says, to whom proves (RFC 9449, DPoP) that the private key is theirs. */
export async function fakeSignin(dpopKey: string, give: (body: unknown) => Answer): Promise<Fake> {
  const { x, y } = createPublicKey(dpopKey).export({ format: 'jwk' });
  const seen = new Set<string>();
  const fake = await serve((asked) => {
    if (asked.method !== 'POST' || asked.path !== '/v1/token')
      return refuse(404, 'UnknownOperationException');
    const [head = '', payload = '', signature = ''] = String(asked.headers.dpop).split('.');
    const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    const { typ, alg, jwk } = decode(head);
    const { jti, htm, htu, iat } = decode(payload);
    const proven =
      verify(
        'sha256',
        Buffer.from(`${head}.${payload}`),
        { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ) &&
      [typ, alg, jwk.x, jwk.y].join() === ['dpop+jwt', 'ES256', x, y].join() &&
      [htm, htu].join() === `POST,${fake.url}/v1/token` &&
      Math.abs(Date.now() / 1000 - iat) < 300 &&
      !seen.has(jti);
    seen.add(jti);
    return proven ? give(JSON.parse(asked.body)) : refuse(400, 'AccessDeniedException', { error: 'PROOF' });
  });
  return fake;
}
