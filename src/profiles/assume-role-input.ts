import type { AwsroleError } from '../errors.ts';
import { tagOf } from './list-setting.ts';
import { type Partition, parseRoleArn, partitionOfArn } from './partition.ts';
import { CONTINUED, errorAt } from './place.ts';
import { printable, quoted } from './printable.ts';
import type { Hop } from './role-chain.ts';
import type { Property } from './shared-config-file.ts';

/** The input of an AssumeRole call, checked against STS's own limits. */
export interface CheckedHop {
  readonly roleArn: string;
  readonly partition: Partition;
  /** Twelve digits. */
  readonly accountId: string;
  readonly externalId?: string;
  readonly roleSessionName?: string;
  /** 900 to 43200; the role's own maximum may be less. */
  readonly durationSeconds?: number;
  readonly sourceIdentity?: string;
  /** No two keys are the same, upper and lower case aside. */
  readonly tags?: readonly { readonly key: string; readonly value: string }[];
  /** Each is a key of `tags`. */
  readonly transitiveTagKeys?: readonly string[];
  /** JSON. */
  readonly policy?: string;
  /** In the role's partition. */
  readonly policyArns?: readonly string[];
}

// From the model of STS; its \w is ASCII, as in JavaScript.
const EXTERNAL_ID = /^[\w+=,.@:/-]{2,1224}$/;
/** The form of a role session's name and of a source identity. */
const SESSION_NAME = /^[\w+=,.@-]{2,64}$/;
const SESSION_NAME_FORM = '2 to 64 letters, digits or any of +=,.@-_';
const TAG_TEXT = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const TAG_FORM = 'KEY=VALUE: letters, digits, spaces and any of _.:/=+-@, at most 128 and 256 of them';
const MOST_TAGS = 50;
const POLICY_TEXT = /^[\t\n\r\x20-\xff]+$/;
const LONGEST_POLICY = 2048;
const POLICY_ARN = /^arn:[a-z-]+:iam::(?:aws|\d{12}):policy\/[\x21-\x7e]{1,2000}$/;
const MOST_POLICY_ARNS = 10;
/** The longest session of a role that is reached through another role. */
const CHAINED_SECONDS = 3600;

/**
 * Checks the values of a hop, so that a mistake is reported with its file and line, and not by AWS after an MFA code
 * was used.
 * @param chained whether the hop before it is a role, too
 * @throws AwsroleError kind `configuration`, or `usage` for a value that a flag gave
 */
export function checkHop(hop: Hop, chained = false): CheckedHop {
  const { roleArn, externalId, roleSessionName, durationSeconds, sourceIdentity } = hop;
  const check = (key: string, property: Property, pattern: RegExp, form: string): string => {
    if (pattern.test(property.value)) return property.value;
    throw badValue(hop.profile, key, property, form);
  };
  return {
    ...roleOf(hop.profile, roleArn),
    ...(externalId && {
      externalId: check(
        'external_id',
        externalId,
        EXTERNAL_ID,
        '2 to 1224 letters, digits or any of +=,.@:/-_',
      ),
    }),
    ...(roleSessionName && {
      roleSessionName: check('role_session_name', roleSessionName, SESSION_NAME, SESSION_NAME_FORM),
    }),
    ...(durationSeconds && { durationSeconds: secondsOf(hop.profile, durationSeconds, chained) }),
    ...(sourceIdentity && {
      sourceIdentity: check('source_identity', sourceIdentity, SESSION_NAME, SESSION_NAME_FORM),
    }),
    ...tagsOf(hop),
    ...policiesOf(hop),
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

function secondsOf(profile: string, property: Property, chained: boolean): number {
  const seconds = /^\d{1,9}$/.test(property.value) ? Number(property.value) : Number.NaN;
  if (chained && seconds > CHAINED_SECONDS && seconds <= 43_200) {
    throw errorAt(
      property,
      `duration_seconds of profile ${quoted(profile)} is ${seconds}, but a role that is assumed from another role lasts 1 h (3600) at most`,
      'set it to 3600 or less, or remove it',
    );
  }
  // The AWS CLI silently drops a value that is not a number, and asks for an hour.
  if (seconds >= 900 && seconds <= 43_200) return seconds;
  throw badValue(
    profile,
    'duration_seconds',
    property,
    'a whole number from 900 to 43200 (15 minutes to 12 hours)',
  );
}

function tagsOf({ profile, tags = [], transitiveTagKeys = [] }: Hop): Partial<CheckedHop> {
  const known = new Map<string, { key: string; value: string }>();
  for (const property of tags) {
    const tag = tagOf(property);
    const fits = tag !== undefined && /^.{1,128}$/su.test(tag.key) && /^.{0,256}$/su.test(tag.value);
    if (!fits || !TAG_TEXT.test(tag.key + tag.value)) {
      throw badValue(profile, 'a session tag', property, TAG_FORM);
    }
    const lower = tag.key.toLowerCase();
    if (lower.startsWith('aws:')) {
      throw badValue(
        profile,
        'a session tag',
        property,
        'another key: those that begin with aws: are reserved for AWS',
      );
    }
    if (known.has(lower)) {
      throw badValue(profile, 'a session tag', property, 'each key once, whatever its case');
    }
    known.set(lower, tag);
    if (known.size > MOST_TAGS) {
      throw errorAt(
        property,
        `profile ${quoted(profile)} has ${tags.length} session tags, and AWS accepts ${MOST_TAGS} at most`,
        'leave some of them out',
      );
    }
  }
  const transitive = new Set<string>();
  for (const property of transitiveTagKeys) {
    const tag = known.get(property.value.toLowerCase());
    if (tag === undefined) {
      const keys = [...known.values()].map(({ key }) => quoted(key)).join(', ');
      throw errorAt(
        property,
        `the transitive session tag ${quoted(property.value)} of profile ${quoted(profile)} is not among its session tags`,
        property.value.includes('\n') ? CONTINUED : `its session tags are: ${keys || 'none'}`,
      );
    }
    transitive.add(tag.key);
  }
  return {
    ...(known.size > 0 && { tags: [...known.values()] }),
    ...(transitive.size > 0 && { transitiveTagKeys: [...transitive] }),
  };
}

function policiesOf({ profile, roleArn, policy, policyArns = [] }: Hop): Partial<CheckedHop> {
  if (policy) checkPolicy(policy);
  const arns = new Set<string>();
  for (const property of policyArns) {
    const { value } = property;
    if (!POLICY_ARN.test(value) || partitionOfArn(value) === undefined) {
      throw badValue(
        profile,
        'a session policy',
        property,
        'the ARN of a policy, such as arn:aws:iam::aws:policy/ReadOnlyAccess',
      );
    }
    if (partitionOfArn(value) !== partitionOfArn(roleArn.value)) {
      throw errorAt(
        property,
        `the policy ${quoted(value)} is in partition ${partitionOfArn(value)}, but the role is in ${partitionOfArn(roleArn.value)}`,
        `name a policy of ${partitionOfArn(roleArn.value)}`,
      );
    }
    arns.add(value);
    if (arns.size > MOST_POLICY_ARNS) {
      throw errorAt(
        property,
        `there are ${policyArns.length} session policies, and AWS accepts ${MOST_POLICY_ARNS} at most`,
        'put some of them together in one policy',
      );
    }
  }
  return { ...(policy && { policy: policy.value }), ...(arns.size > 0 && { policyArns: [...arns] }) };
}

function checkPolicy(property: Property): void {
  const { value } = property;
  let document: unknown;
  try {
    document = JSON.parse(value);
  } catch (error) {
    throw errorAt(
      property,
      `the policy is not JSON: ${printable((error as Error).message)}`,
      'correct it there',
    );
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw errorAt(
      property,
      'the policy is not a JSON object',
      'a policy looks like {"Version":"2012-10-17","Statement":[...]}',
    );
  }
  if (value.length > LONGEST_POLICY) {
    throw errorAt(
      property,
      `the policy has ${value.length} characters, and AWS accepts ${LONGEST_POLICY} at most`,
      'spaces and line ends count: leave them out, or use a managed policy with --policy-arn',
    );
  }
  if (!POLICY_TEXT.test(value)) {
    throw errorAt(
      property,
      'the policy contains a character that AWS does not accept',
      'write it as \\uXXXX: only characters up to U+00FF may stand there',
    );
  }
}

/** Makes the error for a value that AWS would refuse. */
export function badValue(profile: string, key: string, property: Property, form: string): AwsroleError {
  const message = `${key} of profile ${quoted(profile)} is ${quoted(property.value)}, which AWS would refuse`;
  return errorAt(property, message, property.value.includes('\n') ? CONTINUED : `write ${form}`);
}
