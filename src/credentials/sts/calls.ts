import type { Context } from '../../context.ts';
import { placeText } from '../../profiles/place.ts';
import type { Hop } from '../../profiles/role-chain.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import type { AssumeRoleRequest } from '../../sessions/session-key.ts';
import type { Settings } from '../../settings.ts';
import { announced } from '../announced.ts';
import type { RoleSessionOptions } from '../session-options.ts';
import { assumeRole, type GivenSession, getSessionToken, type Keys, type StsSettings } from './client.ts';
import { explainStsError, type StsCall } from './refusal.ts';

/** The keys that sign a call, the profile they are of, and where they stand if they are in a file. */
export interface Signer {
  readonly keys: Keys;
  readonly profile: string;
  readonly place?: Property;
}

/** What one AssumeRole call needs. */
export interface HopCall {
  readonly hop: Hop;
  readonly request: AssumeRoleRequest;
  readonly key: string;
  /** What an MFA session of this signer and device is kept under. */
  readonly mfaKey: string;
  readonly settings: StsSettings;
  /** awsrole's own settings. */
  readonly own: Settings;
  readonly signer: Signer;
  readonly options: RoleSessionOptions;
  /** What the AWS CLI looks for the session under, if it may have it. */
  readonly awsCliKey: string | undefined;
}

/**
 * AssumeRole, with a code or without, signed by the call's keys or by an MFA session of theirs.
 * @throws AwsroleError that explains a refusal; the SDK's own error is its cause
 */
export async function callAssumeRole(
  context: Context,
  call: HopCall,
  code: string | undefined,
  mfaSession?: Keys,
): Promise<GivenSession> {
  const { request, settings } = call;
  const keys = mfaSession ?? call.signer.keys;
  context.debug(
    `AssumeRole ${request.RoleArn} as ${request.RoleSessionName} with ${keys.accessKeyId}` +
      `${code === undefined ? '' : ' and an MFA code'}, STS ${settings.endpoint ?? settings.region}`,
  );
  const { SerialNumber: _, ...withoutDevice } = request;
  try {
    return await announced(
      context,
      answerOf(settings),
      assumeRole(settings, keys, mfaSession === undefined ? request : withoutDevice, code),
    );
  } catch (error) {
    const shown = { mfa: code !== undefined || mfaSession !== undefined, code: code !== undefined };
    throw explainStsError(error, { ...describe(call, 'AssumeRole', keys), ...shown }, context.now());
  }
}

/**
 * GetSessionToken: a session of the user that has shown a code, which serves every role behind that device.
 * @throws AwsroleError that explains a refusal; the SDK's own error is its cause
 */
export async function callGetSessionToken(
  context: Context,
  call: HopCall,
  serial: string,
  code: string,
  seconds: number,
): Promise<GivenSession> {
  const { settings, signer } = call;
  context.debug(`GetSessionToken with ${signer.keys.accessKeyId} and an MFA code of ${serial}`);
  try {
    return await announced(
      context,
      answerOf(settings),
      getSessionToken(settings, signer.keys, serial, code, seconds),
    );
  } catch (error) {
    const asked = { ...describe(call, 'GetSessionToken', signer.keys), mfa: true, code: true };
    throw explainStsError(error, asked, context.now());
  }
}

function answerOf({ endpoint, region }: StsSettings): string {
  return `an answer of ${endpoint ?? `STS in ${region}`}`;
}

function describe(call: HopCall, action: StsCall['action'], keys: Keys): StsCall {
  const { hop, request, settings, signer } = call;
  const place = (property: Property | undefined): string | undefined =>
    property === undefined ? undefined : placeText(property);
  return {
    action,
    accessKeyId: keys.accessKeyId,
    sourceProfile: signer.profile,
    region: settings.region,
    endpoint: settings.endpoint,
    roleArn: request.RoleArn,
    profile: hop.profile,
    where: {
      roleArn: place(hop.roleArn),
      durationSeconds: place(hop.durationSeconds),
      keys: place(signer.place),
    },
  };
}
