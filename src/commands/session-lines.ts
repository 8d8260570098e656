import type { Context } from '../context.ts';
import { advise } from '../credentials/advice.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import type { CodeSource } from '../credentials/mfa/codes.ts';
import { planSwitch } from '../credentials/plan.ts';
import { dependsOnShell } from '../credentials/sources/identity.ts';
import { warnOfDefault } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { heldIdentity } from '../sessions/held-identity.ts';
import { openCache } from '../sessions/open-cache.ts';
import { bestEffort } from '../sessions/private-file.ts';
import { renewAfter } from '../sessions/session.ts';
import {
  hasSessionFile,
  keepUses,
  removeEndedSessionFiles,
  removeSessionFiles,
  writeSessionFile,
} from '../sessions/session-file.ts';
import { formatSessionLines } from '../sessions/session-lines.ts';
import { keptKey } from '../sessions/shell-key.ts';
import { shellVariables } from '../sessions/shell-variables.ts';
import { recordStates } from '../sessions/stamps.ts';

export interface SwitchOptions {
  readonly codeSource: CodeSource;
  readonly refresh: boolean;
  /** What flags say of the profile; the session is then another than the name alone stands for. */
  readonly overrides?: Overrides | undefined;
}

/**
 * `session-lines PROFILE`, which the wrappers call: prints the lines that put the profile into a shell, and keeps them
 * for the next switch by plain name.
 * @throws AwsroleError
 */
export async function sessionLines(context: Context, profile: string, options: SwitchOptions): Promise<void> {
  if ('isTTY' in context.stdout && context.stdout.isTTY) {
    throw new AwsroleError('usage', 'session-lines prints secrets for the shell function, not for a screen', {
      hint: 'run: awsrole PROFILE',
    });
  }
  const folder = openCache(context);
  const { refresh, overrides } = options;
  if (folder !== undefined && refresh && overrides === undefined) removeSessionFiles(folder, profile);
  const plan = planSwitch(context, profile, overrides);
  const key = overrides === undefined && hasSessionFile(profile) ? keptKey(context) : undefined;
  const recording =
    folder !== undefined && key !== undefined && !dependsOnShell(plan.chain.source, context.env)
      ? recordStates(context, folder, plan.files)
      : undefined;
  const credentials = await getCredentials(context, plan, { ...options, folder });
  const variables = shellVariables(context, plan.store, plan.chain, credentials);
  warnOfDefault(context, profile, variables.reachesIn);
  const times =
    'expires' in credentials
      ? { renewAfter: renewAfter(credentials), expires: credentials.expires }
      : undefined;
  const lines = { profile, times, sentence: heldIdentity(Object.fromEntries(variables.set)) };
  const text = formatSessionLines(lines, variables);
  const states = await recording;
  if (folder && key && states && times && !variables.dependsOnShell) {
    bestEffort(context.debug, 'no session file', () => {
      writeSessionFile(folder, { ...lines, times }, variables, { key, states });
      removeEndedSessionFiles(folder, context.now());
      keepUses(folder);
    });
  }
  context.stdout.write(text);
  if (folder !== undefined) await advise(context, plan, folder);
}
