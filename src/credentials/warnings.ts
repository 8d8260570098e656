import type { Context } from '../context.ts';
import { placed, placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { regionNotices, unknownRegions } from '../profiles/region.ts';
import { problemsFor, type RoleChain } from '../profiles/role-chain.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';

const MOST_WARNINGS = 3;

interface Switch {
  readonly store: ProfileStore;
  readonly chain: RoleChain;
}

/** Warns of mistakes in the files that do not stop the chain, on standard error. */
export function warnOfProblems(context: Context, { store, chain }: Switch): void {
  const { inChain, elsewhere } = problemsFor(store, chain);
  const problems = [...inChain, ...elsewhere];
  for (const problem of problems.slice(0, MOST_WARNINGS)) {
    context.stderr.write(`awsrole: warning: ${placed(problem, problem.message)}\n`);
  }
  if (problems.length > MOST_WARNINGS) {
    context.stderr.write(
      `awsrole: warning: and ${problems.length - MOST_WARNINGS} more: awsrole list shows them\n`,
    );
  }
  context.debug(
    `${chain.profile}: ${chain.source.kind} of ${chain.source.profile}, then ${chain.hops.map((hop) => hop.roleArn.value).join(', ') || 'no role'}`,
  );
}

/** Warns, on standard error, of regions that AWS may not have. @throws AwsroleError as the switch would */
export function warnOfRegions({ env, stderr }: Context, { store, chain }: Switch): void {
  for (const warning of unknownRegions(store, chain, env)) stderr.write(`awsrole: warning: ${warning}\n`);
}

/**
 * Says of a switch that was made, in a line each on standard error, what of its region is not as a person may think, and
 * what of [default] it could not keep out.
 */
export function warnOfShell(
  { env, stderr }: Context,
  { store, chain }: Switch,
  { reachesIn }: SwitchedShell,
): void {
  for (const notice of regionNotices(store, chain, env)) stderr.write(`awsrole: ${notice}\n`);
  if (reachesIn.length === 0) return;
  const named = reachesIn
    .slice(0, MOST_WARNINGS)
    .map(({ key, property }) => `${printable(key)} (${placeText(property)})`);
  const more = reachesIn.length - named.length;
  stderr.write(
    `awsrole: warning: [default] counts here too, as no variable can keep it out: ${named.join(', ')}` +
      `${more > 0 ? ` and ${more} more: awsrole explain ${printable(chain.profile)} shows them` : ''}\n`,
  );
}
