import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Context, Environment } from '../context.ts';
import { runProgram } from '../processes/run-program.ts';
import { printable } from '../profiles/printable.ts';
import { type KeyStore, keysError, type Patience, pairIn, pairText, type StoreItem } from './key-store.ts';
import { withPatience } from './patience.ts';

// The keyring of the desktop: Keychain on macOS, Credential Manager on Windows, else the Secret Service.

export interface KeyringRequest {
  readonly action: 'read' | 'write' | 'remove';
  readonly account: string;
  readonly secret?: string;
}

export interface KeyringAnswer {
  readonly secret?: string | undefined;
  readonly error?: string;
}

/** Those that answer as the Secret Service, by the names of their processes (of which the kernel keeps 15 letters). */
const SECRET_SERVICES = new Map([
  ['gnome-keyring-d', 'GNOME Keyring'],
  ['kwalletd5', 'KWallet'],
  ['kwalletd6', 'KWallet'],
  ['ksecretd', 'KWallet'],
  ['keepassxc', 'KeePassXC'],
]);

/** Opens the keyring of the desktop. */
export function keyring(context: Context): KeyStore {
  const title = titleOf(context.platform);
  const ask = async (request: KeyringRequest, patience: Patience): Promise<KeyringAnswer> => {
    const answer = await askChild(context, title, request, patience);
    if (answer.error === undefined) return answer;
    throw keysError(`${title}: ${reason(answer.error)}`, hintFor(answer.error));
  };
  const account = ({ user, accessKeyId }: StoreItem): string => `${user}/${accessKeyId}`;
  return {
    kind: 'keyring',
    title,
    unusable: async (patience) => {
      // Only what comes back proves that something is kept.
      const probe = { user: 'probe', accessKeyId: `${process.pid}` };
      try {
        await ask({ action: 'write', account: account(probe), secret: 'probe' }, patience);
        const { secret } = await ask({ action: 'read', account: account(probe) }, patience);
        await ask({ action: 'remove', account: account(probe) }, patience);
        return secret === 'probe' ? undefined : `${title} does not give back what it was given`;
      } catch (error) {
        return (error as Error).message;
      }
    },
    read: async (item, patience) => {
      const { secret } = await ask({ action: 'read', account: account(item) }, patience);
      return secret === undefined ? undefined : pairIn(secret, item, title);
    },
    write: async (item, pair, patience) => {
      await ask({ action: 'write', account: account(item), secret: pairText(pair) }, patience);
    },
    remove: async (item, patience) => {
      await ask({ action: 'remove', account: account(item) }, patience);
    },
  };
}

async function askChild(
  context: Context,
  title: string,
  request: KeyringRequest,
  patience: Patience,
): Promise<KeyringAnswer> {
  const child = runProgram(
    [process.execPath, fileURLToPath(new URL('./keyring-child.mjs', import.meta.url))],
    {
      env: childEnvironment(context.env),
      seconds: patience.seconds,
      stdin: { text: JSON.stringify(request) },
      showErrors: false,
    },
  );
  const { stdout, failure } = await withPatience(
    context,
    patience,
    `${title}; it may be asking you to unlock it`,
    child,
  );
  if (failure?.kind === 'timed-out') {
    throw keysError(
      `${title} did not answer in ${patience.seconds} s; it is probably locked`,
      patience.person ? 'unlock it, then try again' : 'unlock it, or run in a terminal: awsrole keys',
    );
  }
  try {
    return Object(JSON.parse(stdout));
  } catch {
    return { error: 'its module ended without an answer' };
  }
}

/** Node's own variables are not for this child. */
function childEnvironment(env: Environment): Environment {
  const { NODE_OPTIONS, NODE_DEBUG, NODE_V8_COVERAGE, NODE_CHANNEL_FD, ...rest } = env;
  return rest;
}

function titleOf(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'Keychain';
  if (platform === 'win32') return 'Windows Credential Manager';
  return runningSecretService() ?? 'the Secret Service';
}

/** Finds out who answers as the Secret Service, for a person to recognise. */
function runningSecretService(): string | undefined {
  try {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      try {
        const title = SECRET_SERVICES.get(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
        if (title !== undefined) return title;
      } catch {
        // It has ended meanwhile.
      }
    }
  } catch {
    // No /proc here.
  }
  return undefined;
}

function reason(message: string): string {
  if (message === 'no-module') return 'the module for it (@napi-rs/keyring) is not installed';
  if (/platform storage|no storage access|dbus|org\.freedesktop/i.test(message))
    return 'no keyring answers here';
  if (/dismissed|locked|-25308|interaction is not allowed/i.test(message))
    return 'it is locked, and was not unlocked';
  return printable(message);
}

function hintFor(message: string): string {
  if (message === 'no-module')
    return 'install awsrole with its optional packages, or use --store pass or --store age';
  if (/dismissed|locked|-25308|interaction is not allowed/i.test(message))
    return 'unlock it in the desktop session, or use --store pass or --store age where there is no desktop';
  return 'use --store pass or --store age where there is no desktop';
}
