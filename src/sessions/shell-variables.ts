import { parseRoleArn } from '../profiles/partition.ts';
import { type ProfileStore, setting } from '../profiles/profile-store.ts';
import { type RoleChain, regionOf } from '../profiles/role-chain.ts';
import { expirationText, type Session } from './session.ts';
import { refuseControlCharacters, type ShellVariables } from './session-lines.ts';

/** Settings of a profile that have a variable of their own (AWS SDKs and Tools Reference Guide, "Settings reference"). */
const SETTING_VARIABLES: ReadonlyMap<string, string> = new Map([
  ['output', 'AWS_DEFAULT_OUTPUT'],
  ['endpoint_url', 'AWS_ENDPOINT_URL'],
  ['ignore_configured_endpoint_urls', 'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'],
  ['retry_mode', 'AWS_RETRY_MODE'],
  ['max_attempts', 'AWS_MAX_ATTEMPTS'],
  ['use_fips_endpoint', 'AWS_USE_FIPS_ENDPOINT'],
  ['use_dualstack_endpoint', 'AWS_USE_DUALSTACK_ENDPOINT'],
  ['ca_bundle', 'AWS_CA_BUNDLE'],
  ['defaults_mode', 'AWS_DEFAULTS_MODE'],
  ['sts_regional_endpoints', 'AWS_STS_REGIONAL_ENDPOINTS'],
]);

/**
 * Never left standing beside the keys: AWS_PROFILE makes the JavaScript SDK ignore them, and the leftovers of other
 * tools outrank ours in prompts.
 */
const ALWAYS_UNSET = [
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_SECURITY_TOKEN',
  'AWS_VAULT',
  'AWSU_PROFILE',
  'AWSUME_EXPIRATION',
  'AWS_SSO_PROFILE',
  'AWS_SESSION_EXPIRATION',
];

/** Those variables whose values stand in the AWS files: known before AWS is asked. */
function profileVariables(store: ProfileStore, chain: RoleChain): [string, string][] {
  const variables: [string, string][] = [];
  const region = regionOf(store, chain)?.value;
  if (region) variables.push(['AWS_REGION', region], ['AWS_DEFAULT_REGION', region]);
  for (const [key, variable] of SETTING_VARIABLES) {
    const value = setting(store, chain.profile, key)?.value;
    if (value) variables.push([variable, value]);
  }
  return variables;
}

/**
 * Looks at what will be put into a shell, before an MFA code is spent for it.
 * @throws AwsroleError kind `configuration` when no shell may be given it
 */
export function checkShellValues(store: ProfileStore, chain: RoleChain): void {
  const lines = profileVariables(store, chain).map(([name, value]) => ['set', `${name} ${value}`] as const);
  refuseControlCharacters([['profile', chain.profile], ...lines]);
}

/** What a shell holds after a switch, so that it behaves as `--profile` would. Long-lived keys come without an end. */
export function shellVariables(
  store: ProfileStore,
  chain: RoleChain,
  credentials:
    | Session
    | (Omit<Session, 'expires' | 'obtained' | 'sessionToken'> & {
        readonly sessionToken?: string | undefined;
      }),
): ShellVariables {
  const set = new Map<string, string>();
  const unset = [...ALWAYS_UNSET];
  const put = (name: string, value: string | undefined): void => {
    if (value === undefined) unset.push(name);
    else set.set(name, value);
  };
  const expires = 'expires' in credentials ? credentials.expires : undefined;
  const roleArn = chain.hops.at(-1)?.roleArn.value;

  put('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  put('AWS_SESSION_TOKEN', credentials.sessionToken);
  put('AWS_CREDENTIAL_EXPIRATION', expires === undefined ? undefined : expirationText(expires));
  for (const [name, value] of profileVariables(store, chain)) set.set(name, value);
  set.set('AWSROLE_PROFILE', chain.profile);
  // Not a secret; with it a prompt sees whether the keys are still those that were put there.
  set.set('AWSROLE_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWSROLE_ROLE_ARN', roleArn);
  put('AWSROLE_ACCOUNT_ID', roleArn === undefined ? undefined : parseRoleArn(roleArn).accountId);
  put('AWSROLE_EXPIRES', expires === undefined ? undefined : String(expires));
  set.set('AWSUME_PROFILE', chain.profile);
  return { set, unset };
}
