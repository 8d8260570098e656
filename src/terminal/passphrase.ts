import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { linePrompt } from './secret-prompt.ts';
import { openTerminal } from './terminal.ts';

/**
 * Asks for something that nobody may see, blanks included.
 * @throws AwsroleError kind `keys` where there is no terminal, `interrupted` on Ctrl-C
 */
export async function askPassphrase(context: Context, question: string): Promise<string> {
  // Git Bash's mintty gives native programs pipes instead of a console; the wrapper has turned the terminal's echo off.
  const prompt =
    openTerminal(context) ?? (context.env.MSYSTEM ? linePrompt(context.stdin, context.stderr) : undefined);
  if (prompt === undefined) {
    throw new AwsroleError('keys', 'there is no terminal to ask on', { hint: 'run it in a terminal' });
  }
  try {
    const answer = await prompt.ask(question, { blanks: true });
    if (answer === undefined) throw new AwsroleError('interrupted', 'the input ended: nothing changed');
    return answer;
  } finally {
    prompt.close();
  }
}
