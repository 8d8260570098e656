import { type Context, withEnvironment, withWarnings } from '../context.ts';
import { currentKey, type IndexedUser, itemOf, readIndex } from '../keys/key-index.ts';
import type { KeyStore, StoreKind } from '../keys/key-store.ts';
import { openStore } from '../keys/open-store.ts';
import { commandFor, idIn, isOfTheseFiles } from '../keys/profile-user.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { quoted } from '../profiles/printable.ts';
import { setting } from '../profiles/profile-store.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { type Check, type Examined, type Finding, note, ok, wrong } from './finding.ts';

const PATIENCE = { seconds: 8, person: false };
/** With these GnuPG could ask for a passphrase, and a check asks for nothing. */
const ASKING = { GPG_TTY: undefined, DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
const LOCKED = /locked|passphrase/i;

/** The stores of long-lived keys: whether each has what the list of stored keys says. */
export const storesCheck: Check = {
  name: 'stores',
  waitsFor: 'the stores of long-lived keys',
  look: async (examined) => {
    const { context } = examined;
    const users = readIndex(context);
    if (users.length === 0) return [ok('no long-lived keys are stored')];
    const settings = await loadSettings(withWarnings(context, () => {}));
    const kinds = [...new Set(users.map(({ store }) => store))];
    const found = await Promise.all(kinds.map((kind) => lookInto(context, kind, users, settings)));
    return [...found.flat(), ...users.flatMap((user) => referenceOf(examined, user))];
  },
};

async function lookInto(
  context: Context,
  kind: StoreKind,
  users: readonly IndexedUser[],
  settings: Settings,
): Promise<Finding[]> {
  const quietly = kind === 'pass' ? withEnvironment(context, { ...context.env, ...ASKING }) : context;
  const store = await openStore(quietly, kind, settings);
  const findings: Finding[] = [];
  // One after the other: a locked store is not to ask as often as it has keys.
  for (const user of users.filter((one) => one.store === kind)) {
    const found = await lookFor(store, user, commandFor(context, user, 'add'));
    findings.push(found);
    if (found.state === 'note') break;
  }
  if (findings.some(({ state }) => state !== 'ok')) return findings.filter(({ state }) => state !== 'ok');
  const { length } = findings;
  return [
    ok(
      `the keys of ${length === 1 ? 'one user' : `${length} users`} are where they are stored (${store.title})`,
    ),
  ];
}

async function lookFor(store: KeyStore, user: IndexedUser, again: string): Promise<Finding> {
  const key = currentKey(user);
  const name = quoted(user.name);
  if (key === undefined) return wrong(`none of the stored keys of ${name} is the current one`, again);
  try {
    if ((await store.read(itemOf(user, key), PATIENCE)) !== undefined) return ok(name);
    return wrong(`the keys of ${name} are not where they were stored (${store.title})`, again);
  } catch (error) {
    const { message, hint } = error as Error & { hint?: string };
    // Locked is how it should be as long as nobody needs it.
    if (LOCKED.test(`${message} ${hint ?? ''}`))
      return note(`the stored keys of ${name} are locked: ${message}`, hint);
    return wrong(`the keys of ${name} cannot be read: ${message}`, hint);
  }
}

/** Without the line that refers to them, no AWS tool finds the keys. */
function referenceOf({ context, files }: Examined, user: IndexedUser): Finding[] {
  if (files === undefined) return [];
  const isHere = isOfTheseFiles(context, user);
  const isReferredTo = isHere
    ? referenceIn(setting(files.store, user.name, 'credential_process')?.value ?? '', user.name) !== undefined
    : idIn(user.file, user.name) === user.id;
  if (isReferredTo) return [];
  const where = isHere ? 'in these AWS files' : `in ${quoted(user.file)}`;
  return [
    note(
      `the keys of ${quoted(user.name)} are stored, but no profile of that name ${where} refers to them`,
      `${commandFor(context, user, 'protect')} writes the line`,
    ),
  ];
}
