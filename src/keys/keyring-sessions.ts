import { createHash, randomBytes } from 'node:crypto';
import type { Context } from '../context.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import type { CachedSession, SessionCard } from '../sessions/session-cache.ts';
import { forgetItem, MOST_PARTS, noteItem, putOff, type SessionItem } from '../sessions/session-item.ts';
import { keysError, type Patience } from './key-store.ts';
import { askKeyring, type KeyringRequest, keyringTitle } from './keyring.ts';

// Keeps the secrets of sessions in the keyring of the desktop.

/** A credential of Windows holds 2,560 bytes, and takes two for each letter. */
const LETTERS_OF_PART = 1_200;

type Place = Pick<SessionItem, 'id' | 'parts'>;

function requests(action: KeyringRequest['action'], { id, parts }: Place): KeyringRequest[] {
  return Array.from({ length: parts }, (_, part) => ({ action, account: `session/${id}/${part + 1}` }));
}

/**
 * Reads the session of a card; undefined where the keyring holds none of it, or anything but what was put there.
 * @throws AwsroleError kind `keys` when the keyring cannot be read
 */
export async function readFromKeyring(
  context: Context,
  card: SessionCard & { readonly item: SessionItem },
  patience: Patience,
): Promise<CachedSession | undefined> {
  const { item, ...known } = card;
  const { answers, failure } = await askKeyring(context, requests('read', item), patience);
  if (failure !== undefined) throw failure.error;
  const secrets = secretsIn(answers.map(({ secret }) => secret ?? '').join(''), item, card.accessKeyId);
  return secrets && { ...known, ...secrets };
}

/**
 * Puts the secrets of a session into the keyring, and reads them back.
 * @throws AwsroleError kind `keys` when the keyring does not take them; PrivateFileError when the item cannot be noted
 */
export async function writeToKeyring(
  context: Context,
  folder: string,
  { accessKeyId, secretAccessKey, sessionToken }: CachedSession,
  patience: Patience,
): Promise<SessionItem> {
  const text = asciiJson({ accessKeyId, secretAccessKey, sessionToken });
  const parts = text.match(new RegExp(`.{1,${LETTERS_OF_PART}}`, 'g')) ?? [];
  if (parts.length > MOST_PARTS) throw keysError('the session is too long for the keyring');
  const item = { id: randomBytes(16).toString('hex'), parts: parts.length, sha256: sha256(text) };
  noteItem(folder, item);
  const writes = requests('write', item).map((request, part) => ({ ...request, secret: parts[part] ?? '' }));
  const all = [...writes, ...requests('read', item)];
  const { answers, failure } = await askKeyring(context, all, patience);
  if (failure !== undefined) {
    // Where nothing was taken there is nothing to take back.
    if (answers.length === 0 && !failure.timedOut) forgetItem(folder, item);
    throw failure.error;
  }
  const back = answers.slice(writes.length).map(({ secret }) => secret ?? '');
  if (back.join('') !== text) {
    throw keysError(`${keyringTitle(context.platform)} does not return what was stored in it`);
  }
  return item;
}

/**
 * Removes items from the keyring, in one call.
 * @throws AwsroleError kind `keys` when it does not let us: then they are tried again in an hour
 */
export async function removeFromKeyring(
  context: Context,
  folder: string,
  items: readonly Place[],
  patience: Patience,
): Promise<void> {
  if (items.length === 0) return;
  const all = items.flatMap((item) => requests('remove', item));
  const { answers, failure } = await askKeyring(context, all, patience);
  let done = answers.length;
  for (const item of items) {
    done -= item.parts;
    if (done >= 0) forgetItem(folder, item);
    else putOff(folder, item, context.now());
  }
  if (failure !== undefined) throw failure.error;
}

function secretsIn(
  text: string,
  { sha256: sum }: SessionItem,
  accessKeyId: string,
): Pick<CachedSession, 'secretAccessKey' | 'sessionToken'> | undefined {
  if (sha256(text) !== sum) return undefined;
  const { accessKeyId: id, secretAccessKey, sessionToken } = Object(JSON.parse(text));
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && !hasControlCharacter(value);
  if (id !== accessKeyId || !isText(secretAccessKey) || !isText(sessionToken)) return undefined;
  return { secretAccessKey, sessionToken };
}

/** So that every part is whole, wherever it is cut. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
