import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { AwsroleError } from '../errors.ts';
import { printable } from './printable.ts';

/** An AWS file's bytes and the state it was in *before* they were read, so that a later edit is never missed. */
export interface AwsFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Modification time in nanoseconds since the epoch. */
  readonly modified: bigint;
  /** When it was last written, renamed into place or linked to, in nanoseconds since the epoch, as far as it can be told. */
  readonly changed: bigint;
  /** Its permissions, as in stat(2). */
  readonly mode: number;
  /** The path that it leads to, when a symbolic link is on the way. */
  readonly target: string | undefined;
}

/**
 * Reads one of AWS's files; undefined when it does not exist.
 * @throws AwsroleError kind `configuration` when it exists and cannot be read.
 */
export function readAwsFile(path: string): AwsFile | undefined {
  let fd: number | undefined;
  try {
    const real = realpathSync.native(path);
    // Not blocking: a named pipe in its place must not hang a switch.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = fstatSync(fd, { bigint: true });
    if (stat.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
    const bytes = readFileSync(fd);
    const link = lstatSync(path, { bigint: true });
    let changed = stat.mtimeNs;
    for (const time of [stat.ctimeNs, link.ctimeNs]) if (time > changed) changed = time;
    return {
      path,
      bytes,
      modified: stat.mtimeNs,
      changed,
      mode: Number(stat.mode),
      target: real === path ? undefined : real,
    };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new AwsroleError('configuration', `${printable(path)} cannot be read: ${printable(message)}`, {
      hint: code === 'EACCES' ? 'look at its owner and mode (ls -l), and those of its folder' : undefined,
      cause: error,
    });
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
