import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';

const SHELLS = new Map([
  ['bash', { file: '~/.bashrc', line: 'eval "$(awsrole init bash)"' }],
  ['zsh', { file: '~/.zshrc', line: 'eval "$(awsrole init zsh)"' }],
  ['fish', { file: '~/.config/fish/config.fish', line: 'awsrole init fish | source' }],
]);

/**
 * Makes the error for a switch without the shell function: only a shell can change itself, so it says how to get the
 * function.
 */
export function unwired({ env, platform }: Context, word: string): AwsroleError {
  const name = (env.SHELL ?? '').replace(/^.*[/\\]/, '').replace(/\.exe$/, '');
  const powershell = platform === 'win32' && !env.SHELL;
  const shell = SHELLS.get(name) ?? SHELLS.get('bash');
  const how = powershell
    ? 'put this line into the file that $PROFILE names and open a new shell: ' +
      `. '${fileURLToPath(new URL('../shell/awsrole.ps1', import.meta.url)).replaceAll("'", "''")}'`
    : `put this line into ${shell?.file} and open a new shell: ${shell?.line}`;
  const inScripts =
    word === 'off' || word === '-'
      ? ''
      : `\n  in a script, make or cron: awsrole exec ${shellWord(word)} -- COMMAND`;
  return new AwsroleError('usage', `this shell is not wired, so "${printable(word)}" cannot change it`, {
    hint: how + inScripts,
  });
}

/** Writes a word as one would type it in a POSIX shell. */
function shellWord(word: string): string {
  const text = printable(word);
  return /^[A-Za-z0-9_.@+=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
