import type { Agent } from 'node:http';
import type { Socket, TcpNetConnectOpts } from 'node:net';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { networkReason } from './refusal.ts';

/** A proxy could only reach itself there; as in Go's net/http, nobody has to except it. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

interface Trust {
  readonly ca?: string;
}

/** The way to a proxy: it takes so long and no longer, and when it fails, the proxy is named and not AWS. */
class Way {
  /** Without the password that the URL may hold. */
  readonly name: string;
  readonly #seconds: number;
  readonly #open = new Set<AbortController>();

  constructor(proxy: URL, seconds: number) {
    this.name = printable(`${proxy.protocol}//${proxy.host}`);
    this.#seconds = seconds;
  }

  /** Goes it with an agent's own `connect`, whose socket ends with it. @throws AwsroleError kind `network` */
  async go(agent: { connectOpts: TcpNetConnectOpts }, connect: () => Promise<Socket>): Promise<Socket> {
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
      throw this.failure(why ?? `could not be asked: ${printable((error as Error).message)}`, error);
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

  /** Leaves it, wherever we are on it. */
  leave(): void {
    for (const end of this.#open) end.abort();
  }
}

class HttpWay extends HttpProxyAgent<string> {
  readonly #way: Way;

  constructor(proxy: string, trust: Trust, way: Way) {
    super(proxy, trust);
    this.#way = way;
  }

  override connect(...asked: Parameters<HttpProxyAgent<string>['connect']>): Promise<Socket> {
    return this.#way.go(this, () => super.connect(...asked));
  }

  override destroy(): void {
    this.#way.leave();
    super.destroy();
  }
}

/** Its own options are for the way to the proxy only; what is trusted counts for AWS behind it as well. */
class HttpsWay extends HttpsProxyAgent<string> {
  readonly #trust: Trust;
  readonly #way: Way;

  constructor(proxy: string, trust: Trust, way: Way) {
    super(proxy, trust);
    this.#trust = trust;
    this.#way = way;
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>): Promise<Socket> {
    return this.#way.go(this, async () => {
      let status = 0;
      request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
        status = statusCode;
      });
      const socket = await super.connect(request, { ...options, ...this.#trust });
      if (status === 200) return socket;
      // The SDK sends again what a gateway could not pass on.
      const cause = Object.assign(new Error('CONNECT failed'), { $metadata: { httpStatusCode: status } });
      throw this.#way.failure(
        `does not connect to ${printable(`${options.host}:${options.port}`)} (HTTP ${status})`,
        cause,
      );
    });
  }

  override destroy(): void {
    this.#way.leave();
    super.destroy();
  }
}

/**
 * Agents that go through the proxy for a URL; undefined when there is none for it.
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
    throw new AwsroleError('configuration', 'the proxy that the environment names is no http(s) URL', {
      hint: 'correct HTTPS_PROXY or HTTP_PROXY, such as http://proxy.corp.example:3128, or except AWS in NO_PROXY',
    });
  }
  const way = new Way(new URL(proxy), seconds);
  return {
    httpAgent: new HttpWay(proxy, trust, way),
    httpsAgent: new HttpsWay(proxy, trust, way),
    proxy: way.name,
  };
}
