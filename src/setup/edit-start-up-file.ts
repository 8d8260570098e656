import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  type Stats,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { removeAbandoned, removeFile, temporaryName } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';

// A start-up file is the person's own: the whole new text is renamed into place, so that a run that is killed leaves the
// old one or the new one, and what cannot be replaced without a loss is left alone.

/** A start-up file that is left as it is. */
export class LeftAlone extends Error {
  override readonly name = 'LeftAlone';
  /** `unreadable`: nothing is known of it. `managed`: another program makes it. */
  readonly kind: 'unreadable' | 'managed' | 'unwritable';

  constructor(kind: LeftAlone['kind'], message: string) {
    super(message);
    this.kind = kind;
  }

  /** Compares by name, as AwsroleError does. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'LeftAlone';
  }
}

/** How the bytes of a file are letters here. Whatever is not ours comes out as the same bytes again. */
interface Encoding {
  readonly decode: (bytes: Buffer) => string;
  readonly encode: (text: string) => Buffer;
  /** How text of ours is written into it. */
  readonly own: (text: string) => string;
  /** The text for a person. */
  readonly shown: (text: string) => string;
}

/** A letter a byte, whatever the file is written in; ours is UTF-8. */
const BYTES: Encoding = {
  decode: (bytes) => bytes.toString('latin1'),
  encode: (text) => Buffer.from(text, 'latin1'),
  own: (text) => Buffer.from(text, 'utf8').toString('latin1'),
  shown: (text) => Buffer.from(text, 'latin1').toString('utf8'),
};
const UTF16: Encoding = {
  decode: (bytes) => bytes.toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le'),
  own: (text) => text,
  shown: (text) => text,
};
const UTF16_BIG: Encoding = {
  decode: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le').swap16(),
  own: (text) => text,
  shown: (text) => text,
};

/** The text of a start-up file. */
export interface StartUpText extends Encoding {
  /** Empty where the file is not there. */
  readonly text: string;
  readonly exists: boolean;
}

/** Reads a start-up file. @throws LeftAlone kind `unreadable` */
export function readStartUpFile(path: string): StartUpText {
  const bytes = bytesOf(path);
  const encoding = bytes === undefined ? BYTES : encodingOf(bytes);
  return {
    ...encoding,
    text: bytes === undefined ? '' : encoding.decode(bytes),
    exists: bytes !== undefined,
  };
}

function encodingOf(bytes: Buffer): Encoding {
  const [first, second] = bytes;
  const isWhole = bytes.length % 2 === 0;
  if (isWhole && first === 0xff && second === 0xfe) return UTF16;
  if (isWhole && first === 0xfe && second === 0xff) return UTF16_BIG;
  if (bytes.includes(0)) throw new LeftAlone('unreadable', 'it is no text');
  return BYTES;
}

function bytesOf(path: string): Buffer | undefined {
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) {
      if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
      throw new LeftAlone('unreadable', 'it is a symbolic link to a file that is not there');
    }
    // A pipe in its place would be waited for.
    if (!stat.isFile()) throw new LeftAlone('unreadable', 'it is no ordinary file');
    return readFileSync(path);
  } catch (error) {
    if (error instanceof LeftAlone) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return undefined;
    throw new LeftAlone('unreadable', `it cannot be read (${code})`);
  }
}

const ATTEMPTS = 5;
/** How long one who has the old file open is waited for. */
const LATE_MS = 10;

/**
 * Changes a start-up file by `edit`, which is called again where somebody has changed it meanwhile, and gives undefined
 * to have the file removed. Symbolic links, mode and owner stay. Its folder is there.
 * @throws LeftAlone
 */
export function editStartUpFile(path: string, edit: (file: StartUpText) => string | undefined): void {
  let late: Buffer | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const before = readStartUpFile(path);
    const there = before.encode(before.text);
    const base = late === undefined ? before : { ...before, text: encodingOf(late).decode(late) };
    const after = edit(base);
    if (after === undefined) {
      remove(path);
      return;
    }
    const bytes = before.encode(after);
    if (before.exists && bytes.equals(there)) return;
    const target = before.exists ? realpathSync(path) : path;
    // Windows replaces no file that somebody has open, and then nobody has.
    const old = before.exists && process.platform !== 'win32' ? openSync(target, 'r') : undefined;
    try {
      if (!replace(path, target, before.exists ? there : undefined, bytes)) continue;
      if (old === undefined) return;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LATE_MS);
      // One that had the file open has written into the old one: that is what counts, with our change.
      const written = readFileSync(old);
      if (written.equals(there)) return;
      late = written;
    } finally {
      if (old !== undefined) closeSync(old);
    }
  }
  throw new LeftAlone('unwritable', 'another program is changing it');
}

/** Refuses what cannot be replaced without a loss. @throws LeftAlone */
export function checkReplaceable(path: string): void {
  const stat = statSync(path, { throwIfNoEntry: false });
  const target = stat === undefined ? path : realpathSync(path);
  const manager = managerOf(target);
  if (manager !== undefined) throw new LeftAlone('managed', `${manager} makes it (${printable(target)})`);
  try {
    if (stat !== undefined) accessSync(target, constants.W_OK);
    accessSync(dirname(target), constants.W_OK);
  } catch (error) {
    throw new LeftAlone('unwritable', (error as NodeJS.ErrnoException).code ?? '');
  }
  if (stat !== undefined && stat.nlink > 1)
    throw new LeftAlone('unwritable', `it has ${stat.nlink} names (hard links)`);
}

/** The program that makes the file that a link leads to, and would undo a change; undefined where none is known. */
export function managerOf(target: string): string | undefined {
  if (target.startsWith('/nix/store/')) return 'Nix';
  if (target.startsWith('/gnu/store/')) return 'Guix';
  return undefined;
}

/** False where the file is not what it was. */
function replace(path: string, target: string, before: Buffer | undefined, after: Buffer): boolean {
  checkReplaceable(path);
  removeAbandoned(dirname(target), Date.now(), /(?!)/);
  const temporary = temporaryName(dirname(target));
  try {
    const fd = openSync(temporary, 'wx', 0o600);
    try {
      writeFileSync(fd, after);
      const stat = before === undefined ? undefined : statSync(target);
      keepOwner(temporary, fstatSync(fd), stat ?? ownerOfNew(dirname(target)));
      // Never one that others can write to, whatever the umask.
      chmodSync(temporary, stat === undefined ? 0o644 & ~process.umask() : stat.mode & 0o7777);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    const now = bytesOf(path);
    const isSame = before === undefined || now === undefined ? now === before : now.equals(before);
    if (!isSame) {
      removeFile(temporary);
      return false;
    }
    renameSync(temporary, target);
  } catch (error) {
    removeFile(temporary);
    if (error instanceof LeftAlone) throw error;
    throw new LeftAlone('unwritable', printable((error as Error).message));
  }
  return bytesOf(path)?.equals(after) === true;
}

function keepOwner(temporary: string, made: Stats, owner: Stats | undefined): void {
  if (owner === undefined || (made.uid === owner.uid && made.gid === owner.gid)) return;
  chownSync(temporary, owner.uid, owner.gid);
}

/** Whose a new file has to be: what root makes in a person's home (sudo) is the person's. */
function ownerOfNew(folder: string): Stats | undefined {
  return process.geteuid?.() === 0 ? statSync(folder) : undefined;
}

/** Makes the folder of a start-up file. @throws LeftAlone */
export function makeStartUpFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeStartUpFolder(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o755 });
    keepOwner(folder, statSync(folder), ownerOfNew(dirname(folder)));
  } catch (error) {
    throw new LeftAlone('unwritable', (error as NodeJS.ErrnoException).code ?? '');
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    throw new LeftAlone('unwritable', (error as NodeJS.ErrnoException).code ?? '');
  }
}
