import type { Context } from '../context.ts';
import { callerIdentity } from '../credentials/caller-identity.ts';
import { addKeys } from '../keys/add.ts';
import { chooseStore } from '../keys/choose-store.ts';
import { storeWords } from '../keys/key-index.ts';
import { isKeyId, type KeyPair, keysError, type StoreKind } from '../keys/key-store.ts';
import { printable } from '../profiles/printable.ts';
import { askPassphrase } from '../terminal/passphrase.ts';

/**
 * Stores the keys of a user, which are typed unseen or read from standard input (two lines), after AWS has said that
 * they work.
 * @throws AwsroleError
 */
export async function add(
  context: Context,
  name: string,
  options: { readonly store: StoreKind | undefined; readonly stdin: boolean },
): Promise<number> {
  const store = await chooseStore(context, options.store);
  const pair = checked(options.stdin ? await readPair(context) : await askPair(context));
  const { arn } = await callerIdentity(context, pair, name);
  const user = await addKeys(context, name, pair, store);
  context.stderr.write(
    `${printable(user.name)} is ${printable(arn)}; the keys are in ${storeWords(store)}.\n`,
  );
  for (const note of store.notes?.('stored') ?? []) context.stderr.write(`${note}\n`);
  return 0;
}

async function askPair(context: Context): Promise<KeyPair> {
  const accessKeyId = await askPassphrase(context, 'Access key id: ');
  return { accessKeyId, secretAccessKey: await askPassphrase(context, 'Secret access key: ') };
}

async function readPair({ stdin }: Context): Promise<KeyPair> {
  let text = '';
  for await (const chunk of stdin) text += chunk;
  const [accessKeyId = '', secretAccessKey = ''] = text.split(/\r?\n/);
  return { accessKeyId, secretAccessKey };
}

function checked({ accessKeyId, secretAccessKey }: KeyPair): KeyPair {
  const pair = { accessKeyId: accessKeyId.trim(), secretAccessKey: secretAccessKey.trim() };
  if (pair.accessKeyId.startsWith('ASIA')) {
    throw keysError(
      'a key id that begins with ASIA belongs to a temporary session',
      'long-lived key ids begin with AKIA',
    );
  }
  if (!isKeyId(pair.accessKeyId)) {
    throw keysError(
      'that is not an access key id',
      'it has 20 capital letters and digits and begins with AKIA; the secret is asked for next',
    );
  }
  if (!/^[\x21-\x7e]{16,}$/.test(pair.secretAccessKey)) {
    throw keysError('that is not a secret access key', 'it has 40 letters, digits, + and /');
  }
  return pair;
}
