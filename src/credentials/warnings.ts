import type { Context } from '../context.ts';
import { placed, placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { regionNotices } from '../profiles/region.ts';
import { problemsFor, type RoleChain } from '../profiles/role-chain.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';

const MOST_WARNINGS = 3;

/** Warns of mistakes in the files that do not stop the chain, on standard error. */
export function warnOfProblems(
  context: Context,
  { store, chain }: { readonly store: ProfileStore; readonly chain: RoleChain },
): void {
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

/** Says on standard error what there is to say of the region. @throws AwsroleError as the switch would */
export function warnOfRegion(
  { env, stderr }: Context,
  { store, chain }: { readonly store: ProfileStore; readonly chain: RoleChain },
): void {
  for (const notice of regionNotices(store, chain, env)) stderr.write(`awsrole: ${notice}\n`);
}

/** Warns, in one line on standard error, of settings of [default] that a switch could not keep out. */
export function warnOfDefault(
  { stderr }: Context,
  profile: string,
  reachesIn: SwitchedShell['reachesIn'],
): void {
  if (reachesIn.length === 0) return;
  const named = reachesIn
    .slice(0, MOST_WARNINGS)
    .map(({ key, property }) => `${printable(key)} (${placeText(property)})`);
  const more = reachesIn.length - named.length;
  stderr.write(
    `awsrole: warning: [default] counts here too, as no variable can keep it out: ${named.join(', ')}` +
      `${more > 0 ? ` and ${more} more: awsrole explain ${printable(profile)} shows them` : ''}\n`,
  );
}
