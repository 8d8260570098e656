import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { PrivateFileError, readOwnFile, replaceFile } from '../files/private-file.ts';
import { removeAbandoned, removeFile } from '../files/temporary-file.ts';
import { expirationText, type Session } from './session.ts';

// Reads and writes the AWS CLI's cache of role sessions (awscli/customizations/assumerole.py), which boto3 can be told
// to use as well. It is always below the home folder, whatever AWS_CONFIG_FILE says. An incomplete file there breaks
// the AWS CLI.

/**
 * The parts of the AWS CLI's key. The role session name is one only where the profile sets it; source and region are
 * none.
 */
export interface AwsCliRequest {
  readonly RoleArn: string;
  readonly RoleSessionName?: string | undefined;
  readonly ExternalId?: string | undefined;
  readonly SerialNumber?: string | undefined;
  readonly DurationSeconds?: number | undefined;
}

/** With less time left the AWS CLI gets itself a new session (botocore/credentials.py, 15 minutes). */
const LEAST_SECONDS = 900;
const MOST_BYTES = 64 * 1024;

/**
 * Computes the key of a request: SHA-1 of what Python's `json.dumps(request, sort_keys=True)` gives (botocore's
 * `_create_cache_key`).
 */
export function awsCliKey(request: AwsCliRequest): string {
  const { DurationSeconds, ExternalId, RoleArn, RoleSessionName, SerialNumber } = request;
  const sorted = { DurationSeconds, ExternalId, RoleArn, RoleSessionName, SerialNumber };
  const members = Object.entries(sorted)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `"${name}": ${pythonJson(value)}`);
  return createHash('sha1')
    .update(`{${members.join(', ')}}`)
    .digest('hex');
}

function pythonJson(value: string | number | undefined): string {
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function fileOf(home: string, key: string): string {
  return join(cacheOf(home), `${key}.json`);
}

function cacheOf(home: string): string {
  return join(home, '.aws', 'cli', 'cache');
}

/**
 * Reads a session from the AWS CLI's cache, and when its file was written (in nanoseconds, and taken as the time it was
 * got); undefined where there is none that can be trusted: the file must be regular and ours, and hold what the AWS CLI
 * writes.
 */
export function readAwsCliSession(
  home: string,
  key: string,
): { readonly session: Session; readonly modified: bigint } | undefined {
  // Others may read the files of an older AWS CLI (0644). But whoever could write one could give us an identity.
  const file = readOwnFile(fileOf(home, key), { refused: 0o022n, most: MOST_BYTES });
  if (file === undefined) return undefined;
  const session = parse(file.text, Number(file.modified / 1_000_000_000n));
  return session && { session, modified: file.modified };
}

function parse(text: string, obtained: number): Session | undefined {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return undefined;
  }
  const credentials = (found as { Credentials?: unknown } | null)?.Credentials;
  if (typeof credentials !== 'object' || credentials === null) return undefined;
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials as Record<string, unknown>;
  const isText = (value: unknown): value is string =>
    typeof value === 'string' && /^[\x21-\x7e]{1,16384}$/.test(value);
  if (!isText(AccessKeyId) || !isText(SecretAccessKey) || !isText(SessionToken)) return undefined;
  const expires = typeof Expiration === 'string' ? secondsOf(Expiration) : undefined;
  if (expires === undefined || expires <= obtained) return undefined;
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expires,
    obtained,
  };
}

/** Returns the epoch seconds of `...Z` (version 1), `...+00:00` (version 2) or `...UTC` (boto3's JSONFileCache). */
function secondsOf(expiration: string): number | undefined {
  const [, time, zone] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|UTC|[+-]\d\d:\d\d)$/.exec(expiration) ?? [];
  const milliseconds = Date.parse(`${time}${zone === 'UTC' ? 'Z' : zone}`);
  return Number.isNaN(milliseconds) ? undefined : milliseconds / 1000;
}

/** True when the AWS CLI would still use a session, and not get itself a new one. */
export function isLongEnough(session: Session, nowMs: number): boolean {
  return session.expires - nowMs / 1000 >= LEAST_SECONDS;
}

/**
 * Writes a session to the AWS CLI's cache, under a temporary name first, unless it is too short for the AWS CLI to use.
 * @throws PrivateFileError when a folder on the way is not ours alone, so that what root writes for a user (sudo -E)
 * does not break the user's AWS CLI, or the disk refuses
 */
export function writeAwsCliSession(
  home: string,
  key: string,
  session: Session,
  accountId: string,
  nowMs: number,
): void {
  if (!isLongEnough(session, nowMs)) return;
  const file = fileOf(home, key);
  const text = JSON.stringify({
    Credentials: {
      AccessKeyId: session.accessKeyId,
      SecretAccessKey: session.secretAccessKey,
      SessionToken: session.sessionToken,
      Expiration: expirationText(session.expires),
      AccountId: accountId,
    },
  });
  for (const parts of [[], ['.aws'], ['.aws', 'cli'], ['.aws', 'cli', 'cache']]) {
    ensureOurs(join(home, ...parts));
  }
  refuseForeign(file);
  replaceFile(file, text, { durable: true });
}

/** Makes a folder where it is missing; the mode of one that is there is the AWS CLI's business. */
function ensureOurs(folder: string): void {
  const stat = madeFolder(folder);
  const uid = process.geteuid?.();
  if (uid === undefined) return;
  if (stat.uid !== uid) throw new PrivateFileError(`${folder} belongs to another user (uid ${stat.uid})`);
  // Whether the group may write is the AWS CLI's business too: under a umask of 002, with a group for each user, it
  // makes its folders so.
  if ((stat.mode & 0o002) !== 0) throw new PrivateFileError(`${folder} can be written by other users`);
}

function madeFolder(folder: string): Stats {
  try {
    if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: 0o700 });
    return statSync(folder);
  } catch (error) {
    throw new PrivateFileError(`${folder}: ${(error as Error).message}`);
  }
}

/** Refuses to replace what is no file of ours: somebody has put it there on purpose, such as a link. */
function refuseForeign(file: string): void {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  const uid = process.geteuid?.();
  if (stat !== undefined && (!stat.isFile() || (uid !== undefined && stat.uid !== uid)))
    throw new PrivateFileError(`${file} does not belong to this user`);
}

/** What tells the copy of a session in the AWS CLI's cache from another one's. */
export interface AwsCliCopy {
  readonly accessKeyId: string;
  /** Its key there; undefined for a session that has no copy. */
  readonly awsCliKey?: string;
}

/**
 * Removes the copies of sessions from the AWS CLI's cache, where they are still those of these sessions.
 * @param home undefined where there is none, and no such cache
 */
export function removeAwsCliCopies(home: string | undefined, sessions: Iterable<AwsCliCopy>): void {
  if (home === undefined) return;
  for (const { accessKeyId, awsCliKey } of sessions) {
    if (awsCliKey === undefined) continue;
    if (readAwsCliSession(home, awsCliKey)?.session.accessKeyId === accessKeyId)
      removeFile(fileOf(home, awsCliKey));
  }
}

/** Removes what killed processes of ours, and of ours alone, have left in the AWS CLI's cache. */
export function removeAwsCliLitter(home: string, nowMs: number): void {
  removeAbandoned(cacheOf(home), nowMs, /^[0-9a-f]{40}\.json\.[0-9a-f]{12}\.tmp$/);
}
