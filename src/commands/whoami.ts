import type { Context } from '../context.ts';
import { callerIdentity } from '../credentials/caller-identity.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import { heldUntil } from '../sessions/session.ts';
import { clockText, durationText } from '../terminal/durations.ts';
import { shellKeys } from './shell-keys.ts';

/**
 * Asks AWS who this shell is: GetCallerIdentity with the keys in its environment.
 * @throws AwsroleError kind `configuration` when the shell holds no keys
 */
export async function whoami(context: Context, { json }: { json: boolean }): Promise<number> {
  const { env } = context;
  const keys = shellKeys(context);
  const identity = await callerIdentity(context, keys, env.AWSROLE_PROFILE ?? 'the environment');
  const expires = heldUntil(env);
  if (json) {
    const profile = env.AWSROLE_PROFILE;
    context.stdout.write(
      `${printableJson({ ...identity, ...(profile && { profile }), ...(expires && { expires }) }, 2)}\n`,
    );
    return 0;
  }
  const now = context.now();
  const left =
    expires === undefined
      ? ''
      : `\nuntil ${clockText(expires, now)} (${durationText(Math.max(0, expires - now / 1000))})`;
  const profile = env.AWSROLE_PROFILE === undefined ? '' : `\nprofile ${printable(env.AWSROLE_PROFILE)}`;
  context.stdout.write(
    `${printable(identity.arn)}\naccount ${printable(identity.account)}${profile}${left}\n`,
  );
  return 0;
}
