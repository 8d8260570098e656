import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { keptCard } from '../credentials/kept-sessions.ts';
import { makePlan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import { accountIdOf } from '../profiles/account-id.ts';
import type { Source } from '../profiles/chain-source.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { guardOf } from '../profiles/guard.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { printableJson, quoted } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { accountNameOf } from '../profiles/shown-variables.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { colours } from '../terminal/colour.ts';
import { columnsOf, show } from '../terminal/screen.ts';
import { firstProfile } from './first-profile.ts';
import { LONG_LIVED, profileTable, type Row } from './profile-table.ts';

/** The kinds of profiles that take their credentials from no other. */
const KINDS: Readonly<Record<Source['kind'], string>> = {
  keys: LONG_LIVED,
  'credential-process': 'credential_process',
  'credential-source': 'credential_source',
  sso: 'SSO',
  'web-identity': 'web identity',
  'login-session': 'aws login',
};

export interface ListOptions {
  readonly json: boolean;
  /** Words that each have to be in the name, the role or the source of a profile; case does not count. */
  readonly filter: readonly string[];
}

/**
 * Lists the profiles of both files, roles first, with the sessions that are kept for them.
 * @throws AwsroleError kind `configuration` when a filter leaves none
 */
export async function list(outer: Context, { json, filter }: ListOptions): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const files = loadProfiles(context);
  const { store } = files;
  const held = outer.held ?? (outer.env.AWSROLE_PROFILE || undefined);
  const own = await loadSettings(context);
  const all = [...store.profiles.keys()].map((profile) => rowOf(context, files, own, profile, held));
  const words = filter.map((word) => word.toLowerCase());
  const rows = all.filter((row) => matches(row, words));
  rows.sort((a, b) => Number(a.roleArn === undefined) - Number(b.roleArn === undefined));
  if (json) {
    context.stdout.write(`${printableJson(rows, 2)}\n`);
    return 0;
  }
  const shown = new Set(rows.map(({ profile }) => profile));
  for (const problem of store.problems) {
    const ours = problem.profile === undefined || shown.has(problem.profile);
    if (ours || filter.length === 0) context.warn(placed(problem, problem.message));
  }
  if (all.length === 0) {
    context.stderr.write(`${firstProfile(files.places)}\n`);
    return 0;
  }
  if (rows.length === 0) throw noneMatches(filter, store.profiles.keys());
  const { stdout, env } = context;
  const lines = profileTable(rows, colours(stdout, env), columnsOf(stdout));
  await show(context, `${lines.join('\n')}\n`);
  return 0;
}

function matches(
  { profile, roleArn = '', accountName = '', source = '' }: Row,
  words: readonly string[],
): boolean {
  // Every role has `role` in its ARN.
  const role = roleArn.replace(/^arn:[^:]*:iam::(\d+):role\//, '$1:');
  const text = [profile, role, accountName, source].join('\n').toLowerCase();
  return words.every((word) => (word.startsWith('arn:') ? roleArn.toLowerCase() : text).includes(word));
}

function noneMatches(filter: readonly string[], names: Iterable<string>): AwsroleError {
  const typed = filter.join(' ');
  return new AwsroleError('configuration', `no profile has ${quoted(typed)} in its name, role or source`, {
    hint: didYouMean(typed, names) ?? 'for all of them: awsrole list',
  });
}

function kindOf(source: Source): string {
  if (source.kind === 'keys' && source.sessionToken) return 'temporary keys';
  return source.kind === 'credential-process' && source.stored ? 'stored keys' : KINDS[source.kind];
}

function rowOf(
  context: Context,
  files: LoadedProfiles,
  own: Settings,
  profile: string,
  heldName: string | undefined,
): Row {
  const held = profile === heldName && { held: true as const };
  try {
    const { store } = files;
    const chain = resolveRoleChain(store, profile);
    const hop = chain.hops.at(-1);
    const session = keptCard(context, makePlan(context, { files, store, chain }));
    const { source } = chain;
    // Keys that another tool renews are a session that is there, or was.
    const end = source.kind === 'keys' && hop === undefined ? source.end?.seconds : undefined;
    const expires = session?.expires ?? end;
    const kind = kindOf(source);
    const accountId = accountIdOf(store, chain, true);
    const accountName = accountNameOf(store, profile, accountId, own.accountNames);
    return {
      profile,
      ...held,
      ...(accountName !== undefined && { accountName }),
      ...(guardOf(store, { profile, accountId }, own.guard) && { guarded: true as const }),
      ...(hop && { roleArn: hop.roleArn.value }),
      source: hop === undefined ? kind : (chain.profiles[1] ?? kind),
      ...(chain.mfa && { mfaSerial: chain.mfa.serial.value }),
      ...(expires !== undefined && {
        expires: new Date(expires * 1000).toISOString(),
        secondsLeft: Math.floor(expires - context.now() / 1000),
      }),
    };
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return { profile, ...held, error: error.message };
  }
}
