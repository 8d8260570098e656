import type { Context } from '../context.ts';
import { serviceSettings, stsSettings } from '../credentials/sts/settings.ts';
import { readIndex } from '../keys/key-index.ts';
import { commandFor, isOfTheseFiles } from '../keys/profile-user.ts';
import { type KeysInFiles, keysInFiles } from '../keys/protect.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { placeText } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { type Check, type Finding, note, ok } from './finding.ts';

const DAY_MS = 86_400_000;
/** The age that AWS's own advice and its checks allow. */
const OLD_DAYS = 90;
/** For an age that is good to know and no more. */
const SECONDS = 4;
/** Of more users IAM is not asked. */
const MOST_ASKED = 20;

/** Long-lived keys: which lie in plain text, and how old they are. */
export const keysCheck: Check = {
  name: 'keys',
  waitsFor: 'IAM to say how old the keys are',
  look: async ({ context, files }) => {
    const plain = [...(files?.store.profiles.values() ?? [])].flatMap((profile) => {
      const keys = longLived(profile);
      return keys === undefined ? [] : [{ profile, keys }];
    });
    const inFiles = await Promise.all(
      plain.map(async ({ profile, keys }, index) => {
        const created =
          files === undefined || index >= MOST_ASKED
            ? undefined
            : await createdAt(context, files, profile, keys);
        return plainFinding(profile, keys, daysSince(context, created));
      }),
    );
    const findings = [
      ...inFiles,
      ...storedKeys(
        context,
        plain.map(({ profile }) => profile.name),
      ),
    ];
    return findings.length > 0 ? findings : [ok('no long-lived keys are in plain text')];
  },
};

function longLived(profile: Profile): KeysInFiles | undefined {
  try {
    return keysInFiles(profile);
  } catch {
    return undefined; // a session's, or half a pair: the check of the files speaks of that
  }
}

function plainFinding({ name }: Profile, { place }: KeysInFiles, days: number | undefined): Finding {
  const old = days !== undefined && days > OLD_DAYS;
  const age = days === undefined ? ', of unknown age' : `, ${days === 1 ? '1 day' : `${days} days`} old`;
  const protect = `awsrole protect ${profileWord(name)}`;
  return note(
    `the keys of ${quoted(name)} are in plain text (${placeText(place)})${age}`,
    old ? `${protect}, then awsrole rotate ${profileWord(name)}` : protect,
  );
}

/** @param plain the profiles whose keys lie in plain text (again): those come before the stored ones */
function storedKeys(context: Context, plain: readonly string[]): Finding[] {
  const stored = readIndex(context).filter(
    (user) => !(plain.includes(user.name) && isOfTheseFiles(context, user)),
  );
  return stored.map((user) => {
    const { name, keys } = user;
    const days = daysSince(context, keys.find(({ state }) => state === 'current')?.since) ?? 0;
    const says = `the keys of ${quoted(name)} are stored, and not in plain text`;
    return days > OLD_DAYS
      ? note(`${says}; they have been for ${days} days`, commandFor(context, user, 'rotate'))
      : ok(says);
  });
}

function daysSince({ now }: Context, time: string | undefined): number | undefined {
  const since = Date.parse(time ?? '');
  return Number.isNaN(since) ? undefined : Math.max(0, Math.floor((now() - since) / DAY_MS));
}

/** Asks IAM when a key was made, with that key; undefined where that is not allowed, or IAM is not to be reached. */
async function createdAt(
  context: Context,
  { store }: LoadedProfiles,
  { name }: Profile,
  { pair }: KeysInFiles,
): Promise<string | undefined> {
  try {
    const sts = stsSettings(context.env, store, resolveRoleChain(store, name));
    const settings = serviceSettings(context.env, store, name, 'iam', sts.region);
    // Where STS is not AWS's own, AWS's IAM does not know these keys.
    if (sts.endpoint !== undefined && settings.endpoint === undefined) return undefined;
    const { iamClient, listAccessKeys } = await import('../credentials/iam/client.ts');
    const limits = { maxAttempts: 1, callSeconds: Math.min(settings.callSeconds, SECONDS) };
    const client = await iamClient({ ...settings, ...limits }, pair);
    try {
      return (await listAccessKeys(client)).find(({ accessKeyId }) => accessKeyId === pair.accessKeyId)
        ?.created;
    } finally {
      client.destroy();
    }
  } catch (error) {
    context.debug(`the age of the keys of ${name} could not be determined: ${(error as Error).message}`);
    return undefined;
  }
}
