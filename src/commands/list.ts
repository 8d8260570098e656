import { basename } from 'node:path';
import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { keptSession } from '../credentials/kept-sessions.ts';
import { makePlan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import type { Source } from '../profiles/chain-source.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { quoted } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { promptName } from '../sessions/shell-variables.ts';
import { type Colours, colours } from '../terminal/colour.ts';
import { durationText } from '../terminal/durations.ts';
import { columnsOf, show } from '../terminal/screen.ts';
import {
  type Cell,
  cut,
  cutEnd,
  fittedTable,
  type Narrowing,
  type PaintedCell,
  table,
} from '../terminal/table.ts';
import { firstProfile } from './first-profile.ts';

interface Row {
  readonly profile: string;
  /** True for the profile that the shell holds. */
  readonly held?: true;
  readonly roleArn?: string;
  /** The source profile, or the kind of the profile's own credentials. */
  readonly source?: string;
  /** The device whose code the way to the role takes, wherever on it. */
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

const HEADINGS = ['PROFILE', 'ROLE', 'SOURCE', 'MFA', 'SESSION'];
/** The role gives way first, then the source; a name that is cut could not be typed. */
const NARROWING: Narrowing = [
  [HEADINGS.indexOf('ROLE'), 16],
  [HEADINGS.indexOf('SOURCE'), 8],
];
const INDENT = '    ';

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
  // The shell functions start us with the environment from before the switch, and say so what the shell holds.
  const held = outer.env.AWSROLE_HELD || outer.env.AWSROLE_PROFILE;
  const all = [...store.profiles.keys()].map((profile) => rowOf(context, files, profile, held));
  const words = filter.map((word) => word.toLowerCase());
  const rows = all.filter((row) => matches(row, words));
  rows.sort((a, b) => Number(a.roleArn === undefined) - Number(b.roleArn === undefined));
  if (json) {
    context.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
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
  await show(context, `${linesOf(context, rows).join('\n')}\n`);
  return 0;
}

function matches({ profile, roleArn = '', source = '' }: Row, words: readonly string[]): boolean {
  // Every role has `role` in its ARN.
  const role = roleArn.replace(/^arn:[^:]*:iam::(\d+):role\//, '$1:');
  const text = [profile, role, source].join('\n').toLowerCase();
  return words.every((word) => (word.startsWith('arn:') ? roleArn.toLowerCase() : text).includes(word));
}

function noneMatches(filter: readonly string[], names: Iterable<string>): AwsroleError {
  const typed = filter.join(' ');
  return new AwsroleError('configuration', `no profile has ${quoted(typed)} in its name, role or source`, {
    hint: didYouMean(typed, names) ?? 'for all of them: awsrole list',
  });
}

/** The table, as wide as the terminal is; for anything else as wide as it takes. */
function linesOf(context: Context, rows: readonly Row[]): string[] {
  const screen = columnsOf(context.stdout);
  const paints = colours(context.stdout, context.env);
  const headings = HEADINGS.map((text) => ({ text, paint: paints.bold }));
  if (screen === undefined) {
    return table([headings, ...rows.map((row) => [...cellsOf(row, paints), row.error ?? sessionOf(row)])]);
  }
  const tableOf = (shorter: boolean, narrowing: Narrowing): string[] | undefined =>
    fittedTable(
      [
        headings,
        ...rows.map((row) => {
          const cells = cellsOf(row, paints, shorter);
          // An error takes the room of all the other columns.
          return row.error === undefined
            ? [...cells, sessionOf(row)]
            : [...cells.slice(0, 1), errorOf(row.error, paints)];
        }),
      ],
      screen,
      narrowing,
    );
  const lines = tableOf(false, []) ?? tableOf(true, []) ?? tableOf(true, NARROWING);
  const broken = rows.find(({ error }) => error !== undefined);
  const more = broken && ['', `To see the whole error: awsrole explain ${shellWord(broken.profile)}`];
  return [...(lines ?? stacked(rows, screen, paints)), ...(more ?? [])];
}

/** The cells of a row but for the last. */
function cellsOf(row: Row, paints: Colours, shorter = false): Cell[] {
  const { roleArn, source = '-' } = row;
  const role = roleArn === undefined ? '-' : shorter ? promptName(roleArn) : roleArn;
  const keys = source === KINDS.keys && roleArn === undefined;
  return [
    nameOf(row, paints),
    role,
    keys ? { text: source, paint: paints.yellow } : source,
    row.mfaSerial === undefined ? '-' : 'yes',
  ];
}

/** The mark stands behind the name, so that in a pipe the name is still the first word. */
function nameOf({ profile, held }: Row, { bold, green }: Colours): PaintedCell {
  const paint = (text: string): string => (held ? bold(green(text)) : text);
  return { text: held ? `${profile} *` : profile, paint };
}

function sessionOf({ secondsLeft }: Row): string {
  return secondsLeft === undefined ? '-' : durationText(secondsLeft);
}

/** Of the path of a file only its name: the rest says nothing about the profile. */
function errorOf(error: string, { red }: Colours): PaintedCell {
  const [, file, rest] = /^(\S.*?)(:\d+: .*)$/s.exec(error) ?? [];
  return { text: file === undefined ? error : `${basename(file)}${rest}`, paint: red };
}

/** Two lines a profile, for a terminal that is too narrow for columns. */
function stacked(rows: readonly Row[], width: number, paints: Colours): string[] {
  return rows.flatMap((row) => {
    const { text, paint } = nameOf(row, paints);
    const { roleArn, source, mfaSerial, secondsLeft, error } = row;
    const room = width - INDENT.length;
    if (error !== undefined) {
      const what = errorOf(error, paints);
      return [paint(cut(text, width)), INDENT + what.paint(cutEnd(what.text, room))];
    }
    const rest = [
      ...(roleArn === undefined && source !== undefined ? [source] : []),
      ...(mfaSerial === undefined ? [] : ['MFA']),
      ...(secondsLeft === undefined ? [] : [durationText(secondsLeft)]),
    ].join(', ');
    const role = roleArn === undefined ? '' : cut(promptName(roleArn), Math.max(8, room - rest.length - 2));
    return [
      paint(cut(text, width)),
      INDENT + cutEnd([role, rest].filter((one) => one !== '').join(', '), room),
    ];
  });
}

function rowOf(context: Context, files: LoadedProfiles, profile: string, heldName: string | undefined): Row {
  const held = profile === heldName && { held: true as const };
  try {
    const { store } = files;
    const chain = resolveRoleChain(store, profile);
    const hop = chain.hops.at(-1);
    const mfaSerial = chain.hops.find((one) => one.mfaSerial?.value)?.mfaSerial;
    const session = keptSession(context, makePlan(context, { files, store, chain }));
    return {
      profile,
      ...held,
      ...(hop && { roleArn: hop.roleArn.value }),
      source: hop === undefined ? KINDS[chain.source.kind] : (chain.profiles[1] ?? KINDS[chain.source.kind]),
      ...(mfaSerial && { mfaSerial: mfaSerial.value }),
      ...(session && {
        expires: new Date(session.expires * 1000).toISOString(),
        secondsLeft: Math.floor(session.expires - context.now() / 1000),
      }),
    };
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return { profile, ...held, error: error.message };
  }
}
