import type { Context } from '../../context.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { Keys, StsSettings } from '../sts/client-options.ts';
import { serviceSettings } from '../sts/settings.ts';

/** Enough for a hint or a proposal, which one can do without. */
const MOST_SECONDS = 5;

/** How IAM is reached for a profile, beside its STS. */
interface Asked {
  readonly sts: StsSettings;
  readonly store: ProfileStore;
  readonly profile: string;
}

/** Asks IAM for the MFA devices of the user whose keys these are; undefined where that is not to be found out. */
export async function listDevices(
  context: Context,
  { sts, store, profile }: Asked,
  keys: Keys,
): Promise<string[] | undefined> {
  try {
    const settings = serviceSettings(context.env, store, profile, 'iam', sts.region);
    // Where STS is not AWS's own, AWS's IAM does not know these keys.
    if (sts.endpoint !== undefined && settings.endpoint === undefined) return undefined;
    const { listMfaDevices } = await import('../iam/client.ts');
    const limits = { maxAttempts: 1, callSeconds: Math.min(settings.callSeconds, MOST_SECONDS) };
    const asked = listMfaDevices({ ...settings, ...limits }, keys);
    return await withWaitingNotice(context, 'an answer of IAM about MFA devices', asked);
  } catch (error) {
    context.debug(`the user's MFA devices cannot be listed: ${(error as Error).message}`);
    return undefined;
  }
}
