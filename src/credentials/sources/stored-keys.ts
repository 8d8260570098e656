import type { Context } from '../../context.ts';
import { readIndex, storedUser } from '../../keys/key-index.ts';
import { AT_TERMINAL, UNATTENDED } from '../../keys/key-store.ts';
import { openStore } from '../../keys/open-store.ts';
import { storedPair } from '../../keys/stored-pair.ts';
import type { SessionOptions } from '../session-options.ts';
import type { Keys } from '../sts/client-options.ts';

// Loads what opens a store: import it lazily.

/**
 * Reads the long-lived keys of a user from their store. A person may be asked for a passphrase, a program never.
 * @param meanwhile what to get on with once the store has been asked
 * @throws AwsroleError kind `keys`
 */
export async function storedKeys(
  context: Context,
  id: string,
  { codeSource, own }: Pick<SessionOptions, 'codeSource' | 'own'>,
  meanwhile: () => void,
): Promise<Keys> {
  const user = storedUser(readIndex(context), id);
  const store = await openStore(context, user.store, own);
  const patience = codeSource === 'none' ? UNATTENDED : AT_TERMINAL;
  return storedPair(context, store, user, { ...patience, meanwhile });
}
