import { hasKeys, type Source } from './chain-source.ts';
import { errorAt } from './place.ts';
import { quoted } from './printable.ts';
import type { Profile } from './profile-store.ts';
import type { Property } from './shared-config-file.ts';

/** What flags say of the device, for the whole chain; the keys of a file are in lower case, so none of them is this. */
export const MFA_DEVICE = 'MfaDevice';

/** The MFA device of the user that a chain begins with, and how its codes are got. */
export interface MfaDevice {
  /** Its serial number or ARN: unchecked, see `checkMfaSerial`. */
  readonly serial: Property;
  /** The profile that names it: that of the first role, else that of the user. */
  readonly profile: string;
  /** True where a profile of keys names it for all the roles that it is the source of. */
  readonly isOfUser: boolean;
  /** A command that prints the MFA code (aws-vault's word). */
  readonly process?: Property;
  /** The length of the MFA session that serves every role behind the device. */
  readonly sessionDuration?: Property;
}

/** The device of a chain, or what stands in its place. */
export interface ChainMfa {
  readonly mfa?: MfaDevice;
  /** An `mfa_serial` for which no code is asked: it is empty, or the source gives the session of a role. */
  readonly unusedMfa?: Property;
}

/**
 * Finds the MFA device of a chain: a flag's, else that of the first role's profile, else that of the profile of keys. An
 * empty one means none. AWS takes a code from a user only, so the roles behind a role have none, nor those that a role's
 * session is the source of.
 * @param asked the profile that was asked for, which has what flags say
 * @param role the profile of the first role, if there is one
 * @param user the profile of the source
 * @throws AwsroleError kind `usage` for a flag that could never help
 */
export function mfaOf(asked: Profile, role: Profile | undefined, user: Profile, source: Source): ChainMfa {
  const said = asked.properties.get(MFA_DEVICE);
  const own = role?.properties.get('mfa_serial');
  const ofUser = countsForUser(user, source) ? user.properties.get('mfa_serial') : undefined;
  const serial = said ?? own ?? ofUser;
  if (serial === undefined) return {};
  const reason = withoutCodes(source, role !== undefined);
  if (serial.value === '' || reason !== undefined) {
    if (said?.value && reason !== undefined) {
      throw errorAt(said, `profile ${quoted(source.profile)} ${reason}`, 'leave the flag out');
    }
    return { unusedMfa: serial };
  }
  const setting = (key: string): Property | undefined =>
    role?.properties.get(key) ?? user.properties.get(key);
  const process = setting('mfa_process');
  const sessionDuration = setting('mfa_session_duration');
  return {
    mfa: {
      serial,
      profile: (said ? asked : own && role ? role : user).name,
      isOfUser: serial === ofUser && serial !== own,
      ...(process && { process }),
      ...(sessionDuration && { sessionDuration }),
    },
  };
}

/**
 * True when the `mfa_serial` of a source profile is that of the user whose keys it has. Beside a session it says how the
 * session was got; beside a role of other keys, how that role is assumed.
 */
function countsForUser(profile: Profile, source: Source): boolean {
  const otherKeys = profile.properties.has('role_arn') && !(hasKeys(profile) && isOwnSource(profile));
  if (otherKeys) return false;
  return (
    source.kind === 'credential-process' || (source.kind === 'keys' && source.sessionToken === undefined)
  );
}

function isOwnSource({ name, properties }: Profile): boolean {
  return properties.get('source_profile')?.value === name;
}

/** Says why no code can be used with the credentials of a source; undefined where that has to be seen. */
function withoutCodes(source: Source, forRole: boolean): string | undefined {
  const isRole =
    source.kind === 'sso' ||
    source.kind === 'web-identity' ||
    (source.kind === 'credential-source' && source.credentialSource !== 'Environment') ||
    (source.kind === 'login-session' && source.session.value.includes(':assumed-role/'));
  if (isRole) return 'gives the session of a role, with which AWS takes no MFA code';
  if (forRole || source.kind === 'credential-process') return undefined;
  if (source.kind === 'keys' && source.sessionToken === undefined) return undefined;
  return 'gives a session, for which there is no MFA session';
}
