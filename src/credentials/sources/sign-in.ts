import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { findProgram } from '../../find-program.ts';
import { runForPerson } from '../../processes/run-program.ts';
import { printable } from '../../profiles/printable.ts';
import { profileArgument } from '../run-command.ts';
import type { SessionOptions } from '../session-options.ts';

// Signing in again, in a browser, is something that only the person can do; the AWS CLI starts it.

const COMMANDS = { sso: ['sso', 'login'], 'login-session': ['login'] } as const;

type SignInKind = keyof typeof COMMANDS;

/** Returns `aws sso login --profile X` as a person would type it. */
export function signInCommand(kind: SignInKind, profile: string): string {
  return printable(`aws ${COMMANDS[kind].join(' ')} ${profileArgument(profile)}`);
}

/** Makes the error that {@link withSignIn} looks for, of kind `sign-in`. */
export function signInNeeded(kind: SignInKind, profile: string, why: string, cause?: unknown): AwsroleError {
  return new AwsroleError('sign-in', why, { hint: `run: ${signInCommand(kind, profile)}`, cause });
}

/**
 * Gets credentials. Where the person has to sign in first, offers that on the terminal, and tries once more when it is
 * done.
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

/** Offers the sign-in; true when the person has done it. */
async function signIn(context: Context, kind: SignInKind, profile: string, why: string): Promise<boolean> {
  const aws = findProgram('aws', context.env);
  if (aws === undefined) return false;
  const { openTerminal } = await import('../../terminal/terminal.ts');
  const terminal = openTerminal(context);
  if (terminal === undefined) return false;
  try {
    const command = signInCommand(kind, profile);
    if (!(await terminal.confirm(`${why}. Run \`${command}\` now? [Y/n] `, 'yes'))) return false;
    // `--profile=NAME` in one word, so that no name is taken for an option.
    const words = [aws, ...COMMANDS[kind], `--profile=${profile}`];
    const status = await runForPerson(words, context.env);
    if (status === 0) return true;
    context.stderr.write(`awsrole: ${command} ended with status ${status ?? 'unknown'}\n`);
    return false;
  } finally {
    terminal.close();
  }
}
