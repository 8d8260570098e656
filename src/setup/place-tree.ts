import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { removeAbandoned, removeFile, temporaryName } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { RECORD } from './installation.ts';
import { cmdLauncher, shellLauncher } from './launcher-text.ts';
import { makeFolders, readRecord, removeMade } from './made-folders.ts';
import {
  checkOwner,
  chooseAnother,
  isOurLauncher,
  isOurTree,
  isThere,
  KEYS,
  MANUAL_LINK,
  type Prefix,
  prefixError,
} from './prefix.ts';
import { move, oldTree, takeKeysOver, underStaging } from './staging.ts';

/** What is installed of a checkout or an unpacked release. */
const PARTS = ['dist', 'shell', 'package.json', 'LICENSE'];
const MANUAL = 'man';
/** No name but ours: the folder is everybody's. */
const NO_OTHERS = /(?!)/;

/**
 * Installs what is in a folder below a prefix, in the place of what is installed there. A run that fails or is killed
 * leaves the old tree or the new one, or what the next run makes the old one of; stored keys are never removed.
 * @param check throws where the run is to end before anything is changed
 * @throws AwsroleError
 */
export async function placeTree(
  context: Context,
  from: string,
  { prefix, check }: { readonly prefix: Prefix; readonly check: () => void },
): Promise<void> {
  checkSource(from);
  checkTargets(context, prefix);
  const umask = process.umask(0o022);
  const made: string[] = [];
  let isPlaced = false;
  try {
    made.unshift(...makeFolders(dirname(prefix.share), umask, chooseAnother(context)));
    await underStaging(prefix, async () => {
      const launchers = new Map<string, string>();
      try {
        // Another run removes those that it made, too, if it fails: only one at a time has to do with them.
        made.unshift(...makeFolders(prefix.bin, umask, chooseAnother(context)));
        made.unshift(...makeManualFolder(prefix, from, umask));
        await stage(context, from, { prefix, made, launchers, check });
        swap(prefix, launchers, () => {
          isPlaced = true;
        });
      } finally {
        for (const temporary of launchers.keys()) removeFile(temporary);
        if (!isPlaced) removeMade(made);
      }
    });
    linkManual(prefix);
  } finally {
    process.umask(umask);
    if (!isPlaced) removeMade(made);
  }
}

function checkSource(from: string): void {
  const core = join(from, 'dist', 'cli.mjs');
  if (isOurTree(from) && existsSync(core)) return;
  throw prefixError(
    `there is no awsrole in ${printable(from)}`,
    'clone the repository again and run the installer in it',
  );
}

/** Finds what may not be replaced. */
function checkTargets(context: Context, { share, bin, launchers }: Prefix): void {
  const elsewhere = chooseAnother(context);
  checkOwner(share);
  const moveAway = `move it away, or ${elsewhere}`;
  if (existsSync(share) && !isOurTree(share) && !holdsOnlyKeys(share)) {
    throw prefixError(`${printable(share)} exists and is not awsrole; it was left alone`, moveAway);
  }
  if (existsSync(join(share, KEYS)) && lstatSync(share).isSymbolicLink()) {
    throw prefixError(
      `${printable(share)} is a symbolic link, and stored keys are behind it; it was left alone`,
      `put the folder that it leads to into its place, or ${elsewhere}`,
    );
  }
  for (const launcher of launchers) {
    if (existsSync(launcher) && !isOurLauncher(launcher)) {
      throw prefixError(`${printable(launcher)} exists and is another program; it was left alone`, moveAway);
    }
  }
  for (const wanted of [dirname(share), bin]) {
    let folder = wanted;
    while (!isThere(folder) && dirname(folder) !== folder) folder = dirname(folder);
    if (isWritableFolder(folder)) continue;
    throw prefixError(`${printable(folder)} is not a folder that you can write to`, elsewhere);
  }
}

/** The stored keys of whoever owns ~/.local lie in the folder of the program: the XDG folder for data has the same name. */
function holdsOnlyKeys(folder: string): boolean {
  try {
    return readdirSync(folder).join('\n') === KEYS && statSync(join(folder, KEYS)).isDirectory();
  } catch {
    return false;
  }
}

function isWritableFolder(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return statSync(folder).isDirectory();
  } catch {
    return false;
  }
}

/** Makes the folder of the manual page, of which an installation takes note. It is not worth a failure. */
function makeManualFolder({ manual }: Prefix, from: string, umask: number): string[] {
  if (process.platform === 'win32' || !existsSync(join(from, MANUAL))) return [];
  try {
    return makeFolders(dirname(manual), umask, '');
  } catch {
    return [];
  }
}

/** `man` looks beside the folders of PATH. */
function linkManual({ share, manual }: Prefix): void {
  if (process.platform === 'win32' || !existsSync(join(share, MANUAL, 'awsrole.1')) || isThere(manual))
    return;
  try {
    symlinkSync(MANUAL_LINK, manual);
  } catch {
    // It is not worth a failure.
  }
}

interface Staged {
  readonly prefix: Prefix;
  readonly made: readonly string[];
  /** The programs, by the names under which they are made, in the folder that they belong into. */
  readonly launchers: Map<string, string>;
  readonly check: () => void;
}

/** Puts the new tree together beside the old one; a run that stops in here has changed nothing. */
async function stage(context: Context, from: string, staged: Staged): Promise<void> {
  const { prefix, made, launchers, check } = staged;
  const tree = join(prefix.staging, 'new');
  const write = (name: string, text: string, mode = 0o644): void => {
    writeFileSync(name, text, { mode });
    chmodSync(name, mode);
  };
  try {
    await mkdir(tree, { mode: 0o755 });
    const parts = existsSync(join(from, MANUAL)) ? [...PARTS, MANUAL] : PARTS;
    for (const part of parts) await copy(join(from, part), join(tree, part), check);
    // Git Bash and Windows both understand it so.
    const node = context.platform === 'win32' ? process.execPath.replaceAll('\\', '/') : process.execPath;
    write(join(tree, 'node-path'), `${node}\n`);
    write(join(tree, RECORD), made.map((folder) => `${folder}\n`).join('') + readRecord(prefix));
    const shell = shellLauncher(readFileSync(join(from, 'shell', 'awsrole'), 'utf8'), context.platform);
    write(join(tree, 'shell', 'awsrole'), shell, 0o755);
    removeAbandoned(prefix.bin, context.now(), NO_OTHERS);
    for (const launcher of prefix.launchers) {
      const temporary = temporaryName(prefix.bin);
      launchers.set(temporary, launcher);
      write(temporary, launcher.endsWith('.cmd') ? cmdLauncher(process.execPath) : shell, 0o755);
    }
    check();
  } catch (error) {
    if ((error as Error).name === 'AwsroleError') throw error;
    throw prefixError(
      `${printable(prefix.folder)} could not be written to: ${printable((error as Error).message)}; what was installed is as it was`,
      'is the disk full?',
      error,
    );
  }
}

/**
 * Copies a file or a folder. The checkout's modes are its owner's: what is installed may be for all users of the machine.
 * Not by copyFile, which takes the mark along that Windows puts on downloaded files: PowerShell runs no script that has it.
 */
async function copy(from: string, to: string, check: () => void): Promise<void> {
  check();
  if (!(await stat(from)).isDirectory()) {
    await writeFile(to, await readFile(from), { mode: 0o644 });
    return;
  }
  await mkdir(to, { mode: 0o755 });
  for (const entry of await readdir(from)) await copy(join(from, entry), join(to, entry), check);
}

/** Puts the new tree into the place of the old one. Signals wait: nothing in here gives Node.js time to look for one. */
function swap(prefix: Prefix, launchers: ReadonlyMap<string, string>, onPlaced: () => void): void {
  const { share, staging } = prefix;
  const old = oldTree(prefix);
  const failure = (what: string, error: unknown): Error =>
    prefixError(
      `${printable(share)} could not be ${what}: ${printable((error as Error).message)}; what was installed is as it was`,
      process.platform === 'win32'
        ? 'close what uses it (terminals with awsrole, editors), and run this again'
        : 'look at its permissions',
      error,
    );
  if (isThere(share)) {
    try {
      move(share, old);
    } catch (error) {
      throw failure('moved', error);
    }
  }
  try {
    move(join(staging, 'new'), share);
  } catch (error) {
    if (isThere(old)) move(old, share);
    throw failure('put into place', error);
  }
  onPlaced();
  takeKeysOver(prefix);
  for (const [temporary, launcher] of launchers) {
    try {
      move(temporary, launcher);
    } catch (error) {
      throw prefixError(
        `${printable(launcher)} could not be put into place: ${printable((error as Error).message)}`,
        'fix that and run this again',
        error,
      );
    }
  }
}
