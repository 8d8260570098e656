import type { Context } from '../context.ts';
import { xdgFolder } from '../profiles/xdg-folder.ts';

/**
 * Returns the folder for sessions: `${XDG_CACHE_HOME:-~/.cache}/awsrole`, on Windows `%LOCALAPPDATA%\awsrole`.
 * Undefined without a home.
 */
export function cacheFolder(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  return xdgFolder(context, 'XDG_CACHE_HOME', { below: '.cache', onWindows: 'LOCALAPPDATA' }, 'awsrole');
}
