import { existsSync } from 'node:fs';
import type { FileLocations } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';

/** Says that there are no profiles, where they were looked for, and what the first ones look like. */
export function firstProfile(places: FileLocations): string {
  return `${noProfiles(places)}\n${firstProfileExample(places)}`;
}

/** Says why there are no profiles: no files, or nothing in them. */
export function noProfiles({ config, credentials }: FileLocations): string {
  const there = [config, credentials].filter((path) => existsSync(path)).map(printable);
  if (there.length > 0) return `no profiles were defined in ${there.join(' and ')}`;
  return `no profiles were defined: neither ${printable(config)} nor ${printable(credentials)} exists`;
}

/** What to write, and what to do then. */
export function firstProfileExample({ config, credentials }: FileLocations): string {
  return `  with the access keys of an IAM user, run: awsrole add user101
  and then for the role that you want to use: awsrole new role101

  or write the access keys of your IAM user into ${printable(credentials)}:

    [user101]
    aws_access_key_id = AKIA...
    aws_secret_access_key = ...

  and the role that you want to use, with your MFA device if you have one, into ${printable(config)}:

    [profile role101]
    role_arn = arn:aws:iam::123456789012:role/role101
    source_profile = user101
    mfa_serial = arn:aws:iam::123456789012:mfa/user101
    region = us-east-1

  then run: awsrole role101
  with IAM Identity Center (SSO) instead, run: aws configure sso
  to try awsrole without an AWS account, run: awsrole demo`;
}
