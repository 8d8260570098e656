import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { withIndexLock } from './index-lock.ts';
import {
  currentKey,
  type IndexedKey,
  type IndexedUser,
  itemOf,
  type KeyState,
  readIndex,
  storedUser,
  writeUser,
} from './key-index.ts';
import { AT_TERMINAL, type KeyPair, type KeyStore, keysError } from './key-store.ts';
import { storePair } from './protect.ts';

// A new pair of keys for a user. What stands in the index says how far it has come, so that the next run goes on there:
// `pending` was made and is not known to work, `previous` is the one before, inactive and to be had back.

/** A key of a user as IAM lists it. */
export interface ListedKey {
  readonly accessKeyId: string;
  readonly active: boolean;
  /** ISO 8601. */
  readonly created?: string | undefined;
  /** ISO 8601; undefined for one that was never used. */
  readonly lastUsed?: string | undefined;
}

/** What a rotation asks of AWS. All calls are for the user whose keys sign them. */
export interface KeyService {
  /** Undefined where the user may not list them. */
  list(): Promise<readonly ListedKey[] | undefined>;
  create(): Promise<KeyPair>;
  setActive(accessKeyId: string, active: boolean): Promise<void>;
  delete(accessKeyId: string): Promise<void>;
  /** True when STS takes the keys; a new pair is not known everywhere at once. */
  works(pair: KeyPair): Promise<boolean>;
}

const POLL_MS = 1_000;
const PATIENCE_MS = 60_000;
/** How many times running STS has to answer: its servers learn of a key one by one. */
const ANSWERS = 3;
/** IAM's limit for a user. */
const MOST_KEYS = 2;

export interface Rotation {
  readonly user: IndexedUser;
  readonly current: string;
  /** The key before; undefined when it was deleted. */
  readonly previous: string | undefined;
  /** Why the old key is still active; undefined when it is not. */
  readonly stillActive: string | undefined;
}

interface Call {
  readonly store: KeyStore;
  readonly service: KeyService;
}

/**
 * Makes a new pair of keys at AWS, stores it, waits until it works, and makes the old one inactive. Finishes what an
 * interrupted run has begun.
 * @throws AwsroleError
 */
export function rotate(
  context: Context,
  name: string,
  call: Call,
  { deleteNow }: { readonly deleteNow: boolean },
): Promise<Rotation> {
  return withIndexLock(context, async () => {
    let user = storedUser(readIndex(context), name);
    const pending = keyIn(user, 'pending') ?? (await makePending(context, user, call));
    user = storedUser(readIndex(context), name);
    const pair = await call.store.read(itemOf(user, pending), AT_TERMINAL);
    if (pair === undefined) {
      throw keysError(
        `the new keys ${pending.accessKeyId} are not in ${call.store.title}`,
        `delete them at AWS, then: awsrole rotate --finish ${printable(name)}`,
      );
    }
    await waitUntilItWorks(context, call.service, pair);
    const old = currentKey(user);
    user = withStates(context, user, (key) =>
      key.accessKeyId === pair.accessKeyId ? 'current' : key.state === 'current' ? 'previous' : key.state,
    );
    const stillActive = old && (await retire(call.service, old.accessKeyId, deleteNow));
    if (old !== undefined && deleteNow && stillActive === undefined)
      user = await forget(context, user, call.store, old);
    const previous = keyIn(user, 'previous')?.accessKeyId;
    return { user, current: pair.accessKeyId, previous, stillActive };
  });
}

/** Makes the key before the current one again. @throws AwsroleError kind `keys` when there is none */
export function undoRotation(context: Context, name: string, { service }: Call): Promise<Rotation> {
  return withIndexLock(context, async () => {
    const user = storedUser(readIndex(context), name);
    const previous = keyIn(user, 'previous');
    const old = currentKey(user);
    if (previous === undefined)
      throw keysError(
        `there is no earlier key of ${quoted(name)} to go back to`,
        'awsrole keys shows those that there are',
      );
    await service.setActive(previous.accessKeyId, true);
    const changed = withStates(context, user, (key) =>
      key.accessKeyId === previous.accessKeyId ? 'current' : key.state === 'current' ? 'previous' : key.state,
    );
    const stillActive = old && (await retire(service, old.accessKeyId, false));
    return { user: changed, current: previous.accessKeyId, previous: old?.accessKeyId, stillActive };
  });
}

/** Deletes the key before the current one, at AWS and in the store. Returns its id. @throws AwsroleError */
export function finishRotation(context: Context, name: string, { store, service }: Call): Promise<string> {
  return withIndexLock(context, async () => {
    const user = storedUser(readIndex(context), name);
    const previous = keyIn(user, 'previous') ?? (await unstoredKey(user, service));
    if (previous === undefined)
      throw keysError(
        `there is no earlier key of ${quoted(name)} to delete`,
        'awsrole keys shows those that there are',
      );
    await service.delete(previous.accessKeyId);
    await forget(context, user, store, previous);
    return previous.accessKeyId;
  });
}

/** Has IAM make a pair, and stores it at once: nobody else will ever know its secret. */
async function makePending(
  context: Context,
  user: IndexedUser,
  { store, service }: Call,
): Promise<IndexedKey> {
  const listed = await service.list();
  const adopted = await storedButUnknown(user, store, listed ?? []);
  if (adopted !== undefined) return addPending(context, user, adopted);
  if (listed !== undefined && listed.length >= MOST_KEYS) throw tooManyKeys(user, listed);
  const earlier = keyIn(user, 'previous');
  if (listed === undefined && earlier !== undefined)
    throw tooManyKeys(user, [{ accessKeyId: earlier.accessKeyId, active: false }]);
  const pair = await service.create();
  await storePair(store, user.id, pair);
  return addPending(context, user, pair.accessKeyId);
}

/** Finds the key of a run that was ended after it had stored the pair, and before it had noted that. */
async function storedButUnknown(
  user: IndexedUser,
  store: KeyStore,
  listed: readonly ListedKey[],
): Promise<string | undefined> {
  const known = user.keys.map(({ accessKeyId }) => accessKeyId);
  for (const { accessKeyId } of listed) {
    if (known.includes(accessKeyId)) continue;
    const pair = await store.read(itemOf(user, { accessKeyId }), AT_TERMINAL);
    if (pair !== undefined) return accessKeyId;
  }
  return undefined;
}

function addPending(context: Context, user: IndexedUser, accessKeyId: string): IndexedKey {
  const since = new Date(context.now()).toISOString();
  const key: IndexedKey = { accessKeyId, state: 'pending', since };
  writeUser(context, user.id, { ...user, keys: [...user.keys, key] });
  return key;
}

function tooManyKeys(user: IndexedUser, listed: readonly ListedKey[]): Error {
  const current = currentKey(user)?.accessKeyId;
  const others = listed
    .filter(({ accessKeyId }) => accessKeyId !== current)
    .map(({ accessKeyId, active, lastUsed }) => {
      const used = lastUsed === undefined ? 'never used' : `last used ${lastUsed.slice(0, 10)}`;
      return `${accessKeyId} (${active ? used : 'inactive'})`;
    });
  return keysError(
    `${quoted(user.name)} has ${MOST_KEYS} keys at AWS already, which is the most: ${others.join(', ')} besides the current one`,
    `if nothing uses it any more, delete it: awsrole rotate --finish ${printable(user.name)}`,
  );
}

/** A key at AWS that is in no store of ours, such as one whose secret an interrupted run has never got. */
async function unstoredKey(user: IndexedUser, service: KeyService): Promise<IndexedKey | undefined> {
  const known = user.keys.map(({ accessKeyId }) => accessKeyId);
  const other = (await service.list())?.find(({ accessKeyId }) => !known.includes(accessKeyId));
  return other && { accessKeyId: other.accessKeyId, state: 'previous', since: other.created ?? '' };
}

async function waitUntilItWorks(context: Context, service: KeyService, pair: KeyPair): Promise<void> {
  let answers = 0;
  let told = false;
  for (let waited = 0; answers < ANSWERS; waited += POLL_MS) {
    answers = (await service.works(pair)) ? answers + 1 : 0;
    if (answers === ANSWERS) return;
    if (waited >= PATIENCE_MS) {
      throw keysError(
        `AWS does not take the new keys ${pair.accessKeyId} yet, so the old ones stay current`,
        'nothing is lost: run the same command again in some minutes',
      );
    }
    if (!told) context.stderr.write(`waiting for AWS to know the new keys ${pair.accessKeyId} everywhere\n`);
    told = true;
    await sleep(POLL_MS);
  }
}

/** Makes the old key inactive, or deletes it. Returns why that could not be done. */
async function retire(
  service: KeyService,
  accessKeyId: string,
  deleteIt: boolean,
): Promise<string | undefined> {
  try {
    // It may be what signs these calls, so there can be no second one.
    await (deleteIt ? service.delete(accessKeyId) : service.setActive(accessKeyId, false));
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function forget(
  context: Context,
  user: IndexedUser,
  store: KeyStore,
  { accessKeyId }: IndexedKey,
): Promise<IndexedUser> {
  const changed = { ...user, keys: user.keys.filter((key) => key.accessKeyId !== accessKeyId) };
  writeUser(context, user.id, changed);
  await store.remove(itemOf(user, { accessKeyId }), AT_TERMINAL);
  return changed;
}

function withStates(
  context: Context,
  user: IndexedUser,
  stateOf: (key: IndexedKey) => KeyState,
): IndexedUser {
  const changed = { ...user, keys: user.keys.map((key) => ({ ...key, state: stateOf(key) })) };
  writeUser(context, user.id, changed);
  return changed;
}

function keyIn({ keys }: IndexedUser, state: KeyState): IndexedKey | undefined {
  return keys.find((key) => key.state === state);
}
