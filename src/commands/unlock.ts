import type { Context } from '../context.ts';
import { forgetUnlocked, keepUnlocked, openIdentity } from '../keys/age-identity.ts';
import { AT_TERMINAL, keysError } from '../keys/key-store.ts';
import { secondsOfDuration } from '../profiles/duration.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { loadSettings } from '../settings.ts';
import { durationText } from '../terminal/durations.ts';
import { usage } from './usage.ts';

const LONGEST_SECONDS = 7 * 24 * 3600;

/** Keeps the identity of the age files in memory for a while, so that nobody is asked for its passphrase. */
export async function unlock(context: Context, length = '8h'): Promise<number> {
  const seconds = secondsOfDuration(length);
  if (seconds === undefined || seconds <= 0 || seconds > LONGEST_SECONDS) {
    throw usage(
      `${quoted(length)} is not a valid time for unlock`,
      'write a duration of up to 7 days, such as 8h',
    );
  }
  const { keyStoreIdentity } = await loadSettings(context);
  if (keyStoreIdentity !== undefined) {
    throw keysError(`your own identity ${quoted(keyStoreIdentity)} is used, which awsrole does not lock`);
  }
  const identity = await openIdentity(context, AT_TERMINAL);
  const file = keepUnlocked(context, identity, context.now() + seconds * 1000);
  context.stderr.write(
    `your age files are open for ${durationText(seconds)}: until then every program of yours can read the keys in them.\n` +
      `The identity is in ${printable(file)}, in memory and yours alone; to lock them earlier: awsrole lock\n`,
  );
  return 0;
}

/** Ends what `unlock` began. */
export function lock(context: Context): number {
  context.stderr.write(
    forgetUnlocked(context) ? 'your age files are locked\n' : 'your age files were locked already\n',
  );
  return 0;
}
