import type { Context } from '../context.ts';
import { storeOf } from '../keys/choose-store.ts';
import type { KeyStore } from '../keys/key-store.ts';
import { unprotect as unprotectKeys } from '../keys/unprotect.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { shownPath } from '../profiles/shown-path.ts';

/** Writes a user's keys back into the AWS files. @throws AwsroleError */
export async function unprotect(context: Context, name: string): Promise<number> {
  let store: KeyStore | undefined;
  const { user, file } = await unprotectKeys(context, name, async (known) => {
    store = await storeOf(context, known);
    return store;
  });
  context.stderr.write(
    `${printable(user.name)}'s keys are in ${shownPath(file, homeFolder(context.env, context.platform))} again, in plain text, and no longer in the store.\n`,
  );
  for (const note of store?.notes?.('removed') ?? []) context.stderr.write(`${note}\n`);
  for (const { accessKeyId, state } of user.keys) {
    if (state === 'current') continue;
    context.stderr.write(
      `Its other key ${accessKeyId} is still at AWS, and nobody has its secret any more: delete it there.\n`,
    );
  }
  return 0;
}
