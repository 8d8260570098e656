import type { Context } from '../context.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { errorAt } from '../profiles/place.ts';
import { hasControlCharacter, quoted } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { checkEditable } from './aws-file-edit.ts';
import { canBeNamed } from './aws-file-text.ts';
import { withIndexLock } from './index-lock.ts';
import { type IndexedUser, readIndex, userId } from './key-index.ts';
import { type KeyPair, type KeyStore, keysError } from './key-store.ts';
import { userOfProfile } from './profile-user.ts';
import { indexPair, keysInFiles, refuseOtherStore, shapeOf, storePair, writeReference } from './protect.ts';
import { checkReferable } from './reference.ts';

/**
 * Stores the keys of a new user, or other keys of a known one, and writes the line for all AWS tools. They never stand
 * in a file of AWS's.
 * @throws AwsroleError kind `keys`
 */
export function addKeys(
  context: Context,
  name: string,
  pair: KeyPair,
  store: KeyStore,
): Promise<IndexedUser> {
  return withIndexLock(context, async () => {
    const files = loadProfiles(context);
    refuseTaken(files.store.profiles.get(name));
    const users = readIndex(context);
    const file = files.places.config;
    const known = userOfProfile(context, name);
    refuseOtherStore(known, store);
    checkReferable(context);
    checkEditable(files.places.config);
    await storePair(store, known?.id ?? userId(name, users, file), pair);
    const user = indexPair(context, name, pair.accessKeyId, known, {
      store,
      session: known?.session ?? false,
      file,
      shape: shapeOf(files, name, undefined, known),
    });
    writeReference(context, file, user);
    return user;
  });

  function refuseTaken(profile: Parameters<typeof keysInFiles>[0] | undefined): void {
    const inFiles = profile && keysInFiles(profile);
    if (inFiles !== undefined) {
      throw errorAt(
        inFiles.place,
        `profile ${quoted(name)} already has keys here`,
        `to store these: awsrole protect ${profileWord(name)}`,
      );
    }
    const role = profile?.properties.get('role_arn');
    if (role !== undefined)
      throw errorAt(role, `profile ${quoted(name)} is a role, not a user`, 'choose another name');
    if (hasControlCharacter(name) || !canBeNamed('config', name))
      throw keysError(
        `${quoted(name)} cannot be the name of a profile in an AWS file`,
        'choose another name',
      );
  }
}
