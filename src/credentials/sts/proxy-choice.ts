import { BlockList, isIP } from 'node:net';
import type { Environment } from '../../context.ts';

/** What the environment says about the way to a URL. */
export interface ProxyChoice {
  /** As it stands in the variable: it may hold a password. */
  readonly value: string;
  /** The variable that names the proxy. */
  readonly variable: string;
}

/** Hosts on this computer, which a proxy could not reach. As in Go's net/http, NO_PROXY need not name them. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Chooses the proxy for a URL; undefined where there is none, or NO_PROXY excepts the host. As with curl, lower-case
 * names come first, and an empty variable is none. HTTP_PROXY counts as well, but not in a CGI script, to which a
 * client's header `Proxy` comes under this name.
 */
export function proxyFor(url: URL, env: Environment): ProxyChoice | undefined {
  if (LOOPBACK.test(url.hostname)) return undefined;
  const names = {
    'https:': ['https_proxy', 'HTTPS_PROXY'],
    'http:': env.REQUEST_METHOD ? ['http_proxy'] : ['http_proxy', 'HTTP_PROXY'],
  }[url.protocol];
  const variable = [...(names ?? []), 'all_proxy', 'ALL_PROXY'].find((name) => env[name]);
  const value = variable === undefined ? undefined : env[variable];
  if (variable === undefined || !value) return undefined;
  return isExcepted(url.hostname, env.no_proxy || env.NO_PROXY || '') ? undefined : { value, variable };
}

/**
 * True when a NO_PROXY names a host, by curl's rules (its man page, and lib/noproxy.c since 7.86): a name stands for
 * itself and all below it, with or without a dot before it; an address for itself, or with `/BITS` for a network. `*`
 * counts alone only, and a port never. Blanks may stand for commas, as in curl before 8.9.
 * @param hostname of a URL, an IPv6 address in brackets
 */
export function isExcepted(hostname: string, list: string): boolean {
  if (list === '*') return true;
  const host = hostname.replace(/^\[|\]$|\.$/g, '').toLowerCase();
  const names = isIP(host) === 0 ? isBelow : isInNetwork;
  return list.split(/[, \t]+/).some((entry) => names(host, entry));
}

function isBelow(host: string, entry: string): boolean {
  const name = entry.replace(/\.$/, '').replace(/^\./, '').toLowerCase();
  return name !== '' && (host === name || host.endsWith(`.${name}`));
}

function isInNetwork(address: string, entry: string): boolean {
  const [, network = '', digits = '0'] = /^\[?([^/[\]]*)\]?(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  if (isIP(network) !== isIP(address)) return false;
  const [family, most] = isIP(address) === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  const bits = Number(digits);
  if (bits > most) return false;
  const networks = new BlockList();
  // As curl takes it: no bits are all.
  networks.addSubnet(network, bits === 0 ? most : bits, family);
  return networks.check(address, family);
}
