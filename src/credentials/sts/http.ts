import { RequestHandler } from './request-handler.ts';
import { TIMEOUT_VARIABLE } from './timeout.ts';

/** The variables that curl and the AWS CLI read, in lower and upper case. */
const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'];
/** The part of a call's time for one attempt to connect: three attempts fit into a call. */
const CONNECTION_PART = 1 / 3;

/**
 * Makes the handler that sends requests to AWS: with a limit of time, the certificates to trust, and a proxy. Like the
 * AWS CLI, it goes through the proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names, unless NO_PROXY excepts the host.
 * The code for proxies is loaded only where there is one.
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
    const agents = proxyAgents(url(), process.env, trust, connectionSeconds);
    if (agents !== undefined) return new RequestHandler({ ...limits, ...agents });
  }
  return new RequestHandler({
    ...limits,
    connectionSeconds,
    ...(caBundle !== undefined && { httpsAgent: { ca: caBundle } }),
  });
}
