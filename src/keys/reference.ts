import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { OUR_ROOT } from '../files/our-root.ts';
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

type World = Pick<Context, 'env' | 'platform'>;

/** Finds out whether there can be such a line, before anything is stored. @throws as {@link keyReference} */
export function checkReferable(context: World): void {
  keyReference(context, { id: 'u', session: false }, { dry: true });
}

/**
 * Returns the value of `credential_process` for a user, by a program that stays where awsrole itself moves; that one is
 * made, unless `dry`.
 * @param options `root` is the folder of the installation
 * @throws as {@link ourCommand}, and AwsroleError kind `keys` for a copy of awsrole that does not stay
 */
export function keyReference(
  context: World,
  { id, session }: { readonly id: string; readonly session: boolean },
  { dry = false, root = OUR_ROOT }: { readonly dry?: boolean; readonly root?: string } = {},
): string {
  // What the demo writes ends with it.
  if (isOfNpx() && !context.env.AWSROLE_DEMO) {
    throw keysError(
      'npx runs a temporary copy of awsrole, and AWS tools need one that stays',
      'install it first: npm install --global awsrole',
    );
  }
  const now = launcher(context, root);
  const steady = steadyLauncher(context);
  const isUsed = steady !== undefined && (moves(now) || (!findsNode(root) && moves(process.execPath)));
  if (isUsed) (dry ? checkSteadyLauncher : makeSteadyLauncher)(context);
  return commandOf(context, isUsed ? steady : now, `${session ? 'credential-process' : 'key-process'} ${id}`);
}

/**
 * Returns a value of `credential_process` that starts this awsrole: no tool's way of splitting words may change it.
 * @param words of plain letters
 * @throws AwsroleError kind `keys` where awsrole lies in a folder of an odd name
 */
export function ourCommand(context: World, words: string): string {
  return commandOf(context, launcher(context, OUR_ROOT), words);
}

function commandOf({ platform }: World, program: string, words: string): string {
  const quotedProgram = program.includes(' ') ? `"${program}"` : program;
  // Some tools on Windows start it by cmd, which reads % and ^ and & itself.
  if ((platform === 'win32' ? /["$`'\n%^&]/ : /["$`\\'\n]/).test(program)) {
    throw keysError(
      `awsrole is in a folder whose name some AWS tools cannot read in credential_process: ${program}`,
      'install it into a folder with a plain name',
    );
  }
  return `${quotedProgram} ${words}`;
}

/** The absolute path of our launcher: the one on PATH where that is this installation, since it outlives an update. */
function launcher(context: World, root: string): string {
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

/**
 * Where install.ps1, npm (with awsrole below awsrole-windows, or beside it) and Scoop have put it, else what is on PATH; the
 * latter also where the former is gone with the next version.
 * @throws AwsroleError kind `keys` where it is nowhere
 */
function windowsLauncher(root: string, onPath: string | undefined): string {
  const folders = [join('..', '..', 'bin'), join('..', '..'), join('..', '..', '..', '..'), ''];
  const placed = folders
    .map((folder) => join(root, folder, 'awsrole.cmd'))
    .filter((place) => existsSync(place));
  const places = onPath === undefined ? placed : [...placed, onPath];
  const found = places.find((place) => !moves(place)) ?? places[0];
  if (found !== undefined) return found;
  throw keysError(
    'awsrole.cmd, which AWS tools need to start awsrole, is missing',
    'run install.ps1, or: awsrole-windows setup',
  );
}

/** Whether the launcher has a Node.js of its own, recorded or beside it, and does not depend on PATH. */
function findsNode(root: string): boolean {
  return existsSync(join(root, 'node-path')) || nodeBeside(root) !== undefined;
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
