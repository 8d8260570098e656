import type { Context } from '../context.ts';
import {
  type IndexedKey,
  type IndexedUser,
  readIndex,
  replacedText,
  unfinishedKey,
} from '../keys/key-index.ts';
import { isOfTheseFiles } from '../keys/profile-user.ts';
import { keysInFiles } from '../keys/protect.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { profileWord, shellWord } from '../profiles/shell-word.ts';
import { shownPath } from '../profiles/shown-path.ts';
import { table } from '../terminal/table.ts';

const DAY_MS = 86_400_000;
const STORES = { keyring: 'keyring', pass: 'pass', age: 'age files' } as const;

interface Row {
  readonly profile: string;
  readonly accessKeyId: string;
  /** The config file of the profile, where that is not the one in use: profiles of one name may be in several. */
  readonly file?: string;
  /** The store, or the place in an AWS file. */
  readonly where: string;
  readonly state: IndexedKey['state'] | 'plain text';
  /** When it was stored; undefined for one in a file. */
  readonly since?: string;
}

/** Lists whose long-lived keys are where, and for how long; never a secret. @throws AwsroleError */
export function keys(context: Context, { json }: { readonly json: boolean }): number {
  // Each is looked for in the config file.
  const users = readIndex(context).map((user) => ({ user, isHere: isOfTheseFiles(context, user) }));
  const { profiles } = loadProfiles(context).store;
  const rows = [
    ...users.flatMap((stored) => [...stored.user.keys].sort(byState).map((key) => storedRow(stored, key))),
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
  const home = homeFolder(context.env, context.platform);
  const hasOthers = rows.some(({ file }) => file !== undefined);
  const lines = table([
    ['profile', ...(hasOthers ? ['config file'] : []), 'key id', 'where', 'state', 'stored'],
    ...rows.map(({ profile, file, accessKeyId, where, state, since }) => [
      profile,
      ...(hasOthers ? [file === undefined ? '' : shownPath(file, home)] : []),
      accessKeyId,
      where,
      state,
      since === undefined ? '' : ageText(context.now() - Date.parse(since)),
    ]),
  ]);
  context.stdout.write(`${lines.join('\n')}\n`);
  for (const stored of users) {
    const left = leftToDo(context, stored);
    if (left !== undefined) context.stderr.write(`${left}\n`);
  }
  return 0;
}

interface Stored {
  readonly user: IndexedUser;
  /** Whether the profile is in the AWS files in use. */
  readonly isHere: boolean;
}

/** What a rotation has left to be done, for a person. */
function leftToDo(context: Context, { user, isHere }: Stored): string | undefined {
  const inFile = `${printable(user.name)} (${shownPath(user.file, homeFolder(context.env, context.platform))})`;
  const whose = isHere ? printable(user.name) : inFile;
  // Without it the command would change the keys of the profile of that name in the files in use.
  const before = isHere ? '' : `AWS_CONFIG_FILE=${shellWord(user.file)} `;
  const rotate = `${before}awsrole rotate ${profileWord(user.name)}`;
  const unfinished = unfinishedKey(user);
  if (unfinished !== undefined)
    return `${whose}'s earlier key ${unfinished.accessKeyId} is not inactive yet; to finish that: ${rotate}`;
  const pending = user.keys.find(({ state }) => state === 'pending');
  if (pending !== undefined)
    return `${whose}'s new key ${pending.accessKeyId} is not in use yet; to go on: ${rotate}`;
  return replacedText(user, context.now(), { whose, before });
}

/** The one that is handed out first. */
function byState(a: IndexedKey, b: IndexedKey): number {
  return a.state < b.state ? -1 : Number(a.state > b.state);
}

function storedRow({ user, isHere }: Stored, { accessKeyId, state, since }: IndexedKey): Row {
  const { name, store, file } = user;
  return { profile: name, ...(isHere ? {} : { file }), accessKeyId, where: STORES[store], state, since };
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
