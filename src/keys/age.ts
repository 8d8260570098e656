import { join } from 'node:path';
import type { Context } from '../context.ts';
import { readPrivateFile, writePrivateFile } from '../files/private-file.ts';
import { removeFile } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { decrypt, encrypt } from './age-crypt.ts';
import { ageIdentity, ageRecipient } from './age-identity.ts';
import { decryptByProgram, encryptByProgram, needsProgram } from './age-program.ts';
import { keysFolder } from './data-folder.ts';
import { privateKeysFolder } from './key-index.ts';
import { type KeyStore, keysError, pairIn, pairText, type StoreItem } from './key-store.ts';

// Files that are encrypted by age (age-encryption.org): one for each pair of keys, which the `age` program opens as well.

const TITLE = 'age files';

/**
 * Opens the store of age files.
 * @param own the user's own identity file, instead of one that awsrole makes and encrypts with a passphrase
 */
export function ageStore(context: Context, own: string | undefined): KeyStore {
  const fileOf = ({ user, accessKeyId }: StoreItem): string =>
    join(privateKeysFolder(context), `${user}.${accessKeyId}.age`);
  return {
    kind: 'age',
    title: TITLE,
    place: keysFolder(context) ?? '',
    unusable: async () => undefined,
    read: async (item, patience) => {
      const file = fileOf(item);
      const text = readPrivateFile(file);
      if (text === undefined) return undefined;
      if (own !== undefined && needsProgram(own)) {
        return pairIn(await decryptByProgram(context, own, file, patience), item, { title: TITLE });
      }
      const identity = await ageIdentity(context, own, patience);
      try {
        return pairIn(await decrypt(text, { identity }), item, { title: TITLE });
      } catch (error) {
        if ((error as Error).name === 'AwsroleError') throw error;
        throw keysError(
          `${file} cannot be opened: ${printable((error as Error).message)}`,
          'it was encrypted for another identity, or is damaged',
          error,
        );
      }
    },
    write: async (item, pair, patience) => {
      const file = fileOf(item);
      const text =
        own !== undefined && needsProgram(own)
          ? await encryptByProgram(context, own, pairText(pair), patience)
          : await encrypt(pairText(pair), { recipient: await ageRecipient(context, own, patience) });
      writePrivateFile(file, text, { durable: true });
    },
    remove: async (item) => {
      removeFile(fileOf(item));
    },
  };
}
