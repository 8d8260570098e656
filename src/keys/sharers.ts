import type { Context } from '../context.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { shownPath } from '../profiles/shown-path.ts';
import { currentKey, type IndexedUser, readIndex } from './key-index.ts';

/** Words which other profiles of this computer hold a key of a user, in an AWS file or in a store: `two (FILE:LINE)`. */
export function sharers(context: Context, user: IndexedUser, accessKeyId: string): string[] {
  const home = homeFolder(context.env, context.platform);
  // Keys in a file that come before the stored ones are among these.
  const plain = [...loadProfiles(context).store.profiles.values()].flatMap(({ name, properties }) => {
    const id = properties.get('aws_access_key_id');
    return id?.value === accessKeyId ? [`${printable(name)} (${shownPath(placeText(id), home)})`] : [];
  });
  const stored = readIndex(context)
    .filter((other) => other.id !== user.id && currentKey(other)?.accessKeyId === accessKeyId)
    .map((other) => `${printable(other.name)} (${shownPath(other.file, home)})`);
  return [...plain, ...stored];
}
