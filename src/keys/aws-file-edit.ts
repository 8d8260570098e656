import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../profiles/printable.ts';
import { removeAbandoned, removeFile, temporaryName } from '../sessions/private-file.ts';
import { keysError } from './key-store.ts';

// Changes one of AWS's files. Others edit them in place meanwhile (the AWS CLI does), and what they hold must never be
// lost: so the whole new text is renamed into place, and read again.

const ATTEMPTS = 5;
/** A program that writes in place empties the file first: one that was touched just now may not be whole. */
const QUIET_MS = 100;
const MOST_WAITS = 50;
/** No name but ours: the folder is not awsrole's. */
const NO_OTHERS = /(?!)/;

/**
 * Changes an AWS file's text by `edit`, which is called again where somebody has changed the file meanwhile. Mode and
 * symbolic link stay; a file that is not there is made (0600, its folder 0700). Returns whether anything was changed.
 * @throws AwsroleError kind `keys` when the file cannot be replaced without a loss
 */
export function editAwsFile(path: string, edit: (text: string) => string): boolean {
  let base: string | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    waitUntilQuiet(path);
    const before = readAwsFile(path);
    const after = edit(base ?? before ?? '');
    const target = before === undefined ? path : real(path);
    // A run that was killed leaves its temporary file, with other profiles' secrets in it.
    removeAbandoned(dirname(target), Date.now(), NO_OTHERS);
    if (after === (before ?? '')) return false;
    if (before === undefined) makeRoomFor(path);
    else refuseWhatCannotBeReplaced(path, target);
    // Windows replaces no file that somebody has open, and then nobody has.
    const old = before === undefined || process.platform === 'win32' ? undefined : openSync(target, 'r');
    try {
      if (!replaceText(path, target, before, after)) continue;
      pause(QUIET_MS / 10);
      // One that had the file open has written into the old one meanwhile: that is what counts, with our change.
      const written = old === undefined ? before : readFileSync(old, 'utf8');
      if (written === before) return true;
      base = written;
    } finally {
      if (old !== undefined) closeSync(old);
    }
  }
  throw keysError(
    `${printable(path)} is being changed by another program`,
    'nothing was lost; try again in a moment',
  );
}

/**
 * Finds out whether a file can be changed, before anything else is: between the steps of a move some tools would find no
 * keys. @throws AwsroleError kind `keys`
 */
export function checkEditable(path: string): void {
  readAwsFile(path);
  const target = lstatSync(path, { throwIfNoEntry: false }) && real(path);
  if (target === undefined) return;
  refuseWhatCannotBeReplaced(path, target);
  try {
    accessSync(dirname(target), constants.W_OK);
  } catch (error) {
    throw keysError(
      `${printable(path)} cannot be replaced: ${(error as Error).message}`,
      'nothing was changed; make its folder writable first',
      error,
    );
  }
}

/** Reads an AWS file as text; undefined where it is not there. @throws AwsroleError kind `keys` */
export function readAwsFile(path: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw keysError(
      `${printable(path)} cannot be read: ${message}`,
      'look at its owner and mode (ls -l)',
      error,
    );
  }
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  throw keysError(`${printable(path)} is not UTF-8`, 'save it as UTF-8 first');
}

/** Writes the new text beside the file and renames it into place; false where the file is not what it was. */
function replaceText(path: string, target: string, before: string | undefined, after: string): boolean {
  const temporary = temporaryName(dirname(target));
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(fd, after);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (before !== undefined) chmodSync(temporary, statSync(target).mode & 0o7777);
    if (readAwsFile(path) !== before) {
      removeFile(temporary);
      return false;
    }
    renameSync(temporary, target);
  } catch (error) {
    removeFile(temporary);
    if ((error as Error).name === 'AwsroleError') throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw keysError(
      `${printable(path)} cannot be replaced: ${message}`,
      code === 'EBUSY'
        ? 'it is mounted by itself, as in a container: edit it where it is mounted from'
        : 'nothing was changed in it: make room there, or make its folder writable, then run the same again',
      error,
    );
  }
  syncFolder(dirname(target));
  return readAwsFile(path) === after;
}

/** Removes a file that is empty, unless it is a symbolic link. */
export function removeEmptyFile(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() && stat.size === 0) removeFile(path);
}

function waitUntilQuiet(path: string): void {
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    const age = Date.now() - modified;
    if (age < 0 || age >= QUIET_MS) return;
    pause(QUIET_MS - age);
  }
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

/** Renaming would leave the secret under the file's other name, or take the file from its owner. */
function refuseWhatCannotBeReplaced(path: string, target: string): void {
  const stat = lstatSync(target);
  if (!stat.isFile()) throw keysError(`${printable(path)} is no ordinary file`, 'make it one');
  if (stat.nlink > 1) {
    throw keysError(
      `${printable(path)} has ${stat.nlink} names (hard links), and the others would keep what it says`,
      'remove the other names first; `ls -i` and `find -inum` show them',
    );
  }
  if (isMountPoint(target)) {
    throw keysError(
      `${printable(path)} is mounted by itself, as in a container, and cannot be replaced`,
      'change it where it is mounted from',
    );
  }
  const uid = process.geteuid?.();
  if (uid !== undefined && stat.uid !== uid) {
    throw keysError(
      `${printable(path)} belongs to another user (uid ${stat.uid})`,
      'run this as that user, without sudo',
    );
  }
}

function isMountPoint(path: string): boolean {
  try {
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    // Blanks and backslashes are written as octal numbers there.
    const written = path.replace(
      /[ \t\n\\]/g,
      (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, '0')}`,
    );
    return mounts.some((mount) => mount.split(' ')[4] === written);
  } catch {
    return false; // not on Linux, where the attempt tells
  }
}

/** The file that a path leads to. @throws AwsroleError kind `keys` where a symbolic link leads nowhere */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw danglingLink(path);
  }
}

function danglingLink(path: string): Error {
  return keysError(
    `${printable(path)} is a symbolic link to a file that is not there`,
    'make that file (it may be empty), or remove the link',
  );
}

/** Makes the folder of a new file. @throws AwsroleError kind `keys` where there can be none */
function makeRoomFor(path: string): void {
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      return;
    }
  } catch (error) {
    throw keysError(
      `${printable(path)} cannot be made: ${(error as Error).message}`,
      'nothing was changed in it',
      error,
    );
  }
  throw danglingLink(path);
}

/** Makes a rename survive a power cut, where folders can be synced. */
function syncFolder(folder: string): void {
  try {
    const fd = openSync(folder, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Not on Windows.
  }
}
