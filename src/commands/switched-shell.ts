import type { Context } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import type { Plan } from '../credentials/plan.ts';
import type { Keys } from '../credentials/sts/client-options.ts';
import { accountIdOf } from '../profiles/account-id.ts';
import { unknownColour } from '../profiles/prompt-colour.ts';
import { shownVariables } from '../profiles/shown-variables.ts';
import type { EndingKeys } from '../sessions/session.ts';
import { type SwitchedShell, shellVariables } from '../sessions/shell-variables.ts';
import { loadSettings } from '../settings.ts';
import { passGuard } from './guard.ts';
import { flagsToRepeat, withCommand } from './switch-command.ts';
import type { SwitchOptions } from './switch-options.ts';

/** What a shell or a command gets. */
interface Switched {
  readonly credentials: EndingKeys | Keys;
  readonly shell: SwitchedShell;
  /** Whether it was asked about, or would have been without `--yes`. */
  readonly guarded: boolean;
}

/**
 * Gets what a shell holds after a switch by a plan, after a question where the profile is guarded. What a person should
 * know of it is said on standard error.
 * @param folder the cache; undefined when nothing can be kept
 * @throws AwsroleError
 */
export async function switchedShell(
  context: Context,
  plan: Plan,
  options: SwitchOptions,
  folder: string | undefined,
): Promise<Switched> {
  const { store, chain } = plan;
  const { profile } = chain;
  const own = await loadSettings(context);
  // Before anybody is asked for a code.
  let guard = await passGuard(context, { plan, own, yes: options.yes });
  const credentials = await getCredentials(context, plan, { ...options, folder, own });
  const accountId = credentials.accountId ?? accountIdOf(store, chain, 'expires' in credentials);
  guard ??= await passGuard(context, { plan, own, yes: options.yes }, accountId);
  const shell = shellVariables(context, store, chain, credentials);
  const shown = shownVariables(store, {
    profile,
    accountId,
    guard,
    accountNames: own.accountNames,
    renew: own.renew,
    now: context.now() / 1000,
  });
  const switched = { ...shell, set: new Map([...shell.set, ...shown]) };
  const colour = unknownColour(store, profile);
  if (colour !== undefined) context.warn(colour);
  return {
    credentials,
    shell: withCommand(switched, profile, flagsToRepeat(plan, options.overrides)),
    guarded: guard !== undefined,
  };
}
