import type { LoadedChain } from '../credentials/plan.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { accountIdOf, wantsAccountId } from '../profiles/account-id.ts';
import { printableJson } from '../profiles/printable.ts';
import { type EndingKeys, expirationText } from '../sessions/session.ts';

/** Writes credentials as AWS's tools take them from a `credential_process`: JSON. */
export function processAnswer(
  { store, chain }: Pick<LoadedChain, 'store' | 'chain'>,
  profile: string,
  credentials: EndingKeys | Keys,
): string {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const isSession = 'expires' in credentials;
  const account = credentials.accountId ?? accountIdOf(store, chain, isSession);
  return printableJson({
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: isSession ? expirationText(credentials.expires) : undefined,
    AccountId: wantsAccountId(store, profile) ? account : undefined,
  });
}
