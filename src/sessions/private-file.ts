import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isGone, ourMachine } from './process-id.ts';

const NO_FOLLOW = constants.O_NOFOLLOW ?? 0;

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
      mkdirSync(folder, { recursive: true, mode: 0o700 });
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
  const advice = ourUid() === 0 ? ', and root makes nothing there: sudo -H gives root a home of its own' : '';
  return new PrivateFileError(`${folder} belongs to another user (uid ${owner})${advice}`);
}

/**
 * Reads a file that only we can have read or written (0600); undefined when it is absent, unreadable, a symbolic link,
 * another user's, open to others, or not a regular file.
 */
export function readPrivateFile(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | NO_FOLLOW | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    const uid = ourUid();
    if (!stat.isFile() || (uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0)))
      return undefined;
    return readFileSync(fd, 'utf8');
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

export interface WriteOptions {
  /** Also survives a power cut (fsync); without it a reader must be able to tell a torn file. */
  readonly durable?: boolean;
  /** The modification time that it gets, in seconds since 1970; now by default. */
  readonly modified?: number;
  /** UTF-8 by default. */
  readonly encoding?: 'latin1';
}

/**
 * Writes `text` so that a reader sees the old file or the whole new one: a temporary name (0600) beside it, then rename.
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
  const temporary = temporaryName(dirname(path));
  try {
    const fd = openSync(
      temporary,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | NO_FOLLOW,
      0o600,
    );
    try {
      writeFileSync(fd, text, encoding);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (modified !== undefined) utimesSync(temporary, modified, modified);
    renameSync(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw new PrivateFileError(`${path}: ${(error as Error).message}`);
  }
}

/** Where a process is killed before it renames them, they stay. */
const TEMPORARY = /^awsrole-(\d{1,10})-([0-9a-f]{8})-([0-9a-f]{12})-[0-9a-f]{12}\.tmp$/;
/** Those of awsrole 0.1, whose names do not say which process wrote them. */
const OLD_TEMPORARY = /^(?:.+\.)?[0-9a-f]{12}\.tmp$/;
/** Folders of awsrole 0.1, beside the tokens of `aws login`. */
export const OLD_WORKPLACE = /^\.awsrole-[A-Za-z0-9]{6}$/;
/** How long a file may be on its way to its name; a folder to work in, of a process that is there, may be so longer. */
const ABANDONED_MS = 60_000;
const LONGEST_WORK_MS = 3_600_000;

/** Makes a name for what is renamed when it is whole; it says which process writes it. */
export function temporaryName(folder: string): string {
  const { boot, name } = ourMachine();
  return join(folder, `awsrole-${process.pid}-${boot}-${name}-${randomBytes(6).toString('hex')}.tmp`);
}

/**
 * Removes the temporary files and folders that killed processes of ours have left in a folder.
 * @param older what those of awsrole 0.1 are called there
 */
export function removeAbandoned(folder: string, nowMs: number, older: RegExp = OLD_TEMPORARY): void {
  for (const entry of entriesOf(folder)) {
    const [, pid, boot = '', name = ''] = TEMPORARY.exec(entry) ?? [];
    if (pid === undefined && !older.test(entry)) continue;
    const path = join(folder, entry);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || (ourUid() !== undefined && stat.uid !== ourUid())) continue;
    const isKnown = pid !== undefined && name === ourMachine().name;
    const age = nowMs - stat.mtimeMs;
    // A file may be given a time that is to come.
    const isAbandoned = isKnown
      ? isGone({ pid: Number(pid), machine: { boot, name } }) || age > LONGEST_WORK_MS
      : Math.abs(age) > ABANDONED_MS;
    if (!isAbandoned) continue;
    if (stat.isDirectory()) rmSync(path, { recursive: true, force: true });
    else removeFile(path);
  }
}

/** Lists what is in a folder; nothing where there is none. */
export function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Removes a file; true when it was there. */
export function removeFile(path: string): boolean {
  try {
    unlinkSync(path);
    return true;
  } catch {
    return false;
  }
}
