import {
  existsSync,
  fchmodSync,
  lstatSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { OUR_ROOT } from '../files/our-root.ts';
import { removeFile, temporaryName, writeWhole } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { keysFolder } from './data-folder.ts';
import { keysError } from './key-store.ts';

// An awsrole that a version manager of Node.js has installed moves with each new Node.js, and AWS files name a program that
// has to stay. So beside the stored keys lies a small one, and beside that links to where awsrole and its Node.js are now.
// New shells (shell/awsrole) and awsrole itself lead them to the installation that is in use.

type World = Pick<Context, 'env' | 'platform'>;

const BEGINNING = '#!/bin/sh\n# awsrole, for credential_process in AWS files:';
const TEXT = `${BEGINNING} this place stays where awsrole itself moves, as with each new Node.js of a
# version manager. The link "launcher" beside it leads to awsrole; new shells and awsrole itself see to that.
folder=\${0%/*}
program=$folder/launcher
if [ ! -x "$program" ]; then
  program=$(command -v awsrole) || program=
  if [ ! -x "$program" ] || [ "$program" -ef "$0" ]; then
    printf '%s\\n' "awsrole: its program is gone: $(readlink "$folder/launcher")" \\
      '  Install awsrole again, or open a new shell that has it.' >&2
    exit 1
  fi
fi
# Where there is no node, the one beside this.
PATH=\${PATH:-/usr/bin:/bin}:$folder
export PATH
exec "$program" "$@"
`;

/** True for a path that is another one after an update: of Node.js, of awsrole, or only in another terminal. */
export function moves(path: string): boolean {
  return /[/\\@-]v?\d+(?:\.\d+)+[^/\\]*[/\\]|[/\\](?:fnm_multishells|installs|\.volta|snap)[/\\]|^\/nix\/store\//.test(
    path,
  );
}

/** The Node.js that a package manager has put beside an installation of ours, if it has. */
export function nodeBeside(root: string): string | undefined {
  const prefix = /^(.*)\/lib\/node_modules\/awsrole$/.exec(root)?.[1];
  const node = prefix === undefined ? undefined : join(prefix, 'bin', 'node');
  return node !== undefined && existsSync(node) ? node : undefined;
}

/** True for the copy of awsrole that npx runs, and may remove at any time. */
export function isOfNpx(root = OUR_ROOT): boolean {
  return /[/\\]_npx[/\\]/.test(root);
}

/** Returns the program that stays, where there is a home for it. */
export function steadyLauncher(world: World): string | undefined {
  const folder = keysFolder(world);
  return folder === undefined || world.platform === 'win32' ? undefined : join(folder, 'awsrole');
}

/**
 * Makes sure that nobody's file is in the place of the program that stays, or of its links.
 * @throws AwsroleError kind `keys`
 */
export function checkSteadyLauncher(world: World): void {
  const program = steadyLauncher(world);
  const taken = program && NAMES.map((name) => join(dirname(program), name)).find((path) => isForeign(path));
  if (taken === undefined) return;
  throw keysError(
    `${printable(taken)} is not awsrole's, but AWS tools are to start awsrole from there`,
    'move it elsewhere, then run the same command again',
  );
}

/**
 * Puts the program that stays into the folder of the stored keys, which is there, and leads it to this installation.
 * @throws AwsroleError kind `keys` when the disk refuses
 */
export function makeSteadyLauncher(world: World): void {
  const program = steadyLauncher(world);
  if (program === undefined) return;
  checkSteadyLauncher(world);
  try {
    if (read(program) !== TEXT) writeWhole(program, TEXT, { prepare: (fd) => fchmodSync(fd, 0o700) });
    lead(dirname(program));
  } catch (error) {
    throw keysError(
      `${printable(program)}, from which AWS tools are to start awsrole, cannot be written: ${(error as Error).message}`,
      'nothing was lost; run the same command again when it can',
      error,
    );
  }
}

/**
 * Leads the program that stays to this installation, where there is one and it leads elsewhere. An installation that is no
 * package manager's, such as a clone, takes it over only from one that is gone. Never fails.
 */
export function renewSteadyLauncher(world: World): void {
  const program = steadyLauncher(world);
  if (program === undefined || isOfNpx()) return;
  const folder = dirname(program);
  const link = join(folder, 'launcher');
  try {
    if (readlinkSync(link) === ownLauncher() && existsSync(join(folder, 'node'))) return;
    // Root in a user's home would leave there what the user cannot change.
    if (lstatSync(folder).uid !== process.geteuid?.()) return;
    if (/[/\\]node_modules[/\\]awsrole$/.test(OUR_ROOT) || !existsSync(link)) lead(folder);
  } catch {
    // There is none, or it cannot be changed: it stays as it is.
  }
}

/** Takes the program that stays away, with its links. */
export function removeSteadyLauncher(world: World): void {
  const program = steadyLauncher(world);
  if (program === undefined) return;
  for (const name of NAMES) {
    const path = join(dirname(program), name);
    if (!isForeign(path)) rmSync(path, { force: true });
  }
}

const NAMES = ['awsrole', 'launcher', 'node'] as const;

/** True for what awsrole has not made: it is neither written over nor removed. */
function isForeign(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  if (stat.uid !== process.geteuid?.()) return true;
  if (basename(path) === 'awsrole') return !(read(path)?.startsWith(BEGINNING) ?? false);
  if (!stat.isSymbolicLink()) return true;
  return basename(path) === 'launcher' && !readlinkSync(path).endsWith(join('shell', 'awsrole'));
}

function ownLauncher(): string {
  return join(OUR_ROOT, 'shell', 'awsrole');
}

function lead(folder: string): void {
  const links = { launcher: ownLauncher(), node: process.execPath };
  for (const [name, target] of Object.entries(links)) {
    const path = join(folder, name);
    if (isForeign(path)) continue;
    const temporary = temporaryName(folder);
    try {
      symlinkSync(target, temporary);
      renameSync(temporary, path);
    } catch (error) {
      removeFile(temporary);
      throw error;
    }
  }
}

function read(path: string): string | undefined {
  try {
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8') : undefined;
  } catch {
    return undefined;
  }
}
