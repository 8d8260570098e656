import type { Context } from '../context.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { openCache } from '../sessions/open-cache.ts';
import { bestEffort } from '../sessions/private-file.ts';
import { writeIndexFiles } from '../sessions/session-file.ts';
import { formatIndexLines, type IndexEntry } from '../sessions/session-lines.ts';
import { madeFrom, recordStates } from '../sessions/stamps.ts';

/** What a profile without a role is, by a setting that tells; in the order in which they count. */
const KINDS = [
  ['sso_role_name', 'SSO'],
  ['aws_access_key_id', 'keys'],
  ['login_session', 'aws login'],
  ['credential_process', 'credential_process'],
] as const;

/** `index-lines`, which the wrappers call on a Tab when an AWS file has changed: prints the names and keeps them. */
export async function indexLines(context: Context): Promise<void> {
  const loaded = loadProfiles(context);
  const entries = [...loaded.store.profiles.values()].map(({ name, properties }): IndexEntry => {
    const roleArn = properties.get('role_arn')?.value;
    const kind = KINDS.find(([key]) => properties.has(key))?.[1];
    const description = roleArn ?? kind ?? '';
    return { profile: name, isRole: roleArn !== undefined, description };
  });
  const folder = openCache(context);
  const states = folder === undefined ? undefined : await recordStates(context, folder, loaded);
  const from = { ...madeFrom(context), ...states };
  if (folder !== undefined && states !== undefined) {
    bestEffort(context.debug, 'no index for completion', () => writeIndexFiles(folder, from, entries));
  }
  context.stdout.write(formatIndexLines(from, entries));
}
