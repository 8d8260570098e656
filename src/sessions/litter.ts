import { statSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf, OLD_WORKPLACE, removeAbandoned, removeFile } from '../files/temporary-file.ts';
import { removeAwsCliCopies, removeAwsCliLitter } from './aws-cli-cache.ts';
import { removeDeadLocks } from './lock-files.ts';
import { removeEndedSessions, removeKeptIn } from './session-cache.ts';
import {
  removeAllSessionFiles,
  removeEndedSessionFiles,
  removeOutdatedSessionFiles,
} from './session-file.ts';
import { removeOldStamps } from './stamps.ts';

/** How long it counts that AWS has denied something. */
export const DENIAL_MS = 30 * 86_400_000;

/** The folders of the cache, and the cache itself. */
const FOLDERS = ['', 'sessions', 'shell', 'stamps', 'completion', 'mfa', 'locks', 'items'];

/**
 * Removes what nobody can use any more: ended sessions, what was made from states of files that are no more, and what
 * killed processes have left. Some folders are listed, and hardly any file is read.
 * @param home undefined where there is none
 */
export function removeLitter(folder: string, home: string | undefined, nowMs: number): void {
  for (const below of FOLDERS) removeAbandoned(join(folder, below), nowMs);
  if (home !== undefined) {
    removeAwsCliLitter(home, nowMs);
    for (const kind of ['sso', 'login']) {
      removeAbandoned(join(home, '.aws', kind, 'cache'), nowMs, OLD_WORKPLACE);
    }
  }
  removeAwsCliCopies(home, removeEndedSessions(folder, nowMs));
  removeOld(join(folder, 'mfa'), nowMs - DENIAL_MS);
  removeEndedSessionFiles(folder, nowMs);
  const stamps = removeOldStamps(folder);
  if (stamps !== undefined) removeOutdatedSessionFiles(folder, (stamp) => stamps.has(stamp));
  removeDeadLocks(join(folder, 'locks'), nowMs);
}

/**
 * Removes the sessions that lie in plain files: ours, the lines for the shells, and what the AWS CLI was given of them.
 * Returns the files that cannot be removed.
 */
export function removePlainSessions(folder: string, home: string | undefined): string[] {
  const { removed, left } = removeKeptIn('files', folder);
  removeAwsCliCopies(home, removed);
  return [...left, ...removeAllSessionFiles(folder)];
}

/** Removes what was written before a time. */
function removeOld(folder: string, beforeMs: number): void {
  for (const name of entriesOf(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && stat.mtimeMs < beforeMs) removeFile(path);
  }
}
