import { randomUUID } from 'node:crypto';
import { isatty } from 'node:tty';
import { execa } from 'execa';
import { quote } from 'shlex';
import type { Environment } from '../context.ts';
import { splitWords } from '../profiles/shell-words.ts';
import { endProcessTree, MARK_VARIABLE } from './process-tree.ts';
import { TIMEOUT_VARIABLE } from './sts/timeout.ts';

// The only place that starts programs of the user's. It uses no shell, and gives them just the environment that it is
// told.

/** Such a command prints a few lines; more is a mistake. */
const MOST_OUTPUT = 1_000_000;

/** Why a command gave nothing usable. */
export type CommandFailure =
  | { readonly kind: 'not-found' | 'too-much-output' }
  | { readonly kind: 'timed-out'; readonly seconds: number }
  | { readonly kind: 'not-executable'; readonly code: string }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'signal'; readonly signal: string };

export type CommandResult =
  | { readonly stdout: string; readonly failure?: undefined }
  | { readonly failure: CommandFailure };

/**
 * Splits a command line the way botocore does (`compat_shell_split`): on Windows by Microsoft's rules, elsewhere by
 * those of Python's shlex. Undefined when a quotation is not closed.
 */
export function splitCommand(line: string, platform: NodeJS.Platform): string[] | undefined {
  return platform === 'win32' ? splitForWindows(line) : splitWords(line);
}

/** Returns `--profile NAME` as a person would type it. */
export function profileArgument(name: string): string {
  return name.startsWith('-') ? quote(`--profile=${name}`) : `--profile ${quote(name)}`;
}

/**
 * Splits by Microsoft's rules: backslashes count only before a quotation mark, where two make one, and an odd one makes
 * the mark an ordinary character.
 */
function splitForWindows(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let inQuotes = false;
  for (const [, backslashes = '', mark = ''] of line.matchAll(/(\\*)([^\\]|$)/gs)) {
    if (mark === '"') {
      word = (word ?? '') + backslashes.slice(0, backslashes.length >> 1);
      if (backslashes.length % 2 === 1) word += '"';
      else inQuotes = !inQuotes;
      continue;
    }
    if (backslashes !== '') word = (word ?? '') + backslashes;
    if ((mark === ' ' || mark === '\t') && !inQuotes) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (mark !== '') {
      word = (word ?? '') + mark;
    }
  }
  if (inQuotes) return undefined;
  if (word !== undefined) words.push(word);
  return words;
}

/** Starts a command in our place: it has our streams, and goes on when we end. */
export function startInOurPlace(words: readonly string[], env: Environment) {
  const [file = '', ...args] = words;
  return execa(file, args, { env, extendEnv: false, stdio: 'inherit', reject: false, cleanup: false });
}

/**
 * Runs a command and returns its output. It shares our standard error, and our standard input where that is a terminal
 * on which it may ask for a PIN; else its standard input is empty. Never throws for what the command does.
 * @param mayAsk false where standard input is meant for something else, such as an MFA code
 * @param seconds after which it is ended with all that it has started, also where it has ended itself but left
 * something running that holds its output open
 */
export async function runCommand(
  words: readonly string[],
  { env, seconds, mayAsk }: { env: Environment; seconds: number; mayAsk: boolean },
): Promise<CommandResult> {
  const [file = '', ...args] = words;
  if (file === '') return { failure: { kind: 'not-found' } };
  const mark = randomUUID();
  const child = execa(file, args, {
    env: { ...env, [MARK_VARIABLE]: mark },
    extendEnv: false,
    stdin: mayAsk && isatty(0) ? 'inherit' : 'ignore',
    stderr: 'inherit',
    reject: false,
    maxBuffer: MOST_OUTPUT,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1000);
  });
  const result = await Promise.race([child, late]);
  clearTimeout(timer);
  if (!result) {
    if (child.pid !== undefined) await endProcessTree(child.pid, mark);
    // A process that is left could keep it open for ever.
    child.stdout.destroy();
    return { failure: { kind: 'timed-out', seconds } };
  }
  const { stdout, exitCode, signal, code, isMaxBuffer } = result;
  if (isMaxBuffer) return { failure: { kind: 'too-much-output' } };
  if (exitCode === 0) return { stdout };
  if (signal !== undefined) return { failure: { kind: 'signal', signal } };
  if (exitCode !== undefined) return { failure: { kind: 'status', status: exitCode } };
  return {
    failure: code === 'ENOENT' ? { kind: 'not-found' } : { kind: 'not-executable', code: code ?? '' },
  };
}

/**
 * Runs a command that talks to the person. Its output goes to our standard error, because our standard output carries
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

/** Says what happened, in words that follow the name of the command. */
export function describeFailure(failure: CommandFailure): string {
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
      return `did not finish within ${failure.seconds} s, and was stopped (${TIMEOUT_VARIABLE} changes that)`;
    case 'too-much-output':
      return 'printed more than 1 MB';
  }
}
