import type { Context } from '../context.ts';
import { explainStsError } from '../credentials/sts/refusal.ts';
import { environmentStsSettings } from '../credentials/sts/settings.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import { heldUntil } from '../sessions/session.ts';
import { clockText, durationText } from '../terminal/durations.ts';
import { withWaitingNotice } from '../terminal/waiting-notice.ts';
import { shellKeys } from './shell-keys.ts';

/**
 * Asks AWS who this shell is: GetCallerIdentity with the keys in its environment.
 * @throws AwsroleError kind `configuration` when the shell holds no keys
 */
export async function whoami(context: Context, { json }: { json: boolean }): Promise<number> {
  const { env } = context;
  const keys = shellKeys(context);
  const settings = environmentStsSettings(env);
  const { getCallerIdentity } = await import('../credentials/sts/client.ts');
  const asked = withWaitingNotice(
    context,
    `an answer from ${settings.endpoint ?? `STS in ${settings.region}`}`,
    getCallerIdentity(settings, keys),
  );
  const identity = await asked.catch((error: unknown) => {
    throw explainStsError(
      error,
      {
        action: 'GetCallerIdentity',
        accessKeyId: keys.accessKeyId,
        sourceProfile: env.AWSROLE_PROFILE ?? 'the environment',
        region: settings.region,
        endpoint: settings.endpoint,
      },
      context.now(),
    );
  });
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
