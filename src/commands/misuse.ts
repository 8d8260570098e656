import type { AwsroleError } from '../errors.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { COMMAND_HELP } from './help-texts.ts';
import { COMMANDS } from './names.ts';
import { INIT_NAMES, startUpLine } from './start-up-line.ts';
import { GENERAL_OPTIONS, type OptionTexts, PROFILE_OPTIONS } from './switch-options.ts';
import { usage } from './usage.ts';

// Words the mistakes of a command line for people. No value of an option is repeated: it may be an MFA code.

/** The error for options before a command, which the shell function takes for a switch. */
export function commandBeforeOptions(words: readonly string[]): AwsroleError {
  const command = commandIn(words) ?? 'COMMAND';
  return usage(
    'a command comes before its options',
    `run: awsrole ${command} [OPTIONS]; for a profile of that name: awsrole [OPTIONS] -- ${command}`,
  );
}

/** The error for `exec` without a profile, `--` or a command. */
export function incompleteExec(): AwsroleError {
  return usage('exec needs a profile and, after --, a command', 'such as: awsrole exec role101 -- aws s3 ls');
}

/** Words what yargs complains of. */
export function misuse(message: string, words: readonly string[]): AwsroleError {
  const [, unknown] = /^Unknown arguments?: (.*)$/s.exec(message) ?? [];
  if (unknown !== undefined) return unknownArguments(unknown.split(', '), words);
  const [, lacking] = /^Not enough arguments following: (.*)$/s.exec(message) ?? [];
  if (lacking !== undefined) return withoutValue(lacking, words);
  const [, given, choices] = /Given: (.*), Choices: (.*)$/s.exec(message) ?? [];
  const command = commandIn(words);
  if (given !== undefined && choices !== undefined && command !== undefined) {
    const [typed = '', ...known] = [given, ...choices.split(', ')].map((word) => word.replace(/^"|"$/g, ''));
    const shell = anotherShell(command, typed, known);
    if (shell !== undefined) return usage(`${command} does not know ${quoted(typed)}`, shell);
    const elsewhere =
      command === 'init' ? '; in other shells, open one with a role: awsrole exec PROFILE -- SHELL' : '';
    return usage(
      `${command} does not know ${quoted(typed)}`,
      didYouMean(typed, known) ?? `it takes ${printable(choices)}${elsewhere}`,
    );
  }
  // It repeats what was typed, or what a script passed on.
  return usage(message.split('\n').map(printable).join('\n'), helpOf(command));
}

/** What helps where a shell is named that awsrole can switch, but that this command does not take by that name. */
function anotherShell(command: Command, typed: string, known: readonly string[]): string | undefined {
  if (command !== 'init' && command !== 'setup') return undefined;
  const name = INIT_NAMES.get(typed) ?? typed;
  if (known.includes(name))
    return `for ${printable(typed)}, run: awsrole ${command} ${command === 'setup' ? '--shell ' : ''}${name}`;
  const line = startUpLine(name);
  if (line === undefined) return undefined;
  return `put this line into ${line.file}, and open a new shell: ${line.line}`;
}

type Command = keyof typeof COMMAND_HELP;

/** The command that yargs has seen: the first word that is no option, and no value of one. */
export function commandIn(words: readonly string[]): Command | undefined {
  const isValue = (index: number): boolean => {
    const option = PROFILES[(words[index - 1] ?? '').slice(2)];
    return (words[index - 1] ?? '').startsWith('--') && option?.type === 'string';
  };
  const first =
    words[0] === '-' ? '-' : words.find((word, index) => !word.startsWith('-') && !isValue(index));
  return COMMANDS.find((name): name is Command => name === first && name in COMMAND_HELP);
}

const PROFILES: OptionTexts = PROFILE_OPTIONS;

function helpOf(command: Command | undefined): string {
  return command === undefined ? 'for help, run: awsrole help' : `for help, run: awsrole help ${command}`;
}

function unknownArguments(unknown: readonly string[], words: readonly string[]): AwsroleError {
  const command = commandIn(words);
  const options = command === undefined ? PROFILES : (COMMAND_HELP[command].options ?? {});
  const known: OptionTexts = { ...GENERAL_OPTIONS, ...options };
  const wrong = words.map((word) => word.replace(/=.*/s, '')).find((word) => isOneOf(unknown, word));
  if (wrong === undefined) return tooManyWords(unknown, words, command);
  if (command !== undefined && wrong.slice(2) in PROFILES) {
    const first = words[0]?.startsWith('-') ? `a command comes first: awsrole ${command} [OPTIONS]; ` : '';
    return usage(
      `${command} has no option ${printable(wrong)}`,
      `${first}for its options, run: awsrole help ${command}`,
    );
  }
  const names = Object.keys(known).flatMap((name) => (known[name]?.hidden ? [] : [`--${name}`]));
  return usage(`there is no option ${printable(wrong)}`, didYouMean(wrong, names) ?? helpOf(command));
}

/** True when a word is an option that yargs does not know: `--word`, or letters such as `-la`. */
function isOneOf(unknown: readonly string[], word: string): boolean {
  if (word.startsWith('--')) return unknown.includes(word.slice(2));
  return word.startsWith('-') && [...word.slice(1)].some((letter) => unknown.includes(letter));
}

function tooManyWords(
  unknown: readonly string[],
  words: readonly string[],
  command: Command | undefined,
): AwsroleError {
  if (command !== undefined) {
    return usage(
      `${command} does not take ${unknown.map(quoted).join(', ')}`,
      `usage: awsrole ${COMMAND_HELP[command].usage}`,
    );
  }
  const names = words.filter((word) => !word.startsWith('-'));
  const [profile = 'PROFILE', ...more] = names;
  return usage(
    `one profile at a time: ${[profile, ...more].map(printable).join(' ')}`,
    `to run a command with a role: awsrole exec ${shellWord(profile)} -- ${more.map(shellWord).join(' ')}`,
  );
}

function withoutValue(option: string, words: readonly string[]): AwsroleError {
  const command = commandIn(words);
  const options: OptionTexts = command === undefined ? PROFILES : (COMMAND_HELP[command].options ?? PROFILES);
  const placeholder = options[option]?.placeholder ?? PROFILES[option]?.placeholder ?? 'VALUE';
  return usage(
    `--${printable(option)} needs a value`,
    `write: --${printable(option)} ${placeholder}; ${helpOf(command)}`,
  );
}
