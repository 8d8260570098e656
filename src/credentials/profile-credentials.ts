import type { Context } from '../context.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed, placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { applyOverrides, type Overrides } from '../profiles/profile-overrides.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { problemsFor, type RoleChain, resolveRoleChain } from '../profiles/role-chain.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { ensurePrivateFolder, PrivateFileError } from '../sessions/private-file.ts';
import type { Session } from '../sessions/session.ts';
import { checkShellValues, type SwitchedShell } from '../sessions/shell-variables.ts';
import { roleSession } from './role-session.ts';
import type { RoleSessionOptions } from './session-options.ts';
import { sourceCredentials } from './source-credentials.ts';
import type { Keys, StsSettings } from './sts/client.ts';
import { stsSettings } from './sts/settings.ts';

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
 * The chain of a profile, or of a role by its ARN.
 * @throws AwsroleError kind `configuration` when it cannot be resolved, or its own lines are wrong; `usage` for a flag
 */
export function loadQuietly(context: Context, profile: string, overrides: Overrides = {}): LoadedChain {
  const loaded = loadProfiles(context);
  const store = applyOverrides(loaded.store, profile, overrides, context.env);
  return { loaded, store, chain: resolveRoleChain(store, profile) };
}

/** {@link loadQuietly}, with mistakes elsewhere in the files as warnings on standard error. */
export function loadChain(context: Context, profile: string, overrides: Overrides = {}): LoadedChain {
  const found = loadQuietly(context, profile, overrides);
  warnOfProblems(context, found);
  return found;
}

/** Mistakes in the files that do not stop the chain, on standard error. */
export function warnOfProblems(context: Context, { store, chain }: LoadedChain): void {
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

/** Names on standard error, in one line, what of [default] a switch could not keep out. */
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

/** Gets a profile's credentials: its role's session, or what its source gives. @throws AwsroleError */
export async function profileCredentials(
  context: Context,
  profile: string,
  options: RoleSessionOptions & { readonly overrides?: Overrides | undefined },
  onLoaded: (loaded: LoadedProfiles, chain: RoleChain) => void = () => {},
): Promise<ProfileCredentials> {
  const found = loadChain(context, profile, options.overrides);
  checkShellValues(found.store, found.chain);
  const settings = stsSettings(context.env, found.store, found.chain);
  onLoaded(found.loaded, found.chain);
  return { ...found, credentials: await chainCredentials(context, found, settings, options) };
}

/** What stands at the end of a chain: a role's session, or what the source gives. @throws AwsroleError */
export async function chainCredentials(
  context: Context,
  { loaded, store, chain }: LoadedChain,
  settings: StsSettings,
  options: RoleSessionOptions,
): Promise<Session | Keys> {
  return chain.hops.length === 0
    ? sourceCredentials(context, store, chain, settings, options)
    : roleSession(context, loaded, store, chain, settings, options);
}
