import { delimiter, dirname, resolve } from 'node:path';
import { sync } from 'which';
import type { Environment } from './context.ts';

/**
 * Finds a program on PATH, which Windows writes `Path`; undefined where it is not there. One that merely lies in the
 * current folder is none, though Windows would start it: it may be anybody's.
 */
export function findProgram(name: string, env: Environment): string | undefined {
  const variable = process.platform === 'win32' ? Object.keys(env).find(isPath) : 'PATH';
  const folders = (env[variable ?? 'PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const path = folders.map((folder) => resolve(folder));
  const found = sync(name, {
    path: path.join(delimiter),
    ...(env.PATHEXT && { pathExt: env.PATHEXT }),
    all: true,
    nothrow: true,
  });
  return found?.find((file) => path.includes(dirname(file)));
}

function isPath(name: string): boolean {
  return name.toUpperCase() === 'PATH';
}
