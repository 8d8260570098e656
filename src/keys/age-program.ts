import { existsSync, readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { describeFailure, runProgram } from '../processes/run-program.ts';
import { printable } from '../profiles/printable.ts';
import { keysError, type Patience } from './key-store.ts';
import { withPatience } from './patience.ts';

// Identities that only the `age` program can use: SSH keys, those of its plugins (such as YubiKeys), and encrypted ones.

/** True for an identity file without a plain age key. */
export function needsProgram(identity: string): boolean {
  try {
    return !/^AGE-SECRET-KEY-1/m.test(readFileSync(identity, 'utf8'));
  } catch {
    return false; // said where it is read
  }
}

/** Decrypts a file. @throws AwsroleError kind `keys` */
export function decryptByProgram(
  context: Context,
  identity: string,
  file: string,
  patience: Patience,
): Promise<string> {
  return age(context, ['--decrypt', '--identity', identity, file], patience);
}

/** Encrypts a text. @throws AwsroleError kind `keys` */
export function encryptByProgram(
  context: Context,
  identity: string,
  text: string,
  patience: Patience,
): Promise<string> {
  const publicKey = `${identity}.pub`;
  const whom = existsSync(publicKey) ? ['--recipients-file', publicKey] : ['--identity', identity];
  return age(context, ['--encrypt', '--armor', ...whom], patience, text);
}

async function age(context: Context, words: string[], patience: Patience, input?: string): Promise<string> {
  const child = runProgram(['age', ...words], {
    env: context.env,
    seconds: patience.seconds,
    stdin: input === undefined ? (patience.person ? 'inherit' : 'ignore') : { text: input },
    showErrors: patience.person,
  });
  const { stdout, stderr, failure } = await withPatience(context, patience, 'age', child);
  if (failure === undefined) return stdout;
  if (failure.kind === 'not-found')
    throw keysError('the age program was not found', 'install age, which this identity needs');
  throw keysError(
    failure.kind === 'timed-out'
      ? `age did not answer within ${patience.seconds} s`
      : `age ${describeFailure(failure)}: ${printable(stderr.trim())}`,
    'try it by hand: age --decrypt --identity FILE',
  );
}
