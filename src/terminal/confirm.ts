import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import { AwsroleError } from '../errors.ts';

/** The person at the controlling terminal, who can be asked a question. */
export interface TerminalPerson {
  /**
   * Asks a question whose answer is yes when it is just Enter.
   * @throws AwsroleError kind `interrupted` on Ctrl-C
   */
  confirm(question: string): Promise<boolean>;
  close(): void;
}

/** Opens the controlling terminal; undefined where there is none. Its ordinary mode stays: answers are no secret. */
export function terminalPerson(): TerminalPerson | undefined {
  let input: ReadStream;
  try {
    input = new ReadStream(openSync('/dev/tty', 'r+'));
  } catch {
    return undefined;
  }
  input.pause();
  return {
    confirm: (question) => confirmOn(input, question),
    close: () => input.destroy(),
  };
}

function confirmOn(input: ReadStream, question: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
      process.off('SIGINT', onInterrupt);
      settle();
    };
    const onInterrupt = (): void =>
      finish(() => reject(new AwsroleError('interrupted', 'interrupted: nothing changed')));
    const onEnd = (): void => finish(() => resolve(false));
    const onData = (chunk: Buffer): void => {
      text += chunk.toString('utf8');
      if (!text.includes('\n')) return;
      finish(() => resolve(['', 'y', 'yes'].includes(text.trim().toLowerCase())));
    };
    process.once('SIGINT', onInterrupt);
    input.on('data', onData).once('end', onEnd).once('error', onEnd).resume();
    input.write(question);
  });
}
