import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { removeFile, writePrivateFile } from './private-file.ts';

/** What a shell may look up without the core: no quoting, no folder, nothing an option could be taken for. */
const PLAIN_NAME = /^[A-Za-z0-9_][A-Za-z0-9_.@+=,-]{0,99}$/;

/** True for a profile name that the wrappers may serve from a session file. */
export function isPlainName(profile: string): boolean {
  return PLAIN_NAME.test(profile);
}

/**
 * The session file of a plain name. Upper-case letters are marked, since `Dev` and `dev` are one file on macOS and
 * Windows; the prefix keeps `nul` and `con` from being devices. The wrappers build the same path.
 */
function sessionFilePath(folder: string, profile: string): string {
  return join(folder, 'shell', `s-${profile.replace(/[A-Z]/g, '%$&')}.session`);
}

/**
 * Keeps the index of profiles that completion reads, and the same without descriptions for bash, which would need most
 * of a Tab's time to take them off.
 * @throws PrivateFileError
 */
export function writeIndexFiles(folder: string, index: string): void {
  writePrivateFile(join(folder, 'completion', 'index'), index);
  writePrivateFile(join(folder, 'completion', 'names'), index.replace(/\t.*$/gm, ''));
}

/** Removes what the wrappers could serve for `profile`, or for every profile. */
export function removeSessionFiles(folder: string, profile?: string): void {
  if (profile !== undefined) {
    if (isPlainName(profile)) removeFile(sessionFilePath(folder, profile));
    return;
  }
  for (const kind of ['shell', 'stamps', 'completion', 'mfa']) {
    for (const name of names(join(folder, kind))) removeFile(join(folder, kind, name));
  }
}

/** Keeps the lines that the wrappers serve for a plain name. @throws PrivateFileError */
export function writeSessionFile(folder: string, profile: string, lines: string): void {
  writePrivateFile(sessionFilePath(folder, profile), lines);
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
