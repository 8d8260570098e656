// Writes man/awsrole.1 from what `awsrole help` says. In man(7), which every reader of manual pages knows.
import {
  COMMAND_HELP,
  ENVIRONMENT,
  type Entry,
  EXAMPLES,
  EXIT_STATUSES,
  USAGE,
} from '../src/commands/help-texts.ts';
import {
  GENERAL_OPTIONS,
  type OptionTexts,
  PROFILE_OPTIONS,
  VERSION_OPTION,
} from '../src/commands/switch-options.ts';

/** When a release has last changed what the page says. */
const DATE = '2026-11-27';

const DESCRIPTION = [
  'awsrole reads the profiles in ~/.aws and puts the session of an AWS IAM role into the shell that it is typed in. It asks for an MFA code when one is needed; one code serves every role behind the same MFA device, in every terminal, for twelve hours. Programs that are started from there on use the role.',
  'Only a shell can change its own variables, so awsrole is a function there, which a line in the start-up file of the shell loads (see init below). Without it, awsrole exec runs a command with a role.',
];

const FILES: readonly Entry[] = [
  ['~/.aws/config, ~/.aws/credentials', 'your profiles'],
  ['~/.cache/awsrole/', 'kept sessions'],
  ['~/.config/awsrole/config', "awsrole's own settings"],
  ['~/.local/share/awsrole/keys/', 'the list of stored keys, and the age files'],
];

const LONGEST = 78;

/** The manual page of a version, as the file holds it. */
export function manPage(version: string): string {
  const lines = [
    '.\\" Written by the build (packaging/man-page.ts).',
    `.TH AWSROLE 1 ${DATE} ${quoted(`awsrole ${version}`)}`,
    '.SH NAME',
    'awsrole \\- switch the IAM role of the shell you are typing in',
    '.SH SYNOPSIS',
    ...USAGE.flatMap(([what], index) => [...(index > 0 ? ['.br'] : []), usage(what)]),
    '.SH DESCRIPTION',
    ...paragraphs(DESCRIPTION),
    '.SH EXAMPLES',
    ...entries(EXAMPLES),
    '.SH COMMANDS',
    ...Object.values(COMMAND_HELP).flatMap(
      ({ usage: words, about, more = [], examples = [], options = {} }) => [
        `.SS ${escaped(`awsrole ${words}`)}`,
        ...filled(`${about}.`),
        ...more.flatMap((paragraph) => ['.PP', ...paragraphOf(paragraph)]),
        ...entries(optionEntries(options)),
        ...entries(examples),
      ],
    ),
    '.SH OPTIONS',
    ...entries(optionEntries({ ...PROFILE_OPTIONS, ...VERSION_OPTION, ...GENERAL_OPTIONS })),
    '.SH EXIT STATUS',
    ...entries(EXIT_STATUSES),
    '.SH ENVIRONMENT',
    ...entries(ENVIRONMENT),
    '.SH FILES',
    ...entries(FILES),
    '.SH SEE ALSO',
    '.BR aws (1)',
  ];
  return `${lines.join('\n')}\n`;
}

/** The options that people are shown, with what stands for their values. */
function optionEntries(options: OptionTexts): Entry[] {
  return Object.entries(options)
    .filter(([, { hidden }]) => !hidden)
    .map(([name, { alias, placeholder, describe = '' }]) => [
      `${alias === undefined ? '' : `-${alias}, `}--${name}${placeholder === undefined ? '' : ` ${placeholder}`}`,
      describe,
    ]);
}

/** A paragraph each: what to type in bold, and what it is for. */
function entries(all: readonly Entry[]): string[] {
  return all.flatMap(([what, about]) => ['.TP', `.B ${escaped(what)}`, ...filled(about)]);
}

function paragraphs(texts: readonly string[]): string[] {
  return texts.flatMap((text, index) => [...(index > 0 ? ['.PP'] : []), ...paragraphOf(text)]);
}

/** Lines of a file stay as they are. */
function paragraphOf(text: string): string[] {
  return text.startsWith(' ') ? ['.EX', ...text.split('\n').map(escaped), '.EE'] : filled(text);
}

/** The words of a text, in lines as short as pages of this kind have them. */
function filled(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/).map(escaped)) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > LONGEST) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines;
}

/** Words in capitals are to be filled in. */
function usage(text: string): string {
  const [name = '', ...rest] = text.split(' ');
  return `\\fB${escaped(name)}\\fR ${rest.map((word) => escaped(word).replace(/[A-Z]+/g, '\\fI$&\\fR')).join(' ')}`;
}

/** Text that says for a formatter what it says for a person, at the beginning of a line too. */
function escaped(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll("'", '\\(aq')
    .replaceAll('`', '\\(ga')
    .replaceAll('"', '\\(dq')
    .replaceAll('^', '\\(ha')
    .replaceAll('~', '\\(ti')
    .replace(
      /[^\0-\x7f]/gu,
      (letter) => `\\[u${(letter.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^(?=\.)/, '\\&');
}

function quoted(text: string): string {
  return `"${escaped(text)}"`;
}
