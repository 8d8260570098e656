import { AwsroleError } from '../errors.ts';
import { closestNames } from '../profiles/closest-names.ts';
import type { Partition } from '../profiles/partition.ts';
import { hasControlCharacter, quoted } from '../profiles/printable.ts';
import { consoleOrigin, isConsoleHost } from './console-hosts.ts';
import { SERVICE_PAGES, type ServicePage } from './service-pages.ts';

/** Which page of the console is asked for. */
export interface Asked {
  readonly service?: string | undefined;
  /** A page's whole URL. */
  readonly url?: string | undefined;
}

const NAME = /^[a-z0-9-]{1,64}$/;
const SIMILAR = 3;

/**
 * Checks what was asked for as far as it can be known before there is a session.
 * @throws AwsroleError kind `usage`
 */
export function checkAsked({ service, url }: Asked): void {
  if (service !== undefined && !NAME.test(service)) {
    throw new AwsroleError('usage', `--service: ${quoted(service)} is not the name of a service`, {
      hint: 'it has small letters, digits and dashes, such as s3; for any other page there is --url',
    });
  }
  if (url !== undefined) parsedUrl(url);
}

/**
 * Returns the URL of the page that a sign-in leads to, and a warning where it may not be there.
 * @throws AwsroleError kind `usage` for a URL that is not of the console of this partition: it is given a session
 */
export function destination(
  { service, url }: Asked,
  partition: Partition,
  region: string,
): { readonly url: string; readonly warning?: string } {
  if (url !== undefined) return { url: ownUrl(url, partition) };
  if (service === undefined) {
    return { url: urlOf({ path: 'console/home' }, partition, region) };
  }
  const page = SERVICE_PAGES.get(service);
  if (page === undefined) {
    return { url: urlOf({ path: `${service}/home` }, partition, region), warning: unknown(service) };
  }
  const why = page.missing?.[partition];
  return {
    url: urlOf(page, partition, region),
    ...(why !== undefined && { warning: `${partition} has no page ${page.name}: ${why}` }),
  };
}

type Page = Pick<ServicePage, 'path' | 'fragment' | 'global'>;

function urlOf({ path, fragment, global }: Page, partition: Partition, region: string): string {
  const url = new URL(path, consoleOrigin(partition, global ? undefined : region));
  if (!global) url.searchParams.set('region', region);
  if (fragment !== undefined) url.hash = fragment;
  return url.href;
}

function unknown(service: string): string {
  const names = closestNames(service, SERVICE_PAGES.keys(), SIMILAR).map(quoted);
  const meant = names.length === 0 ? '' : `; did you mean ${names.join(' or ')}?`;
  return `awsrole does not know the page of ${quoted(service)}, and tries ${service}/home${meant}`;
}

function parsedUrl(text: string): URL {
  // The parser takes tabs and line breaks out, and what is shown would not be what is opened.
  const url = !hasControlCharacter(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.protocol !== 'https:' || url.username || url.password || url.port) {
    throw refused(text, 'is no https URL of the console');
  }
  return url;
}

function ownUrl(text: string, partition: Partition): string {
  const url = parsedUrl(text);
  if (isConsoleHost(partition, url.hostname)) return url.href;
  throw refused(text, `is not a page of the console of partition ${partition}, which the session is for`);
}

function refused(text: string, why: string): AwsroleError {
  return new AwsroleError('usage', `--url: ${quoted(text)} ${why}`, {
    hint: `copy it from the browser, such as https://console.aws.amazon.com/s3/home`,
  });
}
