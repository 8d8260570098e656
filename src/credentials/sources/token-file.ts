import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { OLD_WORKPLACE, removeAbandoned, temporaryName } from '../../files/temporary-file.ts';
import { homeFolder } from '../../profiles/file-location.ts';
import { printable } from '../../profiles/printable.ts';
import { readIfThere } from '../../profiles/text-file.ts';

/** A token with less time left is renewed, as the AWS SDK does. */
export const RENEWAL_MS = 5 * 60 * 1000;

/** A file in which the AWS CLI keeps the token of a sign-in. */
export interface TokenFile {
  readonly path: string;
  /** Its content, which must never be shown. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** Returns a folder below `~/.aws`, where the AWS CLI and the SDKs look whatever AWS_CONFIG_FILE says. */
export function tokenFolder({ env, platform }: Context, ...names: string[]): string {
  return join(homeFolder(env, platform) ?? homedir(), '.aws', ...names);
}

/** Reads a token file; undefined when there is none. @throws AwsroleError kind `configuration`, with its path */
export function readTokenFile(path: string, hint: string): TokenFile | undefined {
  const text = readIfThere(path, 'check its owner and mode (ls -l), and those of its folder');
  if (text === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return { path, content: { ...content } };
  } catch {
    // The parser's message would quote the text, which is a secret.
  }
  throw brokenToken(path, 'it is not a JSON object', hint);
}

/**
 * Makes a folder of our own beside the token files, in which the SDK renews a token: it would write straight into the
 * file. What killed renewals have left there, with tokens in it, is removed.
 * @throws Node's error when there can be none
 */
export function makeWorkplace(tokens: string, nowMs: number): string {
  removeAbandoned(tokens, nowMs, OLD_WORKPLACE);
  const workplace = temporaryName(tokens);
  mkdirSync(workplace, { mode: 0o700 });
  return workplace;
}

/** Makes the error for a token file that cannot be used. */
export function brokenToken(path: string, what: string, hint: string): AwsroleError {
  return new AwsroleError('configuration', `the token file ${printable(path)} is broken: ${what}`, { hint });
}
