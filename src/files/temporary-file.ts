import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { isGone, ourMachine } from '../processes/process-id.ts';

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

/** How {@link writeWhole} writes. */
export interface Writing {
  /** Also survives a power cut (fsync); without it a reader must be able to tell a torn file. */
  readonly durable?: boolean | undefined;
  /** Gives the written file the mode, owner or time that it is to have. */
  readonly prepare?: (fd: number) => void;
  /** Asked last; where it says no, everything stays as it was. */
  readonly isWanted?: () => boolean;
}

/**
 * Writes a file so that a reader sees the old one or the whole new one: a temporary name (0600) beside it, then rename.
 * False where it was not wanted after all.
 * @throws Node's error when the disk refuses; nothing is left then
 */
export function writeWhole(
  path: string,
  content: string | Buffer,
  { durable, prepare, isWanted }: Writing = {},
): boolean {
  const temporary = temporaryName(dirname(path));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | (constants.O_NOFOLLOW ?? 0);
  try {
    const fd = openSync(temporary, flags, 0o600);
    try {
      writeFileSync(fd, content);
      prepare?.(fd);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    if (isWanted?.() === false) {
      removeFile(temporary);
      return false;
    }
    renameSync(temporary, path);
    return true;
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
}

/**
 * Removes the temporary files and folders that killed processes of ours have left in a folder.
 * @param older what those of awsrole 0.1 are called there
 */
export function removeAbandoned(folder: string, nowMs: number, older: RegExp = OLD_TEMPORARY): void {
  const uid = process.geteuid?.();
  for (const entry of entriesOf(folder)) {
    const [, pid, boot = '', name = ''] = TEMPORARY.exec(entry) ?? [];
    if (pid === undefined && !older.test(entry)) continue;
    const path = join(folder, entry);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined || (uid !== undefined && stat.uid !== uid)) continue;
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
