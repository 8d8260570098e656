import { accessSync, constants, type Stats, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Looks at a file or folder, links followed; undefined where there is none, or it cannot be reached. */
export function look(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Says, as the end of a sentence, what is wrong with whose it is and who may write to it; undefined where nothing is. On
 * Windows access lists decide, which Node does not show.
 */
export function othersMayWrite({ uid, mode }: Stats): string | undefined {
  const ours = process.geteuid?.();
  if (ours === undefined) return undefined;
  if (uid !== ours && uid !== 0) return `belongs to another user (uid ${uid})`;
  return (mode & 0o022) !== 0 ? `can be written by other users (mode ${modeText(mode)})` : undefined;
}

/** True where others can read it. */
export function othersMayRead({ mode }: Stats): boolean {
  return process.geteuid?.() !== undefined && (mode & 0o044) !== 0;
}

/** Writes a mode as chmod takes it. */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** True where this can be written; of what is not there, the folder that it would be made in. */
export function isWritable(path: string): boolean {
  let there = path;
  while (look(there) === undefined && dirname(there) !== there) there = dirname(there);
  try {
    accessSync(there, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
