import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/** An AWS file's bytes and the state it was in *before* they were read, so that a later edit is never missed. */
export interface AwsFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** True for a pipe, such as `<(command)`: it can be read once, and nothing tells when it would say something else. */
  readonly isStream: boolean;
  /** Modification time in nanoseconds since the epoch. */
  readonly modified: bigint;
  /** When it was last written, renamed into place or linked to, in nanoseconds since the epoch, as far as it can be told. */
  readonly changed: bigint;
  /** Its permissions, as in stat(2). */
  readonly mode: number;
  /** The path that it leads to, when a symbolic link is on the way. */
  readonly target: string | undefined;
}

/** The files of a hundred thousand profiles are smaller. */
const MOST_BYTES = 16 * 1024 * 1024;
const CHUNK_BYTES = 65_536;
const POLL_MS = 1;

/**
 * Reads one of AWS's files; undefined when it does not exist.
 * @param seconds after which a pipe that nobody writes to, or that has no end, is an error
 * @throws AwsroleError kind `configuration` when it exists and cannot be read.
 */
export function readAwsFile(path: string, seconds: number): AwsFile | undefined {
  let fd: number | undefined;
  try {
    // Not blocking: a named pipe in its place must not hang a switch.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd, { bigint: true });
    if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    const { mtimeNs: modified } = stat;
    if (!stat.isFile()) {
      const bytes = readStream(fd, stat.isFIFO() && !isOpenAlready(path), seconds);
      // The null device says the same for ever.
      const isStream = !stat.isCharacterDevice() || bytes.length > 0;
      return {
        path,
        bytes,
        isStream,
        modified,
        changed: modified,
        mode: Number(stat.mode),
        target: undefined,
      };
    }
    const real = realpathSync.native(path);
    const bytes = readFileSync(fd);
    const link = lstatSync(path, { bigint: true });
    let changed = modified;
    for (const time of [stat.ctimeNs, link.ctimeNs]) if (time > changed) changed = time;
    const mode = Number(stat.mode);
    return {
      path,
      bytes,
      isStream: false,
      modified,
      changed,
      mode,
      target: real === path ? undefined : real,
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AwsroleError('configuration', `${printable(path)} cannot be read: ${printable(message)}`, {
      hint: hintFor(code),
      cause: error,
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function hintFor(code: string | undefined): string | undefined {
  if (code === 'EACCES') return 'check its owner and mode (ls -l), and those of its folder';
  return code === LATE ? 'check that the program that writes to it runs and ends' : undefined;
}

const INHERITED = /^\/(?:dev\/(?:fd\/|std)|proc\/)/;

/** True for a pipe that our caller has opened for us, whose writer is there from the beginning. */
function isOpenAlready(path: string): boolean {
  if (INHERITED.test(path)) return true;
  try {
    return INHERITED.test(realpathSync.native(path));
  } catch {
    return true; // a link to such a pipe, which has no path
  }
}

const LATE = 'LATE';

/**
 * Reads to the end, or the deadline.
 * @param waits whether the end is none before the first byte, because whoever writes has yet to open it
 */
function readStream(fd: number, waits: boolean, seconds: number): Uint8Array {
  const deadline = performance.now() + seconds * 1000;
  const chunks: Buffer[] = [];
  let length = 0;
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const read = readSome(fd, chunk);
    if (read === 0 && (length > 0 || !waits)) return Buffer.concat(chunks);
    if (read !== undefined && read > 0) {
      chunks.push(chunk.subarray(0, read));
      length += read;
      if (length > MOST_BYTES) throw new Error(`it has more than ${MOST_BYTES >> 20} MB`);
    }
    if (performance.now() >= deadline) {
      const what = length === 0 ? 'nothing was written to this pipe' : 'this pipe did not end';
      throw Object.assign(new Error(`${what} in ${seconds} s`), { code: LATE });
    }
    if (!read) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

/** Returns how many bytes were read, 0 at the end; undefined where there are none now. */
function readSome(fd: number, chunk: Buffer): number | undefined {
  try {
    return readSync(fd, chunk);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}
