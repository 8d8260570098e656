import { openSync } from 'node:fs';
import { emitKeypressEvents, type Key } from 'node:readline';
import { ReadStream, WriteStream } from 'node:tty';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { editLine } from './edit-line.ts';
import type { AskOptions, SecretPrompt } from './secret-prompt.ts';
import { SIGNALS } from './signals.ts';

/** The terminal that the person sits at, whatever standard input and output are. */
export interface Terminal extends SecretPrompt {
  /**
   * Asks a question that `y` and `yes` agree to; the end of input does not.
   * @param enter what just Enter means
   * @throws AwsroleError kind `interrupted` on Ctrl-C
   */
  confirm(question: string, enter: 'yes' | 'no'): Promise<boolean>;
  /**
   * Asks for a line that is shown, and can be edited. Undefined at the end of input.
   * @param words what Tab completes to
   * @throws AwsroleError kind `interrupted` on Ctrl-C
   */
  line(question: string, words?: readonly string[]): Promise<string | undefined>;
}

interface Streams {
  readonly input: ReadStream;
  readonly output: WriteStream;
  /** The streams that were opened for this, and are closed with it. */
  readonly opened: readonly (ReadStream | WriteStream)[];
}

/** A terminal to draw on and read keys from, with no line editing of its own. */
export interface Screen {
  readonly input: ReadStream;
  /** Standard error: of the process's own streams Node tells when the window has another size. */
  readonly output: WriteStream;
  close(): void;
}

/** Opens the person's terminal for drawing; undefined where there is none, or standard error leads elsewhere. */
export function openScreen(context: Context): Screen | undefined {
  const { stderr, platform } = context;
  if (!(stderr instanceof WriteStream)) return undefined;
  try {
    const console = platform === 'win32' ? windowsConsole(context) : undefined;
    if (platform === 'win32' && console === undefined) return undefined;
    const opened = console?.opened ?? [new ReadStream(openSync('/dev/tty', 'r'))];
    const input = console?.input ?? (opened[0] as ReadStream);
    input.pause();
    const close = (): void => {
      for (const stream of opened) stream.destroy();
    };
    return { input, output: stderr, close };
  } catch {
    return undefined;
  }
}

/** Opens the person's terminal; undefined where there is none. */
export function openTerminal(context: Context): Terminal | undefined {
  let streams: Streams | undefined;
  try {
    streams = context.platform === 'win32' ? windowsConsole(context) : controllingTerminal();
  } catch {
    return undefined;
  }
  if (streams === undefined) return undefined;
  const { input, output, opened } = streams;
  input.pause();
  return {
    ask: (question, options) => askInRawMode(input, output, question, () => '*', options),
    confirm: async (question, enter) => {
      const answer = await askInRawMode(input, output, question, (typed) => typed);
      return isYes(answer === '' ? enter : answer);
    },
    line: (question, words = []) => editLine(input, output, question, words),
    close: () => {
      for (const stream of opened) stream.destroy();
    },
  };
}

/** True for an answer that agrees. */
export function isYes(answer: string | undefined): boolean {
  return /^\s*y(?:es)?\s*$/i.test(answer ?? '');
}

function controllingTerminal(): Streams {
  const input = new ReadStream(openSync('/dev/tty', 'r'));
  const output = new WriteStream(openSync('/dev/tty', 'w'));
  return { input, output, opened: [input, output] };
}

/**
 * Returns the console of a Windows process: standard input and error where they are the console, else opened by its
 * names. Raw mode takes the right to write to the input, and Node that to read from the output.
 */
function windowsConsole({ env, stdin, stderr }: Context): Streams | undefined {
  const opened: (ReadStream | WriteStream)[] = [];
  const open = <Stream extends ReadStream | WriteStream>(stream: Stream): Stream => {
    opened.push(stream);
    return stream;
  };
  // Under mintty a native program gets pipes, and a console that nobody sees.
  if (!(stdin instanceof ReadStream) && env.MSYSTEM) return undefined;
  const input = stdin instanceof ReadStream ? stdin : open(new ReadStream(openSync('\\\\.\\CONIN$', 'r+')));
  const output =
    stderr instanceof WriteStream ? stderr : open(new WriteStream(openSync('\\\\.\\CONOUT$', 'r+')));
  return { input, output, opened };
}

/**
 * Reads a line key by key, with the terminal's own echo off; `shown` gives what the screen shows for a character.
 * Blanks are left out unless they are asked for. Undefined at the end of input.
 */
function askInRawMode(
  input: ReadStream,
  output: WriteStream,
  question: string,
  shown: (typed: string) => string,
  { signal, blanks = false }: AskOptions = {},
): Promise<string | undefined> {
  // Recognises arrows, function keys and pasted text by their escape sequences.
  emitKeypressEvents(input);
  input.setRawMode(true);
  output.write(question);
  return new Promise((resolve, reject) => {
    let answer: string[] = [];
    const finish = (settle: () => void): void => {
      input.off('keypress', onKey).off('end', onEnd).off('error', onEnd).pause();
      for (const name of SIGNALS) process.off(name, onInterrupt);
      signal?.removeEventListener('abort', onAbort);
      try {
        input.setRawMode(false);
        output.write('\n');
      } catch {
        // The terminal is gone, so there is nothing to restore.
      }
      settle();
    };
    const onAbort = (): void => finish(() => reject(signal?.reason));
    const onEnd = (): void => finish(() => resolve(undefined));
    const onInterrupt = (): void =>
      finish(() => reject(new AwsroleError('interrupted', 'interrupted: nothing changed')));
    const onKey = (typed: string | undefined, { name, ctrl }: Key): void => {
      if (name === 'return' || name === 'enter') finish(() => resolve(answer.join('')));
      else if (ctrl && name === 'c') onInterrupt();
      else if (ctrl && name === 'd' && answer.length === 0) onEnd();
      else if (ctrl && name === 'u') {
        output.write('\b \b'.repeat(answer.length));
        answer = [];
      } else if (name === 'backspace') {
        if (answer.pop() !== undefined) output.write('\b \b');
      } else if (typed !== undefined && (typed > ' ' || (blanks && typed === ' '))) {
        answer.push(typed);
        output.write(shown(typed));
      }
    };
    for (const name of SIGNALS) process.once(name, onInterrupt);
    signal?.addEventListener('abort', onAbort);
    input.on('keypress', onKey).once('end', onEnd).once('error', onEnd).resume();
  });
}
