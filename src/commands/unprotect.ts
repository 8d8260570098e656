import type { Context } from '../context.ts';
import { storeOf } from '../keys/choose-store.ts';
import { unprotect as unprotectKeys } from '../keys/unprotect.ts';
import { printable } from '../profiles/printable.ts';

/** Writes a user's keys back into the AWS files. @throws AwsroleError */
export async function unprotect(context: Context, name: string): Promise<number> {
  const { user, file } = await unprotectKeys(context, name, (known) => storeOf(context, known));
  context.stderr.write(
    `${printable(user.name)}'s keys are in ${printable(file)} again, in plain text, and no longer in the store.\n`,
  );
  return 0;
}
