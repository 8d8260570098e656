import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { homeFolder } from '../../profiles/file-location.ts';
import { printable } from '../../profiles/printable.ts';
import { readIfThere } from '../../profiles/text-file.ts';

/** As the AWS SDK: so long before its end what stands in such a file is renewed. */
export const RENEWAL_MS = 5 * 60 * 1000;

/** A file in which the AWS CLI keeps what signing in gave. */
export interface TokenFile {
  readonly path: string;
  /** What stands in it; never to be shown. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** A folder below `~/.aws`, where the AWS CLI and the SDKs look for it whatever AWS_CONFIG_FILE says. */
export function tokenFolder({ env, platform }: Context, ...names: string[]): string {
  return join(homeFolder(env, platform) ?? homedir(), '.aws', ...names);
}

/** Reads a token file; undefined when there is none. @throws AwsroleError kind `configuration`, with its path */
export function readTokenFile(path: string, hint: string): TokenFile | undefined {
  const text = readIfThere(path, 'look at its owner and mode (ls -l), and those of its folder');
  if (text === undefined) return undefined;
  try {
    const content: unknown = JSON.parse(text);
    if (typeof content === 'object' && content !== null) return { path, content: { ...content } };
  } catch {
    // What the parser says quotes the text, which is a secret.
  }
  throw brokenToken(path, 'it is no JSON object', hint);
}

/** The error for a token file that nobody can use. */
export function brokenToken(path: string, what: string, hint: string): AwsroleError {
  return new AwsroleError('configuration', `the token file ${printable(path)} is broken: ${what}`, { hint });
}
