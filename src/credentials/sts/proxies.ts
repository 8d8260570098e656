import type { Agent } from 'node:http';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { networkReason } from './refusal.ts';

/** Hosts on this computer, which a proxy could not reach. As in Go's net/http, NO_PROXY need not name them. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

interface Trust {
  readonly ca?: string;
}

/** Connects to a proxy, within a time; when that fails, the error names the proxy and not AWS. */
class ProxyConnector {
  /** The proxy's URL without a password. */
  readonly name: string;
  readonly #seconds: number;
  readonly #open = new Set<AbortController>();

  constructor(proxy: URL, seconds: number) {
    this.name = printable(`${proxy.protocol}//${proxy.host}`);
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
      throw this.failure(why ?? `could not be reached: ${printable((error as Error).message)}`, error);
    } finally {
      clearTimeout(timer);
      this.#open.delete(end);
    }
  }

  failure(what: string, cause: unknown): AwsroleError {
    return new AwsroleError('network', `the proxy ${this.name} ${what}`, {
      hint: 'check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY; NO_PROXY names what is reached without it',
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
      // With this status the SDK repeats a request that a gateway could not pass on.
      const cause = Object.assign(new Error('CONNECT failed'), { $metadata: { httpStatusCode: status } });
      throw this.#connector.failure(
        `does not connect to ${printable(`${options.host}:${options.port}`)} (HTTP ${status})`,
        cause,
      );
    });
  }

  override destroy(): void {
    this.#connector.abort();
    super.destroy();
  }
}

/**
 * Makes the agents that go through the proxy for a URL; undefined when there is none for it.
 * @param seconds that reaching the proxy may take
 * @throws AwsroleError kind `configuration` when it is no URL; it may hold a password, and is not shown
 */
export function proxyAgents(
  url: string,
  trust: Trust,
  seconds: number,
): { httpAgent: Agent; httpsAgent: Agent; proxy: string } | undefined {
  if (LOOPBACK.test(new URL(url).hostname)) return undefined;
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  if (!/^https?:\/\/[^/]/.test(proxy) || !URL.canParse(proxy)) {
    throw new AwsroleError('configuration', 'the proxy in the environment is not an http(s) URL', {
      hint: 'correct HTTPS_PROXY or HTTP_PROXY, such as http://proxy.corp.example:3128, or exclude AWS in NO_PROXY',
    });
  }
  const connector = new ProxyConnector(new URL(proxy), seconds);
  return {
    httpAgent: new HttpAgent(proxy, trust, connector),
    httpsAgent: new HttpsAgent(proxy, trust, connector),
    proxy: connector.name,
  };
}
