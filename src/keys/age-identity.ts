import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { PrivateFileError, readPrivateFile, writePrivateFile } from '../files/private-file.ts';
import { removeAbandoned, removeFile } from '../files/temporary-file.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { askPassphrase } from '../terminal/passphrase.ts';
import { decrypt, encrypt, newIdentity, recipientOf } from './age-crypt.ts';
import { privateKeysFolder } from './key-index.ts';
import { keysError, type Patience } from './key-store.ts';
import { withPatience } from './patience.ts';

// The identity that opens the age files: `identity.age`, itself encrypted with a passphrase. That costs two seconds of
// computing each time, so `awsrole unlock` keeps it in memory for some hours.

const MOST_TRIES = 3;
const SECRET_KEY = /^AGE-SECRET-KEY-1[0-9A-Z]+$/m;

/** An identity that is unlocked until a time (epoch milliseconds). */
interface Unlocked {
  readonly identity: string;
  readonly until: number;
}

/** Asked once a process. */
let opened: string | undefined;

/**
 * Returns the identity: that of the user's own file, the unlocked one, or after a passphrase ours.
 * @throws AwsroleError kind `keys` when it is locked and nobody can be asked
 */
export async function ageIdentity(
  context: Context,
  own: string | undefined,
  patience: Patience,
): Promise<string> {
  if (own !== undefined) return ownIdentity(own);
  const unlocked = opened ?? readUnlocked(context)?.identity;
  if (unlocked !== undefined) return unlocked;
  if (!patience.person) throw keysError('your age files are locked', 'run in a terminal: awsrole unlock');
  opened = await openIdentity(context, patience);
  return opened;
}

/**
 * Returns whom keys are encrypted for, which takes no passphrase. The first time makes an identity, and asks for a new
 * passphrase.
 */
export async function ageRecipient(
  context: Context,
  own: string | undefined,
  patience: Patience,
): Promise<string> {
  if (own !== undefined) return recipientOf(ownIdentity(own));
  const recipient = readPrivateFile(join(privateKeysFolder(context), 'recipient'));
  if (recipient !== undefined && readPrivateFile(identityFile(context)) !== undefined)
    return recipient.trim();
  if (readPrivateFile(identityFile(context)) !== undefined) {
    return recipientOf(await ageIdentity(context, own, patience));
  }
  return makeIdentity(context);
}

/** Opens our identity with the passphrase, which it asks for. @throws AwsroleError kind `keys` */
export async function openIdentity(context: Context, patience: Patience): Promise<string> {
  const file = identityFile(context);
  const text = readPrivateFile(file);
  if (text === undefined)
    throw keysError(
      `${file} is missing, or other users can read it`,
      'restore it from a backup, or make it private: chmod 600',
    );
  for (let tries = 0; tries < MOST_TRIES; tries += 1) {
    const passphrase = await askPassphrase(context, 'Passphrase of your age files: ');
    try {
      const work = decrypt(text, { passphrase });
      const [identity] =
        SECRET_KEY.exec(await withPatience(context, patience, 'the passphrase to be tried', work)) ?? [];
      if (identity !== undefined) return identity;
    } catch (error) {
      context.debug((error as Error).message);
    }
    context.stderr.write('that is not the right passphrase\n');
  }
  throw keysError('your age files stay locked', 'try again with the right passphrase');
}

async function makeIdentity(context: Context): Promise<string> {
  context.stderr.write('awsrole creates an age identity for your keys; choose a passphrase to protect it.\n');
  const passphrase = await askPassphrase(context, 'New passphrase: ');
  if (passphrase === '') throw keysError('an empty passphrase protects nothing', 'choose one');
  if ((await askPassphrase(context, 'The same passphrase again: ')) !== passphrase) {
    throw keysError('the two passphrases differ, so nothing was stored', 'try again');
  }
  const identity = await newIdentity();
  const recipient = await recipientOf(identity);
  const text = await encrypt(`# public key: ${recipient}\n${identity}\n`, { passphrase });
  writePrivateFile(identityFile(context), text, { durable: true });
  writePrivateFile(join(privateKeysFolder(context), 'recipient'), `${recipient}\n`, { durable: true });
  opened = identity;
  return recipient;
}

/** Keeps our identity in memory until a time. Returns the file, which is in memory too. */
export function keepUnlocked(context: Context, identity: string, until: number): string {
  const file = unlockedFile(context);
  if (file === undefined) {
    throw keysError(
      'there is no folder in memory for an unlocked identity: XDG_RUNTIME_DIR is not set',
      'a login session sets it; without it each use asks for the passphrase',
    );
  }
  try {
    writePrivateFile(file, JSON.stringify({ identity, until } satisfies Unlocked));
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    throw keysError(
      `the identity cannot be kept in memory: ${error.message}`,
      'your age files stay locked',
      error,
    );
  }
  return file;
}

/** Forgets the unlocked identity; true when there was one. */
export function forgetUnlocked(context: Context): boolean {
  const file = unlockedFile(context);
  if (file === undefined) return false;
  // What an unlock that was killed has left is the identity, too.
  removeAbandoned(dirname(file), context.now());
  return removeFile(file);
}

function readUnlocked(context: Context): Unlocked | undefined {
  const file = unlockedFile(context);
  const text = file === undefined ? undefined : readPrivateFile(file);
  if (file === undefined || text === undefined) return undefined;
  try {
    const { identity, until } = Object(JSON.parse(text));
    if (typeof identity === 'string' && typeof until === 'number' && until > context.now())
      return { identity, until };
  } catch {
    // A damaged one is as good as none.
  }
  removeFile(file);
  return undefined;
}

function unlockedFile({ env }: Context): string | undefined {
  return env.XDG_RUNTIME_DIR?.startsWith('/') ? join(env.XDG_RUNTIME_DIR, 'awsrole', 'identity') : undefined;
}

function identityFile(context: Context): string {
  return join(privateKeysFolder(context), 'identity.age');
}

function ownIdentity(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw keysError(
      `key_store_identity: ${printable((error as Error).message)}`,
      'look at the setting in ~/.config/awsrole/config',
      error,
    );
  }
  const [identity] = SECRET_KEY.exec(text) ?? [];
  if (identity !== undefined) return identity;
  throw keysError(`${quoted(file)} contains no age identity`, 'it must have a line AGE-SECRET-KEY-1…');
}
