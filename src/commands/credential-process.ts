import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { keptSession } from '../credentials/kept-sessions.ts';
import { type LoadedChain, loadChain, makePlan } from '../credentials/plan.ts';
import { refuseProcessLoop } from '../credentials/sources/process-loop.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { warnOfProblems } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import { openCache } from '../sessions/open-cache.ts';
import { type EndingKeys, isFresh } from '../sessions/session.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { loadSettings } from '../settings.ts';
import { processAnswer } from './process-answer.ts';

/**
 * `credential-process PROFILE`, for `credential_process` in an AWS file: prints the kept session, or gets one where
 * that takes no MFA code. It never asks for anything: its caller hides what it writes, so it would only seem to hang.
 * The launcher answers the ordinary case without Node.
 * @throws AwsroleError kind `mfa` when no session is kept and a code is needed for one
 */
export async function credentialProcess(outer: Context, profile: string): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const loaded = loadChain(context, profile);
  const credentials = await credentialsOf(context, loaded);
  context.stdout.write(`${processAnswer(loaded, profile, credentials)}\n`);
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
