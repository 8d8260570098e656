import type { Context } from '../context.ts';
import type { Source } from '../profiles/chain-source.ts';
import { type DefaultInShell, defaultInShell } from '../profiles/default-profile.ts';
import { parseRoleArn } from '../profiles/partition.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { type RoleChain, regionOf } from '../profiles/role-chain.ts';
import { settingVariables } from '../profiles/setting-variables.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { expirationText, type Session } from './session.ts';
import { refuseControlCharacters, type ShellVariables } from './session-lines.ts';

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

/** Those variables whose values stand in the AWS files, with their lines: known before AWS is asked. */
export function profileVariables(store: ProfileStore, chain: RoleChain): ReadonlyMap<string, Property> {
  const region = regionOf(store, chain);
  return new Map([
    ...(region === undefined
      ? []
      : ([
          ['AWS_REGION', region],
          ['AWS_DEFAULT_REGION', region],
        ] as const)),
    ...settingVariables(store, chain.profile),
  ]);
}

/**
 * Looks at what will be put into a shell, before an MFA code is spent for it.
 * @throws AwsroleError kind `configuration` when no shell may be given it
 */
export function checkShellValues(store: ProfileStore, chain: RoleChain): void {
  const variables = [...profileVariables(store, chain)];
  const values = variables.map(([name, { value }]) => [name, value] as const);
  refuseControlCharacters([['profile', chain.profile], ...values]);
}

/** What a switch changes in a shell, and what of [default] it could not keep out. */
export interface SwitchedShell extends ShellVariables, Pick<DefaultInShell, 'reachesIn' | 'dependsOnShell'> {}

/**
 * What a shell holds after a switch, so that it behaves as `--profile` would. Long-lived keys come without an end.
 * @param shell as it is before the switch
 */
export function shellVariables(
  shell: Pick<Context, 'env' | 'platform'>,
  store: ProfileStore,
  chain: RoleChain,
  credentials:
    | Session
    | (Omit<Session, 'expires' | 'obtained' | 'sessionToken'> & {
        readonly sessionToken?: string | undefined;
      }),
): SwitchedShell {
  const set = new Map<string, string>();
  const unset = [...ALWAYS_UNSET];
  const put = (name: string, value: string | undefined): void => {
    if (value === undefined) unset.push(name);
    else set.set(name, value);
  };
  const expires = 'expires' in credentials ? credentials.expires : undefined;
  const roleArn = roleArnOf(chain);
  const accountId = accountIdOf(chain);

  put('AWS_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey);
  put('AWS_SESSION_TOKEN', credentials.sessionToken);
  put('AWS_CREDENTIAL_EXPIRATION', expires === undefined ? undefined : expirationText(expires));
  for (const [name, { value }] of profileVariables(store, chain)) set.set(name, value);
  const { keepOut, reachesIn, dependsOnShell } = defaultInShell(
    store,
    chain.profile,
    shell,
    set.has('AWS_REGION'),
  );
  for (const [name, { value }] of keepOut) set.set(name, value);
  // botocore takes it for the account of the keys beside it, whoever put it there.
  const { source, hops } = chain;
  put('AWS_ACCOUNT_ID', hops.length === 0 && source.kind === 'keys' ? source.accountId?.value : undefined);
  set.set('AWSROLE_PROFILE', chain.profile);
  // Not a secret; with it a prompt sees whether the keys are still those that were put there.
  set.set('AWSROLE_ACCESS_KEY_ID', credentials.accessKeyId);
  put('AWSROLE_ROLE_ARN', roleArn);
  put('AWSROLE_ACCOUNT_ID', accountId);
  put('AWSROLE_EXPIRES', expires === undefined ? undefined : String(expires));
  set.set('AWSUME_PROFILE', promptName(chain.profile));
  return { set, unset, reachesIn, dependsOnShell };
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

function accountIdOf(chain: RoleChain): string | undefined {
  const roleArn = roleArnOf(chain);
  return roleArn === undefined ? sourceAccountId(chain.source) : parseRoleArn(roleArn).accountId;
}

function sourceAccountId(source: Source): string | undefined {
  const written = 'accountId' in source ? source.accountId?.value : undefined;
  const inArn = source.kind === 'login-session' ? source.session.value.split(':')[4] : undefined;
  return [written, inArn].find((text) => /^\d{12}$/.test(text ?? ''));
}
