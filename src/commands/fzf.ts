import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { printable } from '../profiles/printable.ts';
import type { Question } from '../terminal/picker.ts';
import type { Choice } from '../terminal/ranking.ts';

/** What FZF_DEFAULT_OPTS may ask for otherwise: nobody is to be switched without having chosen, nor twice. */
const ARGUMENTS = [
  '--no-multi',
  '--no-print-query',
  '--no-expect',
  '--no-select-1',
  '--no-exit-0',
  '--tiebreak=index',
];
/** The room that names get, beyond which the rest stands where it can. */
const MOST_OF_NAME = 40;

/** Finds fzf, which the user may have. */
export function findFzf({ env }: Context): string | undefined {
  return findProgram('fzf', env);
}

/** Lets a person choose with fzf; undefined when nothing was chosen. */
export function pickWithFzf(
  { env, stderr }: Context,
  fzf: string,
  { header, query, choices }: Question,
): Promise<Choice | undefined> {
  const longest = choices.reduce((most, { name }) => Math.max(most, name.length), 0);
  const args = [
    '--height=50%',
    '--reverse',
    ...ARGUMENTS,
    `--tabstop=${Math.min(MOST_OF_NAME, longest + 2)}`,
    `--header=${printable(header)}`,
    `--query=${query}`,
  ];
  const child = spawn(fzf, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  // Ctrl-C is fzf's.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  const lines = new Map(choices.map((choice) => [`${choice.name}\t${choice.about}`.trimEnd(), choice]));
  let answer = '';
  child.stdin.on('error', ignore); // whoever has chosen need not have read it all
  child.stdin.end(`${[...lines.keys()].join('\n')}\n`);
  child.stdout.setEncoding('utf8').on('data', (text) => {
    answer += text;
  });
  return new Promise((resolve) => {
    const end = (choice: Choice | undefined): void => {
      process.off('SIGINT', ignore);
      resolve(choice);
    };
    child.once('error', (error) => {
      stderr.write(`awsrole: fzf cannot be run: ${printable(error.message)}\n`);
      end(undefined);
    });
    child.once('close', (status) => end(status === 0 ? lines.get(answer.trimEnd()) : undefined));
  });
}
