import type { Context } from '../context.ts';
import { advise } from '../credentials/advice.ts';
import { type Plan, planSwitch } from '../credentials/plan.ts';
import { dependsOnShell } from '../credentials/sources/identity.ts';
import { warnOfShell } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import { bestEffort } from '../files/private-file.ts';
import { heldIdentity } from '../sessions/held-identity.ts';
import { openCache } from '../sessions/open-cache.ts';
import { renewAfter } from '../sessions/session.ts';
import { hasSessionFile, keepUses, removeSessionFiles, writeSessionFile } from '../sessions/session-file.ts';
import { formatSessionLines } from '../sessions/session-lines.ts';
import { keptKey } from '../sessions/shell-key.ts';
import { recordStates } from '../sessions/stamps.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import { advised } from './advised.ts';
import type { SwitchOptions } from './switch-options.ts';
import { switchedShell } from './switched-shell.ts';

/**
 * `session-lines PROFILE`, which the wrappers call: prints the lines that put the profile into a shell, and keeps them
 * for the next switch by plain name.
 * @throws AwsroleError
 */
export async function sessionLines(
  context: Context,
  profile: string,
  options: SwitchOptions,
): Promise<number> {
  if (isTerminal(context.stdout)) {
    throw new AwsroleError('usage', 'session-lines prints secrets for the shell function, not for a screen', {
      hint: 'run: awsrole PROFILE',
    });
  }
  const folder = openCache(context);
  const { refresh, overrides } = options;
  if (folder !== undefined && refresh && overrides === undefined) removeSessionFiles(folder, profile);
  let plan: Plan;
  try {
    plan = await advised(context, profile, true, () => planSwitch(context, profile, overrides));
  } catch (error) {
    const isPlain = overrides === undefined && !refresh && options.codeSource === 'terminal';
    const chosen = isPlain ? await chosenInstead(context, profile, error) : undefined;
    if (chosen === undefined) throw error;
    return chosen;
  }
  // The source of a role that no profile names is said by AWS_PROFILE.
  const named = plan.files.store.profiles.has(profile);
  const key = overrides === undefined && named && hasSessionFile(profile) ? keptKey(context) : undefined;
  const recording =
    folder !== undefined && key !== undefined && !dependsOnShell(plan.chain.source, context.env)
      ? recordStates(context, folder, plan.files)
      : undefined;
  const { credentials, shell, guarded, own } = await switchedShell(context, plan, options, folder);
  warnOfShell(context, plan, shell);
  const times =
    'expires' in credentials
      ? { renewAfter: renewAfter(credentials), expires: credentials.expires }
      : undefined;
  // The region may be the shell's own.
  const held = { AWS_REGION: context.env.AWS_REGION, ...Object.fromEntries(shell.set) };
  const lines = { profile, times, sentence: heldIdentity(held), guarded };
  const text = formatSessionLines(lines, shell);
  const states = await recording;
  if (folder && key && states && times && !shell.dependsOnShell) {
    bestEffort(context.debug, 'no session file', () => {
      if (own.keepSessions === 'files') {
        writeSessionFile(folder, { ...lines, times }, shell, { key, states });
      }
      keepUses(folder);
    });
  }
  context.stdout.write(text);
  if (folder !== undefined) advise(context, plan, folder, own);
  return 0;
}

/** Lets somebody choose in place of a name that is no profile's; undefined where that cannot be, and the error stands. */
async function chosenInstead(context: Context, profile: string, error: unknown): Promise<number | undefined> {
  const isUnknown = error instanceof AwsroleError && error.kind === 'configuration';
  if (!context.mayChoose || !isUnknown) return undefined;
  const { chooseInPlaceOf } = await import('./choose.ts');
  return chooseInPlaceOf(context, profile);
}
