import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { keysError } from './key-store.ts';

// The line in an AWS file by which every AWS tool gets keys from a store.

/** Returns the value of `credential_process` for a user. @throws as {@link ourCommand} */
export function keyReference(context: Context, id: string, session: boolean): string {
  return ourCommand(context, `${session ? 'credential-process' : 'key-process'} ${id}`);
}

/**
 * Returns a value of `credential_process` that starts awsrole: no tool's way of splitting words may change it.
 * @param words of plain letters
 * @throws AwsroleError kind `keys` where awsrole lies in a folder of an odd name
 */
export function ourCommand(context: Context, words: string): string {
  const program = launcher(context);
  const quotedProgram = program.includes(' ') ? `"${program}"` : program;
  if (/["$`\\'\n]/.test(context.platform === 'win32' ? program.replaceAll('\\', '') : program)) {
    throw keysError(
      `awsrole lies in a folder whose name not every AWS tool can read in credential_process: ${program}`,
      'install it into a folder with a plain name',
    );
  }
  return `${quotedProgram} ${words}`;
}

/** The absolute path of our launcher: the one on PATH where that is this installation, since it outlives an update. */
function launcher(context: Context): string {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  if (context.platform === 'win32') return join(root, 'shell', 'awsrole.cmd');
  const onPath = findProgram('awsrole', context.env);
  const own = join(root, 'shell', 'awsrole');
  if (
    onPath !== undefined &&
    (real(onPath) === real(own) || real(dirname(onPath)) === real(join(root, '..', '..', 'bin')))
  ) {
    return onPath;
  }
  return own;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
