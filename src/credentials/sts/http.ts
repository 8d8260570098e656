import { RequestHandler } from './request-handler.ts';
import { TIMEOUT_VARIABLE } from './timeout.ts';

/** What curl and the AWS CLI read, in both cases of letters. */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'];
/** Three attempts to reach somebody who is not there fit into the time of a call. */
const CONNECTION_PART = 1 / 3;

/**
 * How the SDK's clients call AWS: how long they wait, what they trust, and through which proxy.
 *
 * As the AWS CLI, goes through the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY excepts the
 * host. What that takes is loaded only for who has one.
 * @param url what will be called; asked for only where there is a proxy
 * @param caBundle certificates (PEM) to trust in place of Node's
 * @param seconds that a call may take as a whole
 * @throws AwsroleError kind `configuration` when what names the proxy is no URL
 */
export async function requestHandler(
  url: () => string,
  { caBundle, callSeconds }: { readonly caBundle: string | undefined; readonly callSeconds: number },
): Promise<RequestHandler> {
  const limits = { seconds: callSeconds, setting: TIMEOUT_VARIABLE };
  const connectionSeconds = callSeconds * CONNECTION_PART;
  const trust = caBundle === undefined ? {} : { ca: caBundle };
  if (PROXY_VARIABLES.some((name) => process.env[name] || process.env[name.toUpperCase()])) {
    const { proxyAgents } = await import('./proxies.ts');
    const agents = proxyAgents(url(), trust, connectionSeconds);
    if (agents !== undefined) return new RequestHandler({ ...limits, ...agents });
  }
  return new RequestHandler({
    ...limits,
    connectionSeconds,
    ...(caBundle !== undefined && { httpsAgent: { ca: caBundle } }),
  });
}
