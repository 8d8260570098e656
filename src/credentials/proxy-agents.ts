import type { Agent } from 'node:http';
import { HttpProxyAgent } from 'http-proxy-agent';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { getProxyForUrl } from 'proxy-from-env';
import { AwsroleError } from '../errors.ts';

/** A proxy could only reach itself there; as in Go's net/http, nobody has to except it. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/** Its own options are for the way to the proxy only; what is trusted counts for AWS behind it as well. */
class TrustingProxyAgent extends HttpsProxyAgent<string> {
  readonly #trust: { readonly ca?: string };

  constructor(proxy: string, trust: { readonly ca?: string }) {
    super(proxy, trust);
    this.#trust = trust;
  }

  override connect(...[request, options]: Parameters<HttpsProxyAgent<string>['connect']>) {
    return super.connect(request, { ...options, ...this.#trust });
  }
}

/**
 * Agents that go through the proxy for a URL; undefined when there is none for it.
 * @throws AwsroleError kind `configuration` when it is no URL; it may hold a password, and is not shown
 */
export function proxyAgents(
  url: string,
  trust: { readonly ca?: string },
): { httpAgent: Agent; httpsAgent: Agent } | undefined {
  if (LOOPBACK.test(new URL(url).hostname)) return undefined;
  const proxy = getProxyForUrl(url);
  if (proxy === '') return undefined;
  if (!/^https?:\/\/[^/]/.test(proxy) || !URL.canParse(proxy)) {
    throw new AwsroleError('configuration', 'the proxy that the environment names is no http(s) URL', {
      hint: 'correct HTTPS_PROXY or HTTP_PROXY, such as http://proxy.corp.example:3128, or except AWS in NO_PROXY',
    });
  }
  return { httpAgent: new HttpProxyAgent(proxy, trust), httpsAgent: new TrustingProxyAgent(proxy, trust) };
}
