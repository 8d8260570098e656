import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { findProgram } from '../../find-program.ts';
import { printable } from '../../profiles/printable.ts';
import { profileArgument, runForPerson } from '../run-command.ts';
import type { SessionOptions } from '../session-options.ts';

// What only the person can do: sign in again, in a browser, which is the AWS CLI's to start.

const COMMANDS = { sso: ['sso', 'login'], 'login-session': ['login'] } as const;

type SignInKind = keyof typeof COMMANDS;

/** `aws sso login --profile X`, to be typed. */
export function signInCommand(kind: SignInKind, profile: string): string {
  return printable(`aws ${COMMANDS[kind].join(' ')} ${profileArgument(profile)}`);
}

/** The error that {@link withSignIn} looks for: kind `sign-in`. */
export function signInNeeded(kind: SignInKind, profile: string, why: string, cause?: unknown): AwsroleError {
  return new AwsroleError('sign-in', why, { hint: `run: ${signInCommand(kind, profile)}`, cause });
}

/**
 * Gets credentials; where that needs a new sign-in, offers it on the terminal, and once it is done tries again.
 * @throws AwsroleError
 */
export async function withSignIn<T>(
  context: Context,
  options: SessionOptions,
  source: { readonly kind: SignInKind; readonly profile: string },
  get: () => Promise<T>,
): Promise<T> {
  try {
    return await get();
  } catch (error) {
    const offered =
      error instanceof AwsroleError && error.kind === 'sign-in' && options.codeSource === 'terminal';
    if (!offered || !(await signIn(context, source.kind, source.profile, error.message))) throw error;
    return get();
  }
}

/** Whether the person has signed in now. */
async function signIn(context: Context, kind: SignInKind, profile: string, why: string): Promise<boolean> {
  const aws = findProgram('aws', context.env);
  if (aws === undefined) return false;
  const { openTerminal } = await import('../../terminal/terminal.ts');
  const terminal = openTerminal(context);
  if (terminal === undefined) return false;
  try {
    const command = signInCommand(kind, profile);
    if (!(await terminal.confirm(`${why}. Run \`${command}\` now? [Y/n] `))) return false;
    // One word, so that no name is taken for an option.
    const words = [aws, ...COMMANDS[kind], `--profile=${profile}`];
    const status = await runForPerson(words, context.env);
    if (status === 0) return true;
    context.stderr.write(`awsrole: ${command} ended with status ${status ?? 'unknown'}\n`);
    return false;
  } finally {
    terminal.close();
  }
}
