import type { AwsroleError } from '../errors.ts';
import { badValue } from './assume-role-input.ts';
import type { MfaDevice } from './mfa-device.ts';
import { partitionOfArn } from './partition.ts';
import { CONTINUED, errorAt } from './place.ts';
import { quoted } from './printable.ts';
import type { Property } from './shared-config-file.ts';

// From the model of STS; its \w is ASCII, as in JavaScript.
const MFA_SERIAL = /^[\w+=/:,.@-]{9,256}$/;
/** The ARN of a device that shows codes, or the serial number of one made of hardware. */
const CODE_DEVICE = /^(?:arn:[a-z-]+:iam::\d{12}:(?:mfa|sms-mfa)\/.+|[^:/]+)$/;
/** Security keys and passkeys: IAM names all of them `u2f`, other programs otherwise. */
const KEY_DEVICE = /(?:^|:)(?:u2f|fido2?|webauthn|passkeys?|security-?keys?)\//i;

/** True for the serial number or ARN of a device that shows six digits, which is all that AWS's API takes. */
export function isCodeDevice(serial: string): boolean {
  return CODE_DEVICE.test(serial);
}

/**
 * Checks what names the MFA device of a chain, so that no code is asked for which could not help.
 * @param roleArn of the role that the code is for, if it is for one
 * @throws AwsroleError kind `configuration`, or `usage` for what a flag says
 */
export function checkMfaSerial(device: MfaDevice, roleArn: Property | undefined): string {
  const { serial, profile } = device;
  const { value } = serial;
  if (!MFA_SERIAL.test(value)) {
    throw badValue(profile, 'mfa_serial', serial, 'the ARN or serial number of an MFA device');
  }
  if (!isCodeDevice(value)) throw noCodeDevice(device);
  const partition = partitionOfArn(value);
  const ofRole = partitionOfArn(roleArn?.value ?? '');
  if (partition !== undefined && ofRole !== undefined && partition !== ofRole) {
    throw errorAt(
      serial,
      `mfa_serial of profile ${quoted(profile)} is a device of partition ${partition}, and the role is of ${ofRole}`,
      'name the device of the user whose keys assume the role',
    );
  }
  return value;
}

function noCodeDevice({ serial, profile, isOfUser }: MfaDevice): AwsroleError {
  const { value } = serial;
  const [, account = '123456789012'] = /:(\d{12}):/.exec(value) ?? [];
  const [, partition = 'aws'] = /^arn:(aws[a-z-]*):/.exec(value) ?? [];
  const form = `such as arn:${partition}:iam::${account}:mfa/NAME`;
  const named = `mfa_serial of profile ${quoted(profile)} is ${quoted(value)}`;
  if (KEY_DEVICE.test(value)) {
    const without = isOfUser ? '; for roles that want no MFA, delete the line' : '';
    return errorAt(
      serial,
      `${named}, a security key or passkey, and those give no code`,
      `AWS's API takes the six digits of an authenticator app only: add one to the same user in IAM, which may have several devices, and write its ARN, ${form}${without}`,
    );
  }
  return errorAt(
    serial,
    `${named}, which names no MFA device`,
    value.includes('\n') ? CONTINUED : `write the ARN that IAM shows for the device, ${form}`,
  );
}
