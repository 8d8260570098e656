import type { Context } from '../context.ts';
import { loadSettings } from '../settings.ts';
import { type IndexedUser, readIndex } from './key-index.ts';
import { AT_TERMINAL, type KeyStore, keysError, STORE_KINDS, type StoreKind } from './key-store.ts';
import { openStore } from './open-store.ts';

/**
 * Chooses where new keys go: what was asked for, else the setting, else where the keys before went, so that a desktop
 * and an ssh session agree, else the first store that works here.
 * @throws AwsroleError kind `keys` when none works
 */
export async function chooseStore(context: Context, asked: StoreKind | undefined): Promise<KeyStore> {
  const settings = await loadSettings(context);
  const fixed = asked ?? settings.keyStore ?? readIndex(context)[0]?.store;
  const reasons: string[] = [];
  for (const kind of fixed === undefined ? STORE_KINDS : [fixed]) {
    const store = await openStore(context, kind, settings);
    const reason = await store.unusable(AT_TERMINAL);
    if (reason === undefined) {
      if (reasons.length > 0)
        context.stderr.write(`${reasons.join('; ')}: so the keys go into ${store.title}.\n`);
      return store;
    }
    context.debug(`${kind}: ${reason}`);
    reasons.push(reason);
  }
  throw keysError(
    `no keys can be stored there: ${reasons.join('; ')}`,
    `choose another store: --store ${STORE_KINDS.filter((kind) => kind !== fixed).join(' or --store ')}`,
  );
}

/** Opens the store that has a user's keys. */
export async function storeOf(context: Context, user: IndexedUser): Promise<KeyStore> {
  return openStore(context, user.store, await loadSettings(context));
}
