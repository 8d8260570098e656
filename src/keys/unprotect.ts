import type { Context } from '../context.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { errorAt } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import { checkEditable, editAwsFile, removeEmptyFile } from './aws-file-edit.ts';
import { canBeNamed, withSetting } from './aws-file-text.ts';
import { type FileShape, hasKeys, withKeyLines, withoutReference } from './file-shape.ts';
import { withIndexLock } from './index-lock.ts';
import { currentKey, type IndexedUser, itemOf, readIndex, writeUser } from './key-index.ts';
import { AT_TERMINAL, type KeyPair, type KeyStore, keysError } from './key-store.ts';
import { otherCredentialsFile, storedUser } from './profile-user.ts';
import { keysInFiles } from './protect.ts';
import { removeSteadyLauncher } from './steady-launcher.ts';
import { storedPair } from './stored-pair.ts';

// The way back: keys into the file that they came from, then the line away, then the store's copy.

/** Of keys that an earlier awsrole has stored. */
const NO_SHAPE: FileShape = { config: [], credentials: [], added: '', made: false };

/** Writes a user's keys back into the files, and removes them from their store. Returns the file. @throws AwsroleError */
export function unprotect(
  context: Context,
  name: string,
  openStore: (user: IndexedUser) => Promise<KeyStore>,
): Promise<{ readonly user: IndexedUser; readonly file: string }> {
  return withIndexLock(context, async () => {
    const user = storedUser(context, name);
    const store = await openStore(user);
    const files = loadProfiles(context);
    const { config, credentials } = files.places;
    const { name: profile, shape = NO_SHAPE } = user;
    if (shape.config.length === 0 && !canBeNamed('credentials', profile)) {
      throw keysError(
        `${quoted(profile)} cannot be the name of a profile in the credentials file`,
        'its keys stay where they are; awsrole add stores them under another name',
      );
    }
    const theirs = otherCredentialsFile(user, credentials);
    if (shape.config.length === 0 && theirs !== undefined) {
      throw keysError(
        `the keys of ${quoted(profile)} came from ${quoted(theirs)}, and not from ${quoted(credentials)}`,
        'set AWS_SHARED_CREDENTIALS_FILE to that one, then run the same command again',
      );
    }
    checkEditable(credentials);
    checkEditable(config);
    const pair = await pairToWrite(context, files, store, user);
    const command = files.store.profiles.get(profile)?.properties.get('credential_process');
    // Another one may have been written meanwhile, which is not ours to remove.
    const isOurs = command !== undefined && referenceIn(command.value, profile) !== undefined;
    const withoutOurs = (text: string): string =>
      isOurs ? withoutReference(text, profile, shape.added) : text;
    // Keys that stood in the config file go back there in one step with the line.
    let areBack = false;
    editAwsFile(config, (text) => {
      const back = withKeyLines(withoutOurs(text), 'config', profile, shape.config, pair);
      areBack = hasKeys(back, 'config', profile);
      return areBack ? back : text;
    });
    editAwsFile(credentials, (text) => {
      const back = withKeyLines(text, 'credentials', profile, shape.credentials, pair);
      return areBack || hasKeys(back, 'credentials', profile) ? back : withPair(back, profile, pair);
    });
    editAwsFile(config, withoutOurs);
    if (shape.made) removeEmptyFile(config);
    for (const key of user.keys) await store.remove(itemOf(user, key), AT_TERMINAL);
    writeUser(context, user.id, undefined);
    if (readIndex(context).length === 0) removeSteadyLauncher(context);
    return { user, file: areBack ? config : credentials };
  });
}

/** Sets both keys of a profile of the credentials file. */
function withPair(text: string, profile: string, { accessKeyId, secretAccessKey }: KeyPair): string {
  // Each is set behind the header, so the one that is to come first is set last.
  const withSecret = withSetting(text, 'credentials', profile, 'aws_secret_access_key', secretAccessKey);
  return withSetting(withSecret, 'credentials', profile, 'aws_access_key_id', accessKeyId);
}

/** Returns the pair that belongs into the file: that of an earlier run, which was ended half-way, or the stored one. */
async function pairToWrite(
  context: Context,
  files: LoadedProfiles,
  store: KeyStore,
  user: IndexedUser,
): Promise<KeyPair> {
  const profile = files.store.profiles.get(user.name);
  const inFiles = profile && keysInFiles(profile);
  if (inFiles === undefined) return storedPair(context, store, user, AT_TERMINAL);
  if (inFiles.pair.accessKeyId === currentKey(user)?.accessKeyId) return inFiles.pair;
  throw errorAt(
    inFiles.place,
    `profile ${quoted(user.name)} has keys here that differ from the stored ones`,
    'store these too (awsrole protect), or remove them first',
  );
}
