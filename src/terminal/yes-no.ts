import type { Context } from '../context.ts';
import { linePrompt } from './secret-prompt.ts';
import { isYes, openTerminal } from './terminal.ts';

/**
 * Asks a question that only `y` and `yes` agree to, on the terminal. Undefined where there is none.
 * @throws AwsroleError kind `interrupted` on Ctrl-C
 */
export async function askYesNo(context: Context, question: string): Promise<boolean | undefined> {
  const terminal = openTerminal(context);
  if (terminal !== undefined) {
    try {
      return await terminal.confirm(question, 'no');
    } finally {
      terminal.close();
    }
  }
  // Git Bash's mintty gives native programs pipes instead of a console.
  if (!context.env.MSYSTEM || context.stdin.destroyed) return undefined;
  return isYes(await linePrompt(context.stdin, context.stderr).ask(question));
}
