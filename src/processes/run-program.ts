import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isatty } from 'node:tty';
import { execa } from 'execa';
import type { Environment } from '../context.ts';
import { endProcessTree, MARK_VARIABLE } from './process-tree.ts';

// The only place that starts programs of the user's. It uses no shell, and gives them just the environment that it is
// told.

/** Such a program prints a few lines; more is a mistake. */
const MOST_OUTPUT = 1_000_000;
const LAST_WORDS_MS = 200;

/** Why a program gave nothing usable. */
export type ProgramFailure =
  | { readonly kind: 'not-found' | 'too-much-output' }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  | { readonly kind: 'not-executable'; readonly code: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string };

/** What a program has done: it has printed something and ended with status 0, or failed. */
export interface Ran {
  /** Empty where it was ended. */
  readonly stdout: string;
  /** Empty where its standard error is ours. */
  readonly stderr: string;
  readonly failure?: ProgramFailure;
}

export interface RunOptions {
  readonly env: Environment;
  /**
   * After so long it is ended with all that it has started, also where it has ended itself but left something running
   * that holds its output open.
   */
  readonly seconds: number;
  /** `terminal`: ours where that is a terminal, else nothing. A text is read by the program; no argument list shows it. */
  readonly stdin: 'terminal' | 'inherit' | 'ignore' | { readonly text: string };
  /** Whether its standard error is ours, so that it can talk to the person. */
  readonly showErrors: boolean;
}

/** Runs a program and returns what it prints. Never throws for what the program does. */
export async function runProgram(words: readonly string[], options: RunOptions): Promise<Ran> {
  const [file = '', ...args] = words;
  const { env, seconds, stdin, showErrors } = options;
  const failed = (failure: ProgramFailure): Ran => ({ stdout: '', stderr: '', failure });
  if (file === '') return failed({ kind: 'not-found' });
  const mark = randomUUID();
  const child = execa(file, args, {
    env: { ...env, [MARK_VARIABLE]: mark },
    extendEnv: false,
    ...(typeof stdin === 'object' ? { input: stdin.text } : { stdin: streamOf(stdin) }),
    stderr: showErrors ? 'inherit' : 'pipe',
    reject: false,
    maxBuffer: MOST_OUTPUT,
    stripFinalNewline: false,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  const result = await Promise.race([child, late]);
  clearTimeout(timer);
  if (!result) {
    if (child.pid !== undefined) await endProcessTree(child.pid, mark);
    // A process that is left could keep them open for ever.
    child.stdout.destroy();
    child.stderr?.destroy();
    const ended = await Promise.race([child, sleep(LAST_WORDS_MS)]);
    return { stdout: '', stderr: ended?.stderr ?? '', failure: { kind: 'timed-out', seconds } };
  }
  const { stdout, stderr = '', exitCode, signal, code, isMaxBuffer } = result;
  if (isMaxBuffer) return failed({ kind: 'too-much-output' });
  if (exitCode === 0) return { stdout, stderr };
  if (signal !== undefined) return { stdout, stderr, failure: { kind: 'signal', signal } };
  if (exitCode !== undefined) return { stdout, stderr, failure: { kind: 'status', status: exitCode } };
  return failed(code === 'ENOENT' ? { kind: 'not-found' } : { kind: 'not-executable', code: code ?? '' });
}

/** Says what happened, in words that follow the name of the program. */
export function describeFailure(failure: ProgramFailure): string {
  switch (failure.kind) {
    case 'not-found':
      return 'was not found';
    case 'not-executable':
      return `cannot be run (${failure.code})`;
    case 'status':
      return `ended with status ${failure.status}`;
    case 'signal':
      return `was killed by ${failure.signal}`;
    case 'timed-out':
      return `did not finish within ${failure.seconds} s, and was stopped`;
    case 'too-much-output':
      return 'printed more than 1 MB';
  }
}

function streamOf(stdin: 'terminal' | 'inherit' | 'ignore'): 'inherit' | 'ignore' {
  if (stdin !== 'terminal') return stdin;
  return isatty(0) ? 'inherit' : 'ignore';
}

/** Starts a program in our place: it has our streams, and goes on when we end. */
export function startInOurPlace(words: readonly string[], env: Environment) {
  const [file = '', ...args] = words;
  return execa(file, args, { env, extendEnv: false, stdio: 'inherit', reject: false, cleanup: false });
}

/**
 * Runs a program that talks to the person. Its output goes to our standard error, because our standard output carries
 * session lines. Returns its exit status; undefined when it did not run, or a signal ended it.
 */
export async function runForPerson(words: readonly string[], env: Environment): Promise<number | undefined> {
  const [file = '', ...args] = words;
  const { exitCode } = await execa(file, args, {
    env,
    extendEnv: false,
    stdio: ['inherit', 2, 'inherit'],
    reject: false,
  });
  return exitCode;
}
