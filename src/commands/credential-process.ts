import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { keptSession } from '../credentials/kept-sessions.ts';
import { type LoadedChain, loadChain, makePlan } from '../credentials/plan.ts';
import { refuseProcessLoop } from '../credentials/process-loop.ts';
import { sessionOptions } from '../credentials/session-options.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { warnOfProblems } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { noteFailure, servedRequest } from '../server/served-profile.ts';
import { openCache } from '../sessions/open-cache.ts';
import { type EndingKeys, isFresh } from '../sessions/session.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { processAnswer } from './process-answer.ts';

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
  context.stdout.write(`${processAnswer(loaded, profile, credentials)}\n`);
  return 0;
}

async function credentialsOf(context: Context, loaded: LoadedChain): Promise<EndingKeys | Keys> {
  const { store, chain } = loaded;
  refuseProcessLoop(context.env, chain.source);
  const plan = makePlan(context, loaded);
  const folder = openCache(context);
  const options = await sessionOptions(context, { folder, codeSource: 'none', refresh: false });
  const kept = await keptSession(options.sessions, plan);
  if (kept !== undefined && isFresh(kept, context.now())) return kept;
  try {
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
