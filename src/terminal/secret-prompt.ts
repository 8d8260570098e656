import { openSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { ReadStream, WriteStream } from 'node:tty';
import { AwsroleError } from '../errors.ts';

/** Asks a question and reads a line that nobody may see. */
export interface SecretPrompt {
  /**
   * The line that was entered; undefined at the end of input.
   * @throws AwsroleError kind `interrupted` on Ctrl-C
   */
  ask(question: string): Promise<string | undefined>;
  /** Whether a person (or a further line) may answer again. */
  readonly repeatable: boolean;
  close(): void;
}

const CTRL_C = '\u0003';
const CTRL_D = '\u0004';
const CTRL_U = '\u0015';
const BACKSPACE = ['\u0008', '\u007f'];
const ENTER = ['\r', '\n'];
/** Left to themselves they would end the process with the terminal still in raw mode. */
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A prompt on the controlling terminal, whatever standard input is; undefined where there is none. */
export function terminalPrompt(): SecretPrompt | undefined {
  let input: ReadStream;
  let output: WriteStream;
  try {
    input = new ReadStream(openSync('/dev/tty', 'r'));
    output = new WriteStream(openSync('/dev/tty', 'w'));
  } catch {
    return undefined;
  }
  input.pause();
  return {
    repeatable: true,
    ask: (question) => askInRawMode(input, output, question),
    close: () => {
      input.destroy();
      output.destroy();
    },
  };
}

/** Reads keys one by one with the terminal's echo off, and shows a star for each. */
function askInRawMode(input: ReadStream, output: WriteStream, question: string): Promise<string | undefined> {
  input.setRawMode(true);
  output.write(question);
  return new Promise((resolve, reject) => {
    let text = '';
    const finish = (settle: () => void): void => {
      input.off('data', onData).off('end', onEnd).off('error', onEnd).pause();
      for (const signal of SIGNALS) process.off(signal, onInterrupt);
      try {
        input.setRawMode(false);
        output.write('\n');
      } catch {
        // The terminal is gone; there is nobody to show anything to.
      }
      settle();
    };
    const onEnd = (): void => finish(() => resolve(undefined));
    const onInterrupt = (): void =>
      finish(() => reject(new AwsroleError('interrupted', 'interrupted: nothing changed')));
    const onData = (chunk: Buffer): void => {
      // An arrow or function key arrives as one chunk that starts with ESC: not part of a code.
      if (chunk[0] === 0x1b) return;
      for (const key of chunk.toString('utf8')) {
        if (key === CTRL_C) {
          onInterrupt();
          return;
        }
        if (ENTER.includes(key) || (key === CTRL_D && text === '')) {
          finish(() => resolve(key === CTRL_D ? undefined : text));
          return;
        }
        if (key === CTRL_U) {
          output.write('\b \b'.repeat(text.length));
          text = '';
        } else if (BACKSPACE.includes(key)) {
          if (text !== '') output.write('\b \b');
          text = text.slice(0, -1);
        } else if (key > ' ') {
          text += key;
          output.write('*');
        }
      }
    };
    for (const signal of SIGNALS) process.once(signal, onInterrupt);
    input.on('data', onData).once('end', onEnd).once('error', onEnd).resume();
  });
}

/**
 * A prompt that writes questions to `output` and reads lines from `input`, be it a pipe, a file or a console.
 * In Git Bash this is how a person answers: mintty gives a native program pipes, and the wrapper has turned the echo off.
 */
export function linePrompt(input: Readable, output: NodeJS.WritableStream | undefined): SecretPrompt {
  let buffered = '';
  let ended = false;
  const takeLine = (): string | undefined => {
    const end = buffered.indexOf('\n');
    if (end < 0 && !(ended && buffered !== '')) return undefined;
    const line = end < 0 ? buffered : buffered.slice(0, end);
    buffered = end < 0 ? '' : buffered.slice(end + 1);
    return line.replace(/^\ufeff/, '').trim();
  };
  input.pause();
  return {
    repeatable: true,
    ask: async (question) => {
      output?.write(question);
      let line = takeLine();
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
        line = takeLine();
      }
      output?.write('\n');
      return line;
    },
    close: () => input.destroy(),
  };
}
