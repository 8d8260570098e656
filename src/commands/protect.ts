import type { Context } from '../context.ts';
import { chooseStore, storeOf } from '../keys/choose-store.ts';
import type { StoreKind } from '../keys/key-store.ts';
import { userOfProfile } from '../keys/profile-user.ts';
import { protect as protectKeys } from '../keys/protect.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { shownPath } from '../profiles/shown-path.ts';

/** Moves the keys of a user from the AWS files into a store. @throws AwsroleError */
export async function protect(
  context: Context,
  name: string,
  options: { readonly store: StoreKind | undefined; readonly session: boolean },
): Promise<number> {
  const known = userOfProfile(context, name);
  const store =
    known !== undefined && (options.store ?? known.store) === known.store
      ? await storeOf(context, known)
      : await chooseStore(context, options.store);
  const { user, copies, emptied } = await protectKeys(context, name, store, options).catch(async (error) => {
    const { adviseOnProfile } = await import('./unknown-profile.ts');
    throw adviseOnProfile(context, name, error, false);
  });
  const whose = printable(user.name);
  const home = homeFolder(context.env, context.platform);
  const files = emptied.map((file) => shownPath(file, home)).join(' and ');
  const away = files === '' ? '' : `; ${files} no longer ${emptied.length > 1 ? 'have' : 'has'} them`;
  const { kind, title } = store;
  const where = kind === 'keyring' ? `your keyring now (${title})` : `${title} now`;
  context.stderr.write(`${whose}'s keys are in ${where}${away}.\n`);
  for (const note of store.notes?.('stored') ?? []) context.stderr.write(`${note}\n`);
  if (options.session)
    context.stderr.write('Programs get the MFA session that awsrole keeps, and never the keys themselves.\n');
  for (const copy of copies) context.stderr.write(`${copy}.\n`);
  if (files !== '') {
    context.stderr.write(
      `The old copy may survive on disk, in backups or in git: run awsrole rotate ${profileWord(user.name)}.\n`,
    );
  }
  return 0;
}
