import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { homeFolder } from '../../profiles/file-location.ts';
import { printable } from '../../profiles/printable.ts';

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
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AwsroleError('configuration', `${printable(path)} cannot be read: ${printable(message)}`, {
      hint: 'look at its owner and mode (ls -l), and those of its folder',
      cause: error,
    });
  }
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
