import { lstatSync } from 'node:fs';
import {
  CannotEdit,
  checkReplaceable,
  editFile,
  type Obstacle,
  type Replacing,
  readFileThere,
} from '../files/edit-file.ts';
import { removeFile } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { keysError } from './key-store.ts';

/** A secret of another user's is not ours to move, root's included. */
const REPLACING: Replacing = { ofOthers: false };

const HINTS: Readonly<Record<Obstacle, string>> = {
  unreadable: 'look at its owner and mode (ls -l)',
  dangling: 'make that file (it may be empty), or remove the link',
  special: 'make it one',
  'named-twice': 'remove the other names first; `ls -i` and `find -inum` show them',
  mounted: 'change it where it is mounted from',
  owner: 'run this as that user, without sudo',
  folder: 'nothing was changed; make its folder writable first',
  unwritable:
    'nothing was changed in it: free some space there, or make its folder writable, then run the same command again',
  busy: 'nothing was lost; try again in a moment',
};

/**
 * Changes an AWS file's text by `edit`, which is called again where somebody has changed the file meanwhile. Mode and
 * symbolic link stay; a file that is not there is made (0600, its folder 0700). Returns whether anything was changed.
 * @throws AwsroleError kind `keys` when the file cannot be replaced without a loss
 */
export function editAwsFile(path: string, edit: (text: string) => string): boolean {
  return inWords(path, () =>
    editFile(path, (bytes) => Buffer.from(edit(textOf(path, bytes) ?? '')), { ...REPLACING, mode: 0o600 }),
  );
}

/**
 * Finds out whether a file can be changed, before anything else is: between the steps of a move some tools would find no
 * keys. @throws AwsroleError kind `keys`
 */
export function checkEditable(path: string): void {
  if (readAwsFile(path) !== undefined) inWords(path, () => checkReplaceable(path, REPLACING));
}

/** Reads an AWS file as text; undefined where it is not there. @throws AwsroleError kind `keys` */
export function readAwsFile(path: string): string | undefined {
  return textOf(
    path,
    inWords(path, () => readFileThere(path)),
  );
}

/** Removes a file that is empty, unless it is a symbolic link. */
export function removeEmptyFile(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() && stat.size === 0) removeFile(path);
}

function textOf(path: string, bytes: Buffer | undefined): string | undefined {
  const text = bytes?.toString('utf8');
  if (text === undefined || bytes?.equals(Buffer.from(text))) return text;
  throw keysError(`${printable(path)} is not UTF-8`, 'save it as UTF-8 first');
}

function inWords<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof CannotEdit)) throw error;
    throw keysError(`${printable(path)} ${printable(error.message)}`, HINTS[error.obstacle], error.cause);
  }
}
