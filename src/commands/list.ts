import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { keptSession } from '../credentials/kept-sessions.ts';
import { makePlan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import type { Source } from '../profiles/chain-source.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { bold } from '../terminal/colour.ts';
import { durationText } from '../terminal/durations.ts';
import { table } from '../terminal/table.ts';

interface Row {
  readonly profile: string;
  readonly roleArn?: string;
  /** The source profile, or the kind of the profile's own credentials. */
  readonly source?: string;
  readonly mfaSerial?: string;
  /** RFC 3339, of the kept session. */
  readonly expires?: string;
  readonly secondsLeft?: number;
  /** Why the profile cannot be switched to. */
  readonly error?: string;
}

/** The kinds of profiles that take their credentials from no other. */
const KINDS: Readonly<Record<Source['kind'], string>> = {
  keys: 'keys',
  'credential-process': 'credential_process',
  'credential-source': 'credential_source',
  sso: 'SSO',
  'web-identity': 'web identity',
  'login-session': 'aws login',
};

/** Lists the profiles of both files, roles first, with the sessions that are kept for them. */
export async function list(outer: Context, { json }: { json: boolean }): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const files = loadProfiles(context);
  const { store, places } = files;
  const rows = [...store.profiles.keys()].map((profile) => rowOf(context, files, profile));
  rows.sort((a, b) => Number(a.roleArn === undefined) - Number(b.roleArn === undefined));
  if (json) {
    context.stdout.write(`${printableJson(rows, 2)}\n`);
    return 0;
  }
  for (const problem of store.problems) {
    context.stderr.write(`awsrole: warning: ${placed(problem, problem.message)}\n`);
  }
  if (rows.length === 0) {
    context.stderr.write(`no profiles in ${printable(places.config)} and ${printable(places.credentials)}\n`);
    return 0;
  }
  const [heading = '', ...lines] = table([
    ['PROFILE', 'ROLE', 'SOURCE', 'MFA', 'SESSION'],
    ...rows.map(({ profile, roleArn, source, mfaSerial, secondsLeft, error }) => [
      profile,
      roleArn ?? '-',
      source ?? '-',
      mfaSerial === undefined ? '-' : 'yes',
      error ?? (secondsLeft === undefined ? '-' : durationText(secondsLeft)),
    ]),
  ]);
  context.stdout.write(
    `${bold(context.stdout, context.env)(heading)}\n${lines.map((line) => `${line}\n`).join('')}`,
  );
  return 0;
}

function rowOf(context: Context, files: LoadedProfiles, profile: string): Row {
  try {
    const { store } = files;
    const chain = resolveRoleChain(store, profile);
    const hop = chain.hops.at(-1);
    const session = keptSession(context, makePlan(context, { files, store, chain }));
    return {
      profile,
      ...(hop && { roleArn: hop.roleArn.value }),
      source: hop === undefined ? KINDS[chain.source.kind] : (chain.profiles[1] ?? KINDS[chain.source.kind]),
      ...(hop?.mfaSerial && { mfaSerial: hop.mfaSerial.value }),
      ...(session && {
        expires: new Date(session.expires * 1000).toISOString(),
        secondsLeft: Math.floor(session.expires - context.now() / 1000),
      }),
    };
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return { profile, error: error.message };
  }
}
