import type { Readable } from 'node:stream';

export interface AskOptions {
  /** Takes the question back. */
  readonly signal?: AbortSignal | undefined;
  /** Keeps blanks, as in a passphrase. */
  readonly blanks?: boolean;
}

/** Asks a question and reads a line that nobody may see. */
export interface SecretPrompt {
  /**
   * Returns the line that was entered; undefined at the end of input.
   * @throws AwsroleError kind `interrupted` on Ctrl-C; the signal's reason
   */
  ask(question: string, options?: AskOptions): Promise<string | undefined>;
  close(): void;
}

/**
 * A prompt that writes questions to `output` and reads lines from `input`.
 * In Git Bash this is how a person answers: mintty gives a native program pipes, and the wrapper has turned the echo off.
 */
export function linePrompt(input: Readable, output: NodeJS.WritableStream): SecretPrompt {
  let buffered = '';
  let ended = false;
  const takeLine = (blanks: boolean): string | undefined => {
    const end = buffered.indexOf('\n');
    if (end < 0 && !(ended && buffered !== '')) return undefined;
    const line = end < 0 ? buffered : buffered.slice(0, end);
    buffered = end < 0 ? '' : buffered.slice(end + 1);
    const text = line.replace(/^\ufeff/, '');
    return blanks ? text.replace(/\r$/, '') : text.trim();
  };
  input.pause();
  return {
    ask: async (question, { signal, blanks = false } = {}) => {
      output.write(question);
      let line = takeLine(blanks);
      while (line === undefined && !ended) {
        await new Promise<void>((resolve) => {
          const wake = (): void => {
            input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
            signal?.removeEventListener('abort', wake);
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
          signal?.addEventListener('abort', wake);
          input.on('data', onData).once('end', onEnd).once('error', onEnd).resume();
        });
        line = takeLine(blanks);
        if (signal?.aborted) output.write('\n');
        signal?.throwIfAborted();
      }
      output.write('\n');
      return line;
    },
    close: () => input.destroy(),
  };
}
