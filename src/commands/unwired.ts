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
  const named = word !== 'off' && word !== '-';
  const powershell = name === 'pwsh' || (platform === 'win32' && !env.SHELL);
  const shell = SHELLS.get(name || 'bash');
  let how: string;
  if (powershell) {
    const file = fileURLToPath(new URL('../shell/awsrole.ps1', import.meta.url)).replaceAll("'", "''");
    how = `put this line into the file that $PROFILE names and open a new shell: . '${file}'`;
  } else if (shell !== undefined) {
    how = `put this line into ${shell.file} and open a new shell: ${shell.line}`;
  } else {
    how = `only bash, zsh, fish and PowerShell can be changed; for a shell with the role: awsrole exec ${named ? shellWord(word) : 'PROFILE'} -- ${shellWord(env.SHELL ?? '')}`;
  }
  const inScripts = named ? `\n  in a script, make or cron: awsrole exec ${shellWord(word)} -- COMMAND` : '';
  return new AwsroleError('usage', `this shell is not wired, so "${printable(word)}" cannot change it`, {
    hint: how + inScripts,
  });
}

/** Writes a word as one would type it in a POSIX shell. */
function shellWord(word: string): string {
  const text = printable(word);
  return /^[A-Za-z0-9_.@+=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
