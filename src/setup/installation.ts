import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { findProgram } from '../find-program.ts';
import { printable } from '../profiles/printable.ts';

/** Where the awsrole is that runs, and so how a start-up file finds it. */
export interface Installation {
  /**
   * `prefix`: install.sh or install.ps1 has put it into PREFIX/share and PREFIX/bin, which stay. `path`: a package manager
   * has put it on PATH, and its files may be elsewhere after an update. `tree`: anywhere, such as a clone.
   */
  readonly kind: 'prefix' | 'path' | 'tree';
  /** The folder that holds dist/ and shell/. */
  readonly root: string;
  /** PREFIX; only of that kind. */
  readonly prefix?: string;
  /** The program on PATH; only of that kind. */
  readonly program?: string;
}

/** What the installers note in the root: the folders that they made, and the start-up files. */
export const RECORD = 'made-folders';

/** Finds out how awsrole is installed. @throws AwsroleError kind `configuration` for a copy that does not stay */
export function installationOf(context: Context, root: string): Installation {
  if (/[/\\]_npx[/\\]/.test(root)) {
    throw new AwsroleError('configuration', 'npx runs only a temporary copy of awsrole', {
      hint: 'install it first: npm install --global awsrole',
    });
  }
  if (basename(root) === 'awsrole' && basename(dirname(root)) === 'share' && existsSync(join(root, RECORD))) {
    return { kind: 'prefix', root, prefix: dirname(dirname(root)) };
  }
  const program = findProgram('awsrole', context.env);
  if (program !== undefined && isOf(program, root)) return { kind: 'path', root, program };
  return { kind: 'tree', root };
}

/** True where a program on PATH starts what is in a root. */
function isOf(program: string, root: string): boolean {
  if (rootOf(program) === realOf(root)) return true;
  // npm's programs on Windows stand beside its packages.
  const below = relative(realOf(dirname(program)) ?? '', realOf(root) ?? '');
  return /^node_modules[/\\]/.test(below);
}

/** The folder that a launcher has its files in: it finds it by its own place. */
export function rootOf(launcher: string): string | undefined {
  const real = realOf(launcher);
  if (real === undefined) return undefined;
  const folder = dirname(real);
  return realOf(basename(folder) === 'shell' ? dirname(folder) : join(dirname(folder), 'share', 'awsrole'));
}

/** A path without symbolic links; undefined where it leads nowhere. */
export function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/** The folder of the program of a prefix. */
export function binOf({ prefix }: Installation): string | undefined {
  return prefix === undefined ? undefined : join(prefix, 'bin');
}

/** Where awsrole is, for a person. */
export function installationText({ prefix, root }: Installation): string {
  return printable(prefix ?? root);
}
