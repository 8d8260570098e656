import { basename } from 'node:path';
import { profileWord } from '../profiles/shell-word.ts';
import { promptName } from '../sessions/shell-variables.ts';
import type { Colours } from '../terminal/colour.ts';
import { durationText } from '../terminal/durations.ts';
import { type Cell, cut, cutEnd, fittedTable, type PaintedCell, table, wrapped } from '../terminal/table.ts';

/** A profile as `list` shows it. */
export interface Row {
  readonly profile: string;
  /** True for the profile that the shell holds. */
  readonly held?: true;
  readonly roleArn?: string;
  /** What the user calls the account. */
  readonly accountName?: string;
  /** True for one that a switch asks about first. */
  readonly guarded?: true;
  /** The source profile, or the kind of the profile's own credentials. */
  readonly source?: string;
  /** The device whose code the way to the role takes, wherever on it. */
  readonly mfaSerial?: string;
  /** RFC 3339, of the kept session or the temporary keys. */
  readonly expires?: string;
  readonly secondsLeft?: number;
  /** Why the profile cannot be switched to. */
  readonly error?: string;
}

type Column = readonly [heading: string, cell: (row: Row, paints: Colours) => Cell];

// The mark stands behind the name, so that in a pipe the name is still the first word.
const PROFILE: Column = [
  'PROFILE',
  ({ profile, held, guarded }, { bold, green, red }) => {
    const colour = guarded ? red : green;
    if (held) return { text: `${profile} *`, paint: (text) => bold(colour(text)) };
    return guarded ? { text: profile, paint: colour } : profile;
  },
];
const ACCOUNT: Column = ['ACCOUNT', ({ accountName = '-' }) => accountName];
const ROLE: Column = ['ROLE', ({ roleArn = '-' }) => roleArn];
const SHORT_ROLE: Column = [
  'ROLE',
  ({ roleArn = '-' }) => ({ text: promptName(roleArn), shorten: shortenRole }),
];
/** What `list` calls keys that never end. */
export const LONG_LIVED = 'keys';
const SOURCE: Column = [
  'SOURCE',
  ({ roleArn, source = '-' }, { yellow }) =>
    source === LONG_LIVED && roleArn === undefined ? { text: source, paint: yellow } : source,
];
const MFA: Column = ['MFA', ({ mfaSerial }) => (mfaSerial === undefined ? '-' : 'yes')];
const SESSION: Column = ['SESSION', (row) => sessionOf(row) ?? '-'];

/** Columns, and how narrow some may get, the first one first. */
interface Layout {
  readonly columns: readonly Column[];
  readonly least: readonly (readonly [column: Column, width: number])[];
}

/** From the widest to the narrowest. Names are never cut, as they could not be typed then. */
const LAYOUTS: readonly Layout[] = [
  { columns: [PROFILE, ROLE, ACCOUNT, SOURCE, MFA, SESSION], least: [] },
  {
    columns: [PROFILE, SHORT_ROLE, ACCOUNT, SOURCE, MFA, SESSION],
    least: [
      [SHORT_ROLE, 22],
      [ACCOUNT, 10],
      [SOURCE, 10],
    ],
  },
  { columns: [PROFILE, SHORT_ROLE, MFA, SESSION], least: [[SHORT_ROLE, 18]] },
];
const INDENT = '    ';

/**
 * Shows profiles as a table that is as wide as the screen, or as it takes where there is none. Where not even the names
 * and a part of the rest fit, each profile gets two lines.
 */
export function profileTable(rows: readonly Row[], paints: Colours, screen: number | undefined): string[] {
  const anyNamed = rows.some(({ accountName }) => accountName !== undefined);
  const layouts = LAYOUTS.map(({ columns, least }) => {
    const there = columns.filter((column) => column !== ACCOUNT || anyNamed);
    return {
      columns: there,
      narrowing: least
        .filter(([column]) => there.includes(column))
        .map(([column, width]) => [there.indexOf(column), width] as const),
    };
  });
  if (screen === undefined) return table(cellsOf(rows, layouts[0]?.columns ?? [], paints, false));
  const broken = rows.find(({ error }) => error !== undefined);
  const more = broken && [
    '',
    ...wrapped(`to see the whole error: awsrole explain ${profileWord(broken.profile)}`, screen),
  ];
  for (const { columns, narrowing } of layouts) {
    const lines = fittedTable(cellsOf(rows, columns, paints, true), screen, narrowing);
    if (lines !== undefined) return [...lines, ...(more ?? [])];
  }
  return [...rows.flatMap((row) => twoLines(row, paints, screen)), ...(more ?? [])];
}

/** @param onScreen where an error takes the room of all columns but the first */
function cellsOf(
  rows: readonly Row[],
  columns: readonly Column[],
  paints: Colours,
  onScreen: boolean,
): Cell[][] {
  const headings = columns.map(([text]) => ({ text, paint: paints.bold }));
  const cells = rows.map((row) => {
    const all = columns.map(([, cell]) => cell(row, paints));
    if (row.error === undefined) return all;
    return onScreen ? [...all.slice(0, 1), errorOf(row.error, paints)] : [...all.slice(0, -1), row.error];
  });
  return [headings, ...cells];
}

/** Of the path of a file only its name: the rest says nothing about the profile. */
function errorOf(error: string, { red }: Colours): PaintedCell {
  const [, file, rest] = /^(\S.*?)(:\d+: .*)$/s.exec(error) ?? [];
  return { text: file === undefined ? error : `${basename(file)}${rest}`, paint: red, shorten: cutEnd };
}

function sessionOf({ secondsLeft }: Row): string | undefined {
  if (secondsLeft === undefined) return undefined;
  return secondsLeft > 0 ? durationText(secondsLeft) : 'ended';
}

/** Shortens `123456789012:name`, the account last. */
function shortenRole(role: string, width: number): string {
  const [, account, name] = /^(\d{12}:)(.*)$/s.exec(role) ?? [];
  const room = width - (account?.length ?? 0);
  return account !== undefined && name !== undefined && room >= 4
    ? account + cut(name, room)
    : cut(role, width);
}

function twoLines(row: Row, paints: Colours, width: number): string[] {
  const name = fittedTable([[PROFILE[1](row, paints)]], width, [[0, 1]]) ?? [];
  const room = width - INDENT.length;
  const { roleArn, source, mfaSerial, error } = row;
  const rest = [
    ...(roleArn === undefined && source !== undefined ? [source] : []),
    ...(mfaSerial === undefined ? [] : ['MFA']),
    ...[sessionOf(row)].filter((session) => session !== undefined),
  ].join(', ');
  const role = roleArn && shortenRole(promptName(roleArn), Math.max(8, room - rest.length - 2));
  const text = [role, rest].filter(Boolean).join(', ');
  const about = error === undefined ? { text, shorten: cutEnd } : errorOf(error, paints);
  const second = fittedTable([[about]], room, [[0, 1]]) ?? [];
  return [...name, ...second.map((line) => INDENT + line)];
}
