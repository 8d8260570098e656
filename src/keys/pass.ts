import { spawnSync } from 'node:child_process';
import { lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Context, Environment } from '../context.ts';
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
  // GnuPG that was killed leaves an empty file.
  const isThere = (item: StoreItem): boolean =>
    Boolean(statSync(join(folder, `${name(item)}.gpg`), { throwIfNoEntry: false })?.size);

  /** What a person types to have GnuPG's agent remember the passphrase. */
  const unlocking = (item: StoreItem): string => `GPG_TTY=$(tty) pass show ${name(item)} >/dev/null`;

  const pass = async (
    [action, ...options]: readonly [string, ...string[]],
    item: StoreItem,
    patience: Patience,
    input?: string,
  ): Promise<string> => {
    const asking = patience.person ? withTerminal(env) : env;
    const child = runProgram(['pass', action, ...options, name(item)], {
      env: asking,
      seconds: patience.seconds,
      // The secret goes through a pipe, and never into argv.
      stdin: input === undefined ? (patience.person ? 'inherit' : 'ignore') : { text: input },
      showErrors: false,
    });
    patience.meanwhile?.();
    // A question on the terminal itself is seen, and words in the middle of it are in its way.
    const isSeen = asking.GPG_TTY && !env.DISPLAY && !env.WAYLAND_DISPLAY && context.platform === 'linux';
    const { stdout, stderr, failure } = await (isSeen
      ? child
      : withPatience(context, patience, 'pass; GnuPG may be asking for its passphrase', child));
    if (failure === undefined) return stdout;
    if (failure.kind === 'not-found')
      throw keysError('pass was not found', 'install pass, or use --store age');
    if (failure.kind === 'timed-out') {
      throw keysError(
        `pass gave nothing in ${patience.seconds} s`,
        `GnuPG probably waits for its passphrase; to give it: ${unlocking(item)}`,
      );
    }
    const [said = ''] = stderr.trim().split('\n').slice(-1);
    throw keysError(
      `pass ${describeFailure(failure)}: ${printable(said)}`,
      /secret key|pinentry|ioctl|cancel/i.test(stderr)
        ? `GnuPG could not ask for its passphrase; to give it: ${unlocking(item)}`
        : `try it by hand: pass ${action} ${name(item)}`,
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
      isThere(item) ? pairIn(await pass(['show'], item, patience), item, { title: TITLE }) : undefined,
    write: async (item, pair, patience) => {
      // A run of ours that was killed before it had said anything leaves an item of nothing.
      if (isThere(item) && (await pass(['show'], item, patience)).trim() !== '') return;
      await pass(['insert', '--multiline', '--force'], item, patience, `${pairText(pair)}\n`);
    },
    remove: async (item, patience) => {
      if (isThere(item)) await pass(['rm', '--force'], item, patience);
    },
  };
}

/** Tells GnuPG's agent which terminal to ask on, which it does not find out by itself. */
function withTerminal(env: Environment): Environment {
  if (env.GPG_TTY) return env;
  const { status, stdout } = spawnSync('tty', { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? { ...env, GPG_TTY: stdout.trim() } : env;
}
