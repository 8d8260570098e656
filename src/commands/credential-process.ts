import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { refuseProcessLoop } from '../credentials/process-loop.ts';
import { keptSession } from '../credentials/role-session.ts';
import { stsSettings } from '../credentials/sts-settings.ts';
import { AwsroleError } from '../errors.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { printable } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { expirationText } from '../sessions/session.ts';

/**
 * `credential-process PROFILE`, for `credential_process` in an AWS file: prints the kept session until it ends. It never
 * asks for a code and never calls AWS: whoever calls it swallows what it says, so that it would only seem to hang. The
 * launcher answers the ordinary case without Node.
 * @throws AwsroleError kind `mfa` when no session is kept
 */
export async function credentialProcess(outer: Context, profile: string): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const { store } = loadProfiles(context);
  const chain = resolveRoleChain(store, profile);
  refuseProcessLoop(context.env, chain.source);
  const session = keptSession(context, store, chain, stsSettings(context.env, store, chain));
  if (session === undefined) {
    throw new AwsroleError('mfa', `no session is kept for profile ${printable(profile)}`, {
      hint: `run: awsrole ${printable(profile)}`,
    });
  }
  const { accessKeyId, secretAccessKey, sessionToken, expires } = session;
  context.stdout.write(
    `${JSON.stringify({
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: expirationText(expires),
    })}\n`,
  );
  return 0;
}
