import type { AwsroleError } from '../errors.ts';
import { didYouMean } from './closest-names.ts';
import { type KeyReference, referenceIn } from './key-reference.ts';
import { errorAt, quotesHint } from './place.ts';
import { printable, quoted } from './printable.ts';
import type { Profile, ProfileStore } from './profile-store.ts';
import type { Property, Section } from './shared-config-file.ts';
import { endOfKeys, type KeysEnd, renewalOfKeys } from './temporary-keys.ts';

const CREDENTIAL_SOURCES = ['Environment', 'Ec2InstanceMetadata', 'EcsContainer'] as const;
export type CredentialSource = (typeof CREDENTIAL_SOURCES)[number];

/** Where the first credentials come from; `profile` is the profile that says so. */
export type Source =
  | {
      readonly kind: 'keys';
      readonly profile: string;
      readonly accessKeyId: Property;
      readonly secretAccessKey: Property;
      readonly sessionToken?: Property;
      readonly accountId?: Property;
      /** When they end, where they have a session token and the file says it; who wrote them, and what renews them. */
      readonly end?: KeysEnd;
      readonly renewal?: string;
    }
  | {
      readonly kind: 'credential-process';
      readonly profile: string;
      readonly command: Property;
      /** Set where the command is our own, for keys that awsrole has stored: it reads them without a process. */
      readonly stored?: KeyReference;
      readonly accountId?: Property;
    }
  | {
      readonly kind: 'credential-source';
      readonly profile: string;
      readonly credentialSource: CredentialSource;
      readonly property: Property;
    }
  | {
      readonly kind: 'sso';
      readonly profile: string;
      /** The name of the [sso-session]; without one, the token is kept under the start URL. */
      readonly session?: Property;
      readonly startUrl: Property;
      readonly region: Property;
      readonly accountId: Property;
      readonly roleName: Property;
    }
  | {
      readonly kind: 'web-identity';
      readonly profile: string;
      readonly roleArn: Property;
      readonly tokenFile: Property;
      readonly roleSessionName?: Property;
    }
  | { readonly kind: 'login-session'; readonly profile: string; readonly session: Property };

/**
 * True when a profile has keys, or half of a pair: that is a mistake to report, not a reason to take its role instead.
 */
export function hasKeys({ properties }: Profile): boolean {
  return properties.has('aws_access_key_id') || properties.has('aws_secret_access_key');
}

/**
 * Makes the source that a profile's `credential_source` names.
 * @throws AwsroleError kind `configuration` for a word that AWS does not know
 */
export function credentialSourceOf({ name }: Profile, property: Property): Source {
  const credentialSource = CREDENTIAL_SOURCES.find((source) => source === property.value);
  if (credentialSource) return { kind: 'credential-source', profile: name, credentialSource, property };
  throw errorAt(
    property,
    `credential_source of profile ${quoted(name)} is ${quoted(property.value)}, which does not exist`,
    `write one of ${CREDENTIAL_SOURCES.join(', ')}`,
  );
}

/** Works out where a profile's own credentials come from, in the AWS CLI's order. */
export function sourceOf(store: ProfileStore, profile: Profile): Source {
  const { name, properties } = profile;
  const keyId = properties.get('aws_access_key_id');
  const keyInCredentials = keyId !== undefined && keyId.file === store.credentialsFile;
  const login = properties.get('login_session');
  const command = properties.get('credential_process');
  const accountId = properties.get('aws_account_id');
  if (properties.has('web_identity_token_file')) return webIdentityOf(profile);
  if (properties.has('sso_account_id') || properties.has('sso_role_name')) return ssoOf(store, profile);
  if (keyId && keyInCredentials) return keysOf(store, profile, keyId);
  if (login)
    return { kind: 'login-session', profile: name, session: filled(profile, 'login_session', login) };
  if (command) {
    const stored = referenceIn(command.value, name);
    return {
      kind: 'credential-process',
      profile: name,
      command: filled(profile, 'credential_process', command),
      ...(stored && { stored }),
      ...(accountId && { accountId }),
    };
  }
  if (keyId) return keysOf(store, profile, keyId);
  throw noCredentials(store, profile);
}

function filled(profile: Profile, key: string, property: Property): Property {
  if (property.value !== '') return property;
  throw errorAt(
    property,
    `${key} of profile ${quoted(profile.name)} is empty`,
    'write its value, or delete the line',
  );
}

/**
 * Reads a pair of keys. Like the AWS CLI, takes secret and token only from the file that the key id is in: those in the
 * other file belong to another key.
 */
function keysOf({ profiles }: ProfileStore, profile: Profile, keyId: Property): Source {
  const own = (key: string): Property | undefined => {
    const property = profile.properties.get(key);
    return property?.file === keyId.file ? property : undefined;
  };
  const secret = own('aws_secret_access_key');
  if (secret === undefined) {
    throw errorAt(
      keyId,
      `profile ${quoted(profile.name)} is missing aws_secret_access_key`,
      `add it to ${printable(keyId.file ?? keyId.by)}, beside aws_access_key_id`,
    );
  }
  const sessionToken = own('aws_security_token') ?? own('aws_session_token');
  const accountId = own('aws_account_id');
  const temporary = Boolean(sessionToken?.value);
  const end = temporary ? endOfKeys(profile.properties, keyId.file) : undefined;
  return {
    kind: 'keys',
    profile: profile.name,
    accessKeyId: filled(profile, 'aws_access_key_id', keyId),
    secretAccessKey: filled(profile, 'aws_secret_access_key', secret),
    ...(sessionToken?.value && { sessionToken }),
    ...(accountId?.value && { accountId }),
    ...(end && { end }),
    ...(temporary && { renewal: renewalOfKeys(profile.name, profile.properties, profiles) }),
  };
}

function webIdentityOf(profile: Profile): Source {
  const required = (key: string): Property => {
    const property = profile.properties.get(key);
    if (property) return filled(profile, key, property);
    const place = profile.properties.get('web_identity_token_file') ?? profile;
    throw errorAt(
      place,
      `profile ${quoted(profile.name)} has a web_identity_token_file but no ${key}`,
      `add ${key}`,
    );
  };
  const roleSessionName = profile.properties.get('role_session_name');
  return {
    kind: 'web-identity',
    profile: profile.name,
    tokenFile: required('web_identity_token_file'),
    roleArn: required('role_arn'),
    ...(roleSessionName && { roleSessionName }),
  };
}

function ssoOf(store: ProfileStore, profile: Profile): Source {
  const { name, properties } = profile;
  const session = properties.get('sso_session');
  const section = session && ssoSessionOf(store, profile, session);
  for (const [key, theirs] of section?.properties ?? []) {
    const ours = properties.get(key);
    if (ours && ours.value !== theirs.value) {
      throw errorAt(
        ours,
        `${key} of profile ${quoted(name)} differs from that of its sso-session on line ${theirs.line} of ${printable(theirs.file)}`,
        'delete the line here',
      );
    }
  }
  const required = (key: string): Property => {
    const property = section?.properties.get(key) ?? properties.get(key);
    if (property) return filled(profile, key, property);
    const sessions = key === 'sso_region' || key === 'sso_start_url';
    const place =
      sessions && section
        ? section
        : (properties.get('sso_account_id') ?? properties.get('sso_role_name') ?? profile);
    throw errorAt(
      place,
      `profile ${quoted(name)} is set up for SSO, but ${key} is missing`,
      `add ${key}${sessions && section ? ' to the sso-session' : ''}`,
    );
  };
  return {
    kind: 'sso',
    profile: name,
    accountId: required('sso_account_id'),
    roleName: required('sso_role_name'),
    startUrl: required('sso_start_url'),
    region: required('sso_region'),
    ...(session && { session }),
  };
}

function ssoSessionOf(store: ProfileStore, profile: Profile, session: Property): Section {
  const section = store.ssoSessions.get(session.value);
  if (section) return section;
  throw errorAt(
    session,
    `the sso-session ${quoted(session.value)}, referenced from profile ${quoted(profile.name)}, does not exist${store.absent}`,
    quotesHint(session.value) ??
      didYouMean(session.value, store.ssoSessions.keys()) ??
      `add [sso-session ${printable(session.value)}] to the config file, with sso_start_url and sso_region`,
  );
}

/** Explains what is missing in a profile without credentials. */
function noCredentials(store: ProfileStore, profile: Profile): AwsroleError {
  const { name, properties } = profile;
  const secret = properties.get('aws_secret_access_key');
  if (secret)
    return errorAt(
      secret,
      `profile ${quoted(name)} is missing aws_access_key_id`,
      `add it to ${printable(secret.file ?? secret.by)}, beside aws_secret_access_key`,
    );
  const session = properties.get('sso_session');
  if (session) ssoSessionOf(store, profile, session);
  const sso = session ?? properties.get('sso_start_url');
  if (sso)
    return errorAt(
      sso,
      `profile ${quoted(name)} has no credentials: it says where to sign in, but not for which account and role`,
      'add sso_account_id and sso_role_name',
    );
  const half = properties.get('source_profile') ?? properties.get('credential_source');
  if (half)
    return errorAt(
      half,
      `profile ${quoted(name)} says whose credentials to use, but has no role_arn`,
      'add role_arn',
    );
  const keys = [...properties.keys()].map(printable).join(', ');
  return errorAt(
    profile,
    `profile ${quoted(name)} did not contain credential information; it has ${keys === '' ? 'no settings' : `only ${keys}`}`,
    'add aws_access_key_id and aws_secret_access_key, or role_arn and source_profile',
  );
}
