import { partitionOfArn } from './partition.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import type { RoleChain } from './role-chain.ts';

/** `credential_process = awsrole credential-process NAME`, with quotes or a path as it may be. */
const OUR_PROCESS = /\bcredential-process\s+(?:--\s+)?(["']?)(.+?)\1\s*$/;

/**
 * Returns the account of the credentials of a chain, where the files say it: that of the role, of the SSO profile, of
 * `aws login`, or `aws_account_id`.
 * @param isSession whether they are a session, and no long-lived keys: one of a user, which AWS gave for a code of the
 * device in `mfa_serial`
 */
export function accountIdOf(store: ProfileStore, chain: RoleChain, isSession: boolean): string | undefined {
  const { hops, source } = chain;
  const role = hops.at(-1)?.roleArn ?? (source.kind === 'web-identity' ? source.roleArn : undefined);
  if (role !== undefined) return accountOfArn(role.value);
  const written = 'accountId' in source ? source.accountId?.value : undefined;
  const login = source.kind === 'login-session' ? source.session.value : '';
  const ofDevice = isSession && source.kind === 'keys' && source.sessionToken === undefined;
  const device = ofDevice ? setting(store, source.profile, 'mfa_serial')?.value : undefined;
  return accountId(written) ?? accountOfArn(login) ?? accountOfArn(device ?? '');
}

/** Returns what is an account id: twelve digits. */
export function accountId(text: string | undefined): string | undefined {
  return /^\d{12}$/.test(text ?? '') ? text : undefined;
}

/** Returns the account that an ARN names; undefined where it names none. */
export function accountOfArn(arn: string): string | undefined {
  return partitionOfArn(arn) && accountId(arn.split(':')[4]);
}

/**
 * True where a client that takes the credentials of a profile from `awsrole credential-process` insists on an account id:
 * where that profile, or one with this command, says `account_id_endpoint_mode = required`. Others are not told, as
 * version 3.7 of the AWS SDK for .NET refuses an answer with an AccountId.
 */
export function wantsAccountId(store: ProfileStore, name: string): boolean {
  for (const profile of store.profiles.values()) {
    if (profile.properties.get('account_id_endpoint_mode')?.value.toLowerCase() !== 'required') continue;
    const [, , asked] = OUR_PROCESS.exec(profile.properties.get('credential_process')?.value ?? '') ?? [];
    if (profile.name === name || asked === name) return true;
  }
  return false;
}
