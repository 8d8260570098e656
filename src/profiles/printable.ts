// C0, DEL, C1, the marks, embeddings, overrides and isolates of bidirectional text, line and paragraph
// separator, byte order mark, and halves of surrogate pairs.
const DANGEROUS =
  '\\u0000-\\u001f\\u007f-\\u009f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff\\p{Cs}';
const ONE = new RegExp(`[${DANGEROUS}]`, 'u');
const EACH = new RegExp(ONE, 'gu');

/** True when the text has a character that could move, recolour or reorder what a terminal shows. */
export function hasControlCharacter(text: string): boolean {
  return ONE.test(text);
}

/** Writes every control character as `\u{1b}`, so that the text may be sent to a terminal. */
export function printable(text: string): string {
  return text.replace(EACH, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`);
}

/** As {@link printable}, of a text that has lines of its own. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** Writes a value as JSON that is printable, and means the same: each control character in it as `\u001b`. */
export function printableJson(value: unknown, indent?: number): string {
  const lines = JSON.stringify(value, null, indent).split('\n');
  return lines.map((line) => line.replace(EACH, unicodeEscape)).join('\n');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/**
 * Puts a name or value in double quotes, as {@link printable}. Cut after the first line, because the next one, wrongly
 * indented, may be a secret.
 */
export function quoted(text: string): string {
  const [line = ''] = text.split('\n', 1);
  const shown = line.slice(0, 100);
  return `"${printable(shown)}${shown === text ? '' : '…'}"`;
}
