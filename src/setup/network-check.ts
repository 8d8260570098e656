import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { proxyName } from '../credentials/sts/proxies.ts';
import { expandPath } from '../profiles/file-location.ts';
import { placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { type Check, type Examined, type Finding, ok, unknown, wrong } from './finding.ts';
import { look } from './rights.ts';

const PROXIES = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY', 'all_proxy', 'ALL_PROXY'];
const BUNDLES = ['AWS_CA_BUNDLE', 'REQUESTS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'];
const CERTIFICATE = /-----BEGIN (?:TRUSTED )?CERTIFICATE-----[^-]*-----END (?:TRUSTED )?CERTIFICATE-----/g;

/** Proxies and certificates: whether what names them can be read. */
export const networkCheck: Check = {
  name: 'network',
  waitsFor: 'the files of certificates',
  look: (examined) => {
    const findings = [...proxies(examined), ...bundles(examined)];
    return findings.length > 0 ? findings : [ok("no proxy is set, and no certificates but Node's own")];
  },
};

function proxies({ context }: Examined): Finding[] {
  return PROXIES.flatMap((variable) => {
    const value = context.env[variable];
    if (!value) return [];
    try {
      return [ok(`${variable} names the proxy ${proxyName({ variable, value })}`)];
    } catch (error) {
      const { message, hint } = error as Error & { hint?: string };
      return [wrong(message, hint)];
    }
  });
}

function bundles({ context, files }: Examined): Finding[] {
  const named = new Map<string, string>();
  for (const name of BUNDLES) {
    const path = context.env[name];
    if (path) named.set(path, name);
  }
  for (const { properties } of files?.store.profiles.values() ?? []) {
    const bundle = properties.get('ca_bundle');
    if (bundle?.value && !named.has(bundle.value))
      named.set(bundle.value, `ca_bundle (${placeText(bundle)})`);
  }
  return [...named].map(([path, by]) => bundle(examinedPath(path), by, context.now()));

  function examinedPath(path: string): string {
    return expandPath(path, context.env, context.platform);
  }
}

function bundle(path: string, by: string, now: number): Finding {
  const shown = printable(path);
  const todo = `correct ${by}`;
  const stat = look(path);
  if (stat !== undefined && !stat.isFile()) {
    return unknown(`${shown}, which ${by} names, is not an ordinary file, and was not read`);
  }
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return wrong(
      `the certificates that ${by} names cannot be read: ${printable((error as Error).message)}`,
      todo,
    );
  }
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return wrong(`${shown}, which ${by} names, has no certificate (PEM) in it`, todo);
  let expired = 0;
  for (const block of blocks) {
    try {
      if (Date.parse(new X509Certificate(block).validTo) < now) expired += 1;
    } catch {
      return wrong(`${shown}, which ${by} names, has a certificate in it that cannot be read`, todo);
    }
  }
  const count = blocks.length === 1 ? 'one certificate' : `${blocks.length} certificates`;
  if (expired === blocks.length)
    return wrong(`all certificates in ${shown}, which ${by} names, have expired`, todo);
  return ok(`${by} names ${count} (${shown})`);
}
