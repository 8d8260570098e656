import { quote } from 'shlex';
import type { Environment } from '../context.ts';
import { describeFailure, type ProgramFailure, type Ran, runProgram } from '../processes/run-program.ts';
import { splitWords } from '../profiles/shell-words.ts';
import { TIMEOUT_VARIABLE } from './sts/timeout.ts';

// Commands of the AWS files (credential_process, mfa_process), split into words and run as the AWS CLI does.

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

/**
 * Runs a command and returns its output. It shares our standard error, and our standard input where that is a terminal
 * on which it may ask for a PIN; else its standard input is empty. Never throws for what the command does.
 * @param mayAsk false where standard input is meant for something else, such as an MFA code
 * @param seconds after which it is ended with all that it has started
 */
export function runCommand(
  words: readonly string[],
  { env, seconds, mayAsk }: { env: Environment; seconds: number; mayAsk: boolean },
): Promise<Ran> {
  return runProgram(words, { env, seconds, stdin: mayAsk ? 'terminal' : 'ignore', showErrors: true });
}

/** Says what happened, in words that follow the name of the command. */
export function describeCommandFailure(failure: ProgramFailure): string {
  const what = describeFailure(failure);
  return failure.kind === 'timed-out' ? `${what} (${TIMEOUT_VARIABLE} changes that)` : what;
}
