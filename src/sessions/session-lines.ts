import type { Environment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { hasControlCharacter, printable } from '../profiles/printable.ts';
import { endpointVariable, type Service } from '../profiles/role-chain.ts';

/** What a switch changes in a shell. */
export interface ShellVariables {
  readonly set: ReadonlyMap<string, string>;
  readonly unset: readonly string[];
}

/** The state of an AWS file: its stamp (or `absent`), and where it leads if it is a link. */
export interface RecordedState {
  readonly stamp: string;
  readonly target: string | undefined;
}

/** The files that lines were made from; the wrapper compares all of it with its own shell. */
export interface MadeFrom {
  readonly home: string;
  readonly configFile: string;
  readonly credentialsFile: string;
  /** The states of the AWS files; only what is kept on disk has them. */
  readonly config?: RecordedState;
  readonly credentials?: RecordedState;
}

/** What the lines are good for. */
export interface LinesHeader extends MadeFrom {
  readonly profile: string;
  readonly endpoint: string;
  /** Epoch seconds by this computer's clock; undefined for long-lived keys, which do not end. */
  readonly validity:
    | { readonly renewAfter: number; readonly expires: number; readonly until: string }
    | undefined;
}

const DEFAULT_CONFIG_FILE = '~/.aws/config';
const DEFAULT_CREDENTIALS_FILE = '~/.aws/credentials';

/** How the lines write an AWS file's place: its default place the same in every shell and on every system. */
export function filePlaces(env: Environment): { configFile: string; credentialsFile: string } {
  return {
    configFile: env.AWS_CONFIG_FILE || DEFAULT_CONFIG_FILE,
    credentialsFile: env.AWS_SHARED_CREDENTIALS_FILE || DEFAULT_CREDENTIALS_FILE,
  };
}

/** The endpoint that the environment names for a service; empty when it names none. That of STS the wrapper compares. */
export function environmentEndpoint(env: Environment, service: Service = 'sts'): string {
  return env[endpointVariable(service) ?? ''] || env.AWS_ENDPOINT_URL || '';
}

/**
 * The one contract between the core and the shells: a line a fact, `key value`, the value running to the line's end.
 * @throws AwsroleError kind `configuration` when a value has a control character, which could break out of its line
 * or reach a terminal.
 */
export function formatSessionLines(header: LinesHeader, variables: ShellVariables): string {
  const { validity } = header;
  // The wrappers know each of these by its number.
  const lines: [string, string][] = [
    ['awsrole-session', '1'],
    ['profile', header.profile],
    ...madeFromLines(header),
    ['endpoint', header.endpoint],
    ['renew-after', validity === undefined ? '' : String(validity.renewAfter)],
    ['expires', validity === undefined ? '' : String(validity.expires)],
    ['until', validity?.until ?? ''],
  ];
  for (const [name, value] of variables.set) lines.push(['set', `${name} ${value}`]);
  for (const name of variables.unset) lines.push(['unset', name]);
  return joinLines(lines);
}

/** One profile as completion shows it. */
export interface IndexEntry {
  readonly profile: string;
  readonly isRole: boolean;
  readonly description: string;
}

/** The profile names for completion, roles first: the same header as far as it goes, then `NAME<TAB>DESCRIPTION` lines. */
export function formatIndexLines(madeFrom: MadeFrom, entries: readonly IndexEntry[]): string {
  const [roles, others] = shownEntries(entries);
  const lines = [...roles, ...others].map(({ profile, description }) => `${profile}\t${description}`);
  return withHeader(['awsrole-index', '1'], madeFrom, lines);
}

/** The bare names, roles first and both in the order of their bytes; the first line says how many roles there are. */
export function formatNameLines(madeFrom: MadeFrom, entries: readonly IndexEntry[]): string {
  const [roles, others] = shownEntries(entries).map((some) =>
    some
      .map(({ profile }) => Buffer.from(profile))
      .sort(Buffer.compare)
      .map(String),
  ) as [string[], string[]];
  return withHeader(['awsrole-names', String(roles.length)], madeFrom, [...roles, ...others]);
}

/** The roles and the others, without what no terminal may be shown. */
export function shownEntries(entries: readonly IndexEntry[]): [IndexEntry[], IndexEntry[]] {
  const shown = entries.filter(
    ({ profile, description }) => !hasControlCharacter(profile) && !hasControlCharacter(description),
  );
  return [shown.filter(({ isRole }) => isRole), shown.filter(({ isRole }) => !isRole)];
}

function withHeader(first: [string, string], madeFrom: MadeFrom, body: readonly string[]): string {
  const header = joinLines([first, ...madeFromLines(madeFrom)]);
  return header.replace(/end\n$/, `${body.map((line) => `${line}\n`).join('')}end\n`);
}

/** The wrappers know each of these by its number. */
function madeFromLines(madeFrom: MadeFrom): [string, string][] {
  const { home, configFile, credentialsFile, config, credentials } = madeFrom;
  return [
    ['home', home],
    ['config-file', configFile],
    ['config-stamp', config?.stamp ?? ''],
    ['config-target', config?.target ?? ''],
    ['credentials-file', credentialsFile],
    ['credentials-stamp', credentials?.stamp ?? ''],
    ['credentials-target', credentials?.target ?? ''],
  ];
}

/**
 * @throws AwsroleError kind `configuration` for a value with a control character, which could break out of its line or
 * reach a terminal
 */
export function refuseControlCharacters(lines: Iterable<readonly [string, string]>): void {
  for (const [key, value] of lines) {
    if (!hasControlCharacter(value)) continue;
    const shown = key === 'set' ? value.slice(0, value.indexOf(' ')) : `${key} ${printable(value)}`;
    throw new AwsroleError('configuration', `a value has a control character in it: ${shown}`, {
      hint: 'remove it from the AWS file or the environment; no shell is given such a value',
    });
  }
}

function joinLines(lines: readonly (readonly [string, string])[]): string {
  refuseControlCharacters(lines);
  return `${lines.map(([key, value]) => (value === '' ? key : `${key} ${value}`)).join('\n')}\nend\n`;
}
