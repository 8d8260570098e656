import type { Context } from '../context.ts';
import { withWaitingNotice } from '../terminal/waiting-notice.ts';
import type { Keys } from './sts/client-options.ts';
import { explainStsError } from './sts/refusal.ts';
import { environmentStsSettings } from './sts/settings.ts';

/** Whose keys some are, as AWS says. */
export interface CallerIdentity {
  readonly arn: string;
  readonly account: string;
  readonly userId: string;
}

/**
 * Asks the STS that the environment names whose keys these are.
 * @param profile what they are called, for messages
 * @throws AwsroleError that explains a refusal
 */
export async function callerIdentity(context: Context, keys: Keys, profile: string): Promise<CallerIdentity> {
  const settings = environmentStsSettings(context.env);
  const { region, endpoint } = settings;
  const { getCallerIdentity } = await import('./sts/client.ts');
  try {
    const asked = getCallerIdentity(settings, keys);
    return await withWaitingNotice(context, `an answer from ${endpoint ?? `STS in ${region}`}`, asked);
  } catch (error) {
    const { accessKeyId } = keys;
    throw explainStsError(
      error,
      { action: 'GetCallerIdentity', accessKeyId, sourceProfile: profile, region, endpoint },
      context.now(),
    );
  }
}
