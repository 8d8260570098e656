import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { describeFailure, runProgram } from '../processes/run-program.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { type KeyStore, keysError, type Patience, pairIn, pairText, type StoreItem } from './key-store.ts';
import { withPatience } from './patience.ts';

// pass, "the standard Unix password manager": a GnuPG file for each item.

const TITLE = 'pass';

/** Opens pass's store. */
export function passStore(context: Context): KeyStore {
  const { env } = context;
  const folder = env.PASSWORD_STORE_DIR || join(homeFolder(env, context.platform) ?? '/', '.password-store');
  const name = ({ user, accessKeyId }: StoreItem): string => `awsrole/${user}/${accessKeyId}`;
  const isThere = (item: StoreItem): boolean =>
    lstatSync(join(folder, `${name(item)}.gpg`), { throwIfNoEntry: false }) !== undefined;

  const pass = async (words: readonly string[], patience: Patience, input?: string): Promise<string> => {
    const child = runProgram(['pass', ...words], {
      env,
      seconds: patience.seconds,
      // The secret goes through a pipe, and never into argv.
      stdin: input === undefined ? (patience.person ? 'inherit' : 'ignore') : { text: input },
      showErrors: false,
    });
    const { stdout, stderr, failure } = await withPatience(
      context,
      patience,
      'pass; GnuPG may be asking for your passphrase',
      child,
    );
    if (failure === undefined) return stdout;
    if (failure.kind === 'not-found')
      throw keysError('pass was not found', 'install pass, or use --store age');
    if (failure.kind === 'timed-out') {
      throw keysError(
        `pass gave nothing in ${patience.seconds} s`,
        'GnuPG probably waits for a passphrase: run any pass command in a terminal first',
      );
    }
    const [said = ''] = stderr.trim().split('\n').slice(-1);
    throw keysError(
      `pass ${describeFailure(failure)}: ${printable(said)}`,
      /secret key|pinentry|ioctl|cancel/i.test(stderr)
        ? 'GnuPG could not ask for your passphrase: run in a terminal: GPG_TTY=$(tty) awsrole keys'
        : `try it by hand: pass ${words.slice(0, 1).join(' ')}`,
    );
  };

  return {
    kind: 'pass',
    title: TITLE,
    unusable: async () => {
      if (findProgram('pass', env) === undefined) return 'pass is not installed';
      const id = lstatSync(join(folder, '.gpg-id'), { throwIfNoEntry: false });
      return id === undefined ? 'pass has no store yet (pass init)' : undefined;
    },
    read: async (item, patience) =>
      isThere(item) ? pairIn(await pass(['show', name(item)], patience), item, TITLE) : undefined,
    write: async (item, pair, patience) => {
      if (!isThere(item)) await pass(['insert', '--multiline', name(item)], patience, `${pairText(pair)}\n`);
    },
    remove: async (item, patience) => {
      if (isThere(item)) await pass(['rm', '--force', name(item)], patience);
    },
  };
}
