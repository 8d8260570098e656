import type { Context } from '../context.ts';
import { placed, placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { regionNotices } from '../profiles/region.ts';
import { problemsFor, type RoleChain } from '../profiles/role-chain.ts';
import { shellWord } from '../profiles/shell-word.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';

const MOST_WARNINGS = 3;

/**
 * Warns of mistakes in the profiles of the chain that do not stop it: those of other profiles are not this switch's
 * business, and `list` and `explain` name them.
 */
export function warnOfProblems(
  { warn, debug }: Context,
  { store, chain }: { readonly store: ProfileStore; readonly chain: RoleChain },
): void {
  const { inChain } = problemsFor(store, chain);
  for (const problem of inChain.slice(0, MOST_WARNINGS)) warn(placed(problem, problem.message));
  if (inChain.length > MOST_WARNINGS) {
    warn(`and ${inChain.length - MOST_WARNINGS} more: awsrole explain ${shellWord(chain.profile)}`);
  }
  debug(
    `${chain.profile}: ${chain.source.kind} of ${chain.source.profile}, then ${chain.hops.map((hop) => hop.roleArn.value).join(', ') || 'no role'}`,
  );
}

/** Warns of every mistake in the files, those of the chain first. */
export function warnOfAllProblems(
  { warn }: Context,
  { store, chain }: { readonly store: ProfileStore; readonly chain: RoleChain },
): void {
  const { inChain, elsewhere } = problemsFor(store, chain);
  for (const problem of [...inChain, ...elsewhere]) warn(placed(problem, problem.message));
}

/** Says on standard error what there is to say of the region. @throws AwsroleError as the switch would */
export function warnOfRegion(
  { env, stderr }: Context,
  { store, chain }: { readonly store: ProfileStore; readonly chain: RoleChain },
): void {
  for (const notice of regionNotices(store, chain, env)) stderr.write(`awsrole: ${notice}\n`);
}

/** Warns, in one line on standard error, of settings of [default] that a switch could not keep out. */
export function warnOfDefault(
  { warn }: Context,
  profile: string,
  reachesIn: SwitchedShell['reachesIn'],
): void {
  if (reachesIn.length === 0) return;
  const named = reachesIn
    .slice(0, MOST_WARNINGS)
    .map(({ key, property }) => `${printable(key)} (${placeText(property)})`);
  const more = reachesIn.length - named.length;
  warn(
    `some settings of [default] apply here too, as no variable can override them: ${named.join(', ')}` +
      `${more > 0 ? ` and ${more} more; to see them all: awsrole explain ${shellWord(profile)}` : ''}`,
  );
}
