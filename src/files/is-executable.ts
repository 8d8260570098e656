import { accessSync, constants } from 'node:fs';

/** True for what may be started by its path. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
