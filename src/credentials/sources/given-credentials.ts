import { hasControlCharacter } from '../../profiles/printable.ts';
import { LATEST } from '../../profiles/timestamp.ts';
import type { Keys } from '../sts/client-options.ts';

/** What a source has answered: long-lived keys, or a session with its end in epoch seconds. */
export interface GivenCredentials extends Keys {
  readonly expires?: number | undefined;
}

/** Converts the answer of an AWS SDK provider. @throws Error when a part of it is not usable */
export function givenCredentials({
  accessKeyId,
  secretAccessKey,
  sessionToken,
  expiration,
}: {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  readonly expiration?: Date | undefined;
}): GivenCredentials {
  const expires = expiration === undefined ? undefined : Math.floor(expiration.getTime() / 1000);
  if (expires !== undefined && expires > LATEST) {
    throw new Error('the credentials expire after the year 9999, which no shell can handle');
  }
  if (Number.isNaN(expires)) throw new Error('the answer does not say when the credentials expire');
  if ([accessKeyId, secretAccessKey, sessionToken ?? ''].some(hasControlCharacter)) {
    throw new Error('the answer has a control character in it');
  }
  return { accessKeyId, secretAccessKey, sessionToken, expires };
}
