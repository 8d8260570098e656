import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { withIndexLock } from './index-lock.ts';
import {
  currentKey,
  type IndexedKey,
  type IndexedUser,
  itemOf,
  unfinishedKey,
  writeUser,
} from './key-index.ts';
import { AT_TERMINAL, type KeyPair, type KeyStore, keysError } from './key-store.ts';
import { storedUser } from './profile-user.ts';
import { storePair } from './protect.ts';

// A new pair of keys for a user. What stands in the index says how far it has come, so that the next run goes on there:
// `pending` was made and is not known to work, `previous` is the one before, inactive and to be had back.

/** A key of a user as IAM lists it. */
export interface ListedKey {
  readonly accessKeyId: string;
  readonly active: boolean;
  /** The name that IAM has for the user. */
  readonly userName?: string | undefined;
  /** ISO 8601. */
  readonly created?: string | undefined;
  readonly lastUse: LastUse;
}

/** When IAM has last seen a key, and in which service; `unknown` where it does not tell. */
export type LastUse = 'never' | 'unknown' | { readonly date: string; readonly where: string | undefined };

/** A key that is to be deleted although something may still use it. */
export interface ToBeDeleted extends ListedKey {
  /** False for one that awsrole has never stored: another program's, or another person's. */
  readonly stored: boolean;
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
    let user = storedUser(context, name);
    const unfinished = unfinishedKey(user);
    if (unfinished !== undefined) return retire(context, user, call, unfinished, deleteNow);
    const pending = keyIn(user, 'pending') ?? (await makePending(context, user, call));
    user = storedUser(context, name);
    const pair = await call.store.read(itemOf(user, pending), AT_TERMINAL);
    if (pair === undefined) {
      throw keysError(
        `the new keys ${pending.accessKeyId} are not in ${call.store.title}`,
        `to delete them at AWS: awsrole rotate --undo ${profileWord(name)}`,
      );
    }
    await waitUntilItWorks(context, call.service, pair);
    const old = currentKey(user);
    user = makeCurrent(context, user, pair.accessKeyId, 'rotate');
    return retire(context, user, call, old, deleteNow);
  });
}

/**
 * Makes the key before the current one again, or gives up a new one that is not known to work.
 * @throws AwsroleError kind `keys` when there is none
 */
export function undoRotation(context: Context, name: string, call: Call): Promise<Rotation> {
  return withIndexLock(context, async () => {
    const { store, service } = call;
    const user = storedUser(context, name);
    const pending = keyIn(user, 'pending');
    if (pending !== undefined) {
      await service.delete(pending.accessKeyId);
      return retire(context, await forget(context, user, store, pending), call, undefined, false);
    }
    const unfinished = unfinishedKey(user);
    // It has gone back already, and was interrupted after that.
    if (unfinished?.unfinished === 'undo') return retire(context, user, call, unfinished, false);
    const previous = keyIn(user, 'previous');
    const old = currentKey(user);
    if (previous === undefined)
      throw keysError(
        `there is no earlier key of ${quoted(name)} to go back to`,
        'to see which keys there are: awsrole keys',
      );
    const pair = await store.read(itemOf(user, previous), AT_TERMINAL);
    if (pair === undefined) {
      throw keysError(
        `the earlier keys ${previous.accessKeyId} are not in ${store.title}`,
        `to delete them at AWS: awsrole rotate --finish ${profileWord(name)}`,
      );
    }
    await service.setActive(previous.accessKeyId, true);
    await waitUntilItWorks(context, service, pair);
    const changed = makeCurrent(context, user, previous.accessKeyId, 'undo');
    return retire(context, changed, call, old, false);
  });
}

/**
 * Deletes the key before the current one, at AWS and in the store. Returns its id.
 * @param agree is asked before a key is deleted that something may still use: one that is active, or was never stored
 * here. It throws where the answer is no
 * @throws AwsroleError
 */
export function finishRotation(
  context: Context,
  name: string,
  { store, service }: Call,
  agree: (key: ToBeDeleted) => Promise<void>,
): Promise<string> {
  return withIndexLock(context, async () => {
    const user = storedUser(context, name);
    const previous = keyIn(user, 'previous');
    const answer = await service.list();
    const listed = answer ?? [];
    const known = user.keys.map(({ accessKeyId }) => accessKeyId);
    const found =
      previous === undefined
        ? listed.find(({ accessKeyId }) => !known.includes(accessKeyId))
        : listed.find(({ accessKeyId }) => accessKeyId === previous.accessKeyId);
    const accessKeyId = previous?.accessKeyId ?? found?.accessKeyId;
    if (accessKeyId === undefined)
      throw keysError(
        `there is no earlier key of ${quoted(name)} to delete`,
        answer === undefined
          ? 'AWS may have one that is not stored here, but the user is not allowed to list keys (iam:ListAccessKeys)'
          : 'to see which keys there are: awsrole keys',
      );
    const stored = previous !== undefined;
    // Where nobody may list keys, one that has never been made inactive counts as active.
    const unlisted = answer === undefined && previous?.unfinished !== undefined;
    const asked =
      found ?? (unlisted ? { accessKeyId, active: true, lastUse: 'unknown' as const } : undefined);
    if (asked !== undefined && (asked.active || !stored)) await agree({ ...asked, stored });
    await service.delete(accessKeyId);
    if (previous !== undefined) await forget(context, user, store, previous);
    return accessKeyId;
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
    throw tooManyKeys(user, [{ accessKeyId: earlier.accessKeyId, active: false, lastUse: 'unknown' }]);
  const pair = await service.create();
  try {
    await storePair(store, user.id, pair);
    return addPending(context, user, pair.accessKeyId);
  } catch (error) {
    // Where it cannot be kept it must not stay: it would be in the way of the next one.
    await service.delete(pair.accessKeyId).catch(({ message }: Error) => {
      context.warn(
        `the new keys ${pair.accessKeyId} could not be stored, but AWS still has them: ${message}; ` +
          `nobody has their secret, so delete them: awsrole rotate --finish ${profileWord(user.name)}`,
      );
    });
    await store
      .remove(itemOf(user, pair), AT_TERMINAL)
      .catch((failed: Error) => context.debug(failed.message));
    throw error;
  }
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

/** Words when a key was last used. */
export function lastUseText(lastUse: LastUse): string {
  if (lastUse === 'never') return 'never used';
  if (lastUse === 'unknown') return 'active; IAM does not say when it was last used';
  const { date, where } = lastUse;
  return `last used ${date.slice(0, 10)}${where === undefined ? '' : ` (${printable(where)})`}`;
}

function tooManyKeys(user: IndexedUser, listed: readonly ListedKey[]): Error {
  const current = currentKey(user)?.accessKeyId;
  const others = listed
    .filter(({ accessKeyId }) => accessKeyId !== current)
    .map((key) => `${key.accessKeyId} (${key.active ? lastUseText(key.lastUse) : 'inactive'})`);
  return keysError(
    `${quoted(user.name)} has ${MOST_KEYS} keys at AWS, which is the maximum: ${others.join(', ')} besides the current one`,
    `if nothing uses it any more, delete it: awsrole rotate --finish ${profileWord(user.name)}`,
  );
}

async function waitUntilItWorks(context: Context, service: KeyService, pair: KeyPair): Promise<void> {
  let answers = 0;
  let told = false;
  for (let waited = 0; answers < ANSWERS; waited += POLL_MS) {
    answers = (await service.works(pair)) ? answers + 1 : 0;
    if (answers === ANSWERS) return;
    if (waited >= PATIENCE_MS) {
      throw keysError(
        `AWS does not accept the keys ${pair.accessKeyId} yet, so the others stay in use`,
        'nothing is lost: run the same command again in a few minutes',
      );
    }
    if (!told) context.stderr.write(`waiting until AWS knows the keys ${pair.accessKeyId} everywhere\n`);
    told = true;
    await sleep(POLL_MS);
  }
}

/** Makes the old key inactive, or deletes it, and notes that. Where AWS refuses that, the next run tries again. */
async function retire(
  context: Context,
  user: IndexedUser,
  { store, service }: Call,
  old: IndexedKey | undefined,
  deleteIt: boolean,
): Promise<Rotation> {
  let changed = user;
  let stillActive: string | undefined;
  try {
    if (old !== undefined && deleteIt) {
      // It may be what signs these calls, so there can be no second one.
      await service.delete(old.accessKeyId);
      changed = await forget(context, user, store, old);
    } else if (old !== undefined) {
      await service.setActive(old.accessKeyId, false);
      changed = withKeys(context, user, ({ unfinished, ...key }) => key);
    }
  } catch (error) {
    stillActive = (error as Error).message;
  }
  return {
    user: changed,
    current: currentKey(changed)?.accessKeyId ?? '',
    previous: keyIn(changed, 'previous')?.accessKeyId,
    stillActive,
  };
}

/** Removes a key from its store, and then from the index, so that a run that was ended in between can be repeated. */
async function forget(
  context: Context,
  user: IndexedUser,
  store: KeyStore,
  { accessKeyId }: IndexedKey,
): Promise<IndexedUser> {
  await store.remove(itemOf(user, { accessKeyId }), AT_TERMINAL);
  const changed = { ...user, keys: user.keys.filter((key) => key.accessKeyId !== accessKeyId) };
  writeUser(context, user.id, changed);
  return changed;
}

/** Hands out another key from now on. The one before has yet to be made inactive. */
function makeCurrent(
  context: Context,
  user: IndexedUser,
  accessKeyId: string,
  unfinished: 'rotate' | 'undo',
): IndexedUser {
  return withKeys(context, user, ({ unfinished: _, ...key }) => {
    if (key.accessKeyId === accessKeyId) return { ...key, state: 'current' };
    return key.state === 'current' ? { ...key, state: 'previous', unfinished } : key;
  });
}

function withKeys(context: Context, user: IndexedUser, change: (key: IndexedKey) => IndexedKey): IndexedUser {
  const changed = { ...user, keys: user.keys.map(change) };
  writeUser(context, user.id, changed);
  return changed;
}

function keyIn({ keys }: IndexedUser, state: IndexedKey['state']): IndexedKey | undefined {
  return keys.find((key) => key.state === state);
}
