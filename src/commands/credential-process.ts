import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { keptSession } from '../credentials/kept-sessions.ts';
import { type LoadedChain, loadChain, makePlan } from '../credentials/plan.ts';
import { refuseProcessLoop } from '../credentials/process-loop.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { warnOfProblems } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import { accountIdOf, wantsAccountId } from '../profiles/account-id.ts';
import { printableJson } from '../profiles/printable.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { noteFailure, servedRequest } from '../server/served-profile.ts';
import { openCache } from '../sessions/open-cache.ts';
import { type EndingKeys, expirationText, isFresh } from '../sessions/session.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { loadSettings } from '../settings.ts';

/**
 * `credential-process PROFILE`, for `credential_process` in an AWS file: prints the kept session, or gets one where
 * that takes no MFA code. It never asks for anything: its caller hides what it writes, so it would only seem to hang.
 * The launcher answers the ordinary case without Node.
 * @throws AwsroleError kind `mfa` when no session is kept and a code is needed for one
 */
export async function credentialProcess(outer: Context, name: string): Promise<number> {
  const served = servedRequest(outer, name);
  if (served === undefined) {
    return printCredentials(withEnvironment(outer, baseEnvironment(outer.env)), name);
  }
  const { AWS_CONFIG_FILE: _, AWS_PROFILE: __, ...base } = baseEnvironment(outer.env);
  try {
    const context = withEnvironment(outer, { ...base, ...served.env });
    return await printCredentials(context, served.profile, served.overrides);
  } catch (error) {
    if (error instanceof AwsroleError) {
      noteFailure(served.folder, `${error.message}${error.hint === undefined ? '' : `\n  ${error.hint}`}`);
    }
    throw error;
  }
}

async function printCredentials(context: Context, profile: string, overrides?: Overrides): Promise<number> {
  const loaded = loadChain(context, profile, overrides);
  const credentials = await credentialsOf(context, loaded);
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const isSession = 'expires' in credentials;
  const account = credentials.accountId ?? accountIdOf(loaded.store, loaded.chain, isSession);
  context.stdout.write(
    `${printableJson({
      Version: 1,
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      SessionToken: sessionToken,
      Expiration: isSession ? expirationText(credentials.expires) : undefined,
      AccountId: wantsAccountId(loaded.store, profile) ? account : undefined,
    })}\n`,
  );
  return 0;
}

async function credentialsOf(context: Context, loaded: LoadedChain): Promise<EndingKeys | Keys> {
  const { store, chain } = loaded;
  refuseProcessLoop(context.env, chain.source);
  const plan = makePlan(context, loaded);
  const kept = keptSession(context, plan);
  if (kept !== undefined && isFresh(kept, context.now())) return kept;
  try {
    const own = await loadSettings(context);
    const options = { codeSource: 'none', refresh: false, folder: openCache(context), own } as const;
    warnOfProblems(context, loaded);
    checkShellValues(store, chain, context.env);
    return await getCredentials(context, plan, options);
  } catch (error) {
    if (kept === undefined || !(error instanceof AwsroleError)) throw error;
    // The kept session may be used to its end, although it should be renewed.
    context.debug(`no new session: ${error.message}`);
    return kept;
  }
}
