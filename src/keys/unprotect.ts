import type { Context } from '../context.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { quoted } from '../profiles/printable.ts';
import { editAwsFile } from './aws-file-edit.ts';
import { withoutSettings, withSetting } from './aws-file-text.ts';
import { withIndexLock } from './index-lock.ts';
import { currentKey, type IndexedUser, itemOf, readIndex, storedUser, writeUser } from './key-index.ts';
import { AT_TERMINAL, type KeyPair, type KeyStore, keysError } from './key-store.ts';

// The way back: keys into the credentials file, then the line away, then the store's copy.

/** Reads a user's keys that are handed out. @throws AwsroleError kind `keys` */
export async function storedPair(
  store: KeyStore,
  user: IndexedUser,
  patience: typeof AT_TERMINAL,
): Promise<KeyPair> {
  const key = currentKey(user);
  const pair = key === undefined ? undefined : await store.read(itemOf(user, key), patience);
  if (pair !== undefined) return pair;
  throw keysError(
    `${store.title} does not have the keys of ${quoted(user.name)}`,
    'is it the store of this desktop and this user? awsrole keys says where they should be',
  );
}

/** Writes a user's keys back into the credentials file, and removes them from their store. @throws AwsroleError */
export function unprotect(
  context: Context,
  name: string,
  openStore: (user: IndexedUser) => Promise<KeyStore>,
): Promise<IndexedUser> {
  return withIndexLock(context, `writes the keys of ${quoted(name)} back`, async () => {
    const user = storedUser(readIndex(context), name);
    const store = await openStore(user);
    const { accessKeyId, secretAccessKey } = await storedPair(store, user, AT_TERMINAL);
    const { config, credentials } = loadProfiles(context).places;
    editAwsFile(credentials, (text) => {
      const withId = withSetting(text, 'credentials', user.name, 'aws_access_key_id', accessKeyId);
      const plain = withoutSettings(withId, 'credentials', user.name, ['aws_secret_access_key']);
      return withSetting(plain, 'credentials', user.name, 'aws_secret_access_key', secretAccessKey);
    });
    editAwsFile(config, (text) => withoutSettings(text, 'config', user.name, ['credential_process']));
    for (const key of user.keys) await store.remove(itemOf(user, key), AT_TERMINAL);
    writeUser(context, user.id, undefined);
    return user;
  });
}
