import { posix, win32 } from 'node:path';
import type { Context } from '../context.ts';
import { hasVariables, homeFolder } from '../profiles/file-location.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import { environmentEndpoint } from './session-lines.ts';

/** The key of a shell that no kept lines are for: it asks the core every time. */
const NO_KEY = '-';

/**
 * Names what decides a shell's sessions: `HOME|CONFIG|CREDENTIALS|STS ENDPOINT`, to the letter as every wrapper builds
 * it. `-` where one string cannot say it.
 */
function shellKey({ env, platform }: Pick<Context, 'env' | 'platform'>): string {
  const home = homeFolder(env, platform);
  if (home === undefined || env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS) return NO_KEY;
  const files = [
    env.AWS_CONFIG_FILE || `${home}/.aws/config`,
    env.AWS_SHARED_CREDENTIALS_FILE || `${home}/.aws/credentials`,
  ];
  const { isAbsolute } = platform === 'win32' ? win32 : posix;
  if (![home, ...files].every((path) => isAbsolute(path))) return NO_KEY;
  // Shells look at a path as it is written.
  if (
    [env.AWS_CONFIG_FILE, env.AWS_SHARED_CREDENTIALS_FILE].some(
      (path) => path && hasVariables(path, platform),
    )
  )
    return NO_KEY;
  const key = [home, ...files, environmentEndpoint(env)].join('|');
  return key.split('|').length > 4 || hasControlCharacter(key) ? NO_KEY : key;
}

/** The key of a shell with this environment; undefined where it has none. */
export function keyOf(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const key = shellKey(context);
  return key === NO_KEY ? undefined : key;
}

/**
 * The key that lines may be kept under: the one that the calling shell has given, if it is also that of this process's
 * environment. An awsrole inside another's command would else file its lines under the key of the shell around it.
 */
export function keptKey(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const key = keyOf(context);
  return key !== undefined && key === context.env.AWSROLE_SHELL ? key : undefined;
}
