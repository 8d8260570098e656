import type { Context } from '../context.ts';
import { openQuestions } from './questions.ts';

/**
 * Asks a question that only `y` and `yes` agree to, on the terminal. Undefined where there is none.
 * @throws AwsroleError kind `interrupted` on Ctrl-C
 */
export async function askYesNo(context: Context, question: string): Promise<boolean | undefined> {
  const questions = openQuestions(context);
  try {
    return await questions?.confirm(question, 'no');
  } finally {
    questions?.close();
  }
}
