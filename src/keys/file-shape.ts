import { type FileKind, linesOf, withoutSettings, withSetting } from './aws-file-text.ts';
import type { KeyPair } from './key-store.ts';

// How the AWS files looked before a user's keys were taken out, so that they can look so again. It holds no key.

/** The settings that hold a pair of keys. */
export const KEY_SETTINGS = ['aws_access_key_id', 'aws_secret_access_key'];
const REFERENCE = 'credential_process';

/** The line of a key, without the key. */
export interface KeyLine {
  readonly key: string;
  /** In which of the profile's sections it stood, from 0, and how many lines behind the header. */
  readonly section: number;
  readonly offset: number;
  /** What stood before and behind the value. */
  readonly start: string;
  readonly end: string;
}

export interface FileShape {
  readonly config: readonly KeyLine[];
  readonly credentials: readonly KeyLine[];
  /** What was put into the config file before the line that refers to the keys: a section's header, say. */
  readonly added: string;
  /** True when there was no config file. */
  readonly made: boolean;
}

/** Notes where the keys of a pair stand in a file. */
export function keyLines(text: string, kind: FileKind, profile: string, pair: KeyPair): KeyLine[] {
  let section = -1;
  let offset = 0;
  const lines = linesOf(text, kind);
  return lines.flatMap((line, index) => {
    offset += 1;
    if (line.isHeader) offset = 0;
    if (line.profile !== profile) return [];
    if (line.isHeader) section += 1;
    const key = line.key ?? '';
    // A value of several lines is not a key of AWS's.
    if (!KEY_SETTINGS.includes(key) || lines[index + 1]?.continues) return [];
    const value = halfOf(key, pair);
    const at = line.text.indexOf(value, line.text.indexOf('=') + 1);
    if (at < 0) return [];
    const [start, end] = [line.text.slice(0, at), line.text.slice(at + value.length)];
    return [{ key, section, offset, start, end }];
  });
}

/** Puts the lines of a pair back to where they stood, as far as the profile's sections are still there. */
export function withKeyLines(
  text: string,
  kind: FileKind,
  profile: string,
  shape: readonly KeyLine[],
  pair: KeyPair,
): string {
  if (linesOf(text, kind).some((line) => isKeyOf(line, profile))) return text;
  return shape.reduce((before, { key, section, offset, start, end }) => {
    const lines = linesOf(before, kind);
    const headers = lines.flatMap((line, index) =>
      line.isHeader && line.profile === profile ? [index] : [],
    );
    const header = headers[section];
    if (header === undefined) return before;
    const next = lines.findIndex((line, index) => line.isHeader && index > header);
    const at = Math.min(header + offset, next < 0 ? lines.length : next);
    const texts = lines.map((line) => line.text);
    return joined(
      [texts.slice(0, at).join(''), `${start}${halfOf(key, pair)}${end}`, texts.slice(at).join('')],
      lineEndOf(before),
    );
  }, text);
}

/** True when a file holds both keys of a profile. */
export function hasKeys(text: string, kind: FileKind, profile: string): boolean {
  const keys = new Set(
    linesOf(text, kind)
      .filter((line) => isKeyOf(line, profile))
      .map(({ key }) => key),
  );
  return keys.size === KEY_SETTINGS.length;
}

/** Says what {@link withSetting} puts before the line that refers to stored keys. */
export function addedBefore(text: string, profile: string): string {
  const after = withSetting(text, 'config', profile, REFERENCE, '');
  if (!after.startsWith(text)) return '';
  return after.slice(text.length, after.indexOf(REFERENCE, text.length)).replace(/[ \t]+$/, '');
}

/** Takes out the line that refers to stored keys, and what was added with it, if nothing else needs that by now. */
export function withoutReference(text: string, profile: string, added: string): string {
  const lines = linesOf(text, 'config');
  const at = lines.findIndex((line) => line.profile === profile && line.key === REFERENCE);
  const without = withoutSettings(text, 'config', profile, [REFERENCE]);
  if (at < 0 || added === '') return without;
  const head = lines.slice(0, at).map((line) => line.text);
  const rest = lines.slice(at + 1);
  const before = head.join('');
  if (!before.endsWith(added)) return without;
  const next = rest.findIndex((line) => line.isHeader);
  const left = next < 0 ? rest : rest.slice(0, next);
  // A comment right below belongs to it; one further down may belong to what follows.
  const isUsed = left.some(
    (line, index) => line.key !== undefined || (index === 0 && line.text.trim() !== ''),
  );
  if (added.includes('[') && isUsed) return without;
  const after = rest.map((line) => line.text).join('');
  return joined([before.slice(0, before.length - added.length), after], lineEndOf(text));
}

function isKeyOf(line: { profile: string | undefined; key: string | undefined }, profile: string): boolean {
  return line.profile === profile && line.key !== undefined && KEY_SETTINGS.includes(line.key);
}

function halfOf(key: string, { accessKeyId, secretAccessKey }: KeyPair): string {
  return key === 'aws_access_key_id' ? accessKeyId : secretAccessKey;
}

function lineEndOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

/** Joins parts of a file, each of which begins in a line of its own. */
function joined(parts: readonly string[], end: string): string {
  return parts.reduce((before, part) =>
    before === '' || part === '' || /[\r\n]$/.test(before) ? before + part : before + end + part,
  );
}
