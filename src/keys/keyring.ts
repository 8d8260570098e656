import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.ts';
import type { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import { type KeyStore, keysError, type Patience, pairIn, pairText, type StoreItem } from './key-store.ts';
import { askChild } from './keyring-process.ts';
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

/** What one more question may take. */
const SLOWEST_MS = 5_000;
const PAUSE_MS = 200;

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
  const ask = async (request: KeyringRequest, patience: Patience): Promise<KeyringAnswer> => {
    const { answers, failure } = await askKeyring(context, [request], patience);
    if (failure !== undefined) throw failure.error;
    return answers[0] ?? {};
  };
  const account = ({ user, accessKeyId }: StoreItem): string => `${user}/${accessKeyId}`;
  const store: KeyStore = {
    kind: 'keyring',
    get title() {
      return keyringTitle(context.platform);
    },
    unusable: async (patience) => {
      // Only what comes back proves that something is kept.
      const probe = { user: 'probe', accessKeyId: `${process.pid}` };
      try {
        await ask({ action: 'write', account: account(probe), secret: 'probe' }, patience);
        const { secret } = await ask({ action: 'read', account: account(probe) }, patience);
        await ask({ action: 'remove', account: account(probe) }, patience);
        return secret === 'probe' ? undefined : `${store.title} does not return what was stored in it`;
      } catch (error) {
        return (error as Error).message;
      }
    },
    read: async (item, patience) => {
      const { secret } = await ask({ action: 'read', account: account(item) }, patience);
      return secret === undefined ? undefined : pairIn(secret, item, store);
    },
    write: async (item, pair, patience) => {
      await ask({ action: 'write', account: account(item), secret: pairText(pair) }, patience);
    },
    remove: async (item, patience) => {
      await ask({ action: 'remove', account: account(item) }, patience);
    },
  };
  return store;
}

/** What the keyring has done of some requests. */
export interface KeyringResult {
  /** Up to the first request that failed. */
  readonly answers: readonly KeyringAnswer[];
  readonly failure?: {
    /** Of kind `keys`. */
    readonly error: AwsroleError;
    /** True when it is not known what was done. */
    readonly timedOut: boolean;
  };
}

/**
 * Asks the keyring several things at once, in a process of its own. Never throws for what the keyring does. Asked by many
 * programs at once it leaves some without an answer in its two seconds: those ask again, one by one.
 */
export async function askKeyring(
  context: Context,
  requests: readonly KeyringRequest[],
  patience: Patience,
): Promise<KeyringResult> {
  const end = performance.now() + patience.seconds * 1000;
  const first = await askOnce(context, requests, patience);
  if (!first.isBusy) return first;
  const { inTurn } = await import('./keyring-queue.ts');
  return inTurn(context, end - SLOWEST_MS, async () => {
    for (;;) {
      const again = await askOnce(context, requests, { ...patience, meanwhile: undefined });
      if (!again.isBusy || performance.now() > end - SLOWEST_MS) return again;
      await sleep(PAUSE_MS);
    }
  });
}

async function askOnce(
  context: Context,
  requests: readonly KeyringRequest[],
  patience: Patience,
): Promise<KeyringResult & { readonly isBusy?: boolean }> {
  const child = askChild(JSON.stringify(requests), context.env, patience.seconds);
  patience.meanwhile?.();
  const title = (): string => keyringTitle(context.platform);
  const answered = await withPatience(
    context,
    patience,
    () => `${title()}; it may be asking you to unlock it`,
    child,
  );
  const timedOut = answered === undefined;
  if (timedOut) {
    const error = keysError(
      `${title()} did not answer in ${patience.seconds} s; it is probably locked`,
      'unlock it in your desktop session, then try again',
    );
    return { answers: [], failure: { error, timedOut } };
  }
  const given = answersIn(answered);
  const answers = given.filter(({ error }) => error === undefined);
  const message = given.find(({ error }) => error !== undefined)?.error;
  if (message === undefined) return { answers };
  context.debug(`${title()}: ${message}`);
  const error = keysError(reason(title(), message), hintFor(message));
  return { answers, failure: { error, timedOut }, isBusy: BUSY.test(message) };
}

function answersIn(text: string): KeyringAnswer[] {
  try {
    const given: unknown = JSON.parse(text);
    if (Array.isArray(given)) return given.map(Object);
  } catch {
    // Said below.
  }
  return [{ error: 'its module ended without an answer' }];
}

/** What people call the keyring of this desktop. */
export function keyringTitle(platform: NodeJS.Platform): string {
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

const BUSY = /did not receive a reply/i;
const LOCKED = /dismissed|\blocked\b|-25308|interaction is not allowed/i;
const NOBODY = /platform storage|no storage access|dbus|org\.freedesktop/i;

function reason(title: string, message: string): string {
  if (message === 'no-module')
    return `${title}: its module, the optional package @napi-rs/keyring, is not installed`;
  if (LOCKED.test(message)) return `${title} is locked, and was not unlocked`;
  if (BUSY.test(message)) return `${title} did not answer`;
  if (NOBODY.test(message)) return 'no keyring answers here';
  return `${title}: ${printable(message)}`;
}

function hintFor(message: string): string {
  const elsewhere = 'where there is no desktop, keep keys with --store pass or --store age';
  if (message === 'no-module')
    return 'install awsrole with its optional packages, or keep keys with --store pass or --store age';
  if (BUSY.test(message)) return 'it may be busy: try again in a moment';
  return LOCKED.test(message)
    ? `unlock it in your desktop session; ${elsewhere}`
    : `run it in your desktop session; ${elsewhere}`;
}
