import { delimiter, dirname, resolve } from 'node:path';
import { sync } from 'which';
import type { Environment } from './context.ts';

/**
 * Finds a program on PATH (which Windows spells `Path`); undefined where there is none. A program that lies only in the
 * current folder does not count, though Windows would start it: anybody may have put it there.
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
