import type { Agent } from 'node:http';

const CONNECTION_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
/** What curl and the AWS CLI read, in both cases of letters. */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'];

/** How the SDK's clients call AWS: how long they wait, what they trust, and through which proxy. */
export interface HttpOptions {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly httpAgent?: Agent;
  readonly httpsAgent?: Agent | { readonly ca: string };
}

/**
 * As the AWS CLI, goes through the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY excepts the
 * host. What that takes is loaded only for who has one.
 * @param url what will be called; asked for only where there is a proxy
 * @param caBundle certificates (PEM) to trust in place of Node's
 * @throws AwsroleError kind `configuration` when what names the proxy is no URL
 */
export async function httpOptions(url: () => string, caBundle: string | undefined): Promise<HttpOptions> {
  const timeouts = { connectionTimeout: CONNECTION_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS };
  const trust = caBundle === undefined ? {} : { ca: caBundle };
  if (PROXY_VARIABLES.some((name) => process.env[name] || process.env[name.toUpperCase()])) {
    const { proxyAgents } = await import('./proxy-agents.ts');
    const agents = proxyAgents(url(), trust);
    if (agents !== undefined) return { ...timeouts, ...agents };
  }
  return { ...timeouts, ...(caBundle !== undefined && { httpsAgent: { ca: caBundle } }) };
}
