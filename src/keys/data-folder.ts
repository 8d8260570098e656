import { posix, win32 } from 'node:path';
import type { Context } from '../context.ts';
import { homeFolder } from '../profiles/file-location.ts';

/**
 * Returns the folder for what must not get lost: `${XDG_DATA_HOME:-~/.local/share}/awsrole/keys`, on Windows
 * `%LOCALAPPDATA%\awsrole\keys`. A relative XDG_DATA_HOME is ignored, as the XDG Base Directory Specification asks.
 * Undefined without a home.
 */
export function keysFolder({ env, platform }: Pick<Context, 'env' | 'platform'>): string | undefined {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  if (env.XDG_DATA_HOME && isAbsolute(env.XDG_DATA_HOME)) return join(env.XDG_DATA_HOME, 'awsrole', 'keys');
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'awsrole', 'keys');
  const home = homeFolder(env, platform);
  return home === undefined ? undefined : join(home, '.local', 'share', 'awsrole', 'keys');
}
