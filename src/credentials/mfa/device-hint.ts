import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { isCodeDevice } from '../../profiles/mfa-serial.ts';
import { placeText } from '../../profiles/place.ts';
import { printable } from '../../profiles/printable.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { RoleCall, UserCall } from '../role-call.ts';
import { isDenied, isWrongDevice, NEXT_LINE } from '../sts/refusal.ts';
import { serviceSettings } from '../sts/settings.ts';

/** Enough for a hint: the refusal itself is known already. */
const MOST_SECONDS = 5;

/**
 * Does what STS is asked for. Where that fails and an MFA device may be what is missing, the hint names the devices of
 * the user, if the user may list them (`iam:ListMFADevices`).
 * @throws AwsroleError
 */
export async function withDevices<T>(
  context: Context,
  call: UserCall | RoleCall,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AwsroleError) || !mayHelp(call, error.cause)) throw error;
    const devices = await devicesOf(context, call);
    if (devices === undefined) throw error;
    const hint = [error.hint, hintAt(call, devices)].filter(Boolean).join(NEXT_LINE);
    throw new AwsroleError(error.kind, error.message, { hint, cause: error.cause });
  }
}

/** True where a person has asked, with the keys of a user, and another device, or one at all, could change the answer. */
function mayHelp(call: UserCall | RoleCall, cause: unknown): boolean {
  const { plan, signer, options } = call;
  if (options.codeSource === 'none' || signer.keys.sessionToken !== undefined) return false;
  if (isWrongDevice(cause)) return true;
  const { mfa, unusedMfa } = plan.chain;
  return mfa === undefined && unusedMfa === undefined && isDenied(cause);
}

/** Asks IAM for the devices of the user; undefined where that is not to be found out. */
async function devicesOf(context: Context, { plan, signer }: UserCall): Promise<string[] | undefined> {
  const { sts, store, chain } = plan;
  try {
    const settings = serviceSettings(context.env, store, chain.profile, 'iam', sts.region);
    // Where STS is not AWS's own, AWS's IAM does not know these keys.
    if (sts.endpoint !== undefined && settings.endpoint === undefined) return undefined;
    const { listMfaDevices } = await import('../iam/client.ts');
    const limits = { maxAttempts: 1, callSeconds: Math.min(settings.callSeconds, MOST_SECONDS) };
    const asked = listMfaDevices({ ...settings, ...limits }, signer.keys);
    return await withWaitingNotice(context, 'an answer of IAM about MFA devices', asked);
  } catch (error) {
    context.debug(`the user's MFA devices cannot be listed: ${(error as Error).message}`);
    return undefined;
  }
}

function hintAt({ signer }: UserCall, devices: readonly string[]): string {
  const codeDevices = devices.filter(isCodeDevice).map(printable);
  const profile = `profile ${printable(signer.profile)}${signer.place === undefined ? '' : ` (${placeText(signer.place)})`}`;
  const [first, ...others] = codeDevices;
  if (first === undefined) {
    return devices.length === 0
      ? 'the user has no MFA device: add one in IAM, such as an authenticator app'
      : `the user has only security keys or passkeys (${devices.map(printable).join(', ')}), which give no code: add an authenticator app in IAM`;
  }
  return others.length === 0
    ? `the MFA device of the user is ${first}: write mfa_serial = ${first} into ${profile}, for all of its roles`
    : `the MFA devices of the user are ${codeDevices.join(', ')}: write one of them as mfa_serial into ${profile}, for all of its roles`;
}
