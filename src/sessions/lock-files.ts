import { existsSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, removeFile } from '../files/temporary-file.ts';
import { isGone, processIn } from '../processes/process-id.ts';

/** A holder that cannot be looked at from here says every few seconds that it is there. */
const SILENT_MS = 86_400_000;
/** What is younger may be somebody's who is just at it. */
const YOUNG_MS = 60_000;

/** Removes a folder if nothing is in it; true when it is gone. */
export function removeEmpty(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
}

/** Removes the locks of processes that are gone, and what they told about themselves. */
export function removeDeadLocks(locks: string, nowMs: number): void {
  const isOlder = (path: string, milliseconds: number): boolean => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat !== undefined && Math.abs(nowMs - stat.mtimeMs) > milliseconds;
  };
  const names = entriesOf(locks);
  for (const name of names.filter((one) => one.endsWith('.lock'))) {
    const folder = join(locks, name);
    const files = entriesOf(folder);
    for (const file of files) {
      const holder = processIn(file);
      // The name is the holder's alone, so it is not removed when another process has taken the lock meanwhile.
      if ((holder !== undefined && isGone(holder)) || isOlder(join(folder, file), SILENT_MS)) {
        removeFile(folder.replace(/lock$/, 'owner'));
        removeFile(join(folder, file));
        removeEmpty(folder);
      }
    }
    if (files.length === 0 && isOlder(folder, YOUNG_MS)) removeEmpty(folder);
  }
  for (const name of names.filter((one) => one.endsWith('.owner'))) {
    const path = join(locks, name);
    if (!existsSync(path.replace(/owner$/, 'lock')) && isOlder(path, YOUNG_MS)) removeFile(path);
  }
}
