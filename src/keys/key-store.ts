import { AwsroleError } from '../errors.ts';
import { hasControlCharacter } from '../profiles/printable.ts';

/** A pair of long-lived keys. */
export interface KeyPair {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The shape of AWS's key ids; the list of stored keys and the names of items rely on it. */
export function isKeyId(text: string): boolean {
  return /^[A-Z0-9]{16,128}$/.test(text);
}

/** The stores, in the order in which they are proposed. */
export const STORE_KINDS = ['keyring', 'pass', 'age'] as const;
export type StoreKind = (typeof STORE_KINDS)[number];
export const STORE_NAMES: Readonly<Record<StoreKind, string>> = {
  keyring: 'the keyring',
  pass: 'pass',
  age: 'age files',
};

/** Where one pair is: each key id has an item of its own, so that no pair is ever written over another. */
export interface StoreItem {
  /** The user's id in the index: letters, digits and `_.@+=,-`. */
  readonly user: string;
  readonly accessKeyId: string;
}

/** How long a store may take. A person may be asked for a passphrase meanwhile. */
export interface Patience {
  /** After so many seconds whatever was started is ended. */
  readonly seconds: number;
  /** False where nobody sits: nothing may be asked then. */
  readonly person: boolean;
  /** What to get on with once a process of the store has been started: that takes as long as a start of Node. */
  readonly meanwhile?: (() => void) | undefined;
}

/** At a terminal, and under credential_process, whose callers wait for a minute at most. */
export const AT_TERMINAL: Patience = { seconds: 120, person: true };
export const UNATTENDED: Patience = { seconds: 25, person: false };

/** A place for secrets. All methods throw an AwsroleError of kind `keys` that names the next step. */
export interface KeyStore {
  readonly kind: StoreKind;
  /** As its users call it: `GNOME Keyring`, `pass`, `age files`. Finding that out may take some milliseconds. */
  readonly title: string;
  /** The folder that it is in, where it is in one. */
  readonly place?: string;
  /** What else is to be known when keys were stored in it, or removed from it: whole sentences. */
  notes?(change: 'stored' | 'removed'): string[];
  /** Why it does not work here, as half a sentence; undefined when it does. Leaves nothing behind. */
  unusable(patience: Patience): Promise<string | undefined>;
  /** Undefined when the store says that it has no such item; a store may also say so when it is not the right one. */
  read(item: StoreItem, patience: Patience): Promise<KeyPair | undefined>;
  /** Writes an item that is not there yet, or holds the same pair. */
  write(item: StoreItem, pair: KeyPair, patience: Patience): Promise<void>;
  /** Removes an item; one that is not there is no mistake. */
  remove(item: StoreItem, patience: Patience): Promise<void>;
}

/** Writes a pair as the one line of JSON that a store holds. */
export function pairText({ accessKeyId, secretAccessKey }: KeyPair): string {
  return JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey });
}

/** Reads the first line of what a store holds. @throws AwsroleError kind `keys` when that is no pair for this item */
export function pairIn(text: string, item: StoreItem, store: Pick<KeyStore, 'title'>): KeyPair {
  try {
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = Object(
      JSON.parse(text.split('\n', 1)[0] ?? ''),
    );
    if (
      accessKeyId === item.accessKeyId &&
      typeof secretAccessKey === 'string' &&
      secretAccessKey !== '' &&
      !hasControlCharacter(secretAccessKey)
    )
      return { accessKeyId, secretAccessKey };
  } catch {
    // The parser's message would quote the secret.
  }
  throw keysError(
    `what ${store.title} has for ${item.user} is not a key pair for ${item.accessKeyId}`,
    `check it there, under awsrole/${item.user}/${item.accessKeyId}`,
  );
}

/** Makes the error of a store. */
export function keysError(message: string, hint?: string, cause?: unknown): AwsroleError {
  return new AwsroleError('keys', message, { hint, cause });
}
