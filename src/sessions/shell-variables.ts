import type { Context, Environment } from '../context.ts';
import { accountIdOf, wantsAccountId } from '../profiles/account-id.ts';
import { type DefaultInShell, defaultInShell } from '../profiles/default-profile.ts';
import { expandPath } from '../profiles/file-location.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { switchRegion } from '../profiles/region.ts';
import type { RoleChain } from '../profiles/role-chain.ts';
import { settingVariables } from '../profiles/setting-variables.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { type EndingKeys, expirationText } from './session.ts';
import { refuseControlCharacters, type ShellVariables } from './session-lines.ts';

/**
 * Never left standing beside the keys. Not here is what sets up a client or another tool and holds no credentials
 * (AWS_CONFIG_FILE, AWS_CA_BUNDLE, AWS_EC2_METADATA_DISABLED, AWS_VAULT_BACKEND), what programs look at only where no
 * variable has keys (AWS_CREDENTIAL_FILE), notes of other tools that nothing goes by (AWS_SSO_ROLE_NAME), and the tokens
 * of other services (AWS_BEARER_TOKEN_BEDROCK). Each name here costs every kept switch its time.
 */
export const ALWAYS_UNSET: readonly string[] = [
  // They choose a profile, before the keys for the SDK for JavaScript and the EB CLI.
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_EB_PROFILE',
  // Older names of the keys, which s3cmd and version 1 of the SDK for Java read first, and what goes with keys.
  'AWS_ACCESS_KEY',
  'AWS_SECRET_KEY',
  'AWS_SECURITY_TOKEN',
  'AWS_DELEGATION_TOKEN',
  'AWS_CREDENTIAL_SCOPE',
  // A web identity (EKS, CI), which the SDK for .NET takes first.
  'AWS_ROLE_ARN',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_ROLE_SESSION_NAME',
  // A container (ECS, EKS, CloudShell, `aws-vault exec --ecs-server`).
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  // What prompts, and the tools themselves, take for what the shell holds.
  'AWS_VAULT',
  'AWS_SESSION_EXPIRATION',
  'AWSU_PROFILE',
  'AWSUME_EXPIRATION',
  'AWSUME_COMMAND',
  'AWS_SSO_PROFILE',
];

const CA_BUNDLE = 'AWS_CA_BUNDLE';

/** Returns the value that a shell gets for a setting: a path as a full one, since not every SDK expands it. */
function valueInShell(
  { env, platform }: Pick<Context, 'env' | 'platform'>,
  name: string,
  value: string,
): string {
  return name === CA_BUNDLE ? expandPath(value, env, platform) : value;
}

/** Those variables whose values stand in the AWS files or the shell, with their places: known before AWS is asked. */
export function profileVariables(
  store: ProfileStore,
  chain: RoleChain,
  env: Environment,
): ReadonlyMap<string, Property> {
  return new Map([...switchRegion(store, chain, env).variables, ...settingVariables(store, chain.profile)]);
}

/**
 * Looks at what will be put into a shell, before an MFA code is spent for it.
 * @throws AwsroleError kind `configuration` when no shell may be given it
 */
export function checkShellValues(store: ProfileStore, chain: RoleChain, env: Environment): void {
  const variables = [...profileVariables(store, chain, env)];
  const values = variables.map(([name, { value }]) => [name, value] as const);
  refuseControlCharacters([['profile', chain.profile], ...values]);
}

/** What a switch changes in a shell, and how it deals with [default]. */
export interface SwitchedShell extends ShellVariables, DefaultInShell {}

/**
 * What a shell holds after a switch, so that it behaves as `--profile` would. Long-lived keys come without an end.
 * @param shell as it is before the switch
 */
export function shellVariables(
  shell: Pick<Context, 'env' | 'platform'>,
  store: ProfileStore,
  chain: RoleChain,
  credentials: EndingKeys | Omit<EndingKeys, 'expires' | 'obtained'>,
): SwitchedShell {
  const set = new Map<string, string>();
  const unset = [...ALWAYS_UNSET];
  const put = (name: string, value: string | undefined): void => {
    if (value === undefined) unset.push(name);
    else set.set(name, value);
  };
  const expires = 'expires' in credentials ? credentials.expires : undefined;
  const roleArn = roleArnOf(chain);
  const accountId = credentials.accountId ?? accountIdOf(store, chain, expires !== undefined);

  put('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  put('AWS_SESSION_TOKEN', credentials.sessionToken);
  // The launcher answers `credential-process` itself, without an account id, where the end is the fourth.
  if (accountId && wantsAccountId(store, chain.profile)) set.set('AWS_ACCOUNT_ID', accountId);
  put('AWS_CREDENTIAL_EXPIRATION', expires === undefined ? undefined : expirationText(expires));
  const ofProfile = profileVariables(store, chain, shell.env);
  for (const [name, { value }] of ofProfile) set.set(name, valueInShell(shell, name, value));
  // HOME is part of the key that lines are kept under, other variables are not.
  const hasVariable = /\$(?!HOME\b|\{HOME\})/.test(ofProfile.get(CA_BUNDLE)?.value ?? '');
  const byDefault = defaultInShell(store, chain.profile, shell);
  for (const [name, { value }] of byDefault.keepOut) set.set(name, value);
  // Programs take it for the account of the keys beside it, whoever put it there; without it their endpoints may differ.
  put('AWS_ACCOUNT_ID', accountId);
  set.set('AWSROLE_PROFILE', chain.profile);
  // Not a secret; with it a prompt sees whether the keys are still those that were put there.
  set.set('AWSROLE_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWSROLE_ROLE_ARN', roleArn);
  if ('mfaSerial' in credentials && credentials.mfaSerial)
    set.set('AWSROLE_MFA_SERIAL', credentials.mfaSerial);
  put('AWSROLE_ACCOUNT_ID', accountId);
  put('AWSROLE_EXPIRES', expires === undefined ? undefined : String(expires));
  set.set('AWSUME_PROFILE', promptName(chain.profile));
  const { region, from } = switchRegion(store, chain, shell.env);
  const reachesIn = [
    ...(region && from === 'default' ? [{ key: 'region', property: region }] : []),
    ...byDefault.reachesIn,
  ];
  const dependsOnShell = byDefault.dependsOnShell || hasVariable || from !== 'profile';
  return { set, unset, ...byDefault, reachesIn, dependsOnShell };
}

/** Returns the environment of a command that gets such variables. */
export function environmentWith(
  base: Environment,
  { set, unset }: ShellVariables,
): Record<string, string | undefined> {
  const env: Record<string, string | undefined> = { ...base };
  for (const name of unset) delete env[name];
  for (const [name, value] of set) env[name] = value;
  delete env.AWSROLE_SHELL;
  // So that an awsrole inside knows which of these to leave out of its base.
  env.AWSROLE_NAMES = [...set.keys()].join(' ');
  return env;
}

/** A name that fits into a prompt: of an ARN the account and the role, as the wrappers show it. */
export function promptName(profile: string): string {
  const [, account, role] = /^arn:[a-z-]+:iam::(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(profile) ?? [];
  return role === undefined ? profile : `${account}:${role}`;
}

/** The role at the end of a chain; of SSO and the like no file says it. */
function roleArnOf({ hops, source }: RoleChain): string | undefined {
  return hops.at(-1)?.roleArn.value ?? (source.kind === 'web-identity' ? source.roleArn.value : undefined);
}
