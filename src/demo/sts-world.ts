import { createHash } from 'node:crypto';
import { AwsroleError } from '../errors.ts';
import { decodeBase32 } from './totp.ts';

/** An IAM user with one access key and at most one MFA device. */
export interface StsUser {
  arn: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** `secret` is base32, as in a QR code. */
  mfa?: { serial: string; secret: string };
  /** Actions that a policy denies: `sts:GetSessionToken`, `AssumeRole`, `*`. GetCallerIdentity cannot be denied. */
  deny?: string[];
  /** Actions of IAM that a policy allows, such as `iam:ListMFADevices`: all others are denied. */
  allow?: string[];
  /** Serial numbers of further MFA devices, which show no codes here: security keys. */
  otherDevices?: string[];
  /** `AIDA...`; made from the ARN when absent. */
  userId?: string;
}

/** An IAM role and who may assume it. */
export interface StsRole {
  arn: string;
  trust: {
    /** User ARNs, role ARNs, `arn:...:root` (or the account's number) for all of an account, or `*`. */
    principals: string[];
    /** aws:MultiFactorAuthPresent must be true. */
    mfa?: boolean;
    /** aws:MultiFactorAuthAge must be at most this; implies `mfa`. */
    maxMfaAgeSeconds?: number;
    externalId?: string;
  };
  /** 3600 (the default) to 43200. */
  maxSessionDuration?: number;
  /** Like a user's, for the role's own sessions. */
  deny?: string[];
  allow?: string[];
}

/** A token of an identity provider outside AWS, as a Kubernetes pod finds it in a file. */
export interface StsWebToken {
  token: string;
  /** ARNs of the roles whose trust policies accept it. */
  roles: string[];
  expired?: boolean;
}

/** The accounts that a sandbox STS knows. */
export interface StsWorld {
  /** How long a new access key is unknown to STS, in seconds; 0 by default, about 8 at AWS. */
  readonly newKeySeconds?: number;
  readonly users: readonly StsUser[];
  readonly roles: readonly StsRole[];
  readonly webTokens?: readonly StsWebToken[];
}

/** The parts of an IAM user or role ARN. */
export interface IamArn {
  readonly partition: string;
  readonly account: string;
  readonly kind: 'user' | 'role';
  /** Without the path. */
  readonly name: string;
}

/** Splits the ARN of an IAM user or role; undefined when it is none. */
export function parseIamArn(arn: string): IamArn | undefined {
  const match = /^arn:(aws[a-z-]*):iam::(\d{12}):(user|role)\/(?:[\x21-\x7e]+\/)?([\w+=,.@-]{1,64})$/.exec(
    arn,
  );
  if (match === null) return undefined;
  const [, partition = '', account = '', kind, name = ''] = match;
  return { partition, account, kind: kind === 'user' ? 'user' : 'role', name };
}

/** Makes a unique id as IAM does (`AROA...`, `AIDA...`), always the same for one ARN. */
export function uniqueId(prefix: 'AIDA' | 'AROA', arn: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = createHash('sha256').update(arn).digest().subarray(0, 17);
  return prefix + [...bytes].map((byte) => alphabet[byte % 32]).join('');
}

/** Throws an {@link AwsroleError} (configuration) that names the first entry which no STS could hold. */
export function checkWorld(world: StsWorld): void {
  const refuse = (what: string): never => {
    throw new AwsroleError('configuration', `The sandbox's world is wrong: ${what}.`, {
      hint: 'Users and roles are listed as in the built-in sample world.',
    });
  };
  const keys = new Set<string>();
  for (const user of world.users) {
    if (!/^arn:aws[a-z-]*:iam::\d{12}:root$/.test(user.arn) && parseIamArn(user.arn)?.kind !== 'user') {
      refuse(`"${user.arn}" is no user's ARN`);
    }
    if (!/^AKIA[A-Z0-9]{12,124}$/.test(user.accessKeyId))
      refuse(`${user.arn} has no access key like AKIA...`);
    if (keys.has(user.accessKeyId)) refuse(`two users have the access key ${user.accessKeyId}`);
    keys.add(user.accessKeyId);
    if (typeof user.secretAccessKey !== 'string' || user.secretAccessKey === '')
      refuse(`${user.arn} has no secret`);
    if (user.mfa !== undefined) {
      try {
        decodeBase32(user.mfa.secret);
      } catch {
        refuse(`the MFA secret of ${user.arn} is not base32`);
      }
    }
  }
  for (const role of world.roles) {
    if (parseIamArn(role.arn)?.kind !== 'role') refuse(`"${role.arn}" is no role's ARN`);
    if (!Array.isArray(role.trust?.principals)) refuse(`${role.arn} has no trust.principals`);
    const most = role.maxSessionDuration ?? 3600;
    if (!(most >= 3600 && most <= 43_200)) refuse(`maxSessionDuration of ${role.arn} is not 3600 to 43200`);
  }
  for (const { token, roles } of world.webTokens ?? []) {
    if (typeof token !== 'string' || token === '') refuse('a web token is empty');
    if (!Array.isArray(roles)) refuse('a web token has no roles');
  }
}
