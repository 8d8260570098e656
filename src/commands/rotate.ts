import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { type Plan, planSwitch } from '../credentials/plan.ts';
import type { StsSettings } from '../credentials/sts/client-options.ts';
import { serviceSettings } from '../credentials/sts/settings.ts';
import { AwsroleError } from '../errors.ts';
import { storeOf } from '../keys/choose-store.ts';
import { readIndex, storedUser } from '../keys/key-index.ts';
import { finishRotation, type Rotation, rotate as rotateKeys, undoRotation } from '../keys/rotate.ts';
import { printable } from '../profiles/printable.ts';
import { openCache } from '../sessions/open-cache.ts';
import { loadSettings } from '../settings.ts';

/** `keep`: the old pair becomes inactive; `delete-now`: it is deleted at once. */
export type HowToRotate = 'keep' | 'delete-now' | 'undo' | 'finish';

/** Makes a new pair of keys for a user, or ends or takes back such a change. @throws AwsroleError */
export async function rotate(outer: Context, name: string, how: HowToRotate): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const user = storedUser(readIndex(context), name);
  const whose = printable(user.name);
  const say = (text: string): void => {
    context.stderr.write(`${text}\n`);
  };
  if (how === 'keep' || how === 'delete-now') {
    say(`${whose} gets new keys; other computers that hold the old ones will stop working.`);
  }
  // With the MFA session where the user has a device: policies often ask for that.
  const plan = planSwitch(context, user.name);
  const signer = await getCredentials(context, plan, {
    codeSource: 'terminal',
    refresh: false,
    folder: openCache(context),
    own: await loadSettings(context),
  });
  const iam = iamSettings(context, plan);
  const { accessKeyService } = await import('../credentials/iam/access-keys.ts');
  const call = {
    store: await storeOf(context, user),
    service: accessKeyService(iam, plan.sts, signer),
  };
  if (how === 'finish') {
    say(`deleted the old key ${await finishRotation(context, user.name, call)} of ${whose}`);
    return 0;
  }
  const done =
    how === 'undo'
      ? await undoRotation(context, user.name, call)
      : await rotateKeys(context, user.name, call, { deleteNow: how === 'delete-now' });
  for (const line of resultLines(whose, done)) say(line);
  return 0;
}

/** @throws AwsroleError kind `configuration` where STS is another one than AWS's, and nobody knows its IAM */
function iamSettings({ env }: Context, { store, chain, sts }: Plan): StsSettings {
  const iam = serviceSettings(env, store, chain.profile, 'iam', sts.region);
  if (
    iam.endpoint !== undefined ||
    sts.endpoint === undefined ||
    /\.amazonaws\.com(\.cn)?(:|\/|$)/.test(sts.endpoint)
  ) {
    return iam;
  }
  throw new AwsroleError(
    'configuration',
    `STS is ${printable(sts.endpoint)} here, and its IAM is not known`,
    {
      hint: 'set AWS_ENDPOINT_URL_IAM as well',
    },
  );
}

function resultLines(whose: string, { current, previous, stillActive }: Rotation): string[] {
  const lines = [`${whose} has the keys ${current} now; they work, and every AWS tool gets them`];
  if (stillActive !== undefined) {
    lines.push(`the other key is still active: ${stillActive}`);
  } else if (previous !== undefined) {
    lines.push(
      `${previous} is inactive; to go back to it: awsrole rotate --undo ${whose}; to delete it: awsrole rotate --finish ${whose}`,
    );
  }
  return lines;
}
