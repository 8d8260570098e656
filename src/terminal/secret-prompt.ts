import type { Readable } from 'node:stream';

/** Asks a question and reads a line that nobody may see. */
export interface SecretPrompt {
  /**
   * Returns the line that was entered; undefined at the end of input.
   * @param options `blanks`: they are kept, as in a passphrase
   * @throws AwsroleError kind `interrupted` on Ctrl-C
   */
  ask(question: string, options?: { readonly blanks?: boolean }): Promise<string | undefined>;
  close(): void;
}

/**
 * A prompt that writes questions to `output` and reads lines from `input`.
 * In Git Bash this is how a person answers: mintty gives a native program pipes, and the wrapper has turned the echo off.
 */
export function linePrompt(input: Readable, output: NodeJS.WritableStream): SecretPrompt {
  let buffered = '';
  let ended = false;
  const takeLine = (blanks: boolean | undefined): string | undefined => {
    const end = buffered.indexOf('\n');
    if (end < 0 && !(ended && buffered !== '')) return undefined;
    const line = end < 0 ? buffered : buffered.slice(0, end);
    buffered = end < 0 ? '' : buffered.slice(end + 1);
    const text = line.replace(/^\ufeff/, '');
    return blanks ? text.replace(/\r$/, '') : text.trim();
  };
  input.pause();
  return {
    ask: async (question, options) => {
      output.write(question);
      let line = takeLine(options?.blanks);
      while (line === undefined && !ended) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
            resolve();
          };
          const onData = (chunk: Buffer | string): void => {
            buffered += chunk.toString();
            wake();
          };
          const onEnd = (): void => {
            ended = true;
            wake();
          };
          input.on('data', onData).once('end', onEnd).once('error', onEnd).resume();
        });
        line = takeLine(options?.blanks);
      }
      output.write('\n');
      return line;
    },
    close: () => input.destroy(),
  };
}
