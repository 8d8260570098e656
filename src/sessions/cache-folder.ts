import { posix, win32 } from 'node:path';
import type { Context } from '../context.ts';
import { homeFolder } from '../profiles/file-location.ts';

/**
 * Returns the folder for sessions: `${XDG_CACHE_HOME:-~/.cache}/awsrole`, on Windows `%LOCALAPPDATA%\awsrole`. A
 * relative XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification asks. Undefined without a home.
 */
export function cacheFolder(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const { env, platform } = context;
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  if (env.XDG_CACHE_HOME && isAbsolute(env.XDG_CACHE_HOME)) return join(env.XDG_CACHE_HOME, 'awsrole');
  if (platform === 'win32' && env.LOCALAPPDATA) return join(env.LOCALAPPDATA, 'awsrole');
  const home = homeFolder(env, platform);
  return home === undefined ? undefined : join(home, '.cache', 'awsrole');
}
