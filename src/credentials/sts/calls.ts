import type { Context } from '../../context.ts';
import { placeText } from '../../profiles/place.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import type { RoleCall } from '../role-call.ts';
import { withWaitingNotice } from '../waiting-notice.ts';
import { assumeRole, type GivenSession, getSessionToken, type Keys, type StsSettings } from './client.ts';
import { explainStsError, type StsCall } from './refusal.ts';

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
      assumeRole(sts, keys, mfaSession === undefined ? request : withoutDevice, code),
    );
  } catch (error) {
    const shown = { mfa: code !== undefined || mfaSession !== undefined, code: code !== undefined };
    throw explainStsError(error, { ...describe(call, 'AssumeRole', keys), ...shown }, context.now());
  }
}

/**
 * Calls GetSessionToken: with a code, it gives a session of the user that serves every role behind the device.
 * @throws AwsroleError that explains a refusal; the SDK's own error is its cause
 */
export async function callGetSessionToken(
  context: Context,
  call: RoleCall,
  serial: string,
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
    const asked = { ...describe(call, 'GetSessionToken', signer.keys), mfa: true, code: true };
    throw explainStsError(error, asked, context.now());
  }
}

function answerOf({ endpoint, region }: StsSettings): string {
  return `an answer from ${endpoint ?? `STS in ${region}`}`;
}

function describe(call: RoleCall, action: StsCall['action'], keys: Keys): StsCall {
  const { plan, step, signer } = call;
  const { hop, request } = step;
  const { source } = plan.chain;
  const place = (property: Property | undefined): string | undefined =>
    property === undefined ? undefined : placeText(property);
  return {
    action,
    accessKeyId: keys.accessKeyId,
    sourceProfile: signer.profile,
    region: plan.sts.region,
    endpoint: plan.sts.endpoint,
    roleArn: request.RoleArn,
    profile: hop.profile,
    renewal: source.kind === 'keys' && source.profile === signer.profile ? source.renewal : undefined,
    where: {
      roleArn: place(hop.roleArn),
      durationSeconds: place(hop.durationSeconds),
      keys: place(signer.place),
    },
  };
}
