import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import type { AwsroleError } from '../errors.ts';
import { ensurePrivateFolder, writePrivateFile } from '../files/private-file.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { readIfThere } from '../profiles/text-file.ts';
import { keysFolder } from './data-folder.ts';
import { type FileShape, KEY_SETTINGS, type KeyLine } from './file-shape.ts';
import {
  isKeyId,
  type KeyStore,
  keysError,
  STORE_KINDS,
  type StoreItem,
  type StoreKind,
} from './key-store.ts';

// Which users' keys are in which store. It holds no secret.

/**
 * What a pair is. `pending`: just made by a rotation, and not yet known to work. `current`: the one that is handed out.
 * `previous`: the one before, inactive at AWS, kept until the rotation is finished.
 */
export type KeyState = 'pending' | 'current' | 'previous';

export interface IndexedKey {
  readonly accessKeyId: string;
  readonly state: KeyState;
  /** When it was stored: ISO 8601. */
  readonly since: string;
  /** What has yet to make this previous key inactive, as it was interrupted, or AWS has refused. */
  readonly unfinished?: 'rotate' | 'undo';
}

export interface IndexedUser {
  /** What stands in the AWS file and in the store: the profile's name where that is plain. */
  readonly id: string;
  /** The name of the profile. */
  readonly name: string;
  readonly store: StoreKind;
  /** The config file with the line that refers to the keys. */
  readonly file: string;
  /** The credentials file that was in use with it. */
  readonly credentials?: string;
  /** True when programs get the MFA session instead of the keys. */
  readonly session: boolean;
  readonly keys: readonly IndexedKey[];
  /** How the AWS files looked before the keys were taken out; missing where an earlier awsrole has done that. */
  readonly shape?: FileShape;
}

const PLAIN_NAME = /^[A-Za-z0-9_@+=,][A-Za-z0-9_.@+=,-]{0,63}$/;
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Makes the id of a new user: a word that needs no quotes in any shell, and is a file name everywhere.
 * @param users those that there are already: where a store does not tell capital letters, theirs must differ in more
 * @param file the config file of the profile: others may have a profile of that name
 */
export function userId(profile: string, users: readonly IndexedUser[], file: string): string {
  const isTaken = (wanted: string): boolean =>
    users.some(({ id }) => id.toLowerCase() === wanted.toLowerCase());
  if (isId(profile) && !isTaken(profile)) return profile;
  const hashed = idOf(profile);
  return isTaken(hashed) ? idOf(`${profile}\n${file}`) : hashed;
}

function idOf(text: string): string {
  return `u-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`;
}

function isId(text: string): boolean {
  return PLAIN_NAME.test(text) && !text.endsWith('.') && !DEVICE_NAME.test(text);
}

/** Returns the key that is handed out for a user. */
export function currentKey(user: IndexedUser): IndexedKey | undefined {
  return user.keys.find(({ state }) => state === 'current');
}

/** A key that a rotation has replaced, and that has been kept for long enough to be deleted. */
export interface Replaced {
  readonly accessKeyId: string;
  readonly days: number;
}

const DAY_MS = 86_400_000;
const KEPT_DAYS = 7;

/** Returns the key before the current one, a week after the change: by then whatever used it has shown. */
export function longReplaced({ keys }: IndexedUser, nowMs: number): Replaced | undefined {
  const previous = keys.find(({ state }) => state === 'previous');
  // The younger one of the two was made by the rotation.
  const changed = Math.max(...keys.map(({ since }) => Date.parse(since)).filter(Number.isFinite));
  const days = Math.floor((nowMs - changed) / DAY_MS);
  return previous && days >= KEPT_DAYS ? { accessKeyId: previous.accessKeyId, days } : undefined;
}

/** Returns the key that an interrupted change has replaced, and not yet made inactive. */
export function unfinishedKey({ keys }: IndexedUser): IndexedKey | undefined {
  return keys.find(({ unfinished }) => unfinished !== undefined);
}

/**
 * Words what to do with a key that was replaced long ago; undefined where there is none.
 * @param words how the user is called, and what to type before the command
 */
export function replacedText(
  user: IndexedUser,
  nowMs: number,
  { whose, before }: { readonly whose: string; readonly before: string } = {
    whose: printable(user.name),
    before: '',
  },
): string | undefined {
  const replaced = longReplaced(user, nowMs);
  if (replaced === undefined) return undefined;
  const { accessKeyId, days } = replaced;
  return (
    `${whose}'s earlier key ${accessKeyId} was replaced ${days} days ago; ` +
    `to delete it at AWS: ${before}awsrole rotate --finish ${profileWord(user.name)}`
  );
}

/** Names the item of a user's key. */
export function itemOf(
  user: Pick<IndexedUser, 'id'>,
  { accessKeyId }: Pick<IndexedKey, 'accessKeyId'>,
): StoreItem {
  return { user: user.id, accessKeyId };
}

/** Reads the index; empty where there is none. @throws AwsroleError kind `keys` when it cannot be read or understood */
export function readIndex(context: Pick<Context, 'env' | 'platform'>): readonly IndexedUser[] {
  const folder = keysFolder(context);
  if (folder === undefined) return [];
  const file = join(folder, 'index.json');
  const text = readIfThere(file, 'it says where your keys are: make it readable');
  if (text === undefined) return [];
  try {
    const { users } = Object(JSON.parse(text));
    if (Array.isArray(users) && users.every(isUser)) return users;
  } catch {
    // Said below.
  }
  throw keysError(
    `${file} is damaged; it lists which keys are in which store`,
    'restore it from a backup; the keys themselves are still where they were',
  );
}

/**
 * Writes the entry of a user, or removes it where `user` is undefined. The caller holds the lock of the index.
 * @throws PrivateFileError when the disk refuses, for which that lock has words
 */
export function writeUser(
  context: Pick<Context, 'env' | 'platform'>,
  id: string,
  user: IndexedUser | undefined,
): void {
  // One that cannot be read again would keep everybody's keys from being found.
  if (user !== undefined && !isUser(user)) throw new Error(`no entry of the index: ${id}`);
  const users = readIndex(context).filter((known) => known.id !== id);
  if (user !== undefined) users.push(user);
  users.sort((a, b) => (a.id < b.id ? -1 : 1));
  writePrivateFile(
    join(privateKeysFolder(context), 'index.json'),
    `${JSON.stringify({ version: 1, users }, undefined, 2)}\n`,
    { durable: true },
  );
}

/** Returns the folder of the index, which it makes. @throws AwsroleError kind `keys` when there is no home for it */
export function privateKeysFolder(context: Pick<Context, 'env' | 'platform'>): string {
  const folder = keysFolder(context);
  if (folder === undefined) throw keysError('there is no home folder to keep keys in', 'set HOME');
  try {
    ensurePrivateFolder(folder);
  } catch (error) {
    const { message } = error as Error;
    throw keysError(
      message,
      /\b(?:EROFS|ENOSPC|EDQUOT)\b/.test(message)
        ? 'nothing was changed: awsrole records there which keys are stored; make it writable, or set XDG_DATA_HOME to a folder that is'
        : 'awsrole records there which keys are stored, so it must be yours alone: check its owner and mode (ls -ld)',
      error,
    );
  }
  return folder;
}

/** Finds a user by the id. */
export function findUser(users: readonly IndexedUser[], id: string): IndexedUser | undefined {
  return users.find((user) => user.id === id);
}

/**
 * Finds the user that a line in an AWS file refers to. A person may write the name instead where that cannot be an id:
 * another user's could be taken for it.
 * @throws AwsroleError kind `keys`
 */
export function userWithId(users: readonly IndexedUser[], id: string): IndexedUser {
  const named = isId(id) ? [] : users.filter(({ name }) => name === id);
  const user = findUser(users, id) ?? (named.length === 1 ? named[0] : undefined);
  if (user !== undefined) return user;
  throw notStored(users, id);
}

/** The error for a profile, or an id, of which nothing is stored. */
export function notStored(users: readonly IndexedUser[], name: string): AwsroleError {
  const names = users.map((known) => quoted(known.name)).join(', ');
  return keysError(
    `no keys of ${quoted(name)} are stored`,
    names === '' ? 'run: awsrole protect PROFILE' : `keys are stored for ${names}`,
  );
}

/** Words where a user's keys are. */
export function storeWords({ kind, title }: Pick<KeyStore, 'kind' | 'title'>): string {
  return kind === 'keyring' ? `your keyring (${title})` : title;
}

function isUser(value: unknown): value is IndexedUser {
  const { id, name, store, file, credentials, session, keys, shape } = Object(value);
  return (
    typeof id === 'string' &&
    isId(id) &&
    typeof name === 'string' &&
    typeof file === 'string' &&
    ['string', 'undefined'].includes(typeof credentials) &&
    typeof session === 'boolean' &&
    STORE_KINDS.includes(store) &&
    Array.isArray(keys) &&
    keys.every(isKey) &&
    (shape === undefined || isShape(shape))
  );
}

function isShape(value: unknown): value is FileShape {
  const { config, credentials, added, made } = Object(value);
  return (
    typeof added === 'string' &&
    typeof made === 'boolean' &&
    [config, credentials].every((lines) => Array.isArray(lines) && lines.every(isKeyLine))
  );
}

function isKeyLine(value: unknown): value is KeyLine {
  const { key, section, offset, start, end } = Object(value);
  return (
    KEY_SETTINGS.includes(key) &&
    [section, offset].every((number) => Number.isSafeInteger(number) && number >= 0) &&
    typeof start === 'string' &&
    typeof end === 'string'
  );
}

function isKey(value: unknown): value is IndexedKey {
  const { accessKeyId, state, since, unfinished } = Object(value);
  return (
    typeof accessKeyId === 'string' &&
    isKeyId(accessKeyId) &&
    ['pending', 'current', 'previous'].includes(state) &&
    typeof since === 'string' &&
    [undefined, 'rotate', 'undo'].includes(unfinished)
  );
}
