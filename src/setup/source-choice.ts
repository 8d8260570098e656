import type { Context } from '../context.ts';
import { makePlan } from '../credentials/plan.ts';
import { partitionOf } from '../credentials/sts/settings.ts';
import { AwsroleError } from '../errors.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import type { Partition } from '../profiles/partition.ts';
import { quoted } from '../profiles/printable.ts';
import { type RoleChain, resolveRoleChain } from '../profiles/role-chain.ts';

/** A profile whose credentials may assume a role. */
export interface Candidate {
  readonly name: string;
  readonly chain: RoleChain;
}

/**
 * Finds the profiles that a role of a partition may have as its source, those of users first.
 * @throws AwsroleError kind `configuration` where there is none
 */
export function candidates(context: Context, files: LoadedProfiles, partition: Partition): Candidate[] {
  const { store } = files;
  const found = [...store.profiles.keys()].flatMap((name): Candidate[] => {
    try {
      const chain = resolveRoleChain(store, name);
      makePlan(context, { files, store, chain });
      return partitionOf(store, chain) === partition ? [{ name, chain }] : [];
    } catch (error) {
      if (error instanceof AwsroleError) return []; // it cannot be used itself
      throw error;
    }
  });
  if (found.length === 0)
    throw noSource(`no profile has credentials that could assume a role of partition ${partition}`);
  return found.sort((a, b) => a.chain.hops.length - b.chain.hops.length);
}

/** Finds a candidate by its name. @throws AwsroleError kind `configuration` where it is none */
export function candidate(all: readonly Candidate[], name: string, files: LoadedProfiles): Candidate {
  const found = all.find((one) => one.name === name);
  if (found !== undefined) return found;
  // Says what is wrong with it, or that there is none.
  if (files.store.profiles.has(name)) resolveRoleChain(files.store, name);
  const names = all.map((one) => one.name);
  throw new AwsroleError(
    'configuration',
    files.store.profiles.has(name)
      ? `profile ${quoted(name)} cannot be the source of a role of that partition`
      : `there is no profile ${quoted(name)} to be the source`,
    { hint: didYouMean(name, names) ?? `there are ${names.slice(0, 5).map(quoted).join(', ')}` },
  );
}

/** The error where no profile has credentials: what a first user does. */
export function noSource(message = 'no profile has credentials that could assume a role'): AwsroleError {
  return new AwsroleError('configuration', message, {
    hint: 'first store the access keys of your IAM user: awsrole add user101\n  with IAM Identity Center (SSO) instead, run: aws configure sso',
  });
}
