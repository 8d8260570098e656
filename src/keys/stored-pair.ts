import type { Context } from '../context.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { currentKey, findUser, type IndexedUser, itemOf, readIndex } from './key-index.ts';
import { type KeyPair, type KeyStore, keysError, type Patience } from './key-store.ts';

/**
 * Reads a user's keys that are handed out. A rotation that has replaced them since the index was read is followed.
 * @throws AwsroleError kind `keys`
 */
export async function storedPair(
  context: Pick<Context, 'env' | 'platform'>,
  store: KeyStore,
  user: IndexedUser,
  patience: Patience,
): Promise<KeyPair> {
  let key = currentKey(user);
  let asking = patience;
  while (key !== undefined) {
    const pair = await store.read(itemOf(user, key), asking);
    if (pair !== undefined) return pair;
    asking = { ...patience, meanwhile: undefined };
    const asked = key.accessKeyId;
    const now = findUser(readIndex(context), user.id);
    key = now?.store === user.store ? currentKey(now) : undefined;
    if (key?.accessKeyId === asked) break;
  }
  const where = store.place === undefined ? '' : ` in ${printable(store.place)}`;
  throw keysError(
    `${store.title}${where} does not have the keys of ${quoted(user.name)}`,
    'is it the store of this desktop and this user? awsrole keys says where they should be',
  );
}
