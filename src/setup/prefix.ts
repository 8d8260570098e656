import { lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';

/** The places of an installation by install.sh or install.ps1. */
export interface Prefix {
  readonly folder: string;
  /** The tree: dist/, shell/ and the like, and the stored keys of whoever owns ~/.local. */
  readonly share: string;
  readonly bin: string;
  /** Where a run puts together what it then moves into its place; also the lock against a second run. */
  readonly staging: string;
  readonly manual: string;
  /** The programs on PATH. Windows has one for Git Bash and one for cmd and other programs. */
  readonly launchers: readonly string[];
}

/** The XDG folder for data has the name of the program's: its keys are no part of it. */
export const KEYS = 'keys';
/** What the link to the manual page says. */
export const MANUAL_LINK = '../../awsrole/man/awsrole.1';

/** What goes wrong with an installation. */
export function prefixError(message: string, hint: string, cause?: unknown): AwsroleError {
  return new AwsroleError('unexpected', message, { hint, cause });
}

/** What helps where a folder cannot be installed into. */
export function chooseAnother({ env, platform }: Context): string {
  const option = platform === 'win32' && !env.MSYSTEM ? '-Prefix DIR' : '--prefix DIR';
  return `choose another place with ${option}`;
}

/** Finds the places below a folder that was named in any way. @throws AwsroleError where Node.js could load nothing from it */
export function prefixOf(context: Context, text: string): Prefix {
  const folder = resolve(folderAsCalled(context), text);
  const isWindows = context.platform === 'win32';
  // Node.js loads no module from a folder with a backslash in its name.
  if (/[\p{Cc}\ufffd]/u.test(folder) || (!isWindows && folder.includes('\\'))) {
    throw prefixError(
      'the folder to install into has a backslash or control character in its name, or is not UTF-8',
      chooseAnother(context),
    );
  }
  const bin = join(folder, 'bin');
  return {
    folder,
    share: join(folder, 'share', 'awsrole'),
    bin,
    staging: join(folder, 'share', '.awsrole-install'),
    manual: join(folder, 'share', 'man', 'man1', 'awsrole.1'),
    launchers: ['awsrole', ...(isWindows ? ['awsrole.cmd'] : [])].map((name) => join(bin, name)),
  };
}

/** The current folder by the name that the shell has for it: it may have been reached through a symbolic link. */
function folderAsCalled({ env }: Context): string {
  const here = process.cwd();
  try {
    return env.PWD !== undefined && realpathSync(env.PWD) === realpathSync(here) ? env.PWD : here;
  } catch {
    return here;
  }
}

/** True where there is anything, if only a symbolic link that leads nowhere. */
export function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return false;
    throw error;
  }
}

/** True for a folder that holds an awsrole. */
export function isOurTree(folder: string): boolean {
  return /"name": *"awsrole"/.test(textOf(join(folder, 'package.json')));
}

/**
 * Refuses a tree that another user has put where everybody may: its keys and its notes would be taken over. Only root could
 * replace it there.
 * @throws AwsroleError
 */
export function checkOwner(share: string): void {
  const uid = process.geteuid?.();
  if (uid === undefined || !isThere(share) || lstatSync(share).uid === uid) return;
  if ((statSync(dirname(share)).mode & 0o1002) !== 0o1002) return;
  throw prefixError(`${printable(share)} belongs to another user; it was left alone`, 'move it away');
}

/** True for a launcher of ours, by its second line (sh, cmd). */
export function isOurLauncher(file: string): boolean {
  return /^(?:#|rem) awsrole: the program on PATH/m.test(textOf(file));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}
