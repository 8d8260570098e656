import type { Context } from '../../context.ts';
import { placeText } from '../../profiles/place.ts';
import { setting } from '../../profiles/profile-store.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import type { UserMfa } from '../plan.ts';
import type { RoleCall, UserCall } from '../role-call.ts';
import { assumeRole, type GivenSession, getCallerIdentity, getSessionToken } from './client.ts';
import type { Keys, StsSettings } from './client-options.ts';
import { explainStsError, type StsCall, type WithoutMfa } from './refusal.ts';

/**
 * Calls AssumeRole, with a code or without, signed by the call's keys or by an MFA session of theirs.
 * @throws AwsroleError that explains a refusal; the SDK's own error is its cause
 */
export async function callAssumeRole(
  context: Context,
  call: RoleCall,
  code: string | undefined,
  mfaSession?: Keys,
): Promise<GivenSession> {
  const { request } = call.step;
  const { sts } = call.plan;
  const keys = mfaSession ?? call.signer.keys;
  context.debug(
    `AssumeRole ${request.RoleArn} as ${request.RoleSessionName} with ${keys.accessKeyId}` +
      `${code === undefined ? '' : ' and an MFA code'}, STS ${sts.endpoint ?? sts.region}`,
  );
  const { SerialNumber: _, ...withoutDevice } = request;
  try {
    return await withWaitingNotice(
      context,
      answerOf(sts),
      assumeRole(sts, keys, code === undefined ? withoutDevice : request, code),
    );
  } catch (error) {
    const proved = code !== undefined || mfaSession !== undefined;
    throw explainStsError(
      error,
      {
        ...describe(call, 'AssumeRole', keys),
        ...describeRole(call),
        code: code !== undefined,
        ...(!proved && { withoutMfa: whyWithoutMfa(call) }),
      },
      context.now(),
    );
  }
}

/**
 * Calls GetSessionToken: with a code, it gives a session of the user that serves every role behind the device.
 * @throws AwsroleError that explains a refusal; the SDK's own error is its cause
 */
export async function callGetSessionToken(
  context: Context,
  call: UserCall,
  { serial, device }: UserMfa,
  code: string,
  seconds: number,
): Promise<GivenSession> {
  const { signer } = call;
  const { sts } = call.plan;
  context.debug(`GetSessionToken with ${signer.keys.accessKeyId} and an MFA code of ${serial}`);
  try {
    return await withWaitingNotice(
      context,
      answerOf(sts),
      getSessionToken(sts, signer.keys, serial, code, seconds),
    );
  } catch (error) {
    const { where, ...asked } = describe(call, 'GetSessionToken', signer.keys);
    throw explainStsError(
      error,
      { ...asked, code: true, where: { ...where, mfaSerial: place(device.serial) } },
      context.now(),
    );
  }
}

/**
 * True when the keys that sign are those of a role's session (or a federated user's), with which AWS takes no MFA code.
 * Asks GetCallerIdentity, as nothing else tells.
 * @throws AwsroleError that explains a refusal
 */
export async function isRoleSession(context: Context, call: UserCall): Promise<boolean> {
  const { keys } = call.signer;
  const { sts } = call.plan;
  context.debug(`GetCallerIdentity with ${keys.accessKeyId}: is it a role's session?`);
  try {
    const { arn } = await withWaitingNotice(context, answerOf(sts), getCallerIdentity(sts, keys));
    return /^arn:[a-z-]+:sts::\d{12}:(assumed-role|federated-user)\//.test(arn);
  } catch (error) {
    throw explainStsError(error, describe(call, 'GetCallerIdentity', keys), context.now());
  }
}

function answerOf({ endpoint, region }: StsSettings): string {
  return `an answer from ${endpoint ?? `STS in ${region}`}`;
}

function place(property: Property | undefined): string | undefined {
  return property === undefined ? undefined : placeText(property);
}

function describe({ plan, signer }: UserCall, action: StsCall['action'], keys: Keys): StsCall {
  const { source } = plan.chain;
  return {
    action,
    accessKeyId: keys.accessKeyId,
    sourceProfile: signer.profile,
    profile: plan.chain.profile,
    region: plan.sts.region,
    endpoint: plan.sts.endpoint,
    renewal: source.kind === 'keys' && source.profile === signer.profile ? source.renewal : undefined,
    where: { keys: place(signer.place) },
  };
}

function describeRole({ plan, step, signer }: RoleCall): Pick<StsCall, 'roleArn' | 'profile' | 'where'> {
  const { hop, request } = step;
  return {
    roleArn: request.RoleArn,
    profile: hop.profile,
    where: {
      keys: place(signer.place),
      roleArn: place(hop.roleArn),
      durationSeconds: place(hop.durationSeconds),
      externalId: place(hop.externalId),
      mfaSerial: place(plan.mfa?.device.serial),
    },
  };
}

/** Says why a role was asked for without MFA. */
function whyWithoutMfa({ plan, step, signer }: RoleCall): WithoutMfa {
  const { chain, store, mfa } = plan;
  const unused = chain.unusedMfa;
  if (step !== plan.steps[0]) {
    return { why: 'role', place: place(setting(store, step.hop.profile, 'mfa_serial')) };
  }
  if (unused?.value === '') return { why: 'left out', place: place(unused) };
  if (unused !== undefined) return { why: 'role', place: place(unused) };
  if (signer.keys.sessionToken !== undefined) return { why: 'session', place: place(mfa?.device.serial) };
  return { why: 'no device', place: undefined };
}
