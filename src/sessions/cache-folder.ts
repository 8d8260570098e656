import { posix, win32 } from 'node:path';
import type { Context } from '../context.ts';
import { xdgFolder } from '../profiles/xdg-folder.ts';

/**
 * Returns the folder for sessions: `${XDG_CACHE_HOME:-~/.cache}/awsrole`, on Windows `%LOCALAPPDATA%\awsrole`.
 * Undefined without a home.
 */
export function cacheFolder(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const folder = xdgFolder(context, 'XDG_CACHE_HOME', { below: '.cache', onWindows: 'LOCALAPPDATA' });
  return folder && (context.platform === 'win32' ? win32 : posix).join(folder, 'awsrole');
}
