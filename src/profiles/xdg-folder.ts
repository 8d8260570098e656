import { posix, win32 } from 'node:path';
import { homeFolder } from './file-location.ts';

interface World {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
}

/**
 * Returns `names` in the folder that a variable of the XDG Base Directory Specification names, which ignores a relative
 * one, else on Windows in what `onWindows` names, else in `below` in the home folder; undefined without a home.
 */
export function xdgFolder(
  { env, platform }: World,
  variable: string,
  { below, onWindows }: { readonly below: string; readonly onWindows?: 'LOCALAPPDATA' },
  ...names: string[]
): string | undefined {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  const named = env[variable];
  if (named && isAbsolute(named)) return join(named, ...names);
  const windows = platform === 'win32' && onWindows !== undefined ? env[onWindows] : undefined;
  if (windows) return join(windows, ...names);
  const home = homeFolder(env, platform);
  return home === undefined ? undefined : join(home, below, ...names);
}
