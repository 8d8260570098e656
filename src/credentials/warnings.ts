import type { Context } from '../context.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { placed, placeText } from '../profiles/place.ts';
import { printable, quoted } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { regionNotices, unknownRegions } from '../profiles/region.ts';
import { problemsFor, type RoleChain } from '../profiles/role-chain.ts';
import { profileWord } from '../profiles/shell-word.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';

const MOST_WARNINGS = 3;

interface Switch {
  readonly store: ProfileStore;
  readonly chain: RoleChain;
}

/**
 * Warns of mistakes in the profiles of the chain that do not stop it: those of other profiles are not this switch's
 * business, and `list` and `explain` name them.
 */
export function warnOfProblems({ warn, debug }: Context, { store, chain }: Switch): void {
  const { inChain } = problemsFor(store, chain);
  for (const problem of inChain.slice(0, MOST_WARNINGS)) warn(placed(problem, problem.message));
  if (inChain.length > MOST_WARNINGS) {
    warn(`and ${inChain.length - MOST_WARNINGS} more: awsrole explain ${profileWord(chain.profile)}`);
  }
  debug(
    `${chain.profile}: ${chain.source.kind} of ${chain.source.profile}, then ${chain.hops.map((hop) => hop.roleArn.value).join(', ') || 'no role'}`,
  );
}

/** Warns of every mistake in the files, those of the chain first. */
export function warnOfAllProblems({ warn }: Context, { store, chain }: Switch): void {
  const { inChain, elsewhere } = problemsFor(store, chain);
  for (const problem of [...inChain, ...elsewhere]) warn(placed(problem, problem.message));
}

/** Warns, on standard error, of regions that AWS may not have. @throws AwsroleError as the switch would */
export function warnOfRegions({ env, warn }: Context, { store, chain }: Switch): void {
  for (const warning of unknownRegions(store, chain, env)) warn(warning);
}

/** Warns of keys in a file that come before those that awsrole has stored, as `aws configure` writes them. */
export function warnOfShadowedKeys({ warn }: Context, { store, chain: { source } }: Switch): void {
  if (source.kind !== 'keys') return;
  const command = store.profiles.get(source.profile)?.properties.get('credential_process');
  if (command === undefined || referenceIn(command.value, source.profile) === undefined) return;
  const what = `these keys of profile ${quoted(source.profile)} hide its stored ones`;
  warn(placed(source.accessKeyId, `${what}; to store them: awsrole protect ${profileWord(source.profile)}`));
}

/**
 * Says of a switch that was made, in a line each on standard error, what of its region is not as a person may think, and
 * what of [default] it could not keep out.
 */
export function warnOfShell(
  { env, warn, stderr }: Context,
  { store, chain }: Switch,
  { reachesIn }: SwitchedShell,
): void {
  for (const notice of regionNotices(store, chain, env)) stderr.write(`awsrole: ${notice}\n`);
  if (reachesIn.length === 0) return;
  const named = reachesIn
    .slice(0, MOST_WARNINGS)
    .map(({ key, property }) => `${printable(key)} (${placeText(property)})`);
  const more = reachesIn.length - named.length;
  warn(
    `some settings of [default] apply here too, as no variable can override them: ${named.join(', ')}` +
      `${more > 0 ? ` and ${more} more; to see them all: awsrole explain ${profileWord(chain.profile)}` : ''}`,
  );
}
