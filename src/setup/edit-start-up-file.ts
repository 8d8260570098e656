import { accessSync, constants, existsSync, lchownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  CannotEdit,
  checkReplaceable as checkFile,
  editFile,
  type Obstacle,
  ownerOfNew,
  type Replacing,
  readFileThere,
} from '../files/edit-file.ts';
import { printable } from '../profiles/printable.ts';
import { type Letters, lettersOf } from './diff.ts';

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
  /** The text for a diff, which is UTF-8 where the file is UTF-16. */
  readonly letters: (text: string) => Letters;
}

/** A letter a byte, whatever the file is written in; ours is UTF-8. */
const BYTES: Encoding = {
  decode: (bytes) => bytes.toString('latin1'),
  encode: (text) => Buffer.from(text, 'latin1'),
  own: lettersOf,
  letters: (text) => text,
};
const UTF16: Encoding = {
  decode: (bytes) => bytes.toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le'),
  own: (text) => text,
  letters: lettersOf,
};
const UTF16_BIG: Encoding = {
  decode: (bytes) => Buffer.from(bytes).swap16().toString('utf16le'),
  encode: (text) => Buffer.from(text, 'utf16le').swap16(),
  own: (text) => text,
  letters: lettersOf,
};

/** The text of a start-up file. */
export interface StartUpText extends Encoding {
  /** Empty where the file is not there. */
  readonly text: string;
  readonly exists: boolean;
}

/** Reads a start-up file. @throws LeftAlone kind `unreadable` */
export function readStartUpFile(path: string): StartUpText {
  return textOf(orLeftAlone(() => readFileThere(path)));
}

function textOf(bytes: Buffer | undefined): StartUpText {
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
  if (bytes.includes(0)) throw new LeftAlone('unreadable', 'it is not a text file');
  return BYTES;
}

/**
 * Changes a start-up file by `edit`, which is called again where somebody has changed it meanwhile, and gives undefined
 * to have the file removed. Symbolic links, mode and owner stay. Its folder is there.
 * @throws LeftAlone
 */
export function editStartUpFile(path: string, edit: (file: StartUpText) => string | undefined): void {
  orLeftAlone(() =>
    editFile(
      path,
      (bytes) => {
        const file = textOf(bytes);
        const text = edit(file);
        return text === undefined ? undefined : file.encode(text);
      },
      { ...REPLACING, mode: 0o644 },
    ),
  );
}

/** Refuses what cannot be replaced without a loss. @throws LeftAlone */
export function checkReplaceable(path: string): void {
  orLeftAlone(() => checkFile(path, REPLACING));
}

/** What root does for a person (sudo) stays the person's. */
const REPLACING: Replacing = {
  ofOthers: true,
  refuse: (target, stat) => {
    const manager = managerOf(target);
    if (manager !== undefined) throw new LeftAlone('managed', `${manager} makes it (${printable(target)})`);
    // Somebody means it to stay as it is.
    if (stat !== undefined) orUnwritable(() => accessSync(target, constants.W_OK));
  },
};

/** The program that makes the file that a link leads to, and would undo a change; undefined where none is known. */
export function managerOf(target: string): string | undefined {
  if (target.startsWith('/nix/store/')) return 'Nix';
  if (target.startsWith('/gnu/store/')) return 'Guix';
  return undefined;
}

/** Makes the folder of a start-up file. @throws LeftAlone */
export function makeStartUpFolder(folder: string): void {
  if (existsSync(folder)) return;
  makeStartUpFolder(dirname(folder));
  orUnwritable(() => {
    mkdirSync(folder, { mode: 0o755 });
    const owner = ownerOfNew(dirname(folder));
    // Not what a link leads to, which has come in its place.
    if (owner !== undefined) lchownSync(folder, owner.uid, owner.gid);
  });
}

function orUnwritable(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new LeftAlone('unwritable', printable((error as Error).message));
  }
}

const UNREADABLE: readonly Obstacle[] = ['unreadable', 'dangling', 'special'];

function orLeftAlone<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CannotEdit)) throw error;
    const { obstacle, message, cause } = error;
    const kind = UNREADABLE.includes(obstacle) ? 'unreadable' : 'unwritable';
    // That it cannot be written is said already.
    const isSaid = kind === 'unwritable' && cause instanceof Error;
    throw new LeftAlone(kind, printable(isSaid ? cause.message : `it ${message}`));
  }
}
