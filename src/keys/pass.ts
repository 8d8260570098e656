import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context, Environment } from '../context.ts';
import type { AwsroleError } from '../errors.ts';
import { findProgram } from '../find-program.ts';
import { describeFailure, type Ran, runProgram } from '../processes/run-program.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { type KeyStore, keysError, type Patience, pairIn, pairText, type StoreItem } from './key-store.ts';
import { withPatience } from './patience.ts';

// pass, "the standard Unix password manager": a GnuPG file for each item.

const TITLE = 'pass';
/** How lines begin that GnuPG writes for programs (`--status-fd`). */
const STATUS = '[GNUPG:] ';
const MOST_WORDS = 300;
const WHERE_IT_IS = 'if your store is elsewhere, set PASSWORD_STORE_DIR to its folder';

/** Opens pass's store. */
export function passStore(context: Context): KeyStore {
  const { env } = context;
  const folder = env.PASSWORD_STORE_DIR || join(homeFolder(env, context.platform) ?? '/', '.password-store');
  const name = ({ user, accessKeyId }: StoreItem): string => `awsrole/${user}/${accessKeyId}`;
  /** Whom pass encrypts an item for: the nearest `.gpg-id` above it says so. */
  const recipients = (below: string): string[] => {
    if (env.PASSWORD_STORE_KEY) return env.PASSWORD_STORE_KEY.split(/\s+/).filter(Boolean);
    for (let at = below; ; at = dirname(at)) {
      const text = textOf(join(folder, at, '.gpg-id'));
      if (text !== undefined || at === '.')
        return (text ?? '')
          .split('\n')
          .map((line) => line.replace(/(^|\s)#.*/, '').trim())
          .filter(Boolean);
    }
  };
  const isStore = (below: string): boolean => recipients(below).length > 0;
  const noStore = (): string => `pass has no store in ${printable(folder)} (pass init makes one)`;
  // GnuPG that was killed leaves an empty file.
  const isThere = (item: StoreItem): boolean =>
    Boolean(statSync(join(folder, `${name(item)}.gpg`), { throwIfNoEntry: false })?.size);

  /** What a person types to have GnuPG's agent remember the passphrase. */
  const unlocking = (item: StoreItem): string => `GPG_TTY=$(tty) pass show ${name(item)} >/dev/null`;

  const run = async (
    [action, ...options]: readonly [string, ...string[]],
    item: StoreItem,
    patience: Patience,
    input?: string,
  ): Promise<Ran> => {
    const asking = patience.person ? withTerminal(env) : env;
    const child = runProgram(['pass', action, ...options, name(item)], {
      env: { ...asking, PASSWORD_STORE_GPG_OPTS: `${env.PASSWORD_STORE_GPG_OPTS ?? ''} --status-fd=2` },
      seconds: patience.seconds,
      // The secret goes through a pipe, and never into argv.
      stdin: input === undefined ? (patience.person ? 'inherit' : 'ignore') : { text: input },
      showErrors: false,
    });
    patience.meanwhile?.();
    // A question on the terminal itself is seen, and words in the middle of it are in its way.
    const isSeen = asking.GPG_TTY && !env.DISPLAY && !env.WAYLAND_DISPLAY && context.platform === 'linux';
    return isSeen
      ? child
      : withPatience(context, patience, 'pass; GnuPG may be asking for its passphrase', child);
  };

  const failed = (action: string, item: StoreItem, patience: Patience, ran: Ran): AwsroleError => {
    const { stderr, failure = { kind: 'not-found' } } = ran;
    context.debug(`pass ${action}: ${printable(stderr)}`);
    if (failure.kind === 'not-found')
      return keysError('pass was not found', 'install pass, or use --store age');
    if (failure.kind === 'timed-out') {
      endPinentry(stderr);
      return keysError(
        `pass did not answer within ${patience.seconds} s`,
        `GnuPG is probably waiting for its passphrase; to enter it: ${unlocking(item)}`,
      );
    }
    if (!isStore(name(item))) return keysError(noStore(), WHERE_IT_IS);
    switch (troubleIn(stderr)) {
      case 'locked':
        return keysError(
          'pass is locked: GnuPG did not get its passphrase',
          `enter it in a terminal, and GnuPG remembers it for a while: ${unlocking(item)}`,
        );
      case 'not-ours':
        return keysError(
          `GnuPG has no secret key here that can decrypt ${name(item)} of pass`,
          'gpg --list-secret-keys shows those that it has; the store was encrypted for those in its .gpg-id',
        );
      case 'damaged':
        return keysError(
          `${name(item)} of pass is damaged: GnuPG cannot decrypt all of it`,
          'restore it from a backup, or store the keys once more',
        );
      default:
        return keysError(
          `pass ${describeFailure(failure)}: ${printable(wordsOf(stderr))}`,
          `try it by hand: pass ${action} ${name(item)}`,
        );
    }
  };

  /** @throws AwsroleError kind `keys` */
  const pass = async (
    words: readonly [string, ...string[]],
    item: StoreItem,
    patience: Patience,
    input?: string,
  ): Promise<string> => {
    const ran = await run(words, item, patience, input);
    if (ran.failure !== undefined) throw failed(words[0], item, patience, ran);
    return ran.stdout;
  };

  /** A run that was killed, or a full disk, leaves an item of nothing, or a part of one. */
  const isWhole = async (item: StoreItem, patience: Patience): Promise<boolean> => {
    if (!isThere(item)) return false;
    const ran = await run(['show'], item, patience);
    if (ran.failure === undefined) return ran.stdout.trim() !== '';
    if (troubleIn(ran.stderr) === 'damaged') return false;
    throw failed('show', item, patience, ran);
  };

  return {
    kind: 'pass',
    title: TITLE,
    place: folder,
    unusable: async () => {
      if (findProgram('pass', env) === undefined) return 'pass is not installed';
      return isStore('awsrole') ? undefined : noStore();
    },
    notes: (change) => {
      const keys = recipients('awsrole');
      if (change === 'stored' && keys.length > 1) {
        return [
          `pass encrypts them for ${keys.length} GnuPG keys (${keys.map(printable).join(', ')}): whoever has one of those can read them.`,
        ];
      }
      const isKept = change === 'removed' && existsSync(join(folder, '.git'));
      return isKept ? ['The git history of pass still has them, encrypted.'] : [];
    },
    read: async (item, patience) => {
      if (isThere(item)) {
        const ran = await run(['show'], item, patience);
        if (ran.failure === undefined) {
          // A run that was killed before it had said anything leaves an item of nothing, whose secret nobody has.
          return ran.stdout.trim() === '' ? undefined : pairIn(ran.stdout, item, { title: TITLE });
        }
        // A rotation may have removed it meanwhile.
        if (isThere(item)) throw failed('show', item, patience, ran);
      }
      if (isStore(name(item))) return undefined;
      throw keysError(noStore(), WHERE_IT_IS);
    },
    write: async (item, pair, patience) => {
      if (await isWhole(item, patience)) return;
      await pass(['insert', '--multiline', '--force'], item, patience, `${pairText(pair)}\n`);
    },
    remove: async (item, patience) => {
      if (isThere(item)) await pass(['rm', '--force'], item, patience);
    },
  };
}

type Trouble = 'locked' | 'not-ours' | 'damaged';

/** Finds out what GnuPG could not do, from what it says to programs, which is the same in every language. */
function troubleIn(stderr: string): Trouble | undefined {
  const said = new Set(
    stderr.split('\n').flatMap((line) => (line.startsWith(STATUS) ? line.split(' ', 2).slice(1) : [])),
  );
  if (said.has('NODATA') || said.has('DECRYPTION_KEY')) return 'damaged';
  if (!said.has('DECRYPTION_FAILED')) return undefined;
  // To a person it says "No secret key" in both cases.
  return said.has('KEY_CONSIDERED') || said.has('PINENTRY_LAUNCHED') ? 'locked' : 'not-ours';
}

/**
 * Ends the window or the box that GnuPG's agent has opened for us, which outlives the question: on a terminal it would
 * share what is typed with the shell there.
 */
function endPinentry(stderr: string): void {
  for (const [, pid = ''] of stderr.matchAll(/^\[GNUPG:\] PINENTRY_LAUNCHED (\d+)/gm)) {
    // Where there is no /proc, it is left to its own time limit.
    if (!textOf(`/proc/${pid}/comm`)?.startsWith('pinentry')) continue;
    try {
      process.kill(Number(pid), 'SIGTERM');
    } catch {
      // It has ended, or is another user's.
    }
  }
}

/** What was said to a person, in one line: the end of it, as that says what has come of it. */
function wordsOf(stderr: string): string {
  const lines = stderr.split('\n').map((line) => line.trim());
  const said = lines.filter((line) => line !== '' && !line.startsWith(STATUS));
  while (said.length > 1 && said.join('; ').length > MOST_WORDS) said.shift();
  return said.join('; ').slice(0, MOST_WORDS);
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Tells GnuPG's agent which terminal to ask on, which it does not find out by itself. */
function withTerminal(env: Environment): Environment {
  if (env.GPG_TTY) return env;
  const { status, stdout } = spawnSync('tty', { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' });
  return status === 0 ? { ...env, GPG_TTY: stdout.trim() } : env;
}
