import { printable, quoted } from '../profiles/printable.ts';
import { currentKey, type IndexedUser, itemOf } from './key-index.ts';
import { type KeyPair, type KeyStore, keysError, type Patience } from './key-store.ts';

/** Reads a user's keys that are handed out. @throws AwsroleError kind `keys` */
export async function storedPair(store: KeyStore, user: IndexedUser, patience: Patience): Promise<KeyPair> {
  const key = currentKey(user);
  const pair = key === undefined ? undefined : await store.read(itemOf(user, key), patience);
  if (pair !== undefined) return pair;
  const where = store.place === undefined ? '' : ` in ${printable(store.place)}`;
  throw keysError(
    `${store.title}${where} does not have the keys of ${quoted(user.name)}`,
    'is it the store of this desktop and this user? awsrole keys says where they should be',
  );
}
