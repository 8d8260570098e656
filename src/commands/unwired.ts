import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';

/** Only a shell can change itself: whoever gets here has no shell function, so it is said how to have it. */
export function unwired(context: Context, word: string): AwsroleError {
  const name = (context.env.SHELL ?? '').replace(/^.*[/\\]/, '').replace(/\.exe$/, '');
  const [shell, file] = name === 'zsh' ? ['zsh', '~/.zshrc'] : ['bash', '~/.bashrc'];
  const inScripts =
    word === 'off' || word === '-'
      ? ''
      : `\n  in a script, make or cron: awsrole exec ${shellWord(word)} -- COMMAND`;
  return new AwsroleError('usage', `this shell is not wired, so "${printable(word)}" cannot change it`, {
    hint: `put this line into ${file} and open a new shell: eval "$(awsrole init ${shell})"${inScripts}`,
  });
}

/** A word as one would type it in a POSIX shell. */
function shellWord(word: string): string {
  const text = printable(word);
  return /^[A-Za-z0-9_.@+=,:/-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
