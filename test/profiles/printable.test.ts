import { expect, test } from 'vitest';
import { hasControlCharacter, printable, quoted } from '../../src/profiles/printable.ts';

test.each([
  ['\x1b[2J', '\\u{1b}[2J'],
  ['a\nb\tc\0', 'a\\u{a}b\\u{9}c\\u{0}'],
  ['\x7f\x9b', '\\u{7f}\\u{9b}'],
  ['abc\u202edef', 'abc\\u{202e}def'],
  ['\u2066x\u2069\u200f', '\\u{2066}x\\u{2069}\\u{200f}'],
  ['\ud83d', '\\u{d83d}'],
])('%j is shown as %s', (text, shown) => {
  expect(hasControlCharacter(text)).toBe(true);
  expect(printable(text)).toBe(shown);
});

test.each(['zażółć 😂 👩‍💻', '日本語', '"\\', ''])('%j is shown as it is', (text) => {
  expect(hasControlCharacter(text)).toBe(false);
  expect(printable(text)).toBe(text);
});

test('in a sentence, only the first line is shown, and not too much of it', () => {
  expect(quoted('my prod')).toBe('"my prod"');
  expect(quoted('a\naws_secret_access_key = SECRET')).toBe('"a…"');
  expect(quoted('x'.repeat(101))).toBe(`"${'x'.repeat(100)}…"`);
  expect(quoted('\x1b')).toBe('"\\u{1b}"');
});
