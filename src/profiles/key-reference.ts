import { createHash } from 'node:crypto';

/** A `credential_process` that awsrole has written: keys of its own stores, which it reads without a process. */
export interface KeyReference {
  /** The user's id in the index of stored keys. */
  readonly id: string;
  /** True when programs get the MFA session instead of the keys. */
  readonly session: boolean;
}

const PLAIN_NAME = /^[A-Za-z0-9_@+=,][A-Za-z0-9_.@+=,-]{0,63}$/;
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Makes a user's id: a word that needs no quotes in any shell, and is a file name everywhere. */
export function userId(profile: string): string {
  if (PLAIN_NAME.test(profile) && !profile.endsWith('.') && !DEVICE_NAME.test(profile)) return profile;
  return `u-${createHash('sha256').update(profile).digest('hex').slice(0, 12)}`;
}

/** Reads the command line of a profile's credential_process; undefined where awsrole has not written it. */
export function referenceIn(command: string, profile: string): KeyReference | undefined {
  const [, action, id = ''] =
    /(?:^|[/\\])awsrole(?:\.cmd)?"? (key-process|credential-process) ([A-Za-z0-9_.@+=,-]+)$/.exec(command) ??
    [];
  if (action === 'key-process') return { id, session: false };
  return action === 'credential-process' && id === userId(profile) ? { id, session: true } : undefined;
}
