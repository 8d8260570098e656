import type { Context } from '../context.ts';
import { linePrompt } from './secret-prompt.ts';
import { isYes, openTerminal } from './terminal.ts';

/** Questions whose answers may be seen. */
export interface Questions {
  /** Undefined at the end of input. @param words what Tab completes to, where it can */
  line(question: string, words?: readonly string[]): Promise<string | undefined>;
  /** As {@link Terminal}'s. */
  confirm(question: string, enter: 'yes' | 'no'): Promise<boolean>;
  close(): void;
}

/** Opens the person's terminal for questions; undefined where nobody can be asked. */
export function openQuestions(context: Context): Questions | undefined {
  const terminal = openTerminal(context);
  // Git Bash's mintty gives native programs pipes, and shows what is typed itself; only the function has a person there.
  if (terminal !== undefined || !context.env.MSYSTEM || !context.env.AWSROLE_SHELL) return terminal;
  const prompt = linePrompt(context.stdin, context.stderr);
  return {
    line: (question) => prompt.ask(question, { blanks: true }),
    confirm: async (question, enter) => {
      const answer = await prompt.ask(question);
      return isYes(answer === '' ? enter : answer);
    },
    close: () => prompt.close(),
  };
}
