import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { IAM_ACTIONS } from './iam-actions.ts';
import {
  checkScope,
  checkSignature,
  headerValue,
  readSignature,
  type Signature,
  type WireRequest,
} from './sigv4.ts';
import { STS_ACTIONS, type StsAction, UNSIGNED_ACTIONS } from './sts-actions.ts';
import { answerControl, CONTROL_PATH } from './sts-control.ts';
import { invalidClientTokenId, StsError } from './sts-error.ts';
import { Faults, type StsFault } from './sts-faults.ts';
import { RequestLog, type StsRequestFacts } from './sts-log.ts';
import { Parameters } from './sts-parameters.ts';
import { accountOf, type Identity, type MfaCode, partitionOf, StsState } from './sts-state.ts';
import { checkWorld, type StsWorld } from './sts-world.ts';
import { errorXml, resultXml } from './sts-xml.ts';

export type { StsRole, StsUser } from './sts-world.ts';
export { totpCode } from './totp.ts';

export interface StsOptions extends StsWorld {
  /** 0 or absent: a free one. */
  port?: number;
  /** The real clock, epoch milliseconds. */
  now?: () => number;
  /** Regions that the endpoint answers for; absent: any. */
  allowedRegions?: readonly string[];
  /** Regions in which STS is turned off for the account: RegionDisabledException. */
  disabledRegions?: readonly string[];
  /** Refuse keys of one partition that are used in a region of another, as AWS does. */
  checkPartition?: boolean;
  /** How many requests `requests()` keeps; 1000 when absent. */
  keepRequests?: number;
}

/** A running sandbox STS. */
export interface StsServer {
  /**
   * With a secret path, which every user of this computer would have to know to control the sandbox at
   * `URL/_sandbox/...`. STS itself answers there, and at the URL's origin.
   */
  readonly url: string;
  readonly port: number;
  /** Counts requests by action, failed ones included. */
  counts(): Record<string, number>;
  /** Counts requests by answer: `OK`, an error's `Code`, or the fault's name. */
  answers(): Record<string, number>;
  /** Returns the last requests and their answers, oldest first; nothing secret. */
  requests(): StsRequestFacts[];
  /** Adds a fault; each request meets the first that fits it. */
  setFault(fault: StsFault): void;
  clearFaults(): void;
  /** Counts the requests that have come and are held back by a fault's delay. */
  heldBack(): number;
  /** Sets the server's clock ahead, or back with a negative number. */
  advanceClock(milliseconds: number): void;
  expireAllSessions(): void;
  /**
   * Returns what the MFA device with this serial shows; with `next`, the first code that is still unused and accepted.
   */
  mfaCode(serial: string, options?: { next?: boolean }): MfaCode | undefined;
  /** Forgets sessions, used codes, faults, counts, and sets the clock right. */
  reset(): void;
  close(): Promise<void>;
}

/** An answer of the HTTP server; null resets the connection. */
interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly requestId?: string;
}

/** One of the APIs that are answered here; the version in a request tells which is meant. */
interface Api {
  readonly service: string;
  readonly version: string;
  readonly actions: ReadonlyMap<string, StsAction>;
}

const STS: Api = { service: 'sts', version: '2011-06-15', actions: STS_ACTIONS };
const IAM: Api = { service: 'iam', version: '2010-05-08', actions: IAM_ACTIONS };

function namespaceOf({ service, version }: Api): string {
  return `https://${service}.amazonaws.com/doc/${version}/`;
}

/** Returns the API that a request is for; STS where it says none that is known. */
function apiOf(pairs: readonly [string, string][]): Api {
  const version = new Map(pairs).get('Version');
  return version === IAM.version ? IAM : STS;
}

const MAX_BODY_BYTES = 256 * 1024;

/** Returns the partition of a region, by its name; undefined for names that no partition has. */
function partitionOfRegion(region: string): string | undefined {
  if (/^us-gov-\w+-\d+$/.test(region)) return 'aws-us-gov';
  if (/^cn-\w+-\d+$/.test(region)) return 'aws-cn';
  return /^(us|eu|ap|sa|ca|me|af|il|mx)-\w+-\d+$/.test(region) ? 'aws' : undefined;
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    // Reads to the end all the same, so that the client gets to see the answer.
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  if (size > MAX_BODY_BYTES) throw new StsError(413, 'RequestEntityTooLarge', 'Request size exceeded');
  return Buffer.concat(chunks);
}

function queryPairs(request: WireRequest): [string, string][] {
  const at = request.target.indexOf('?');
  const pairs = [...new URLSearchParams(at < 0 ? '' : request.target.slice(at + 1))];
  const type = headerValue(request, 'content-type') ?? '';
  if (request.method === 'POST' && /^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    pairs.push(...new URLSearchParams(request.body.toString('utf8')));
  }
  return pairs;
}

/** Returns the lists in a request, if there are any. */
function listFacts(
  values: ReadonlyMap<string, string>,
): Pick<StsRequestFacts, 'tags' | 'transitiveTagKeys' | 'policyArns'> {
  const members = (name: string, suffix = ''): string[] =>
    [...values].flatMap(([key, value]) =>
      key.startsWith(`${name}.member.`) && key.endsWith(suffix) ? [value] : [],
    );
  const tagValues = members('Tags', '.Value');
  const tags = members('Tags', '.Key').map((key, i) => [key, tagValues[i] ?? ''] as const);
  const transitiveTagKeys = members('TransitiveTagKeys');
  const policyArns = members('PolicyArns', '.arn');
  return {
    ...(tags.length > 0 && { tags: Object.fromEntries(tags) }),
    ...(transitiveTagKeys.length > 0 && { transitiveTagKeys }),
    ...(policyArns.length > 0 && { policyArns }),
  };
}

/** Returns the facts about a request that it has, none of them secret. */
function requestFacts(
  wire: WireRequest,
  pairs: readonly [string, string][],
  time: number,
): Omit<StsRequestFacts, 'answer' | 'status' | 'hungUp'> {
  const values = new Map(pairs.map(([name, value]) => [name, value.slice(0, 2048)]));
  let signature: Signature | undefined;
  try {
    signature = readSignature(wire);
  } catch {
    // That a request is not signed is a fact too.
  }
  const optional = {
    accessKeyId: signature?.accessKeyId,
    region: signature?.region,
    userAgent: headerValue(wire, 'user-agent'),
    roleArn: values.get('RoleArn'),
    roleSessionName: values.get('RoleSessionName'),
    durationSeconds: values.get('DurationSeconds'),
    externalId: values.get('ExternalId'),
    sourceIdentity: values.get('SourceIdentity'),
    policy: values.get('Policy'),
    ...listFacts(values),
  };
  return {
    action: values.get('Action')?.slice(0, 128) ?? '',
    time,
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    serialNumber: values.has('SerialNumber'),
    tokenCode: values.has('TokenCode'),
  };
}

/** The sandbox without its socket: finds the answer to a request. */
class Sandbox {
  readonly state: StsState;
  readonly faults = new Faults();
  readonly log: RequestLog;
  heldBack = 0;
  readonly #options: StsOptions;

  constructor(options: StsOptions) {
    checkWorld(options);
    this.#options = options;
    this.state = new StsState(options, options.now ?? Date.now);
    this.log = new RequestLog(options.keepRequests ?? 1000);
  }

  reset(): void {
    this.state.reset();
    this.faults.clear();
    this.log.clear();
  }

  /**
   * Answers a request for STS or IAM, for a path of the sandbox; null: reset the connection.
   * @param hasHungUp tells whether nobody waits for the answer any more
   */
  async answer(wire: WireRequest, path: string, hasHungUp: () => boolean): Promise<Answer | null> {
    const pairs = queryPairs(wire);
    const api = apiOf(pairs);
    const namespace = namespaceOf(api);
    const facts = requestFacts(wire, pairs, this.state.now());
    const fault = this.faults.take(facts.action);
    if (fault?.delayMs !== undefined) {
      this.heldBack += 1;
      await wait(fault.delayMs, undefined, { ref: false });
      this.heldBack -= 1;
    }
    const requestId = randomUUID();
    const hungUp = hasHungUp();
    const log = (answer: string, status: number, unknown: string[] = []) =>
      this.log.add({
        ...facts,
        answer,
        status,
        hungUp,
        ...(unknown.length > 0 && { unknownParameters: unknown }),
      });
    const refuse = (error: StsError): Answer => {
      log(error.code, error.status);
      return {
        status: error.status,
        type: 'text/xml',
        body: errorXml(namespace, error, requestId),
        requestId,
      };
    };

    if (fault?.answer === 'reset-before') {
      log(fault.answer, 0);
      return null;
    }
    if (fault?.answer === 'throttle') return refuse(new StsError(400, 'Throttling', 'Rate exceeded'));
    if (fault?.answer === 'internal-failure') {
      const message = 'The request processing has failed because of an unknown error, exception or failure.';
      return refuse(new StsError(500, 'InternalFailure', message));
    }
    if (fault?.answer === 'garbage') {
      log(fault.answer, 200);
      return {
        status: 200,
        type: 'text/html',
        body: '<!DOCTYPE html><html><body><h1>Welcome to our WLAN</h1><br>',
      };
    }
    try {
      const { result, unknown } = this.#act(api, wire, path, pairs);
      if (fault?.answer === 'reset-after') {
        log(fault.answer, 0);
        return null;
      }
      log('OK', 200, unknown);
      const body = resultXml(namespace, facts.action, result, requestId);
      return { status: 200, type: 'text/xml', body, requestId };
    } catch (error) {
      if (!(error instanceof StsError)) throw error;
      if (fault?.answer === 'reset-after') {
        log(fault.answer, 0);
        return null;
      }
      return refuse(error);
    }
  }

  // Nothing waits from here on, so two requests with the same MFA code cannot both find it unused.
  #act(api: Api, wire: WireRequest, path: string, pairs: readonly [string, string][]) {
    if (!/^\/?(\?|$)/.test(path) || !['GET', 'POST'].includes(wire.method)) {
      throw new StsError(404, 'UnknownOperationException', 'The requested resource could not be found.');
    }
    const values = new Map(pairs);
    const name = values.get('Action');
    if (name === undefined) throw new StsError(400, 'MissingAction', 'Missing Action');
    const version = values.get('Version') ?? 'NO_VERSION_SPECIFIED';
    const action = api.actions.get(name);
    const unsigned = api === STS ? UNSIGNED_ACTIONS.get(name) : undefined;
    if ((action ?? unsigned) === undefined || version !== api.version) {
      throw new StsError(400, 'InvalidAction', `Could not find operation ${name} for version ${version}`);
    }
    const parameters = new Parameters(pairs);
    if (action === undefined) {
      const result = unsigned?.(this.state, parameters) ?? {};
      return { result, unknown: parameters.unread() };
    }
    const { caller, region } = this.#authenticate(api, wire);
    // GetCallerIdentity answers even where STS is turned off.
    if (api === STS && name !== 'GetCallerIdentity' && this.#options.disabledRegions?.includes(region)) {
      throw new StsError(
        403,
        'RegionDisabledException',
        `STS is not activated in this region for account:${accountOf(caller)}. Your account administrator can activate STS in this region using the IAM Console.`,
      );
    }
    const result = action(this.state, caller, parameters);
    return { result, unknown: parameters.unread() };
  }

  /** Finds out who signed. Throws {@link StsError}. */
  #authenticate(api: Api, wire: WireRequest): { caller: Identity; region: string } {
    const signature = readSignature(wire);
    // IAM has no regions.
    const regions = api === STS ? this.#options.allowedRegions : undefined;
    checkScope(wire, signature, api.service, this.state.now(), regions);
    const known = this.state.credentials(signature.accessKeyId);
    if (known === undefined || known.sessionToken !== signature.sessionToken) throw invalidClientTokenId();
    const { identity } = known;
    const partition = partitionOfRegion(signature.region);
    if (this.#options.checkPartition && partition !== undefined && partition !== partitionOf(identity)) {
      throw invalidClientTokenId();
    }
    checkSignature(wire, signature, known.secretAccessKey);
    if (known.expires !== undefined && known.expires <= this.state.now()) {
      throw new StsError(403, 'ExpiredToken', 'The security token included in the request is expired');
    }
    return { caller: identity, region: signature.region };
  }
}

function send(response: ServerResponse, answer: Answer | null, now: number): void {
  if (answer === null) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, {
    ...(answer.requestId !== undefined && { 'x-amzn-RequestId': answer.requestId }),
    'content-type': answer.type,
    'content-length': Buffer.byteLength(answer.body),
    // Clients with a wrong clock learn the time from here, so it is the server's clock, offset included.
    date: new Date(now).toUTCString(),
  });
  response.end(answer.body);
}

async function handle(
  sandbox: Sandbox,
  secretPath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const target = request.url ?? '/';
  try {
    const body = await readBody(request);
    const wire = { method: request.method ?? 'GET', target, rawHeaders: request.rawHeaders, body };
    const known = target.startsWith(secretPath);
    const below = known ? target.slice(secretPath.length) : target;
    const answer = below.startsWith(CONTROL_PATH)
      ? known
        ? answerControl(sandbox, { ...wire, target: below })
        : NOT_FOR_OTHERS
      : await sandbox.answer(wire, below, () => request.socket.destroyed);
    send(response, answer, sandbox.state.now());
  } catch (error) {
    // A client that has hung up needs no answer.
    if (request.destroyed && !request.complete) return;
    const known =
      error instanceof StsError ? error : new StsError(500, 'InternalFailure', 'The sandbox itself failed.');
    send(
      response,
      { status: known.status, type: 'text/xml', body: errorXml(namespaceOf(STS), known, randomUUID()) },
      sandbox.state.now(),
    );
  }
}

const NOT_FOR_OTHERS: Answer = {
  status: 403,
  type: 'application/json',
  body: '{"error":"only under the URL that the sandbox has told whoever started it"}\n',
};

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });
}

/**
 * Starts an STS on 127.0.0.1 that checks what AWS checks: signatures, clocks, MFA codes, trust, limits. The same port
 * answers for IAM, as far as that is needed.
 * Throws {@link AwsroleError} for a world that no STS could hold, and Node's error when the port is taken.
 */
export async function startStsServer(options: StsOptions): Promise<StsServer> {
  const sandbox = new Sandbox(options);
  const secretPath = `/${randomBytes(16).toString('hex')}`;
  const server = createServer((request, response) => void handle(sandbox, secretPath, request, response));
  const port = await listen(server, options.port ?? 0);
  const { state, faults, log } = sandbox;
  return {
    url: `http://127.0.0.1:${port}${secretPath}`,
    port,
    counts: () => log.counts(),
    answers: () => log.answers(),
    requests: () => log.requests(),
    setFault: (fault) => faults.add(fault),
    clearFaults: () => faults.clear(),
    heldBack: () => sandbox.heldBack,
    advanceClock: (milliseconds) => state.setClockOffset(state.clockOffset + milliseconds),
    expireAllSessions: () => state.expireAllSessions(),
    mfaCode: (serial, codeOptions) => state.mfaCode(serial, codeOptions),
    reset: () => sandbox.reset(),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
