import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { clearSessions } from '../sessions/session-cache.ts';
import { removeSessionFiles } from '../sessions/session-file.ts';

/** Removes kept sessions, also those of profiles that are in the files no more. */
export async function clear(context: Context, profile: string | undefined): Promise<number> {
  const folder = cacheFolder(context);
  if (folder === undefined) return 0;
  removeSessionFiles(folder, profile);
  const live = clearSessions(
    folder,
    context.now(),
    (session) => profile === undefined || session.profile === profile,
  );
  const whose = profile === undefined ? '' : ` of ${printable(profile)}`;
  context.stderr.write(
    `removed ${live === 0 ? 'no kept session' : live === 1 ? '1 kept session' : `${live} kept sessions`}${whose}` +
      `${live === 0 ? '' : '; shells that have switched keep theirs until they end'}\n`,
  );
  return 0;
}
