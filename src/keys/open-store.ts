import type { Context } from '../context.ts';
import type { Settings } from '../settings.ts';
import type { KeyStore, StoreKind } from './key-store.ts';

/** Opens a store. Loads only what that store needs. */
export async function openStore(
  context: Context,
  kind: StoreKind,
  settings: Pick<Settings, 'keyStoreIdentity'>,
): Promise<KeyStore> {
  if (kind === 'keyring') return (await import('./keyring.ts')).keyring(context);
  if (kind === 'pass') return (await import('./pass.ts')).passStore(context);
  return (await import('./age.ts')).ageStore(context, settings.keyStoreIdentity);
}
