import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { keysError } from './key-store.ts';
import {
  checkSteadyLauncher,
  isOfNpx,
  makeSteadyLauncher,
  moves,
  nodeBeside,
  steadyLauncher,
} from './steady-launcher.ts';

// The line in an AWS file by which every AWS tool gets keys from a store.

/** Finds out whether there can be such a line, before anything is stored. @throws as {@link keyReference} */
export function checkReferable(context: Context): void {
  keyReference(context, { id: 'u', session: false }, { dry: true });
}

/**
 * Returns the value of `credential_process` for a user, by a program that stays where awsrole itself moves; that one is
 * made, unless `dry`.
 * @throws as {@link ourCommand}, and AwsroleError kind `keys` for a copy of awsrole that does not stay
 */
export function keyReference(
  context: Context,
  { id, session }: { readonly id: string; readonly session: boolean },
  { dry }: { readonly dry: boolean } = { dry: false },
): string {
  // What the demo writes ends with it.
  if (isOfNpx() && !context.env.AWSROLE_DEMO) {
    throw keysError(
      'npx runs a copy of awsrole that does not stay, and AWS tools are to get keys from it',
      'install it first: npm install --global awsrole',
    );
  }
  const now = launcher(context);
  const steady = steadyLauncher(context);
  const isUsed = steady !== undefined && (moves(now) || (!findsNode() && moves(process.execPath)));
  if (isUsed) (dry ? checkSteadyLauncher : makeSteadyLauncher)(context);
  return commandOf(context, isUsed ? steady : now, `${session ? 'credential-process' : 'key-process'} ${id}`);
}

/**
 * Returns a value of `credential_process` that starts this awsrole: no tool's way of splitting words may change it.
 * @param words of plain letters
 * @throws AwsroleError kind `keys` where awsrole lies in a folder of an odd name
 */
export function ourCommand(context: Context, words: string): string {
  return commandOf(context, launcher(context), words);
}

function commandOf({ platform }: Context, program: string, words: string): string {
  const quotedProgram = program.includes(' ') ? `"${program}"` : program;
  if (/["$`\\'\n]/.test(platform === 'win32' ? program.replaceAll('\\', '') : program)) {
    throw keysError(
      `awsrole lies in a folder whose name not every AWS tool can read in credential_process: ${program}`,
      'install it into a folder with a plain name',
    );
  }
  return `${quotedProgram} ${words}`;
}

/** The absolute path of our launcher: the one on PATH where that is this installation, since it outlives an update. */
function launcher(context: Context): string {
  const root = rootOfOurs();
  const onPath = findProgram('awsrole', context.env);
  if (context.platform === 'win32') return windowsLauncher(root, onPath);
  const own = join(root, 'shell', 'awsrole');
  if (
    onPath !== undefined &&
    (real(onPath) === real(own) || real(dirname(onPath)) === real(join(root, '..', '..', 'bin')))
  ) {
    return onPath;
  }
  return own;
}

/** Where install.ps1, npm and Scoop have put it, else what is on PATH. @throws AwsroleError kind `keys` where it is nowhere */
function windowsLauncher(root: string, onPath: string | undefined): string {
  const places = [join('..', '..', 'bin'), join('..', '..'), ''].map((below) =>
    join(root, below, 'awsrole.cmd'),
  );
  const placed = places.find((place) => existsSync(place));
  const found = placed === undefined || moves(placed) ? (onPath ?? placed) : placed;
  if (found !== undefined) return found;
  throw keysError(
    'there is no awsrole.cmd, by which AWS tools could start awsrole',
    'run install.ps1, or: awsrole-windows setup',
  );
}

/** Whether the launcher has a Node.js of its own, recorded or beside it, and does not depend on PATH. */
function findsNode(): boolean {
  const root = rootOfOurs();
  return existsSync(join(root, 'node-path')) || nodeBeside(root) !== undefined;
}

function rootOfOurs(): string {
  return dirname(dirname(fileURLToPath(import.meta.url)));
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
