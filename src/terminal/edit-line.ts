import { createInterface } from 'node:readline';
import type { ReadStream, WriteStream } from 'node:tty';
import { AwsroleError } from '../errors.ts';
import { SIGNALS } from './signals.ts';

/**
 * Asks a question and lets a person type and edit a line that is shown. Only the first line of what is pasted counts, and
 * the rest answers no later question.
 * @param words what Tab completes to
 * @returns undefined at the end of input
 * @throws AwsroleError kind `interrupted` on Ctrl-C
 */
export function editLine(
  input: ReadStream,
  output: WriteStream,
  question: string,
  words: readonly string[],
): Promise<string | undefined> {
  const completer = (typed: string): [string[], string] => [
    words.filter((word) => typed !== '' && word.startsWith(typed)),
    typed,
  ];
  const editor = createInterface({ input, output, terminal: true, historySize: 0, completer });
  return new Promise((resolve, reject) => {
    let answered = false;
    const interrupted = (): void => {
      reject(new AwsroleError('interrupted', 'interrupted: nothing changed'));
      editor.close();
    };
    for (const name of SIGNALS) process.once(name, interrupted);
    editor.once('SIGINT', interrupted);
    editor.once('close', () => {
      for (const name of SIGNALS) process.off(name, interrupted);
      // Without a line it is Ctrl-C or Ctrl-D, or the terminal is gone.
      if (!answered) output.write('\n');
      resolve(undefined);
    });
    editor.question(question, (answer) => {
      answered = true;
      resolve(answer);
      editor.close();
    });
  });
}
