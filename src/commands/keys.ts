import type { Context } from '../context.ts';
import {
  type IndexedKey,
  type IndexedUser,
  readIndex,
  replacedText,
  unfinishedKey,
} from '../keys/key-index.ts';
import { keysInFiles } from '../keys/protect.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { table } from '../terminal/table.ts';

const DAY_MS = 86_400_000;
const STORES = { keyring: 'keyring', pass: 'pass', age: 'age files' } as const;

interface Row {
  readonly profile: string;
  readonly accessKeyId: string;
  /** The store, or the place in an AWS file. */
  readonly where: string;
  readonly state: IndexedKey['state'] | 'plain text';
  /** When it was stored; undefined for one in a file. */
  readonly since?: string;
}

/** Lists whose long-lived keys are where, and for how long; never a secret. @throws AwsroleError */
export function keys(context: Context, { json }: { readonly json: boolean }): number {
  const users = readIndex(context);
  const { profiles } = loadProfiles(context).store;
  const rows = [
    ...users.flatMap((user) => [...user.keys].sort(byState).map((key) => storedRow(user, key))),
    ...[...profiles.values()].flatMap(plainRow),
  ];
  if (json) {
    context.stdout.write(`${JSON.stringify(rows, undefined, 2)}\n`);
    return 0;
  }
  if (rows.length === 0) {
    context.stderr.write('no long-lived keys: neither in a store nor in the AWS files\n');
    return 0;
  }
  const lines = table([
    ['profile', 'key id', 'where', 'state', 'stored'],
    ...rows.map(({ profile, accessKeyId, where, state, since }) => [
      profile,
      accessKeyId,
      where,
      state,
      since === undefined ? '' : ageText(context.now() - Date.parse(since)),
    ]),
  ]);
  context.stdout.write(`${lines.join('\n')}\n`);
  for (const user of users) {
    const left = leftToDo(user, context.now());
    if (left !== undefined) context.stderr.write(`${left}\n`);
  }
  return 0;
}

/** What a rotation has left to be done, for a person. */
function leftToDo(user: IndexedUser, nowMs: number): string | undefined {
  const word = shellWord(user.name);
  const whose = printable(user.name);
  const unfinished = unfinishedKey(user);
  if (unfinished !== undefined)
    return `${whose}'s earlier key ${unfinished.accessKeyId} is not inactive yet; to finish that: awsrole rotate ${word}`;
  const pending = user.keys.find(({ state }) => state === 'pending');
  if (pending !== undefined)
    return `${whose}'s new key ${pending.accessKeyId} is not in use yet; to go on: awsrole rotate ${word}`;
  return replacedText(user, nowMs);
}

/** The one that is handed out first. */
function byState(a: IndexedKey, b: IndexedKey): number {
  return a.state < b.state ? -1 : Number(a.state > b.state);
}

function storedRow({ name, store }: IndexedUser, { accessKeyId, state, since }: IndexedKey): Row {
  return { profile: name, accessKeyId, where: STORES[store], state, since };
}

function plainRow(profile: Profile): Row[] {
  try {
    const found = keysInFiles(profile);
    if (found === undefined) return [];
    const { accessKeyId } = found.pair;
    return [{ profile: profile.name, accessKeyId, where: placeText(found.place), state: 'plain text' }];
  } catch {
    return []; // a session's keys, or half a pair: no long-lived ones
  }
}

function ageText(ms: number): string {
  const days = Math.floor(ms / DAY_MS);
  if (days < 1) return 'today';
  return days === 1 ? 'yesterday' : `${days} days ago`;
}
