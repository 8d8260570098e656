import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { quoted } from '../profiles/printable.ts';
import { colours } from '../terminal/colour.ts';
import { columnsOf, show } from '../terminal/screen.ts';
import { definitions, wrapped } from '../terminal/table.ts';
import { COMMAND_HELP, ENVIRONMENT, type Entry, EXAMPLES, EXIT_STATUSES, USAGE } from './help-texts.ts';
import {
  GENERAL_OPTIONS,
  type OptionTexts,
  PROFILE_OPTIONS,
  ROLE_OPTIONS,
  VERSION_OPTION,
} from './switch-options.ts';

/** Longer lines are hard to read. */
const WIDEST = 100;

/**
 * `awsrole help`, and `--help`: shows the help of one command, or all of it.
 * @throws AwsroleError kind `usage` for a command that does not exist
 */
export async function help(context: Context, command: string | undefined): Promise<number> {
  const { stdout, stderr, env } = context;
  // The shell function takes what we print, and has the terminal on standard error.
  const width = Math.min(WIDEST, columnsOf(stdout) ?? columnsOf(stderr) ?? WIDEST);
  const { bold } = colours(stdout, env);
  const text = command === undefined ? wholeHelp(width, bold) : commandHelp(command, width, bold);
  await show(context, `${text.join('\n')}\n`);
  return 0;
}

type Bold = (text: string) => string;

function wholeHelp(width: number, bold: Bold): string[] {
  const commands = Object.values(COMMAND_HELP).map(
    ({ usage, about }): Entry => [`awsrole ${usage.replace(' [ARGUMENT...]', '')}`, about],
  );
  return [
    `${bold('awsrole PROFILE')}: switch this shell to the role of an AWS profile`,
    ...block('Usage', USAGE, width, bold),
    ...block('Examples', EXAMPLES, width, bold),
    ...block('Commands', commands, width, bold),
    ...optionBlocks({ ...PROFILE_OPTIONS, ...VERSION_OPTION }, width, bold),
    ...block('Exit statuses', EXIT_STATUSES, width, bold),
    ...block('Environment', ENVIRONMENT, width, bold),
  ];
}

function commandHelp(command: string, width: number, bold: Bold): string[] {
  const found = Object.entries(COMMAND_HELP).find(([name]) => name === command)?.[1];
  if (found === undefined) {
    throw new AwsroleError('usage', `there is no command ${quoted(command)}`, {
      hint: didYouMean(command, Object.keys(COMMAND_HELP)) ?? 'for all of them: awsrole help',
    });
  }
  const { usage, about, more = [], examples = [], options = {} } = found;
  return [
    bold(`awsrole ${usage}`),
    '',
    ...wrapped(`${about}.`, width),
    ...more.flatMap((paragraph) => ['', ...paragraphOf(paragraph, width)]),
    ...block('Examples', examples, width, bold),
    ...optionBlocks(options, width, bold),
  ];
}

/** Lines of a file stay as they are. */
function paragraphOf(text: string, width: number): string[] {
  return text.startsWith(' ') ? text.split('\n') : wrapped(text, width);
}

function block(heading: string, entries: readonly Entry[], width: number, bold: Bold): string[] {
  return entries.length === 0 ? [] : ['', bold(`${heading}:`), ...definitions(entries, width)];
}

/** The options that change the role have a heading of their own. */
function optionBlocks(options: OptionTexts, width: number, bold: Bold): string[] {
  const entries = (wanted: (name: string) => boolean, more: OptionTexts = {}): Entry[] =>
    Object.entries({ ...options, ...more })
      .filter(([name]) => wanted(name))
      .filter(([, { hidden }]) => !hidden)
      .map(([name, { alias, placeholder, describe }]) => [
        `${alias === undefined ? '' : `-${alias}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
        describe ?? '',
      ]);
  const all: OptionTexts = ROLE_OPTIONS;
  // Another command's option may have the same name.
  const ofRole = (name: string): boolean => all[name] !== undefined && options[name] === all[name];
  return [
    ...block(
      'Options',
      entries((name) => !ofRole(name), GENERAL_OPTIONS),
      width,
      bold,
    ),
    ...block('To change the role or user, for once', entries(ofRole), width, bold),
  ];
}
