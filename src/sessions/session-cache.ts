import { statSync } from 'node:fs';
import { join } from 'node:path';
import { accountId } from '../profiles/account-id.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import { entriesOf, readPrivateFile, removeFile, writePrivateFile } from './private-file.ts';
import { isFresh, type Session } from './session.ts';

/** A session as it is kept on disk, with what is needed to find and clear it. */
export interface CachedSession extends Session {
  readonly profile: string;
  readonly roleArn: string;
  /** Its key in the AWS CLI's cache; undefined for one that came from there. */
  readonly awsCliKey?: string;
}

const FORMAT = 1;
/** A session that ended just now may still be renewed by somebody who reads it. */
const ENDED_MS = 60_000;

function fileOf(folder: string, key: string): string {
  return join(folder, 'sessions', `${key}.json`);
}

/**
 * Reads the session kept under `key`; undefined when there is none, it has ended, or the file is incomplete or not
 * ours.
 */
export function readSession(folder: string, key: string, nowMs: number): CachedSession | undefined {
  const text = readPrivateFile(fileOf(folder, key));
  const session = text === undefined ? undefined : parseSession(text);
  return session !== undefined && session.expires * 1000 > nowMs ? session : undefined;
}

/** Reads a session as {@link readSession} does, unless it has to be renewed; undefined where `folder` is undefined. */
export function readFreshSession(
  folder: string | undefined,
  key: string,
  nowMs: number,
): CachedSession | undefined {
  const session = folder === undefined ? undefined : readSession(folder, key, nowMs);
  return session !== undefined && isFresh(session, nowMs) ? session : undefined;
}

/**
 * Writes a session to the cache. The file's modification time is the session's end, so that ended ones are found without
 * reading them all.
 * @throws PrivateFileError when it cannot be kept.
 */
export function writeSession(folder: string, key: string, session: CachedSession): void {
  writePrivateFile(fileOf(folder, key), `${JSON.stringify({ format: FORMAT, ...session })}\n`, {
    durable: true,
    modified: session.expires,
  });
}

/** Removes the sessions that `matches` picks, and returns them, ended ones included. */
export function clearSessions(folder: string, matches: (session: CachedSession) => boolean): CachedSession[] {
  const removed: CachedSession[] = [];
  for (const name of sessionFiles(folder)) {
    const path = join(folder, 'sessions', name);
    const session = parseSession(readPrivateFile(path) ?? '');
    if (session !== undefined && !matches(session)) continue;
    if (removeFile(path) && session !== undefined) removed.push(session);
  }
  return removed;
}

/** True when a session with these keys is kept, under whatever key and however old. */
export function isKept(folder: string, accessKeyId: string): boolean {
  return sessionFiles(folder).some(
    (name) =>
      parseSession(readPrivateFile(join(folder, 'sessions', name)) ?? '')?.accessKeyId === accessKeyId,
  );
}

/** Lists the sessions that are kept and have not ended. */
export function keptSessions(folder: string, nowMs: number): CachedSession[] {
  return sessionFiles(folder).flatMap((name) => {
    const session = parseSession(readPrivateFile(join(folder, 'sessions', name)) ?? '');
    return session !== undefined && session.expires * 1000 > nowMs ? [session] : [];
  });
}

/** Removes the sessions that have ended, and returns them. */
export function removeEndedSessions(folder: string, nowMs: number): CachedSession[] {
  return sessionFiles(folder).flatMap((name) => {
    const path = join(folder, 'sessions', name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs > nowMs - ENDED_MS) return [];
    // Those of awsrole 0.1, and copied ones, bear the time of their writing.
    const session = parseSession(readPrivateFile(path) ?? '');
    if (session !== undefined && session.expires * 1000 > nowMs - ENDED_MS) return [];
    return removeFile(path) && session !== undefined ? [session] : [];
  });
}

function sessionFiles(folder: string): string[] {
  return entriesOf(join(folder, 'sessions'));
}

function parseSession(text: string): CachedSession | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const { accessKeyId, secretAccessKey, sessionToken, expires, obtained, profile, roleArn, awsCliKey } =
    fields;
  if (fields.format !== FORMAT || !Number.isSafeInteger(expires) || !Number.isSafeInteger(obtained))
    return undefined;
  for (const text of [accessKeyId, secretAccessKey, sessionToken, profile, roleArn]) {
    if (typeof text !== 'string' || text === '') return undefined;
  }
  // In place of a role stands the command of a credential_process, which may have a tab in it.
  const shown = [accessKeyId, secretAccessKey, sessionToken, profile];
  if (shown.some((text) => hasControlCharacter(String(text)))) return undefined;
  const session = { accessKeyId, secretAccessKey, sessionToken, expires, obtained, profile, roleArn };
  const account = accountId(String(fields.accountId));
  const shared = typeof awsCliKey === 'string' && /^[0-9a-f]{40}$/.test(awsCliKey);
  return {
    ...session,
    ...(account && { accountId: account }),
    ...(shared && { awsCliKey }),
  } as CachedSession;
}
