import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateFile, writePrivateFile } from '../files/private-file.ts';
import { entriesOf, removeFile } from '../files/temporary-file.ts';
import { accountId } from '../profiles/account-id.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import { isFresh, type Session } from './session.ts';
import { isSettled, notedItems, type SessionItem, sessionItemIn } from './session-item.ts';

/** A session as it is kept, with what is needed to find and clear it. */
export interface CachedSession extends Session {
  readonly profile: string;
  readonly roleArn: string;
  /** Its key in the AWS CLI's cache; undefined for one that came from there. */
  readonly awsCliKey?: string;
}

/** What is known of a kept session without its secrets. */
export interface SessionCard extends Omit<CachedSession, 'secretAccessKey' | 'sessionToken'> {
  /** Where its secrets are, if not in the same file. */
  readonly item?: SessionItem;
}

/** A file of the cache: a session, or the card of one. */
type Entry = SessionCard & Partial<Pick<CachedSession, 'secretAccessKey' | 'sessionToken'>>;

const FORMAT = 1;
/** A session that ended just now may still be renewed by somebody who reads it. */
const ENDED_MS = 60_000;

function fileOf(folder: string, key: string): string {
  return join(folder, 'sessions', `${key}.json`);
}

/**
 * Reads what is known of the session kept under `key`; undefined when there is none, it has ended, or the file is
 * incomplete or not ours.
 */
export function readCard(folder: string, key: string, nowMs: number): SessionCard | undefined {
  const text = readPrivateFile(fileOf(folder, key));
  const card = text === undefined ? undefined : parseEntry(text);
  return card !== undefined && card.expires * 1000 > nowMs ? card : undefined;
}

/** Reads the session that a file holds as {@link readCard} does; undefined where its secrets are elsewhere. */
export function readSession(folder: string, key: string, nowMs: number): CachedSession | undefined {
  const entry: Entry | undefined = readCard(folder, key, nowMs);
  return entry !== undefined && entry.item === undefined ? (entry as CachedSession) : undefined;
}

/**
 * Reads what is known of a session that is kept in this way, unless it has to be renewed; undefined where `folder` is
 * undefined.
 */
export function readFreshCard(
  folder: string | undefined,
  key: string,
  nowMs: number,
  kept: 'files' | 'keyring',
): SessionCard | undefined {
  const card = folder === undefined ? undefined : readCard(folder, key, nowMs);
  if (card === undefined || (card.item === undefined) !== (kept === 'files')) return undefined;
  return isFresh(card, nowMs) ? card : undefined;
}

/**
 * Writes a session to the cache, or the card of one. The file's modification time is the session's end, so that ended
 * ones are found without reading them all.
 * @throws PrivateFileError when it cannot be kept.
 */
export function writeSession(folder: string, key: string, session: CachedSession | SessionCard): void {
  writePrivateFile(fileOf(folder, key), `${JSON.stringify({ format: FORMAT, ...session })}\n`, {
    durable: true,
    modified: session.expires,
  });
}

/** Removes the sessions that `matches` picks, and returns them, ended ones included. */
export function clearSessions(folder: string, matches: (session: SessionCard) => boolean): SessionCard[] {
  const removed: SessionCard[] = [];
  for (const name of sessionFiles(folder)) {
    const path = join(folder, 'sessions', name);
    const session = parseEntry(readPrivateFile(path) ?? '');
    if (session !== undefined && !matches(session)) continue;
    if (removeFile(path) && session !== undefined) removed.push(session);
  }
  return removed;
}

/**
 * Removes the sessions that are kept in one of the ways: `files` in plain text, `keyring` with their secrets elsewhere.
 * Returns what was removed, and the files that cannot be.
 */
export function removeKeptIn(
  kept: 'files' | 'keyring',
  folder: string,
): { readonly removed: SessionCard[]; readonly left: string[] } {
  const removed: SessionCard[] = [];
  const left: string[] = [];
  // What has another name is on its way to this one.
  for (const name of sessionFiles(folder).filter((one) => one.endsWith('.json'))) {
    const path = join(folder, 'sessions', name);
    const entry = parseEntry(readPrivateFile(path) ?? '');
    if ((entry?.item === undefined) !== (kept === 'files')) continue;
    if (removeFile(path)) removed.push(...(entry ? [entry] : []));
    else if (existsSync(path)) left.push(path); // else another one was faster
  }
  return { removed, left };
}

/** True when a session with these keys is kept, under whatever key and however old. */
export function isKept(folder: string, accessKeyId: string): boolean {
  return entriesIn(folder).some((entry) => entry.accessKeyId === accessKeyId);
}

/** Lists the sessions that are kept and have not ended. */
export function keptSessions(folder: string, nowMs: number): SessionCard[] {
  return entriesIn(folder).filter(({ expires }) => expires * 1000 > nowMs);
}

function entriesIn(folder: string): Entry[] {
  return sessionFiles(folder).flatMap(
    (name) => parseEntry(readPrivateFile(join(folder, 'sessions', name)) ?? '') ?? [],
  );
}

/**
 * Lists the items of the keyring that no kept session needs, and that can be removed now.
 * @param gone those of sessions that have just been removed; `all`: also those whose removal was put off
 */
export function unusedItems(
  folder: string,
  nowMs: number,
  gone: ReadonlySet<string | undefined> | 'all',
): Pick<SessionItem, 'id' | 'parts'>[] {
  const noted = notedItems(folder);
  if (noted.length === 0) return [];
  const used = new Set(entriesIn(folder).map(({ item }) => item?.id));
  return noted.filter(
    (item) => !used.has(item.id) && (gone === 'all' || gone.has(item.id) || isSettled(folder, item, nowMs)),
  );
}

/** Removes the sessions that have ended, and returns them. */
export function removeEndedSessions(folder: string, nowMs: number): SessionCard[] {
  return sessionFiles(folder).flatMap((name) => {
    const path = join(folder, 'sessions', name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined || stat.mtimeMs > nowMs - ENDED_MS) return [];
    // Those of awsrole 0.1, and copied ones, bear the time of their writing.
    const session = parseEntry(readPrivateFile(path) ?? '');
    if (session !== undefined && session.expires * 1000 > nowMs - ENDED_MS) return [];
    return removeFile(path) && session !== undefined ? [session] : [];
  });
}

function sessionFiles(folder: string): string[] {
  return entriesOf(join(folder, 'sessions'));
}

function parseEntry(text: string): Entry | undefined {
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
  const item = sessionItemIn(fields.item);
  const secrets = item === undefined ? { secretAccessKey, sessionToken } : { item };
  for (const text of [accessKeyId, profile, roleArn, ...(item ? [] : [secretAccessKey, sessionToken])]) {
    if (typeof text !== 'string' || text === '') return undefined;
  }
  // In place of a role stands the command of a credential_process, which may have a tab in it.
  const shown = [accessKeyId, secretAccessKey, sessionToken, profile];
  if (shown.some((text) => hasControlCharacter(String(text)))) return undefined;
  const account = accountId(String(fields.accountId));
  const shared = typeof awsCliKey === 'string' && /^[0-9a-f]{40}$/.test(awsCliKey);
  return {
    ...{ accessKeyId, ...secrets, expires, obtained, profile, roleArn },
    ...(account && { accountId: account }),
    ...(shared && { awsCliKey }),
  } as Entry;
}
