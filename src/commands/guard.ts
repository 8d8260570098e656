import type { Context } from '../context.ts';
import type { Plan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import { accountIdOf } from '../profiles/account-id.ts';
import { type Guard, guardOf } from '../profiles/guard.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { accountNameOf } from '../profiles/shown-variables.ts';
import type { Settings } from '../settings.ts';

/** Whose switch is guarded, and how to ask. */
interface Guarded {
  readonly plan: Plan;
  readonly own: Settings;
  /** Do not ask: `--yes`. */
  readonly yes: boolean;
}

/**
 * Asks before a switch to a profile that is guarded; gives its guard, undefined where there is none.
 * @param accountId of the session; without it, what the files say. A pattern of an account may fit only then
 * @throws AwsroleError kind `guarded` where the answer was no, or there is nobody to ask; `interrupted` on Ctrl-C
 */
export async function passGuard(
  context: Context,
  { plan, own, yes }: Guarded,
  accountId = accountIdOf(plan.store, plan.chain, true),
): Promise<Guard | undefined> {
  const { store, chain } = plan;
  const { profile } = chain;
  const guard = guardOf(store, { profile, accountId }, own.guard);
  if (guard === undefined || yes) return guard;
  const what = chain.hops.length > 0 ? 'role' : 'profile';
  const name = accountNameOf(store, profile, accountId, own.accountNames);
  const account = accountId && ` in account ${accountId}${name === undefined ? '' : ` (${printable(name)})`}`;
  const question = `${what} ${printable(profile)}${account ?? ''}: switch? [y/N] `;
  const { askYesNo } = await import('../terminal/yes-no.ts');
  const answer = await askYesNo(context, question);
  if (answer) return guard;
  const because = `${quoted(profile)} is guarded (${guard.because})`;
  throw answer === undefined
    ? new AwsroleError('guarded', `${because}, and there is no terminal to ask on`, {
        hint: 'to go on without being asked: --yes',
      })
    : new AwsroleError('guarded', `nothing changed: ${because}, and the answer was no`);
}
