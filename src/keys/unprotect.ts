import type { Context } from '../context.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { errorAt } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import { checkEditable, editAwsFile } from './aws-file-edit.ts';
import { canBeNamed, withoutSettings, withSetting } from './aws-file-text.ts';
import { withIndexLock } from './index-lock.ts';
import { currentKey, type IndexedUser, itemOf, readIndex, storedUser, writeUser } from './key-index.ts';
import { AT_TERMINAL, type KeyPair, type KeyStore, keysError } from './key-store.ts';
import { keysInFiles } from './protect.ts';
import { storedPair } from './stored-pair.ts';

// The way back: keys into the credentials file, then the line away, then the store's copy.

/** Writes a user's keys back into the credentials file, and removes them from their store. @throws AwsroleError */
export function unprotect(
  context: Context,
  name: string,
  openStore: (user: IndexedUser) => Promise<KeyStore>,
): Promise<IndexedUser> {
  return withIndexLock(context, async () => {
    const user = storedUser(readIndex(context), name);
    const store = await openStore(user);
    const files = loadProfiles(context);
    const { config, credentials } = files.places;
    if (!canBeNamed('credentials', user.name)) {
      throw keysError(
        `${quoted(user.name)} cannot be the name of a profile in the credentials file`,
        'its keys stay where they are; awsrole add stores them under another name',
      );
    }
    checkEditable(credentials);
    checkEditable(config);
    const { accessKeyId, secretAccessKey } = await pairToWrite(files, store, user);
    editAwsFile(credentials, (text) =>
      withSetting(
        withSetting(text, 'credentials', user.name, 'aws_access_key_id', accessKeyId),
        'credentials',
        user.name,
        'aws_secret_access_key',
        secretAccessKey,
      ),
    );
    const command = files.store.profiles.get(user.name)?.properties.get('credential_process');
    // Another one may have been written meanwhile, which is not ours to remove.
    if (command !== undefined && referenceIn(command.value, user.name) !== undefined)
      editAwsFile(config, (text) => withoutSettings(text, 'config', user.name, ['credential_process']));
    for (const key of user.keys) await store.remove(itemOf(user, key), AT_TERMINAL);
    writeUser(context, user.id, undefined);
    return user;
  });
}

/** Returns the pair that belongs into the file: that of an earlier run, which was ended half-way, or the stored one. */
async function pairToWrite(files: LoadedProfiles, store: KeyStore, user: IndexedUser): Promise<KeyPair> {
  const profile = files.store.profiles.get(user.name);
  const inFiles = profile && keysInFiles(profile);
  if (inFiles === undefined) return storedPair(store, user, AT_TERMINAL);
  if (inFiles.pair.accessKeyId === currentKey(user)?.accessKeyId) return inFiles.pair;
  throw errorAt(
    inFiles.place,
    `profile ${quoted(user.name)} has other keys here than the stored ones`,
    'store these too (awsrole protect), or remove them first',
  );
}
