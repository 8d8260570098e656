import type { AwsroleError } from '../errors.ts';
import { type Partition, parseRoleArn } from './partition.ts';
import { CONTINUED, errorAt } from './place.ts';
import { quoted } from './printable.ts';
import type { Hop } from './role-chain.ts';
import type { Property } from './shared-config-file.ts';

/** The input of an AssumeRole call, checked against STS's own limits. */
export interface CheckedHop {
  readonly roleArn: string;
  readonly partition: Partition;
  /** Twelve digits. */
  readonly accountId: string;
  readonly mfaSerial?: string;
  readonly externalId?: string;
  readonly roleSessionName?: string;
  /** 900 to 43200; the role's own maximum may be less. */
  readonly durationSeconds?: number;
}

// From the model of STS; its \w is ASCII, as ours.
const MFA_SERIAL = /^[\w+=/:,.@-]{9,256}$/;
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
const ROLE_SESSION_NAME = /^[\w+=,.@-]{2,64}$/;

/**
 * Checks the values of a hop, so that a mistake is reported with its file and line and not by AWS after an MFA code.
 * @throws AwsroleError kind `configuration`.
 */
export function checkHop(hop: Hop): CheckedHop {
  const { roleArn, mfaSerial, externalId, roleSessionName, durationSeconds } = hop;
  const check = (key: string, property: Property, pattern: RegExp, form: string): string => {
    if (pattern.test(property.value)) return property.value;
    throw badValue(hop.profile, key, property, form);
  };
  return {
    ...roleOf(hop.profile, roleArn),
    ...(mfaSerial && {
      mfaSerial: check('mfa_serial', mfaSerial, MFA_SERIAL, 'the ARN or serial number of an MFA device'),
    }),
    ...(externalId && {
      externalId: check(
        'external_id',
        externalId,
        EXTERNAL_ID,
        '2 to 1224 letters, digits or any of +=,.@:/-_',
      ),
    }),
    ...(roleSessionName && {
      roleSessionName: check(
        'role_session_name',
        roleSessionName,
        ROLE_SESSION_NAME,
        '2 to 64 letters, digits or any of +=,.@-_',
      ),
    }),
    ...(durationSeconds && { durationSeconds: secondsOf(hop.profile, durationSeconds) }),
  };
}

function roleOf(
  profile: string,
  property: Property,
): Pick<CheckedHop, 'roleArn' | 'partition' | 'accountId'> {
  try {
    const { partition, accountId } = parseRoleArn(property.value);
    return { roleArn: property.value, partition, accountId };
  } catch {
    throw badValue(profile, 'role_arn', property, 'a role ARN, such as arn:aws:iam::123456789012:role/NAME');
  }
}

function secondsOf(profile: string, property: Property): number {
  const seconds = /^\d{1,9}$/.test(property.value) ? Number(property.value) : Number.NaN;
  // The AWS CLI drops what is no number without a word, and asks for an hour.
  if (seconds >= 900 && seconds <= 43_200) return seconds;
  throw badValue(
    profile,
    'duration_seconds',
    property,
    'a whole number from 900 to 43200 (15 minutes to 12 hours)',
  );
}

function badValue(profile: string, key: string, property: Property, form: string): AwsroleError {
  const message = `${key} of profile ${quoted(profile)} is ${quoted(property.value)}, which AWS would refuse`;
  return errorAt(property, message, property.value.includes('\n') ? CONTINUED : `write ${form}`);
}
