import type { Context } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import type { CodeSource } from '../credentials/mfa/codes.ts';
import { planSwitch } from '../credentials/plan.ts';
import { dependsOnShell } from '../credentials/sources/identity.ts';
import type { Keys } from '../credentials/sts/client.ts';
import { warnOfDefault } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { openCache } from '../sessions/open-cache.ts';
import { bestEffort } from '../sessions/private-file.ts';
import { renewAfter, type Session } from '../sessions/session.ts';
import { isPlainName, removeSessionFiles, writeSessionFile } from '../sessions/session-file.ts';
import { environmentEndpoint, formatSessionLines, type LinesHeader } from '../sessions/session-lines.ts';
import { shellVariables } from '../sessions/shell-variables.ts';
import { madeFrom, recordStates } from '../sessions/stamps.ts';
import { clockText } from '../terminal/durations.ts';

export interface SwitchOptions {
  readonly codeSource: CodeSource;
  readonly refresh: boolean;
  /** By name alone: flags may ask for another session than the name stands for. */
  readonly plain: boolean;
  /** What flags say of the profile. */
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
  const { plain, refresh, overrides } = options;
  if (folder !== undefined && refresh && overrides === undefined) removeSessionFiles(folder, profile);
  const servable =
    folder !== undefined && plain && isPlainName(profile) && !context.env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS;
  const plan = planSwitch(context, profile, overrides);
  const states =
    servable && !dependsOnShell(plan.chain.source, context.env)
      ? recordStates(context, folder, plan.files)
      : undefined;
  const credentials = await getCredentials(context, plan, { ...options, folder });
  const variables = shellVariables(context, plan.store, plan.chain, credentials);
  warnOfDefault(context, profile, variables.reachesIn);
  const header: LinesHeader = {
    ...madeFrom(context),
    profile,
    endpoint: environmentEndpoint(context.env),
    validity: validityOf(context, credentials),
  };
  const lines = formatSessionLines(header, variables);
  const recorded = await states;
  if (servable && !variables.dependsOnShell && recorded !== undefined && header.validity !== undefined) {
    const kept = formatSessionLines({ ...header, ...recorded }, variables);
    bestEffort(context.debug, 'no session file', () => writeSessionFile(folder, profile, kept));
  }
  context.stdout.write(lines);
}

function validityOf(context: Context, credentials: Session | Keys): LinesHeader['validity'] {
  if (!('expires' in credentials)) return undefined;
  const { expires } = credentials;
  return { renewAfter: renewAfter(credentials), expires, until: clockText(expires, context.now()) };
}
