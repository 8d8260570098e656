import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { printable } from '../profiles/printable.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { removeAwsCliSession } from '../sessions/aws-cli-cache.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { clearSessions, keptSessions } from '../sessions/session-cache.ts';
import { removeSessionFiles } from '../sessions/session-file.ts';

/**
 * Removes the kept sessions of a profile or of all, and their copies in the AWS CLI's cache. Profiles that are no
 * longer in the files count too.
 */
export async function clear(context: Context, profile: string | undefined): Promise<number> {
  const folder = cacheFolder(context);
  if (folder === undefined) return 0;
  removeSessionFiles(folder, profile);
  const removed = clearSessions(folder, (session) => profile === undefined || session.profile === profile);
  const live = removed.filter(({ expires }) => expires * 1000 > context.now()).length;
  const home = homeFolder(context.env, context.platform);
  for (const { awsCliKey, accessKeyId } of removed) {
    if (home !== undefined && awsCliKey !== undefined) removeAwsCliSession(home, awsCliKey, accessKeyId);
  }
  const devices = profile === undefined ? [] : devicesOf(context, profile);
  const mfaSession = keptSessions(folder, context.now()).some(({ roleArn }) => devices.includes(roleArn));
  const whose = profile === undefined ? '' : ` of ${printable(profile)}`;
  context.stderr.write(
    `removed ${live === 0 ? 'no kept session' : live === 1 ? '1 kept session' : `${live} kept sessions`}${whose}` +
      `${live === 0 ? '' : '; shells that have switched keep theirs until they end'}\n` +
      (mfaSession
        ? 'the MFA session of its device serves other roles too, and stays: clear without a name removes it\n'
        : ''),
  );
  return 0;
}

/**
 * Lists the MFA devices on the way to a profile's role: their sessions stay, so that the next switch asks for no code.
 */
function devicesOf(context: Context, profile: string): string[] {
  try {
    const { hops } = resolveRoleChain(loadProfiles(context).store, profile);
    return hops.flatMap(({ mfaSerial }) => (mfaSerial === undefined ? [] : [mfaSerial.value]));
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return []; // a profile that is in the files no more
  }
}
