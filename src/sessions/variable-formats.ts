import { AwsroleError } from '../errors.ts';
import type { ShellVariables } from './session-lines.ts';

// How variables are written for those who read them: each has rules of its own for quotes, `$`, `#` and backslashes.
// No value has a line break or another control character: those are refused before.

type Name = string;
type Variable = readonly [name: Name, value: string];

/** docker reads no longer lines. */
const LONGEST_DOCKER_LINE = 65_000;
/** PowerShell takes typographic quotes for the plain one. */
const POWERSHELL_QUOTES = /['\u2018-\u201b]/g;
/** What may get lost between two programs where their encodings differ, as it does on Windows. */
const NOT_ASCII = /([^\x20-\x7e]+)/;

/** Statements for sh, bash, zsh and the like. */
export function shText({ set, unset }: ShellVariables): string {
  const quoted = (value: string): string => `'${value.replaceAll("'", "'\\''")}'`;
  return lines([
    ...(unset.length > 0 ? [`unset ${unset.join(' ')}`] : []),
    ...[...set].map(([name, value]) => `export ${name}=${quoted(value)}`),
  ]);
}

/** Statements for fish. */
export function fishText({ set, unset }: ShellVariables): string {
  const quoted = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;
  return lines([
    ...unset.map((name) => `set -e ${name}`),
    ...[...set].map(([name, value]) => `set -gx ${name} ${quoted(value)}`),
  ]);
}

/** Statements for PowerShell, in ASCII alone. */
export function powershellText({ set, unset }: ShellVariables): string {
  const part = (text: string, index: number): string =>
    index % 2 === 0
      ? `'${text.replace(POWERSHELL_QUOTES, '$&$&')}'`
      : [...Array(text.length).keys()].map((at) => `[char]${text.charCodeAt(at)}`).join(' + ');
  const quoted = (value: string): string => value.split(NOT_ASCII).map(part).join(' + ');
  return lines([
    ...unset.map((name) => `$env:${name} = $null`),
    ...[...set].map(([name, value]) => `$env:${name} = ${quoted(value)}`),
  ]);
}

/** A file for `docker run --env-file`, which has no quotes: a value is the rest of its line. */
export function dockerText(variables: Iterable<Variable>): string {
  return lines(
    [...variables].map(([name, value]) => {
      const line = `${name}=${value}`;
      if (Buffer.byteLength(line) <= LONGEST_DOCKER_LINE) return line;
      throw unsayable('docker', name, 'is longer than the lines that docker reads');
    }),
  );
}

/** A file for `EnvironmentFile=` of systemd. */
export function systemdText(variables: Iterable<Variable>): string {
  return lines([...variables].map(([name, value]) => `${name}="${value.replace(/["\\`$]/g, '\\$&')}"`));
}

/** A file for `node --env-file`, which knows three kinds of quotes, and no way to write one within itself. */
export function nodeText(variables: Iterable<Variable>): string {
  return lines(
    [...variables].map(([name, value]) => {
      // Between double quotes \n is a line break.
      const quote = ["'", '`', ...(value.includes('\\n') ? [] : ['"'])].find((one) => !value.includes(one));
      if (quote !== undefined) return `${name}=${quote}${value}${quote}`;
      throw unsayable('node', name, 'has every kind of quotes that Node knows');
    }),
  );
}

/** Lines for the file that GITHUB_ENV names. */
export function githubText(variables: Iterable<Variable>): string {
  return lines([...variables].map(([name, value]) => `${name}=${value}`));
}

/** The command that has GitHub hide a value in logs. */
export function githubMask(value: string): string {
  return `::add-mask::${value.replaceAll('%', '%25')}\n`;
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join('');
}

function unsayable(format: string, name: Name, why: string): AwsroleError {
  return new AwsroleError('configuration', `--format ${format} cannot express ${name}: its value ${why}`, {
    hint: 'use another format, or awsrole exec',
  });
}
