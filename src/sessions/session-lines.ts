import type { Environment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { hasControlCharacter, printable } from '../profiles/printable.ts';
import { endpointVariable, type Service } from '../profiles/role-chain.ts';
import { bashWord } from './bash-words.ts';

/** What a switch changes in a shell. */
export interface ShellVariables {
  readonly set: ReadonlyMap<string, string>;
  readonly unset: readonly string[];
}

/** The shell that kept lines are for, and the states of the files that they were made from: names of stamps. */
export interface MadeFor {
  readonly key: string;
  /** The config file, the credentials file and, for session lines, awsrole's settings. */
  readonly states: readonly string[];
}

/** The state of a file that is not there. */
export const ABSENT = 'absent';

/** Seconds since 1970 by this computer's clock. */
export interface Times {
  readonly renewAfter: number;
  readonly expires: number;
}

/** What the lines say beside the variables. */
export interface SessionLines {
  /** The name that was asked for. */
  readonly profile: string;
  /** Undefined for keys that do not end, or whose end nobody knows. */
  readonly times: Times | undefined;
  /** For a person, without a clock in it: the shell adds how much time is left. */
  readonly sentence: string;
  /** Whether a switch is asked about first, so that the wrappers hand it to the core. */
  readonly guarded: boolean;
}

/** The endpoint that the environment names for a service; empty when it names none. That of STS the wrapper compares. */
export function environmentEndpoint(env: Environment, service: Service = 'sts'): string {
  return env[endpointVariable(service) ?? ''] || env.AWS_ENDPOINT_URL || '';
}

/**
 * The one contract between the core and the shells: lines in a fixed order, then `NAME=VALUE` lines, each value running
 * to the end of its line.
 * @param madeFor only for lines that are kept
 * @throws AwsroleError kind `configuration` when a value has a control character, which could break out of its line
 * or reach a terminal.
 */
export function formatSessionLines(
  { profile, times, sentence, guarded }: SessionLines,
  { set, unset }: ShellVariables,
  madeFor?: MadeFor,
): string {
  const variables = [...set].map(([name, value]): [string, string] => [name, value]);
  refuseControlCharacters([['profile', profile], ['sentence', sentence], ...variables]);
  return text([
    `awsrole-session 2 ${profile}`,
    `for ${madeFor?.key ?? '-'}`,
    `states ${madeFor?.states.join(' ') ?? '- - -'}`,
    `times ${times?.renewAfter ?? 0} ${times?.expires ?? 0}`,
    `says ${sentence}`,
    `shows ${guarded ? 'confirm' : '-'} ${set.get('AWSROLE_COLOR') ?? '-'}`,
    ['unset', ...unset].join(' '),
    ...variables.map(([name, value]) => `${name}=${value}`),
  ]);
}

/** One profile as completion shows it. */
export interface IndexEntry {
  readonly profile: string;
  readonly isRole: boolean;
  readonly description: string;
}

/** The profile names for completion, roles first: `NAME<TAB>DESCRIPTION` lines. */
export function formatIndexLines(entries: readonly IndexEntry[], madeFor?: MadeFor): string {
  const lines = shownEntries(entries)
    .flat()
    .map(({ profile, description }) => `${profile}\t${description}`);
  return text(['awsrole-index 2', ...indexHeader(madeFor), ...lines]);
}

/**
 * The names as bash puts them into a command line, roles first and both in the order of their bytes; the first line
 * says how many roles there are. Without those that would be taken for options.
 */
export function formatNameLines(entries: readonly IndexEntry[], madeFor: MadeFor): string {
  const [roles, others] = shownEntries(entries).map((some) =>
    some
      .filter(({ profile }) => !profile.startsWith('-'))
      .map(({ profile }) => Buffer.from(bashWord(profile)))
      .sort(Buffer.compare)
      .map(String),
  ) as [string[], string[]];
  return text([`awsrole-names 2 ${roles.length}`, ...indexHeader(madeFor), ...roles, ...others]);
}

function indexHeader(madeFor: MadeFor | undefined): string[] {
  return [`for ${madeFor?.key ?? '-'}`, `states ${madeFor?.states.join(' ') ?? '- -'}`];
}

/** The roles and the others, without what no terminal may be shown. */
export function shownEntries(entries: readonly IndexEntry[]): [IndexEntry[], IndexEntry[]] {
  const shown = entries.filter(
    ({ profile, description }) => !hasControlCharacter(profile) && !hasControlCharacter(description),
  );
  return [shown.filter(({ isRole }) => isRole), shown.filter(({ isRole }) => !isRole)];
}

/**
 * Refuses names and values that could break out of their line or reach a terminal.
 * @throws AwsroleError kind `configuration`
 */
export function refuseControlCharacters(values: Iterable<readonly [string, string]>): void {
  for (const [name, value] of values) {
    if (!hasControlCharacter(value)) continue;
    // A variable may hold a secret; what else there is helps to find it.
    const shown = name.startsWith('AWS') ? name : `${name} ${printable(value)}`;
    throw new AwsroleError('configuration', `a value has a control character in it: ${shown}`, {
      hint: 'remove it from the AWS file or the environment; such a value is not put into a shell',
    });
  }
}

function text(lines: readonly string[]): string {
  return `${lines.join('\n')}\nend\n`;
}
