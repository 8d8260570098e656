import type { Agent } from 'node:http';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import type { Environment } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { type ProxyChoice, proxyFor } from './proxy-choice.ts';
import { networkReason } from './refusal.ts';
import type { RequestProxy } from './request-handler.ts';

/** The proxy's answer when it wants a name and a password. */
const WANTS_PASSWORD = 407;

interface Trust {
  readonly ca?: string;
}

/** Connects to a proxy, within a time; when that fails, the error names the proxy and not AWS. */
class ProxyConnector {
  /** The proxy's URL without a password. */
  readonly name: string;
  readonly #variable: string;
  readonly #hasPassword: boolean;
  readonly #seconds: number;
  readonly #open = new Set<AbortController>();

  constructor(proxy: URL, variable: string, seconds: number) {
    this.name = printable(`${proxy.protocol}//${proxy.host}`);
    this.#variable = variable;
    this.#hasPassword = proxy.username !== '' || proxy.password !== '';
    this.#seconds = seconds;
  }

  /** Connects with an agent's own `connect`; when the time is up, its socket is closed. @throws AwsroleError kind `network` */
  async connect(agent: { connectOpts: TcpNetConnectOpts }, connect: () => Promise<Socket>): Promise<Socket> {
    const end = new AbortController();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      end.abort();
    }, this.#seconds * 1000);
    this.#open.add(end);
    agent.connectOpts.signal = end.signal;
    try {
      return await connect();
    } catch (error) {
      if (error instanceof AwsroleError) throw error;
      const why = late
        ? `did not answer within ${Math.round(this.#seconds * 10) / 10} s`
        : networkReason(error);
      throw this.#failure(why ?? `could not be reached: ${printable((error as Error).message)}`, error);
    } finally {
      clearTimeout(timer);
      this.#open.delete(end);
    }
  }

  /** Makes the error for a connection that failed after it was made to the proxy; undefined when it was not its fault. */
  cut(error: unknown): AwsroleError | undefined {
    const why = error instanceof AwsroleError ? undefined : networkReason(error);
    return why === undefined ? undefined : this.#failure(why, error);
  }

  /** Makes the error for the status with which the proxy refuses to connect to, or ask, a host. */
  refusal(what: string, status: number): AwsroleError {
    // With this status the SDK repeats a request that a gateway could not pass on.
    const cause = Object.assign(new Error('the proxy refused'), { $metadata: { httpStatusCode: status } });
    const how = this.#hasPassword
      ? `it does not accept the name and the password in ${this.#variable}`
      : `it wants a name and a password: write them into ${this.#variable}, as http://NAME:PASSWORD@HOST:PORT`;
    const hint = status === WANTS_PASSWORD ? `${how}; in them @ is %40, : is %3A, % is %25` : undefined;
    return this.#failure(`${what} (HTTP ${status})`, cause, hint);
  }

  #failure(what: string, cause: unknown, hint?: string): AwsroleError {
    return new AwsroleError('network', `the proxy ${this.name} ${what}`, {
      hint: hint ?? 'check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names what is reached without it',
      cause,
    });
  }

  /** Ends every connection that is still being made. */
  abort(): void {
    for (const end of this.#open) end.abort();
  }
}

class HttpAgent extends HttpProxyAgent<string> {
  readonly #connector: ProxyConnector;

  constructor(proxy: string, trust: Trust, connector: ProxyConnector) {
    super(proxy, trust);
    this.#connector = connector;
  }

  override connect(...asked: Parameters<HttpProxyAgent<string>['connect']>): Promise<Socket> {
    return this.#connector.connect(this, () => super.connect(...asked));
  }

  override destroy(): void {
    this.#connector.abort();
    super.destroy();
  }
}

/** Trusts the same certificates for AWS behind the proxy: the options of HttpsProxyAgent count for the proxy only. */
class HttpsAgent extends HttpsProxyAgent<string> {
  readonly #trust: Trust;
  readonly #connector: ProxyConnector;

  constructor(proxy: string, trust: Trust, connector: ProxyConnector) {
    super(proxy, trust);
    this.#trust = trust;
    this.#connector = connector;
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>): Promise<Socket> {
    return this.#connector.connect(this, async () => {
      let status = 0;
      request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
        status = statusCode;
      });
      const socket = await super.connect(request, { ...options, ...this.#trust });
      if (status === 200) return socket;
      const host = printable(`${options.host}:${options.port}`);
      throw this.#connector.refusal(`does not connect to ${host}`, status);
    });
  }

  override destroy(): void {
    this.#connector.abort();
    super.destroy();
  }
}

/**
 * Makes the way through the proxy that the environment names for a URL; undefined when there is none for it.
 * @param seconds that reaching the proxy may take
 * @throws AwsroleError kind `configuration` when it is no URL; it may hold a password, and is not shown
 */
export function proxyAgents(
  url: string,
  env: Environment,
  trust: Trust,
  seconds: number,
): { httpAgent: Agent; httpsAgent: Agent; proxy: RequestProxy } | undefined {
  const choice = proxyFor(new URL(url), env);
  if (choice === undefined) return undefined;
  const proxy = proxyUrl(choice);
  const connector = new ProxyConnector(proxy, choice.variable, seconds);
  const { host } = new URL(url);
  return {
    httpAgent: new HttpAgent(proxy.href, trust, connector),
    httpsAgent: new HttpsAgent(proxy.href, trust, connector),
    proxy: {
      name: connector.name,
      blame: (error) => connector.cut(error),
      refusal: (status) =>
        status === WANTS_PASSWORD
          ? connector.refusal(`does not forward requests to ${printable(host)}`, status)
          : undefined,
    },
  };
}

/** Returns the URL of a proxy without name and password. @throws AwsroleError kind `configuration` when it is none */
export function proxyName(choice: ProxyChoice): string {
  const { protocol, host } = proxyUrl(choice);
  return printable(`${protocol}//${host}`);
}

/** Reads the URL of a proxy; without a scheme it is one of http. @throws AwsroleError kind `configuration` */
function proxyUrl({ value, variable }: ProxyChoice): URL {
  const text = /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // Behind a `/` or `#` that is not escaped in a password stands the rest of it, and before it no host.
  const isWhole = url?.pathname === '/' && url.search === '' && url.hash === '' && url.hostname !== '';
  if (url === undefined || !isWhole || !/^https?:$/.test(url.protocol) || !isDecodable(url)) {
    throw new AwsroleError(
      'configuration',
      `the proxy that the environment names is not an http(s) URL (${variable})`,
      {
        hint:
          `correct ${variable}, such as http://proxy.corp.example:3128, or except AWS in NO_PROXY; ` +
          'in a name or password @ is %40, / is %2F, % is %25',
      },
    );
  }
  return url;
}

function isDecodable({ username, password }: URL): boolean {
  try {
    decodeURIComponent(username);
    decodeURIComponent(password);
    return true;
  } catch {
    return false;
  }
}
