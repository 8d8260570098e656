import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { pause } from './pause.ts';
import { removeAbandoned, writeWhole } from './temporary-file.ts';

// Changes a file that is the person's own. Others have it open, and edit it in place (the AWS CLI does), and what it
// holds must never be lost: so the whole new content is renamed into place, and read again. A run that is killed leaves
// the old one or the new one, and what cannot be replaced without a loss is left alone.

/**
 * Why a file cannot be changed. `unreadable`: nothing is known of it. `dangling`: a symbolic link to nothing. `special`:
 * a folder, a pipe, a device. `named-twice`: hard links. `mounted`: by itself. `owner`: another user's. `folder`: nothing
 * can be put beside it. `unwritable`: the disk refuses. `busy`: it changes faster than we can.
 */
export type Obstacle =
  | 'unreadable'
  | 'dangling'
  | 'special'
  | 'named-twice'
  | 'mounted'
  | 'owner'
  | 'folder'
  | 'unwritable'
  | 'busy';

/** A file that is left as it is. The message goes on from its name: `is not an ordinary file`. */
export class CannotEdit extends Error {
  override readonly name = 'CannotEdit';
  readonly obstacle: Obstacle;

  constructor(obstacle: Obstacle, message: string, cause?: unknown) {
    super(message, { cause });
    this.obstacle = obstacle;
  }

  /** Compares by name, as AwsroleError does. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'CannotEdit';
  }
}

/** What decides whether a file can be replaced. */
export interface Replacing {
  /**
   * True where root changes other users' files, too, and they stay theirs; what is new is then its folder's owner's.
   * Nobody else can.
   */
  readonly ofOthers: boolean;
  /** Throws for what is left alone beyond that. `stat` is undefined where there is no file yet. */
  readonly refuse?: (target: string, stat: Stats | undefined) => void;
}

/** How a file is changed. */
export interface Editing extends Replacing {
  /** The permissions of a new file, whatever more the umask would allow. */
  readonly mode: number;
}

const ATTEMPTS = 5;
/** A program that writes in place empties the file first: one that was touched just now may not be whole. */
const QUIET_MS = 100;
const MOST_WAITS = 50;
/** How long one who has the old file open is waited for. */
const LATE_MS = 10;
/** No name but ours: the folder is not awsrole's. */
const NO_OTHERS = /(?!)/;
const NOTHING = Buffer.alloc(0);

/**
 * Changes a file by `edit`, which is called again where somebody has changed the file meanwhile. It is given undefined
 * where there is no file (one is made, and its folder 0700), and gives undefined to have it removed. Symbolic links, mode
 * and owner stay. Returns whether anything was changed.
 * @throws CannotEdit, and whatever `edit` and `refuse` throw
 */
export function editFile(
  path: string,
  edit: (content: Buffer | undefined) => Buffer | undefined,
  editing: Editing,
): boolean {
  let late: Buffer | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    waitUntilQuiet(path);
    const before = readFileThere(path);
    const target = targetOf(path);
    // A run that was killed leaves its temporary file, with others' secrets in it.
    removeAbandoned(dirname(target), Date.now(), NO_OTHERS);
    const after = edit(late ?? before);
    if (after === undefined ? before === undefined : after.equals(before ?? NOTHING)) {
      return late !== undefined;
    }
    if (before === undefined) makeFolderOf(path);
    checkReplaceable(path, editing);
    // Windows replaces no file that somebody has open, and then nobody has.
    const old = before === undefined || process.platform === 'win32' ? undefined : openOld(target);
    try {
      if (!isReplaced(path, target, { before, after }, editing)) continue;
      if (old === undefined || before === undefined) return true;
      pause(LATE_MS);
      // One that had the file open has written into the old one: that is what counts, with our change.
      late = readFileSync(old);
      if (late.equals(before)) return true;
    } finally {
      if (old !== undefined) closeSync(old);
    }
  }
  throw new CannotEdit('busy', 'is being changed by another program');
}

/** Reads a file; undefined where there is none. @throws CannotEdit */
export function readFileThere(path: string): Buffer | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      throw new CannotEdit('dangling', 'is a symbolic link to a file that is not there');
    }
    // A pipe in its place would be waited for.
    if (!stat.isFile()) throw noOrdinaryFile();
    return readFileSync(path);
  } catch (error) {
    if (error instanceof CannotEdit) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined;
    throw new CannotEdit('unreadable', `cannot be read: ${message}`, error);
  }
}

/** Refuses what cannot be replaced without a loss. @throws CannotEdit, and whatever `refuse` throws */
export function checkReplaceable(path: string, { ofOthers, refuse }: Replacing): void {
  const target = targetOf(path);
  const stat = statSync(target, { throwIfNoEntry: false });
  refuse?.(target, stat);
  if (stat !== undefined) {
    if (!stat.isFile()) throw noOrdinaryFile();
    if (stat.nlink > 1) {
      const names = `has ${stat.nlink} names (hard links), and the other names would keep the old text`;
      throw new CannotEdit('named-twice', names);
    }
    if (isMountPoint(target)) throw mounted();
    const uid = process.geteuid?.();
    if (uid !== undefined && stat.uid !== uid && !(ofOthers && uid === 0)) {
      throw new CannotEdit('owner', `belongs to another user (uid ${stat.uid})`);
    }
  }
  try {
    accessSync(dirname(target), constants.W_OK);
  } catch (error) {
    throw new CannotEdit('folder', `cannot be replaced: ${(error as Error).message}`, error);
  }
}

/** Whose a new file or folder has to be: what root makes in a person's home (sudo) is the person's. */
export function ownerOfNew(folder: string): Stats | undefined {
  return process.geteuid?.() === 0 ? statSync(folder) : undefined;
}

interface Contents {
  readonly before: Buffer | undefined;
  /** Undefined to have the file removed. */
  readonly after: Buffer | undefined;
}

/** Puts the new content in place; false where the file is not what it was before, or not what it is to be after. */
function isReplaced(path: string, target: string, { before, after }: Contents, editing: Editing): boolean {
  const isUnchanged = (): boolean => isSame(readFileThere(path), before);
  try {
    if (after === undefined) {
      if (!isUnchanged()) return false;
      unlinkSync(path);
      return true;
    }
    const isWritten = writeWhole(target, after, {
      durable: true,
      prepare: (fd) => makeAlike(fd, target, before !== undefined, editing),
      isWanted: isUnchanged,
    });
    if (!isWritten) return false;
  } catch (error) {
    if (error instanceof CannotEdit) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY' && process.platform !== 'win32') throw mounted(error);
    throw new CannotEdit('unwritable', `cannot be replaced: ${message}`, error);
  }
  syncFolder(dirname(target));
  return isSame(readFileThere(path), after);
}

/** Gives the file that is to be in another's place the owner and the mode of that one. */
function makeAlike(fd: number, target: string, exists: boolean, { mode: ofNew, ofOthers }: Editing): void {
  const old = exists ? statSync(target) : undefined;
  let mode = old === undefined ? ofNew & ~process.umask() : old.mode & 0o7777;
  const owner = old ?? (ofOthers ? ownerOfNew(dirname(target)) : undefined);
  const made = fstatSync(fd);
  if (owner !== undefined && (made.uid !== owner.uid || made.gid !== owner.gid)) {
    try {
      fchownSync(fd, owner.uid, owner.gid);
    } catch (error) {
      if (made.uid !== owner.uid) throw error;
      // A group that is not ours cannot be kept, and ours gets no more than everybody has.
      mode &= ~0o2070 | ((mode & 0o007) << 3);
    }
  }
  fchmodSync(fd, mode);
}

function isSame(one: Buffer | undefined, other: Buffer | undefined): boolean {
  return one === undefined || other === undefined ? one === other : one.equals(other);
}

/** The file that a path leads to; itself where there is none. */
function targetOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return path;
    throw new CannotEdit('unreadable', `cannot be read: ${message}`, error);
  }
}

function openOld(target: string): number {
  try {
    return openSync(target, 'r');
  } catch (error) {
    throw new CannotEdit('unreadable', `cannot be read: ${(error as Error).message}`, error);
  }
}

function makeFolderOf(path: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CannotEdit('unwritable', `cannot be made: ${(error as Error).message}`, error);
  }
}

function waitUntilQuiet(path: string): void {
  for (let waits = 0; waits < MOST_WAITS; waits += 1) {
    const age = Date.now() - modifiedMs(path);
    if (age < 0 || age >= QUIET_MS) return;
    pause(QUIET_MS - age);
  }
}

function modifiedMs(path: string): number {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0; // whoever reads it says why
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

function noOrdinaryFile(): CannotEdit {
  return new CannotEdit('special', 'is not an ordinary file');
}

function mounted(cause?: unknown): CannotEdit {
  return new CannotEdit('mounted', 'is a mount point, as in a container, and cannot be replaced', cause);
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
