import type { ProfileStore } from '../profiles/profile-store.ts';
import type { IndexEntry } from '../sessions/session-lines.ts';

/** What a profile without a role is, by a setting that tells; in the order in which they count. */
const KINDS = [
  ['sso_role_name', 'SSO'],
  ['aws_session_token', 'temporary keys'],
  ['aws_access_key_id', 'keys'],
  ['login_session', 'aws login'],
  ['credential_process', 'credential_process'],
] as const;

/** The profiles as completion shows them. */
export function indexEntries(store: ProfileStore): IndexEntry[] {
  return [...store.profiles.values()].map(({ name, properties }): IndexEntry => {
    const roleArn = properties.get('role_arn')?.value;
    const kind = KINDS.find(([key]) => properties.has(key))?.[1];
    // A profile of keys with a device is switched to as an MFA session.
    const mfa =
      kind === 'keys' && properties.get('mfa_serial')?.value && !properties.has('aws_session_token');
    const description = roleArn ?? (mfa ? 'MFA session' : (kind ?? ''));
    return { profile: name, isRole: roleArn !== undefined, description };
  });
}
