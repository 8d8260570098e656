import { AwsroleError } from '../errors.ts';
import { parseRoleArn } from '../profiles/partition.ts';
import { hasControlCharacter, quoted } from '../profiles/printable.ts';

/** A role, and what a profile of it may be called. */
export interface NamedRole {
  readonly roleArn: string;
  readonly name: string;
}

/** The hosts of the console's sign-in pages, a region before them or not, and the partition of each. */
const SIGN_IN = [
  [/^([a-z0-9-]+\.)?signin\.aws\.amazon\.com$/, 'aws'],
  [/^([a-z0-9-]+\.)?signin\.amazonaws-us-gov\.com$/, 'aws-us-gov'],
  [/^([a-z0-9-]+\.)?signin\.amazonaws\.cn$/, 'aws-cn'],
  [/^([a-z0-9-]+\.)?signin\.amazonaws-eusc\.eu$/, 'aws-eusc'],
] as const;

const FORMS =
  'give its ARN, such as arn:aws:iam::123456789012:role/NAME, or the link for switching to it that the console shows';

/**
 * Reads what names a role: its ARN, or the console's link for switching to it.
 * @throws AwsroleError kind `usage`
 */
export function namedRole(typed: string): NamedRole {
  const text = typed.trim();
  if (text === '' || hasControlCharacter(text)) throw noRole(`${quoted(text)} does not name a role`);
  return /^https?:\/\//i.test(text) ? ofLink(text) : ofArn(text);
}

function ofArn(arn: string, name = arn.replace(/^.*\//s, '')): NamedRole {
  try {
    parseRoleArn(arn);
  } catch (error) {
    throw noRole((error as Error).message);
  }
  return { roleArn: arn, name };
}

function ofLink(text: string): NamedRole {
  const link = URL.canParse(text) ? new URL(text) : undefined;
  const [, partition] = SIGN_IN.find(([host]) => link !== undefined && host.test(link.hostname)) ?? [];
  if (link === undefined || partition === undefined || !/^\/switchrole\/?$/i.test(link.pathname)) {
    throw noRole(`${quoted(text)} is not a console link for switching to a role`);
  }
  const { searchParams } = link;
  const [account, role] = ['account', 'roleName'].map((name) => searchParams.get(name)?.trim() ?? '');
  if (!account || !role) throw noRole('this link names no account (account) or no role (roleName)');
  if (!/^\d{12}$/.test(account)) {
    throw new AwsroleError('usage', `this link calls the account ${quoted(account)}, which is an alias`, {
      hint: `AWS's API takes only the number: arn:${partition}:iam::ACCOUNT:role/${role}`,
    });
  }
  const shown = searchParams.get('displayName')?.trim();
  return ofArn(`arn:${partition}:iam::${account}:role/${role}`, shown || undefined);
}

function noRole(message: string): AwsroleError {
  return new AwsroleError('usage', message, { hint: FORMS });
}
