import { createHash, createHmac } from 'node:crypto';
import { StsError } from './sts-error.ts';

/** An HTTP request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly target: string;
  /** Names and values in turn, as in `IncomingMessage.rawHeaders`. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

/** The contents of a request's `Authorization` header. */
export interface Signature {
  readonly accessKeyId: string;
  readonly date: string;
  readonly region: string;
  readonly service: string;
  readonly terminator: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** The signing time, `YYYYMMDDTHHMMSSZ`. */
  readonly time: string;
  readonly sessionToken: string | undefined;
}

const ALGORITHM = 'AWS4-HMAC-SHA256';

/** STS accepts a client's clock that is off by no more than this; the texts below name it. */
const MAX_SKEW_MILLISECONDS = 5 * 60_000;

function mismatch(message: string): StsError {
  return new StsError(403, 'SignatureDoesNotMatch', message);
}

function incomplete(message: string): StsError {
  return new StsError(400, 'IncompleteSignature', message);
}

function sha256(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

/** Returns all values of a header as they are in a canonical request: trimmed, with runs of spaces made one. */
function headerValues(request: WireRequest, name: string): string[] {
  const values: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    if (request.rawHeaders[i]?.toLowerCase() === name) {
      values.push((request.rawHeaders[i + 1] ?? '').trim().replace(/ +/g, ' '));
    }
  }
  return values;
}

/** Returns the first value of a header, by its lower-case name. */
export function headerValue(request: WireRequest, name: string): string | undefined {
  return headerValues(request, name)[0];
}

/** Writes a time as SigV4 does: `YYYYMMDDTHHMMSSZ`. */
function basicTime(epochMilliseconds: number): string {
  return new Date(epochMilliseconds).toISOString().replace(/[-:]|\.\d{3}/g, '');
}

function parseBasicTime(text: string): number {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const time =
    match === null
      ? Number.NaN
      : Date.parse(text.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(time)) {
    throw incomplete(
      `Date must be in ISO-8601 'basic format'. Got '${text}'. See http://en.wikipedia.org/wiki/ISO_8601`,
    );
  }
  return time;
}

/**
 * Reads the `Authorization` header.
 * Throws {@link StsError}: MissingAuthenticationToken without one, IncompleteSignature when a part is absent.
 */
export function readSignature(request: WireRequest): Signature {
  const header = headerValue(request, 'authorization');
  if (header === undefined || header === '') {
    throw new StsError(403, 'MissingAuthenticationToken', 'Request is missing Authentication Token');
  }
  if (!header.startsWith(`${ALGORITHM} `)) {
    throw incomplete(`Authorization header requires the algorithm ${ALGORITHM}.`);
  }
  const parts = new Map<string, string>();
  for (const part of header.slice(ALGORITHM.length).split(',')) {
    const at = part.indexOf('=');
    if (at > 0) parts.set(part.slice(0, at).trim(), part.slice(at + 1).trim());
  }
  const missing = ['Credential', 'Signature', 'SignedHeaders'].filter((name) => !parts.get(name));
  const time = headerValue(request, 'x-amz-date');
  const complaints = missing.map((name) => `Authorization header requires '${name}' parameter.`);
  if (time === undefined) {
    complaints.push("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  }
  if (complaints.length > 0) throw incomplete(complaints.join(' '));
  const credential = (parts.get('Credential') ?? '').split('/');
  const [accessKeyId, date, region, service, terminator] = credential;
  if (
    credential.length !== 5 ||
    accessKeyId === undefined ||
    date === undefined ||
    region === undefined ||
    service === undefined ||
    terminator === undefined
  ) {
    throw incomplete(
      `Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term`,
    );
  }
  return {
    accessKeyId,
    date,
    region,
    service,
    terminator,
    signedHeaders: (parts.get('SignedHeaders') ?? '').split(';'),
    signature: parts.get('Signature') ?? '',
    time: time ?? '',
    sessionToken: headerValue(request, 'x-amz-security-token'),
  };
}

/**
 * Checks all that needs no secret: scope, signed headers, and that the clocks agree to 5 minutes.
 * `service`: `sts` or `iam`. `regions`: those the server answers for; undefined means any. `now`: epoch milliseconds.
 * Throws {@link StsError} SignatureDoesNotMatch with AWS's words.
 */
export function checkScope(
  request: WireRequest,
  signature: Signature,
  service: string,
  now: number,
  regions: readonly string[] | undefined,
): void {
  const time = parseBasicTime(signature.time);
  if (signature.region === '' || (regions !== undefined && !regions.includes(signature.region))) {
    throw mismatch('Credential should be scoped to a valid region. ');
  }
  if (signature.service !== service) {
    throw mismatch(`Credential should be scoped to correct service: '${service}'. `);
  }
  if (signature.terminator !== 'aws4_request') {
    throw mismatch(
      `Credential should be scoped with a valid terminator: 'aws4_request', not '${signature.terminator}'. `,
    );
  }
  const day = signature.time.slice(0, 8);
  if (signature.date !== day) {
    throw mismatch(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${signature.date}' != '${day}', from '${signature.time}'. `,
    );
  }
  for (const name of ['host', 'x-amz-date', 'x-amz-security-token']) {
    if (headerValue(request, name) !== undefined && !signature.signedHeaders.includes(name)) {
      throw mismatch(`'${name}' must be a 'SignedHeader' in the AWS Authorization.`);
    }
  }
  const serverTime = Math.floor(now / 1000) * 1000;
  const earliest = serverTime - MAX_SKEW_MILLISECONDS;
  const latest = serverTime + MAX_SKEW_MILLISECONDS;
  if (time < earliest) {
    throw mismatch(
      `Signature expired: ${signature.time} is now earlier than ${basicTime(earliest)} (${basicTime(serverTime)} - 5 min.)`,
    );
  }
  if (time > latest) {
    throw mismatch(
      `Signature not yet current: ${signature.time} is still later than ${basicTime(latest)} (${basicTime(serverTime)} + 5 min.)`,
    );
  }
}

/** Encodes by RFC 3986 as SigV4 wants it: everything but unreserved characters. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function canonicalQuery(query: string): string {
  return [...new URLSearchParams(query)]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort(([nameA, valueA], [nameB, valueB]) => {
      if (nameA !== nameB) return nameA < nameB ? -1 : 1;
      return valueA < valueB ? -1 : Number(valueA > valueB);
    })
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/**
 * Computes the signature anew from the request as it arrived, body included, and compares.
 * Throws {@link StsError} SignatureDoesNotMatch.
 */
export function checkSignature(request: WireRequest, signature: Signature, secretAccessKey: string): void {
  const [path = '/', ...rest] = request.target.split('?');
  const query = rest.join('?');
  const headers = signature.signedHeaders.map((name) => `${name}:${headerValues(request, name).join(',')}\n`);
  const canonicalRequest = [
    request.method,
    path,
    canonicalQuery(query),
    headers.join(''),
    signature.signedHeaders.join(';'),
    sha256(request.body),
  ].join('\n');
  const scope = [signature.date, signature.region, signature.service, signature.terminator];
  const toSign = [ALGORITHM, signature.time, scope.join('/'), sha256(canonicalRequest)].join('\n');
  const key = scope.reduce<string | Buffer>((held, part) => hmac(held, part), `AWS4${secretAccessKey}`);
  if (hmac(key, toSign).toString('hex') !== signature.signature) {
    throw mismatch(
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
    );
  }
}
