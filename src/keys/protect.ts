import type { Context } from '../context.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { errorAt } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { missingProfile } from '../profiles/role-chain.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { readIfThere } from '../profiles/text-file.ts';
import { checkEditable, editAwsFile, readAwsFile } from './aws-file-edit.ts';
import { type FileKind, standingSettings, withoutSettings, withSetting } from './aws-file-text.ts';
import { otherCopies } from './copies.ts';
import { addedBefore, type FileShape, KEY_SETTINGS, keyLines } from './file-shape.ts';
import { withIndexLock } from './index-lock.ts';
import { currentKey, type IndexedUser, itemOf, readIndex, userId, writeUser } from './key-index.ts';
import { AT_TERMINAL, isKeyId, type KeyPair, type KeyStore, keysError, STORE_NAMES } from './key-store.ts';
import { otherCredentialsFile, userOfProfile } from './profile-user.ts';
import { checkReferable, keyReference } from './reference.ts';
import { storedPair } from './stored-pair.ts';

// Moves a user's keys from the AWS files into a store. Each step leaves the keys in one place at least, and a state that
// the next run finishes: store, read back, index, the line for all AWS tools, and only then the keys are removed.

const OF_A_SESSION = 'protect the user whose keys that session was created with';

export interface Protected {
  readonly user: IndexedUser;
  /** Where the keys still stand, for a person: whole sentences. */
  readonly copies: readonly string[];
  /** The files that keys were taken out of. */
  readonly emptied: readonly string[];
}

/** The keys of a profile that are to be stored, or undefined when its files hold none. */
export interface KeysInFiles {
  readonly pair: KeyPair;
  readonly place: Property;
}

/** Stores a user's keys, and takes them out of the AWS files. @throws AwsroleError */
export function protect(
  context: Context,
  name: string,
  store: KeyStore,
  options: { readonly session: boolean },
): Promise<Protected> {
  return withIndexLock(context, async () => {
    const files = loadProfiles(context);
    const profile = files.store.profiles.get(name) ?? missingProfile(files.store, name);
    const users = readIndex(context);
    const file = files.places.config;
    const known = userOfProfile(context, name);
    refuseOtherStore(known, store);
    const keys = keysInFiles(profile);
    refuseOtherProcess(profile);
    const pair = keys?.pair ?? (known && currentKey(known) && (await pairOf(known)));
    if (pair === undefined) {
      throw keysError(
        `profile ${quoted(name)} has no keys in the AWS files`,
        'to see which profiles have keys: awsrole keys; to store new ones: awsrole add',
      );
    }
    if (keys !== undefined) {
      refuseOddKeyId(name, keys);
      refuseOtherCredentials(files, keys, known);
      check();
      refuseOtherKeys(files, name, pair);
      await storePair(store, known?.id ?? userId(name, users, file), pair);
    }
    const shape = shapeOf(files, name, keys?.pair, known);
    const user = indexPair(context, name, pair.accessKeyId, known, {
      ...options,
      store,
      file,
      credentials: files.places.credentials,
      shape,
    });
    return finish(context, files, user, pair);

    /** An earlier run has stored them: that they are there is not only said. */
    function pairOf(user: IndexedUser): Promise<KeyPair> {
      check();
      return storedPair(context, store, user, AT_TERMINAL);
    }

    function check(): void {
      checkReferable(context);
      checkEditable(files.places.config);
      checkEditable(files.places.credentials);
    }
  });
}

/** Stores a pair and makes sure that it can be had back. @throws AwsroleError kind `keys` */
export async function storePair(store: KeyStore, id: string, pair: KeyPair): Promise<void> {
  const item = itemOf({ id }, pair);
  await store.write(item, pair, AT_TERMINAL);
  const back = await store.read(item, AT_TERMINAL);
  if (back?.accessKeyId === pair.accessKeyId && back.secretAccessKey === pair.secretAccessKey) return;
  throw keysError(
    `${store.title} does not return the keys of ${quoted(id)} that were stored in it, so nothing was changed`,
    `check what it has under awsrole/${id}/${pair.accessKeyId}`,
  );
}

/** Keys never change their store by themselves. @throws AwsroleError kind `keys` */
export function refuseOtherStore(known: IndexedUser | undefined, store: KeyStore): void {
  if (known === undefined || known.store === store.kind) return;
  throw keysError(
    `the keys of ${quoted(known.name)} are already in another store: ${STORE_NAMES[known.store]}`,
    `to move them: awsrole unprotect ${profileWord(known.name)}, then awsrole protect --store ${store.kind} ${profileWord(known.name)}`,
  );
}

/** Notes in the index which pair is handed out. An earlier one is kept as the previous one. */
export function indexPair(
  context: Context,
  name: string,
  accessKeyId: string,
  known: IndexedUser | undefined,
  options: {
    readonly store: KeyStore;
    readonly session: boolean;
    readonly file: string;
    readonly credentials?: string | undefined;
    readonly shape: FileShape;
  },
): IndexedUser {
  const { store, session, file, credentials = known?.credentials, shape } = options;
  const others = (known?.keys ?? []).filter((key) => key.accessKeyId !== accessKeyId);
  const same = known?.keys.find((key) => key.accessKeyId === accessKeyId);
  const user: IndexedUser = {
    id: known?.id ?? userId(name, readIndex(context), file),
    name,
    store: store.kind,
    file,
    ...(credentials !== undefined && { credentials }),
    session,
    shape,
    keys: [
      { accessKeyId, since: same?.since ?? new Date(context.now()).toISOString(), state: 'current' },
      ...others.map((key) => (key.state === 'current' ? ({ ...key, state: 'previous' } as const) : key)),
    ],
  };
  writeUser(context, user.id, user);
  return user;
}

/** Notes how the AWS files look. What an earlier run has noted, which may have done half of its work, stays. */
export function shapeOf(
  { places }: LoadedProfiles,
  name: string,
  pair: KeyPair | undefined,
  known: IndexedUser | undefined,
): FileShape {
  const config = readAwsFile(places.config);
  // A file that no keys are taken out of need not be one that can be changed.
  const credentials = pair && readAwsFile(places.credentials);
  const lines = (text: string | undefined, kind: FileKind) =>
    pair === undefined || text === undefined ? [] : keyLines(text, kind, name, pair);
  const found = { config: lines(config, 'config'), credentials: lines(credentials, 'credentials') };
  const hasFound = found.config.length + found.credentials.length > 0;
  return {
    added: known?.shape?.added ?? (known === undefined ? addedBefore(config ?? '', name) : ''),
    made: known?.shape?.made ?? (known === undefined && config === undefined),
    config: (hasFound ? found : known?.shape)?.config ?? [],
    credentials: (hasFound ? found : known?.shape)?.credentials ?? [],
  };
}

/** Writes the line for all AWS tools, then takes the keys out of the files. */
function finish(
  context: Context,
  { places: { config, credentials } }: LoadedProfiles,
  user: IndexedUser,
  pair: KeyPair,
): Protected {
  writeReference(context, config, user);
  const kinds = [
    [config, 'config'],
    [credentials, 'credentials'],
  ] as const;
  const emptied = kinds.filter(([file, kind]) =>
    editAwsFile(file, (text) => {
      refuseOtherValues(file, text, kind, user.name, pair);
      return withoutSettings(text, kind, user.name, KEY_SETTINGS);
    }),
  );
  return {
    user,
    copies: otherCopies(pair, [config, credentials]),
    emptied: emptied.map(([file]) => file),
  };
}

/**
 * With AWS_SHARED_CREDENTIALS_FILE one config file serves several credentials files, but has one line for a profile: the
 * keys of another user, of the same name there, would be handed out from then on.
 */
function refuseOtherCredentials({ places }: LoadedProfiles, keys: KeysInFiles, known?: IndexedUser): void {
  if (known === undefined || keys.pair.accessKeyId === currentKey(known)?.accessKeyId) return;
  const theirs = otherCredentialsFile(known, places.credentials);
  if (theirs === undefined) return;
  throw errorAt(
    keys.place,
    `profile ${quoted(known.name)} has other keys here than those stored for it from ${quoted(theirs)}, and both files share ${quoted(places.config)}`,
    'give it another name here, or a config file of its own (AWS_CONFIG_FILE)',
  );
}

/** What is none of AWS's long-lived key ids, as of LocalStack or in quotes, could not be found again. */
function refuseOddKeyId(name: string, { pair: { accessKeyId }, place }: KeysInFiles): void {
  if (accessKeyId.startsWith('ASIA')) {
    throw errorAt(
      place,
      `the key id of profile ${quoted(name)} begins with ASIA: it belongs to a temporary session`,
      OF_A_SESSION,
    );
  }
  if (isKeyId(accessKeyId)) return;
  throw errorAt(
    place,
    `the key id of profile ${quoted(name)} is none of AWS's, so nothing was changed`,
    'it has 20 capital letters and digits, without quotes, and begins with AKIA',
  );
}

/** @throws AwsroleError kind `keys` where an AWS file has other keys of a profile besides these */
function refuseOtherKeys({ places }: LoadedProfiles, name: string, pair: KeyPair): void {
  for (const kind of ['config', 'credentials'] as const) {
    refuseOtherValues(places[kind], readIfThere(places[kind], 'make it readable') ?? '', kind, name, pair);
  }
}

/**
 * Keys that are in no store must not be removed: a profile can have one pair in each file, and `aws configure` can write
 * new ones at any time.
 * @throws AwsroleError kind `configuration`
 */
function refuseOtherValues(
  file: string,
  text: string,
  kind: 'config' | 'credentials',
  name: string,
  stored: KeyPair,
): void {
  for (const { line, text: setting } of standingSettings(text, kind, name, KEY_SETTINGS)) {
    const [key = '', ...rest] = setting.split('=');
    const value = rest.join('=').trim();
    const kept = /secret/i.test(key) ? stored.secretAccessKey : stored.accessKeyId;
    // A comment may stand behind it.
    if (value === '' || value.split(/\s/, 1)[0] === kept) continue;
    throw errorAt(
      { file, line },
      `profile ${quoted(name)} has other keys here, which are not stored`,
      'remove the ones that are not needed, then run the same command again',
    );
  }
}

/** Writes the line that refers all AWS tools to the stored keys. @throws AwsroleError kind `keys` */
export function writeReference(context: Context, config: string, user: IndexedUser): void {
  const reference = keyReference(context, user);
  editAwsFile(config, (text) => withSetting(text, 'config', user.name, 'credential_process', reference));
}

/**
 * Reads the long-lived keys that a profile's sections hold.
 * @throws AwsroleError kind `configuration` for half a pair, or keys that are not long-lived
 */
export function keysInFiles({ name, properties }: Profile): KeysInFiles | undefined {
  const keyId = properties.get('aws_access_key_id');
  const secret = properties.get('aws_secret_access_key');
  const half = keyId ?? secret;
  if (half === undefined) return undefined;
  const token = properties.get('aws_session_token') ?? properties.get('aws_security_token');
  if (token !== undefined) {
    throw errorAt(token, `the keys of profile ${quoted(name)} belong to a temporary session`, OF_A_SESSION);
  }
  if (!keyId?.value || !secret?.value || keyId.file !== secret.file) {
    throw errorAt(
      half,
      `profile ${quoted(name)} has only one of its two keys here`,
      'put both into the same file first',
    );
  }
  return { pair: { accessKeyId: keyId.value, secretAccessKey: secret.value }, place: keyId };
}

function refuseOtherProcess({ name, properties }: Profile): void {
  const command = properties.get('credential_process');
  if (command === undefined || referenceIn(command.value, name) !== undefined) return;
  throw errorAt(
    command,
    `profile ${quoted(name)} has both keys and a credential_process of its own`,
    'remove one of them, so that it is clear which one AWS tools use',
  );
}
