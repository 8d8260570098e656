import { readHeader } from '../profiles/section-header.ts';

// Edits the text of an AWS file line by line, so that comments, order and line ends stay as they are.

export type FileKind = 'config' | 'credentials';

/** A line of a file with its line end. */
export interface Line {
  readonly text: string;
  /** The profile whose section it is in. */
  readonly profile: string | undefined;
  readonly isHeader: boolean;
  /** The name of the setting that it begins, in lower case. */
  readonly key: string | undefined;
  /** True for an indented line behind a setting, which is a part of its value. */
  readonly continues: boolean;
}

/** Removes the lines of these settings from a profile's sections, those that go on in the next lines included. */
export function withoutSettings(
  text: string,
  kind: FileKind,
  profile: string,
  keys: readonly string[],
): string {
  let removing = false;
  return linesOf(text, kind)
    .filter((line) => {
      if (!(removing && line.continues)) {
        removing = line.profile === profile && line.key !== undefined && keys.includes(line.key);
      }
      return !removing;
    })
    .map((line) => line.text)
    .join('');
}

/**
 * Sets a setting of a profile: in its own line where it stands there once, else behind the header of the first section,
 * or in a new section at the end.
 */
export function withSetting(
  text: string,
  kind: FileKind,
  profile: string,
  key: string,
  value: string,
): string {
  const [end = '\n'] = /\r\n|\n|\r/.exec(text) ?? [];
  const standing = linesOf(text, kind).filter((line) => line.profile === profile && line.key === key);
  if (standing.length === 1 && standing[0]?.text.split('=').slice(1).join('=').trim() === value) return text;
  const lines = linesOf(withoutSettings(text, kind, profile, [key]), kind);
  const at = lines.findIndex((line) => line.isHeader && line.profile === profile);
  if (at >= 0) {
    const header = lines[at]?.text ?? '';
    const first = lines.find((line) => line.profile === profile && line.key !== undefined)?.text ?? '';
    const indent = /^[ \t]*/.exec(first)?.[0] ?? '';
    const added = `${/[\r\n]$/.test(header) ? '' : end}${indent}${key} = ${value}${end}`;
    const texts = lines.map((line) => line.text);
    return [...texts.slice(0, at + 1), added, ...texts.slice(at + 1)].join('');
  }
  const ended = text === '' || /[\r\n]$/.test(text);
  const gap = text === '' || /(\r\n|\n|\r)[ \t]*\1$/.test(text) ? '' : ended ? end : end + end;
  return `${text}${gap}[${sectionName(kind, profile)}]${end}${key} = ${value}${end}`;
}

/** The numbers (1-based) of the lines that hold a text, comments included. */
export function linesWith(text: string, wanted: string): number[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, index) => (line.includes(wanted) ? [index + 1] : []));
}

function sectionName(kind: FileKind, profile: string): string {
  if (kind === 'credentials' || profile === 'default') return profile;
  return /^[\w.@+-]+$/.test(profile) ? `profile ${profile}` : `profile "${profile}"`;
}

/** Takes a file apart. */
export function linesOf(text: string, kind: FileKind): Line[] {
  let profile: string | undefined;
  let keyIndent: number | undefined;
  return (text.match(/[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g) ?? []).map((line): Line => {
    const bare = line.replace(/[\r\n]+$/, '').replace(/^\ufeff/, '');
    const indent = /^[ \t]*/.exec(bare)?.[0].length ?? 0;
    const rest = bare.slice(indent);
    const nothing = { text: line, profile, isHeader: false, key: undefined, continues: false };
    if (rest === '' || rest.startsWith('#') || rest.startsWith(';')) return nothing;
    if (keyIndent !== undefined && indent > keyIndent) return { ...nothing, continues: true };
    if (rest.startsWith('[')) {
      const header = readHeader(rest, kind);
      profile = header.kind === 'profile' ? header.name : undefined;
      keyIndent = undefined;
      return { ...nothing, profile, isHeader: true };
    }
    keyIndent = indent;
    return { ...nothing, key: rest.split('=', 1)[0]?.trim().toLowerCase() };
  });
}
