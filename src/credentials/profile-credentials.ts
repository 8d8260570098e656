import type { Context } from '../context.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { applyOverrides, type Overrides } from '../profiles/profile-overrides.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { problemsFor, type RoleChain, resolveRoleChain } from '../profiles/role-chain.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { ensurePrivateFolder, PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { type RoleSessionOptions, roleSession } from './role-session.ts';
import { sourceCredentials } from './source-credentials.ts';
import type { Keys } from './sts-client.ts';
import { stsSettings } from './sts-settings.ts';

/** A chain, and what it was made from. */
export interface LoadedChain {
  /** The files as they are. */
  readonly loaded: LoadedProfiles;
  /** What they say together with the flags. */
  readonly store: ProfileStore;
  readonly chain: RoleChain;
}

/** A profile's credentials, with what they were made from. */
export interface ProfileCredentials extends LoadedChain {
  /** A session, or the profile's own long-lived keys. */
  readonly credentials: Session | Keys;
}

const MOST_WARNINGS = 3;

/** awsrole's cache folder; undefined, with a warning, when it cannot be trusted or written: then nothing is kept. */
export function openCache(context: Context): string | undefined {
  const folder = cacheFolder(context);
  if (folder === undefined) return undefined;
  try {
    ensurePrivateFolder(folder);
    return folder;
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.stderr.write(`awsrole: sessions are not kept: ${printable(error.message)}\n`);
    return undefined;
  }
}

/**
 * The chain of a profile, or of a role by its ARN. Mistakes elsewhere in the files are warnings on standard error.
 * @throws AwsroleError kind `configuration` when it cannot be resolved, or its own lines are wrong; `usage` for a flag
 */
export function loadChain(context: Context, profile: string, overrides: Overrides = {}): LoadedChain {
  const loaded = loadProfiles(context);
  const store = applyOverrides(loaded.store, profile, overrides, context.env);
  const chain = resolveRoleChain(store, profile);
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
    `${profile}: ${chain.source.kind} of ${chain.source.profile}, then ${chain.hops.map((hop) => hop.roleArn.value).join(', ') || 'no role'}`,
  );
  return { loaded, store, chain };
}

/** Gets a profile's credentials: its role's session, or what its source gives. @throws AwsroleError */
export async function profileCredentials(
  context: Context,
  profile: string,
  options: RoleSessionOptions & { readonly overrides?: Overrides | undefined },
  onLoaded: (loaded: LoadedProfiles, chain: RoleChain) => void = () => {},
): Promise<ProfileCredentials> {
  const { loaded, store, chain } = loadChain(context, profile, options.overrides);
  checkShellValues(store, chain);
  const settings = stsSettings(context.env, store, chain);
  onLoaded(loaded, chain);
  const credentials =
    chain.hops.length === 0
      ? await sourceCredentials(context, store, chain, settings, options)
      : await roleSession(context, loaded, store, chain, settings, options);
  return { loaded, store, chain, credentials };
}
