import type { Context } from '../context.ts';
import { xdgFolder } from '../profiles/xdg-folder.ts';

/**
 * Returns the folder for what must not get lost: `${XDG_DATA_HOME:-~/.local/share}/awsrole/keys`, on Windows
 * `%LOCALAPPDATA%\awsrole\keys`. Undefined without a home.
 */
export function keysFolder(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  const place = { below: '.local/share', onWindows: 'LOCALAPPDATA' } as const;
  return xdgFolder(context, 'XDG_DATA_HOME', place, 'awsrole', 'keys');
}
