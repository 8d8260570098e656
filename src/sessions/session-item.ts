import { statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { writePrivateFile } from '../files/private-file.ts';
import { entriesOf, removeFile } from '../files/temporary-file.ts';

// Which items of the keyring are ours. Each has a file of its own in the cache, without a secret: written before the
// item is, and removed after it, so that none is forgotten in the keyring, whoever is killed when.

/** Where the secrets of a session are: in so many parts, as a credential of Windows holds little. */
export interface SessionItem {
  /** A name that no other session has ever had. */
  readonly id: string;
  readonly parts: number;
  /** Of the whole text: what the keyring gives back is what was put there. */
  readonly sha256: string;
}

/** More would be no session of AWS's. */
export const MOST_PARTS = 40;
/** What is younger may be somebody's who is just writing it. */
const YOUNG_MS = 60_000;
const AGAIN_MS = 3_600_000;

/** Reads an item's place from a file of the cache; undefined for anything else. */
export function sessionItemIn(value: unknown): SessionItem | undefined {
  const { id, parts, sha256 } = Object(value);
  const isItem =
    /^[0-9a-f]{32}$/.test(String(id)) &&
    Number.isInteger(parts) &&
    parts >= 1 &&
    parts <= MOST_PARTS &&
    /^[0-9a-f]{64}$/.test(String(sha256));
  return isItem ? { id: String(id), parts, sha256: String(sha256) } : undefined;
}

type Place = Pick<SessionItem, 'id' | 'parts'>;

function fileOf(folder: string, { id, parts }: Place): string {
  return join(folder, 'items', `${id}-${parts}`);
}

/** Notes an item that will be written. @throws PrivateFileError */
export function noteItem(folder: string, item: Place): void {
  writePrivateFile(fileOf(folder, item), '', { durable: true });
}

/** Forgets an item that is in the keyring no more. */
export function forgetItem(folder: string, item: Place): void {
  removeFile(fileOf(folder, item));
}

/** Puts off the removal of an item for an hour, as the keyring does not open now. */
export function putOff(folder: string, item: Place, nowMs: number): void {
  try {
    const later = (nowMs + AGAIN_MS) / 1000;
    utimesSync(fileOf(folder, item), later, later);
  } catch {
    // Somebody else has removed it.
  }
}

/** Lists the items that may be in the keyring. */
export function notedItems(folder: string): Place[] {
  return entriesOf(join(folder, 'items')).flatMap((name) => {
    const [, id, parts] = /^([0-9a-f]{32})-([1-9]\d?)$/.exec(name) ?? [];
    return id === undefined || Number(parts) > MOST_PARTS ? [] : [{ id, parts: Number(parts) }];
  });
}

/** True when nobody can be writing an item any more, and its removal was not put off. */
export function isSettled(folder: string, item: Place, nowMs: number): boolean {
  const stat = statSync(fileOf(folder, item), { throwIfNoEntry: false });
  return stat !== undefined && nowMs - stat.mtimeMs > YOUNG_MS;
}
