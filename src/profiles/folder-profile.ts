import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AwsroleError } from '../errors.ts';
import { errorAt } from './place.ts';
import { hasControlCharacter, printable } from './printable.ts';

/** The file in a folder, or above it, that names the profile for it. */
const FOLDER_FILE = '.awsrole';
const MOST_BYTES = 4096;
const FORM = `write one line into it: the name of a profile`;

/** The profile of a folder, and the file that says so. */
export interface FolderProfile {
  readonly profile: string;
  readonly file: string;
}

/**
 * Finds the profile of a folder: the one line of `.awsrole` in it, or in the nearest folder above that has one. Whoever can
 * write that file chooses the role, so it has to be the user's own.
 * @throws AwsroleError kind `configuration`
 */
export function folderProfile(folder: string): FolderProfile {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, FOLDER_FILE);
    const text = readOwn(file);
    if (text !== undefined) return { profile: nameIn(text, file), file };
    if (dirname(at) === at) break;
  }
  throw new AwsroleError(
    'configuration',
    `there is no ${FOLDER_FILE} in ${printable(folder)}, nor in a folder above it`,
    { hint: `to choose a role for a folder: echo PROFILE >${FOLDER_FILE}` },
  );
}

/** Reads the file; undefined where it is not there. */
function readOwn(file: string): string | undefined {
  const refused = (why: string, hint: string): AwsroleError =>
    new AwsroleError('configuration', `${printable(file)} ${why}, so nothing was changed`, { hint });
  let fd: number;
  try {
    // A pipe would be waited for.
    fd = openSync(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw refused(`cannot be read (${printable(message)})`, 'make it readable, or remove it');
  }
  try {
    const { uid, size, mode } = fstatSync(fd);
    const own = process.geteuid?.();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw refused('is not a regular file', 'remove it');
    if (own !== undefined && uid !== own) {
      throw refused(
        `belongs to another user (uid ${uid})`,
        'look at what it says, and switch by the name itself',
      );
    }
    if (own !== undefined && (mode & 0o022) !== 0) {
      throw refused('can be written by other users', `run: chmod go-w ${FOLDER_FILE}`);
    }
    if (size > MOST_BYTES) throw refused('is too long', FORM);
    return readFileSync(fd, 'utf8');
  } finally {
    closeSync(fd);
  }
}

function nameIn(text: string, file: string): string {
  const lines = text
    .replace(/^\ufeff/, '')
    .trim()
    .split(/\r?\n/);
  const [name = ''] = lines;
  if (lines.length === 1 && name !== '' && !hasControlCharacter(name)) return name;
  throw errorAt({ file, line: 1 }, name === '' ? 'no profile is named here' : 'this is not one name', FORM);
}
