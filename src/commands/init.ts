import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import { isExecutable } from '../files/is-executable.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import { SHELLS } from './names.ts';
import { startUpLine } from './start-up-line.ts';
import { usage } from './usage.ts';

/**
 * Says which line belongs into which start-up file, to somebody at a terminal. What is loaded there the launcher
 * (shell/awsrole) has printed before; but PowerShell reads a file, so its line is that already.
 * @throws AwsroleError kind `usage`
 */
export async function init(context: Context, shell: string | undefined): Promise<number> {
  const { env, stderr, stdout } = context;
  const line = startUpLine(shell ?? '', onPath(env) ? 'awsrole' : shellWord(program()));
  if (line === undefined) throw usage('init needs the name of a shell', `it takes ${SHELLS.join(', ')}`);
  if (shell === 'powershell') stdout.write(`${line.line}\n`);
  if (!isTerminal(stdout)) {
    if (shell === 'powershell') return 0;
    throw usage(
      'only the installed program `awsrole` can print the shell function',
      `run: awsrole init ${shell}`,
    );
  }
  const file = shell === 'zsh' && env.ZDOTDIR ? join(env.ZDOTDIR, '.zshrc') : line.file;
  stderr.write(`\nTo have this in every new shell, put this line into ${file}:\n  ${line.line}\n`);
  return 0;
}

/** The launcher, which also lies where the installation has its files. */
function program(): string {
  return fileURLToPath(new URL('../shell/awsrole', import.meta.url));
}

function onPath(env: Context['env']): boolean {
  return (env.PATH ?? '').split(delimiter).some((folder) => isExecutable(join(folder, 'awsrole')));
}
