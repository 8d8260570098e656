import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { forgetDenials } from '../credentials/mfa/denials.ts';
import { loadChain, makePlan, type Plan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import { AT_TERMINAL } from '../keys/key-store.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { isRole } from '../profiles/profile-overrides.ts';
import { removeAwsCliCopies } from '../sessions/aws-cli-cache.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { clearSessions, keptSessions, type SessionCard, unusedItems } from '../sessions/session-cache.ts';
import { removeSessionFiles } from '../sessions/session-file.ts';

/**
 * Removes the kept sessions of a profile or of all, and their copies in the AWS CLI's cache. Profiles that are no
 * longer in the files count too. Forgets as well what AWS has denied.
 * @throws AwsroleError kind `configuration` for a profile that is not in the files, and of which nothing was kept
 */
export async function clear(context: Context, profile: string | undefined): Promise<number> {
  const folder = cacheFolder(context);
  const removed = folder === undefined ? [] : remove(context, folder, profile);
  if (profile !== undefined && removed.length === 0) refuseUnknown(context, profile);
  const live = removed.filter(({ expires }) => expires * 1000 > context.now()).length;
  const what = live === 0 ? 'no kept session' : live === 1 ? '1 kept session' : `${live} kept sessions`;
  const whose = profile === undefined ? '' : ` of ${printable(profile)}`;
  const lines = [
    `removed ${what}${whose}${live === 0 ? '' : '; shells that hold one keep it until it ends'}`,
    ...(folder !== undefined && profile !== undefined && hasMfaSession(context, folder, profile)
      ? [
          'the MFA session of its device stays, as it serves other roles too; to remove it as well: awsrole clear',
        ]
      : []),
  ];
  context.stderr.write(`${lines.join('\n')}\n`);
  if (folder !== undefined) await removeItems(context, folder, profile === undefined ? 'all' : removed);
  return 0;
}

/** @throws AwsroleError kind `keys` when the keyring does not open */
async function removeItems(
  context: Context,
  folder: string,
  removed: readonly SessionCard[] | 'all',
): Promise<void> {
  const gone = removed === 'all' ? removed : new Set(removed.flatMap(({ item }) => item?.id ?? []));
  const items = unusedItems(folder, context.now(), gone);
  if (items.length === 0) return;
  const { removeFromKeyring } = await import('../keys/keyring-sessions.ts');
  try {
    await removeFromKeyring(context, folder, items, AT_TERMINAL);
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    throw new AwsroleError('keys', `${error.message}; what it holds of these sessions stays there`, {
      hint: 'nothing uses it any more; to remove it from the keyring too, unlock that and run: awsrole clear',
      cause: error,
    });
  }
}

function remove(context: Context, folder: string, profile: string | undefined): SessionCard[] {
  removeSessionFiles(folder, profile);
  const plan = profile === undefined ? undefined : planOf(context, profile);
  if (plan !== undefined) forgetDenials(folder, plan);
  const ofUser = plan?.steps.length === 0 ? plan.mfa?.serial : undefined;
  const removed = clearSessions(
    folder,
    (session) =>
      profile === undefined ||
      session.profile === profile ||
      (ofUser !== undefined && session.roleArn === ofUser),
  );
  removeAwsCliCopies(homeFolder(context.env, context.platform), removed);
  return removed;
}

/** Refuses a name that is no profile's; files that cannot be read say nothing about it. */
function refuseUnknown(context: Context, profile: string): void {
  let names: string[];
  try {
    names = [...loadProfiles(context).store.profiles.keys()];
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return;
  }
  if (names.includes(profile) || isRole(profile)) return;
  throw new AwsroleError(
    'configuration',
    `there is no profile ${quoted(profile)}, and no session is kept for one of that name`,
    { hint: didYouMean(profile, names) ?? 'to see your profiles: awsrole list' },
  );
}

/** True while the session of the MFA device on the way to a profile's role is kept, which other roles may share. */
function hasMfaSession(context: Context, folder: string, profile: string): boolean {
  const device = planOf(context, profile)?.mfa?.serial;
  return (
    device !== undefined && keptSessions(folder, context.now()).some(({ roleArn }) => roleArn === device)
  );
}

/** Returns the plan of a profile; undefined for one that is in the files no more, or cannot be switched to. */
function planOf(outer: Context, profile: string): Plan | undefined {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  try {
    return makePlan(context, loadChain(context, profile));
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return undefined;
  }
}
