import { homeFolder } from '../profiles/file-location.ts';
import { printableLines } from '../profiles/printable.ts';
import type { Examined } from './finding.ts';

const ACCOUNT_IN_ARN = /(\barn:[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)\d{12}(?=:)/g;
const KEY_ID = /\b(A[A-Z]{3})[A-Z0-9]{8,}([A-Z0-9]{4})\b/g;
const URL_PASSWORD = /(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]+@/gi;

/**
 * Makes a text fit for a ticket: the home folder is `~`, and neither account numbers in ARNs nor whole key ids are in it,
 * nor the names and passwords of URLs.
 */
export function forTicket(text: string, { context }: Pick<Examined, 'context'>): string {
  const home = homeFolder(context.env, context.platform)?.replace(/[/\\]+$/, '');
  const short = home ? replacePath(text, home) : text;
  return printableLines(short)
    .replace(ACCOUNT_IN_ARN, '$1…')
    .replace(KEY_ID, '$1…$2')
    .replace(URL_PASSWORD, '$1');
}

/** Replaces a folder where it stands as a whole. */
function replacePath(text: string, folder: string): string {
  const parts = text.split(folder);
  return parts.reduce((before, after) =>
    /^[A-Za-z0-9_.-]/.test(after) || /[A-Za-z0-9_.~/\\-]$/.test(before)
      ? `${before}${folder}${after}`
      : `${before}~${after}`,
  );
}
