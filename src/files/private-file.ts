import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { type Writing, writeWhole } from './temporary-file.ts';

/** A folder or file that cannot be trusted with a secret, or cannot be written: the caller goes on without it. */
export class PrivateFileError extends Error {
  override readonly name = 'PrivateFileError';

  /** Compares by name, as AwsroleError does. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'PrivateFileError';
  }
}

/** Makes a file name out of a text, which only somebody who knows the text can recognise. */
export function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}

/** Does work that we can do without. Where the disk refuses, `--debug` shows `what` and the reason. */
export function bestEffort(debug: (message: string) => void, what: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    debug(`${what}: ${error.message}`);
  }
}

/** Returns our user's id; undefined on Windows, where the access list of the profile folder protects the files. */
function ourUid(): number | undefined {
  return process.geteuid?.();
}

/**
 * Makes `folder` (0700) where it is missing.
 * @throws PrivateFileError when it is no folder, another user owns it or can write into it, or it cannot be made.
 */
export function ensurePrivateFolder(folder: string): void {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {
      refuseToBeRootAtHome(dirname(folder));
      makeFolders(folder);
    }
    const stat = lstatSync(folder);
    const uid = ourUid();
    if (!stat.isDirectory()) throw new PrivateFileError(`${folder} is not a folder`);
    if (uid === undefined) return;
    if (stat.uid !== uid) throw othersFolder(folder, stat.uid);
    // Group or others could have put anything in there, so this is not repaired silently.
    if ((stat.mode & 0o022) !== 0) {
      throw new PrivateFileError(`${folder} can be written by other users (run: chmod 700 '${folder}')`);
    }
    if ((stat.mode & 0o777) !== 0o700) chmodSync(folder, 0o700);
  } catch (error) {
    if (error instanceof PrivateFileError) throw error;
    throw new PrivateFileError(`${folder}: ${(error as Error).message}`);
  }
}

function makeFolders(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    // Of a file system that is read-only Node says "no such file" here; the folder above all that are missing says why.
    let missing = folder;
    while (lstatSync(dirname(missing), { throwIfNoEntry: false }) === undefined) missing = dirname(missing);
    mkdirSync(missing, { mode: 0o700 });
    throw error;
  }
}

/**
 * Lets root make nothing in the home of a user (`sudo` without `-H` may leave HOME as it is): what is root's there, the
 * user cannot write to any more.
 * @throws PrivateFileError
 */
function refuseToBeRootAtHome(folder: string): void {
  if (ourUid() !== 0) return;
  let above = folder;
  let stat = statSync(above, { throwIfNoEntry: false });
  while (stat === undefined && dirname(above) !== above) {
    above = dirname(above);
    stat = statSync(above, { throwIfNoEntry: false });
  }
  if (stat !== undefined && stat.uid !== 0) throw othersFolder(above, stat.uid);
}

function othersFolder(folder: string, owner: number): PrivateFileError {
  const advice =
    ourUid() === 0 ? ', and root creates nothing there: sudo -H gives root a home of its own' : '';
  return new PrivateFileError(`${folder} belongs to another user (uid ${owner})${advice}`);
}

/** A file that only we can have written. */
export interface OwnFile {
  readonly text: string;
  /** When it was written, in nanoseconds since 1970. */
  readonly modified: bigint;
}

/**
 * Reads a file that is ours; undefined when it is absent, unreadable, a symbolic link, another user's, not a regular
 * file, or of more bytes than `most`.
 * @param refused the permissions of others that it must not have
 */
export function readOwnFile(
  path: string,
  { refused, most }: { readonly refused: bigint; readonly most?: number },
): OwnFile | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd, { bigint: true });
    const uid = ourUid();
    if (!stat.isFile() || (most !== undefined && stat.size > most)) return undefined;
    if (uid !== undefined && (stat.uid !== BigInt(uid) || (stat.mode & refused) !== 0n)) return undefined;
    return { text: readFileSync(fd, 'utf8'), modified: stat.mtimeNs };
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** {@link readOwnFile} of a file that others cannot even read (0600). */
export function readPrivateFile(path: string): string | undefined {
  return readOwnFile(path, { refused: 0o077n })?.text;
}

export interface WriteOptions extends Pick<Writing, 'durable'> {
  /** The modification time that it gets, in seconds since 1970; now by default. */
  readonly modified?: number;
  /** UTF-8 by default. */
  readonly encoding?: 'latin1';
}

/**
 * Writes `text` so that a reader sees the old file or the whole new one (0600).
 * @throws PrivateFileError when the folder is not private or the disk refuses.
 */
export function writePrivateFile(path: string, text: string, options: WriteOptions = {}): void {
  ensurePrivateFolder(dirname(path));
  replaceFile(path, text, options);
}

/**
 * {@link writePrivateFile} in a folder that need not be private.
 * @throws PrivateFileError when the disk refuses
 */
export function replaceFile(path: string, text: string, { durable, modified, encoding }: WriteOptions): void {
  try {
    writeWhole(path, Buffer.from(text, encoding), {
      durable,
      prepare: (fd) => {
        if (modified !== undefined) futimesSync(fd, modified, modified);
      },
    });
  } catch (error) {
    throw new PrivateFileError(`${path}: ${(error as Error).message}`);
  }
}
