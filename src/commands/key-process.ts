import { isatty } from 'node:tty';
import type { Context } from '../context.ts';
import { storeOf } from '../keys/choose-store.ts';
import { readIndex, storedUser } from '../keys/key-index.ts';
import { keysError, UNATTENDED } from '../keys/key-store.ts';
import { storedPair } from '../keys/stored-pair.ts';
import { expirationText } from '../sessions/session.ts';

const STDOUT = 1;
/** So that programs that run for long ask again, and a rotation reaches them. */
const LIFE_SECONDS = 3_600;

/**
 * `key-process USER`, which `protect` writes as the `credential_process` of a user: prints the long-lived keys. Asks
 * nobody, as its callers hide what it writes.
 * @throws AwsroleError kind `keys` when they cannot be read, or would be shown on a terminal
 */
export async function keyProcess(context: Context, id: string): Promise<number> {
  if (isatty(STDOUT)) {
    throw keysError(
      'key-process prints secret keys, so it does not write to a terminal',
      'to see where they are: awsrole keys',
    );
  }
  const user = storedUser(readIndex(context), id);
  const { accessKeyId, secretAccessKey } = await storedPair(
    context,
    await storeOf(context, user),
    user,
    UNATTENDED,
  );
  const expires = Math.floor(context.now() / 1000) + LIFE_SECONDS;
  context.stdout.write(
    `${JSON.stringify({
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Expiration: expirationText(expires),
    })}\n`,
  );
  return 0;
}
