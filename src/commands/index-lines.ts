import type { Context } from '../context.ts';
import { bestEffort } from '../files/private-file.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { openCache } from '../sessions/open-cache.ts';
import { writeIndexFiles } from '../sessions/session-file.ts';
import { formatIndexLines, type IndexEntry } from '../sessions/session-lines.ts';
import { keptKey } from '../sessions/shell-key.ts';
import { recordStates } from '../sessions/stamps.ts';
import { indexEntries } from './index-entries.ts';

/** `index-lines`, which the wrappers call on a Tab when an AWS file has changed: prints the names and keeps them. */
export async function indexLines(context: Context): Promise<void> {
  context.stdout.write(formatIndexLines(await keepIndex(context)));
}

/** Keeps the names for completion by the shell itself, and returns them. @throws AwsroleError for AWS files that are wrong */
export async function keepIndex(context: Context): Promise<IndexEntry[]> {
  const loaded = loadProfiles(context);
  const entries = indexEntries(loaded.store);
  await keepEntries(context, loaded, entries, keptKey(context));
  return entries;
}

/** Keeps the names, made from files in these states, for shells of that key. */
export async function keepEntries(
  context: Context,
  loaded: LoadedProfiles,
  entries: readonly IndexEntry[],
  key: string | undefined,
): Promise<void> {
  const folder = openCache(context);
  const states = folder && key && (await recordStates(context, folder, loaded));
  if (folder && key && states) {
    const madeFor = { key, states: states.slice(0, 2) };
    bestEffort(context.debug, 'no index for completion', () => writeIndexFiles(folder, entries, madeFor));
  }
}
