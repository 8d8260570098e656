import { SERVICE_PAGES } from '../console/service-pages.ts';
import { baseEnvironment, type Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { printable } from '../profiles/printable.ts';
import { type BashLine, bashWord, readBashLine } from '../sessions/bash-words.ts';
import { shownEntries } from '../sessions/session-lines.ts';
import { ENV_FORMATS } from './env-options.ts';
import { indexEntries } from './index-entries.ts';
import { keepIndex } from './index-lines.ts';
import { COMMANDS, OFFERED_COMMANDS, SHELLS } from './names.ts';
import { SETUP_OPTIONS } from './setup-options.ts';
import { FILE_OPTIONS, REPEATABLE } from './switch-options.ts';

/** What of a parser of yargs is needed here. */
interface Parser {
  parse(
    words: string[],
    context: object,
    callback: (error: unknown, argv: Parsed, output: string) => void,
  ): unknown;
}
interface Parsed {
  readonly _: readonly (string | number)[];
}

/** A word, and what it is. */
type Offer = readonly [word: string, about: string];
type Offers = readonly Offer[] | 'files';

/** Stands where the cursor is: no word that was typed can be the same. */
const CURSOR = '\0';
/** The commands whose first word is a profile. */
const TAKE_A_PROFILE: readonly string[] = [
  'exec',
  'env',
  'explain',
  'console',
  'clear',
  'protect',
  'unprotect',
  'add',
  'rotate',
];
const MAY_BE_REPEATED = new Set(['--shell', ...REPEATABLE.map(([flag]) => `--${flag}`)]);
const OFFERED: readonly string[] = OFFERED_COMMANDS;
const SEPARATOR: Offer = ['--', 'The command follows it'];

/**
 * `complete SHELL WORD...`, which the wrappers call on a Tab: prints what the last of the words behind `awsrole` may
 * become. Answers from the parser's own table, and all shells alike.
 * The wrappers have the names of profiles for the first word themselves; bash only where nothing is odd.
 * `complete bash LINE BREAKS`: the line up to the cursor as it is typed, and COMP_WORDBREAKS. The answer is quoted.
 * @throws AwsroleError kind `usage` for a shell that is none
 */
export async function complete(
  context: Context,
  parser: Parser,
  [shell = '', ...words]: readonly string[],
): Promise<number> {
  if (!SHELLS.some((known) => known === shell)) {
    throw new AwsroleError('usage', `complete does not know the shell "${printable(shell)}"`, {
      hint: `it answers ${SHELLS.join(', ')}`,
    });
  }
  const line = shell === 'bash' ? readBashLine(words[0] ?? '', words[1] ?? '') : undefined;
  const offers = line
    ? await bashOffers(context, parser, line)
    : offersFor(context, parser, words.slice(0, -1), words.at(-1) ?? '');
  const shown = (offer: Offer): string => (line ? bashWord(offer[0], line) : offerLine(shell, offer));
  const lines = offers === 'files' ? ['files'] : ['words', ...offers.map(shown)];
  context.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

/** What `typed`, behind the words `before`, may become. */
function offersFor(context: Context, parser: Parser, before: readonly string[], typed: string): Offers {
  const lead = before.includes('--') ? '' : (/^--[^=]*=/.exec(typed)?.[0] ?? '');
  const offers =
    lead === ''
      ? nextWords(context, parser, before, typed)
      : values(context, parser, [...before, lead.slice(0, -1)]);
  if (offers === 'files') return offers;
  const whole = offers.map(([word, about]): Offer => [`${lead}${word}`, about]);
  return whole.filter(([word]) => word.startsWith(typed));
}

/** The same for bash; where it has no names of its own, they are kept for it. */
async function bashOffers(context: Context, parser: Parser, line: BashLine): Promise<Offers> {
  const [, ...before] = line.before;
  if (before.length === 0 || (before.length === 1 && before[0] === 'exec')) {
    await keepIndex(context).catch(() => undefined);
  }
  return offersFor(context, parser, before, line.current);
}

/** As the shell's own function takes a word and what it is: zsh's `_describe` with a colon between, others with a tab. */
function offerLine(shell: string, offer: Offer): string {
  const parts = offer.filter((part) => part !== '');
  return shell === 'zsh' ? parts.map((part) => part.replace(/[\\:]/g, '\\$&')).join(':') : parts.join('\t');
}

/** What may stand behind the words `before`, where `typed` is. */
function nextWords(context: Context, parser: Parser, before: readonly string[], typed: string): Offers {
  const separator = before.indexOf('--');
  const { command, filled, isValue } = place(parser, separator < 0 ? before : before.slice(0, separator));
  const wantsProfile = filled === 0 && (command === undefined || TAKE_A_PROFILE.includes(command));
  if (separator >= 0) {
    // Behind exec's stands another program's command line.
    return wantsProfile && command !== 'exec' && separator === before.length - 1 ? profiles(context) : [];
  }
  if (isValue) {
    const all = values(context, parser, before);
    // What looks like an option is a value only behind a `=`.
    return all === 'files' ? all : all.filter(([word]) => word === '-' || !word.startsWith('-'));
  }
  const commands = before.length > 0 ? [] : offered(parser, ['']).filter(([word]) => OFFERED.includes(word));
  if (typed.startsWith('-')) {
    const given = new Set(before.map((word) => word.replace(/=.*/s, '')));
    const options = optionsOf(parser, command).filter(
      ([option]) => !given.has(option) || MAY_BE_REPEATED.has(option),
    );
    return [...commands, ...options, ...(command === 'exec' ? [SEPARATOR] : [])];
  }
  if (before.length === 0) return [...bareProfiles(context, COMMANDS), ...commands];
  if (wantsProfile) return bareProfiles(context, command === undefined ? COMMANDS : []);
  if (command === 'exec') return filled === 1 ? [SEPARATOR] : [];
  const choices = command === undefined || filled > 0 ? [] : offered(parser, [command, '']);
  return choices.filter(([word]) => !word.startsWith('-'));
}

/** The values of the option that is the last of the words. */
function values(context: Context, parser: Parser, words: readonly string[]): Offers {
  const { command } = place(parser, words);
  const option = words.at(-1) ?? '';
  if (!optionsOf(parser, command).some(([known]) => known === option)) return [];
  if (FILE_OPTIONS.includes(option)) return 'files';
  if (option === '--source-profile') return profiles(context);
  if (option === '--service') return [...SERVICE_PAGES].map(([name, { about }]) => [name, about]);
  if (option === '--format') return Object.entries(ENV_FORMATS);
  if (option === '--shell') return SETUP_OPTIONS.shell.choices.map((name) => [name, '']);
  return option === '--mfa-code' ? [['-', 'Standard input']] : [];
}

interface Place {
  readonly command: string | undefined;
  /** How many of its positional words are there. */
  readonly filled: number;
  /** Whether the place is for the value of an option. */
  readonly isValue: boolean;
}

/** The place behind the words. */
function place(parser: Parser, words: readonly string[]): Place {
  const positionals = ask(parser, [...words, CURSOR]).argv._.map(String);
  const isTaken = positionals.at(-1) !== CURSOR;
  // An option that may be repeated takes what stands behind its value, too.
  const isValue = isTaken && words.at(-1)?.startsWith('-') === true;
  const command = COMMANDS.find((name) => name === positionals[0]);
  return {
    command,
    isValue,
    filled: positionals.length - (isTaken ? 0 : 1) - (command === undefined ? 0 : 1),
  };
}

function optionsOf(parser: Parser, command: string | undefined): Offer[] {
  return offered(parser, [...(command === undefined ? [] : [command]), `-${CURSOR}`]);
}

/** What yargs would complete the last word to. */
function offered(parser: Parser, words: readonly string[]): Offer[] {
  const lines = ask(parser, words).output.split('\n');
  return lines.map((line): Offer => {
    const [word = '', about = ''] = line.split('\t');
    return [word, about];
  });
}

function ask(parser: Parser, words: readonly string[]): { argv: Parsed; output: string } {
  let answer = { argv: { _: [] } as Parsed, output: '' };
  // The program's name comes first. yargs calls back for its inner parses too; the last is the whole.
  try {
    parser.parse(['--get-yargs-completions', 'awsrole', ...words], {}, (_error, argv, output) => {
      answer = { argv, output };
    });
  } catch {
    // yargs stumbles over options that are called like what every object has: `--constructor`.
    return { argv: { _: [] }, output: '' };
  }
  return answer;
}

/** Those that are taken for a profile where they stand alone. */
function bareProfiles(context: Context, taken: readonly string[]): Offer[] {
  return profiles(context).filter(([name]) => !name.startsWith('-') && !taken.includes(name));
}

/** As in the index: roles first, and no name that a terminal may not be shown. None when the AWS files are wrong. */
function profiles({ env, platform }: Context): Offer[] {
  try {
    const { store } = loadProfiles({ env: baseEnvironment(env), platform });
    const [roles, others] = shownEntries(indexEntries(store));
    return [...roles, ...others].map(({ profile, description }) => [profile, description]);
  } catch {
    return [];
  }
}
