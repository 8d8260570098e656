import { posix, win32 } from 'node:path';
import type { Context } from '../context.ts';
import { xdgFolder } from '../profiles/xdg-folder.ts';

/**
 * Returns the folder for what must not get lost: `${XDG_DATA_HOME:-~/.local/share}/awsrole/keys`, on Windows
 * `%LOCALAPPDATA%\awsrole\keys`. Undefined without a home.
 */
export function keysFolder(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const folder = xdgFolder(context, 'XDG_DATA_HOME', { below: '.local/share', onWindows: 'LOCALAPPDATA' });
  return folder && (context.platform === 'win32' ? win32 : posix).join(folder, 'awsrole', 'keys');
}
