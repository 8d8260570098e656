import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { type Plan, planSwitch } from '../credentials/plan.ts';
import { sessionOptions } from '../credentials/session-options.ts';
import type { StsSettings } from '../credentials/sts/client-options.ts';
import { checkSameCloud, serviceSettings } from '../credentials/sts/settings.ts';
import { AwsroleError } from '../errors.ts';
import { currentKey, longReplaced, type Replaced, unfinishedKey } from '../keys/key-index.ts';
import { openStore } from '../keys/open-store.ts';
import { storedUser } from '../keys/profile-user.ts';
import {
  finishRotation,
  lastUseText,
  type Rotation,
  rotate as rotateKeys,
  type ToBeDeleted,
  undoRotation,
} from '../keys/rotate.ts';
import { sharers } from '../keys/sharers.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { openCache } from '../sessions/open-cache.ts';
import { askYesNo } from '../terminal/yes-no.ts';

/** `keep`: the old pair becomes inactive; `delete-now`: it is deleted at once. */
export type HowToRotate = 'keep' | 'delete-now' | 'undo' | 'finish';

/**
 * Makes a new pair of keys for a user, or ends or takes back such a change.
 * @param yes delete old keys without asking
 * @throws AwsroleError
 */
export async function rotate(
  outer: Context,
  name: string,
  how: HowToRotate,
  { yes }: { readonly yes: boolean },
): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const user = storedUser(context, name);
  const whose = printable(user.name);
  const word = profileWord(user.name);
  const say = (text: string): void => {
    context.stderr.write(`${text}\n`);
  };
  const isNew = how === 'keep' || how === 'delete-now';
  const left = isNew ? unfinishedKey(user) : undefined;
  if (left !== undefined) {
    say(`The last change of ${whose}'s keys was interrupted; now it is finished: ${left.accessKeyId}.`);
  } else if (isNew) {
    say(`New keys for ${whose}: other computers that hold the old ones will stop working.`);
  }
  const ending = isNew ? (left ?? currentKey(user))?.accessKeyId : undefined;
  for (const other of ending === undefined ? [] : sharers(context, user, ending)) {
    say(
      `Profile ${other} holds the same key and will stop working when the old one is inactive: change it too.`,
    );
  }
  const replaced = isNew && left === undefined ? longReplaced(user, context.now()) : undefined;
  const deletesFirst = replaced !== undefined && (yes || (await isToBeDeleted(context, whose, replaced)));
  // With the MFA session where the user has a device: policies often ask for that.
  const plan = planSwitch(context, user.name);
  const options = await sessionOptions(context, {
    codeSource: 'terminal',
    refresh: false,
    folder: openCache(context),
  });
  const signer = await getCredentials(context, plan, options);
  const iam = iamSettings(context, plan);
  const { accessKeyService } = await import('../credentials/iam/access-keys.ts');
  const call = {
    store: await openStore(context, user.store, options.own),
    service: accessKeyService(iam, plan.sts, signer),
  };
  if (how === 'finish' || deletesFirst) {
    const agree = async (key: ToBeDeleted): Promise<void> => {
      if (!yes) await askBeforeDeletion(context, user.name, key);
    };
    say(`${whose}'s old key ${await finishRotation(context, user.name, call, agree)} is deleted.`);
    if (how === 'finish') return 0;
  }
  const done =
    how === 'undo'
      ? await undoRotation(context, user.name, call)
      : await rotateKeys(context, user.name, call, { deleteNow: how === 'delete-now' });
  for (const line of resultLines(whose, word, done)) say(line);
  return 0;
}

/** @throws AwsroleError kind `configuration` where STS is another one than AWS's, and nobody knows its IAM */
function iamSettings({ env }: Context, { store, chain, sts }: Plan): StsSettings {
  const iam = serviceSettings(env, store, chain.profile, 'iam', sts.region);
  checkSameCloud('iam', iam, sts);
  return iam;
}

/** Asks whether a key that was replaced long ago is to be deleted: a user has two at most. Nobody is asked in a script. */
async function isToBeDeleted(context: Context, whose: string, replaced: Replaced): Promise<boolean> {
  if (!('isTTY' in context.stderr && context.stderr.isTTY)) return false;
  const { accessKeyId, days } = replaced;
  const question = `${whose}'s earlier key ${accessKeyId} was replaced ${days} days ago, and is in the way. Delete it for good? [y/N] `;
  return (await askYesNo(context, question)) ?? false;
}

/**
 * Says what is known of a key that something may still use, and asks.
 * @throws AwsroleError kind `guarded` where the answer is no, or there is nobody to ask; `interrupted` on Ctrl-C
 */
async function askBeforeDeletion(context: Context, name: string, key: ToBeDeleted): Promise<void> {
  const { accessKeyId, userName = name, active, created, lastUse, stored } = key;
  const what = stored
    ? `${printable(name)}'s earlier key, and still active`
    : `a key of the IAM user ${printable(userName)} that awsrole has never stored: another program or computer may use it`;
  const made = created === undefined ? '' : `made ${created.slice(0, 10)}, `;
  const used = lastUse === 'unknown' ? 'IAM does not say when it was last used' : lastUseText(lastUse);
  context.stderr.write(
    `${printable(accessKeyId)} is ${what}.\nIt is ${active ? 'active' : 'inactive'}, ${made}${used}.\n`,
  );
  const answer = await askYesNo(context, `Delete ${printable(accessKeyId)} for good? [y/N] `);
  if (answer) return;
  throw answer === undefined
    ? new AwsroleError(
        'guarded',
        `the key ${quoted(accessKeyId)} may be in use, and there is no terminal to ask on`,
        {
          hint: `to delete it without being asked: awsrole rotate --finish --yes ${profileWord(name)}`,
        },
      )
    : new AwsroleError('guarded', `nothing was deleted: the answer was no`);
}

function resultLines(whose: string, word: string, { current, previous, stillActive }: Rotation): string[] {
  const lines = [`${whose}'s keys are ${current} now; they work, and every AWS tool gets them.`];
  if (stillActive !== undefined) {
    lines.push(
      `The other key ${previous} is still active: ${stillActive}.`,
      `To try that once more: awsrole rotate ${word}`,
    );
  } else if (previous !== undefined) {
    lines.push(
      `${previous} is inactive, and kept: if something stops working, awsrole rotate --undo ${word} goes back to it.`,
      `When all is well, delete it: awsrole rotate --finish ${word}`,
    );
  }
  return lines;
}
