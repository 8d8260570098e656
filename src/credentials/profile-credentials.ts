import type { Context } from '../context.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { problemsFor, type RoleChain, resolveRoleChain } from '../profiles/role-chain.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { ensurePrivateFolder, PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { type RoleSessionOptions, roleSession } from './role-session.ts';
import { sourceCredentials } from './source-credentials.ts';
import type { Keys } from './sts-client.ts';
import { stsSettings } from './sts-settings.ts';

/** A profile's credentials, with what they were made from. */
export interface ProfileCredentials {
  readonly loaded: LoadedProfiles;
  readonly chain: RoleChain;
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
 * The chain of a profile. Mistakes elsewhere in the files are warnings on standard error.
 * @throws AwsroleError kind `configuration` when it cannot be resolved, or its own lines are wrong
 */
export function loadChain(context: Context, profile: string): { loaded: LoadedProfiles; chain: RoleChain } {
  const loaded = loadProfiles(context);
  const chain = resolveRoleChain(loaded.store, profile);
  const { inChain, elsewhere } = problemsFor(loaded.store, chain);
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
  return { loaded, chain };
}

/** Gets a profile's credentials: its role's session, or what its source gives. @throws AwsroleError */
export async function profileCredentials(
  context: Context,
  profile: string,
  options: RoleSessionOptions,
  onLoaded: (loaded: LoadedProfiles, chain: RoleChain) => void = () => {},
): Promise<ProfileCredentials> {
  const { loaded, chain } = loadChain(context, profile);
  const { store } = loaded;
  checkShellValues(store, chain);
  const settings = stsSettings(context.env, store, chain);
  onLoaded(loaded, chain);
  const get = chain.hops.length === 0 ? sourceCredentials : roleSession;
  return { loaded, chain, credentials: await get(context, store, chain, settings, options) };
}
