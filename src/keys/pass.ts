import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { type KeyStore, keysError, type Patience, pairIn, pairText, type StoreItem } from './key-store.ts';
import { withPatience } from './patience.ts';
import { runProgram } from './run-program.ts';

// pass, "the standard Unix password manager": a GnuPG file for each item.

const TITLE = 'pass';

/** Opens pass's store. */
export function passStore(context: Context): KeyStore {
  const { env } = context;
  const folder = env.PASSWORD_STORE_DIR || join(homeFolder(env, context.platform) ?? '/', '.password-store');
  const name = ({ user, accessKeyId }: StoreItem): string => `awsrole/${user}/${accessKeyId}`;
  // GnuPG that was killed leaves an empty file.
  const isThere = (item: StoreItem): boolean =>
    Boolean(statSync(join(folder, `${name(item)}.gpg`), { throwIfNoEntry: false })?.size);

  const pass = async (words: readonly string[], patience: Patience, input?: string): Promise<string> => {
    const child = runProgram(['pass', ...words], {
      env,
      seconds: patience.seconds,
      // The secret goes through a pipe, and never into argv.
      stdin: input === undefined ? (patience.person ? 'inherit' : 'ignore') : { text: input },
    });
    const { stdout, stderr, status, timedOut, code } = await withPatience(
      context,
      patience,
      'pass; GnuPG may be asking for your passphrase',
      child,
    );
    if (status === 0) return stdout;
    if (code === 'ENOENT') throw keysError('pass was not found', 'install pass, or use --store age');
    if (timedOut) {
      throw keysError(
        `pass gave nothing in ${patience.seconds} s`,
        'GnuPG probably waits for a passphrase: run any pass command in a terminal first',
      );
    }
    const [said = ''] = stderr.trim().split('\n').slice(-1);
    throw keysError(
      `pass ended with status ${status}: ${printable(said)}`,
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
      // A run of ours that was killed before it had said anything leaves an item of nothing.
      if (isThere(item) && (await pass(['show', name(item)], patience)).trim() !== '') return;
      await pass(['insert', '--multiline', '--force', name(item)], patience, `${pairText(pair)}\n`);
    },
    remove: async (item, patience) => {
      if (isThere(item)) await pass(['rm', '--force', name(item)], patience);
    },
  };
}
