import { spawnSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { bashWord, readBashLine } from '../../src/sessions/bash-words.ts';

const BREAKS = ' \t\n"\'@><=;|&(:';
const NAMES = [
  'plain',
  '',
  'sp ace',
  "it's one",
  'do"uble',
  'co:lon:x',
  'eq=ual',
  'us@host.x',
  '$(touch x)',
  '`touch x`',
  'ünïcode 🦊',
  'am&p;x|y<z>',
  '~tilde',
  'a=~b',
  'back\\slash\\',
  'qu*r[a]?',
  '#hash',
  '%n',
  'br{a,b}',
  '(p)',
  'wow!ls',
  '!!',
  '^a^b',
  'no\u{a0}break\u{3000}space',
  '+(x)@(y)',
];

/** The words that bash makes of a text, as interactive as it can be without a terminal: with its history's `!`. */
function wordsOf(text: string): string[] {
  const script = `set +o posix -o history -o histexpand; shopt -s extglob\nprintf '%s\\0' ${text}\n`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '--noprofile'], {
    input: script,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', HISTFILE: '', HOME: '/nowhere' },
    cwd: '/',
  });
  expect(stderr).toBe('');
  return stdout.split('\0').slice(0, -1);
}

describe.each(NAMES)('%j', (name) => {
  it.each([
    ['as it is', bashWord(name)],
    ["behind '", `'${bashWord(name, { quote: "'", kept: '' })}'`],
    ['behind "', `"${bashWord(name, { quote: '"', kept: '' })}"`],
  ])('is that one word to bash, %s', (_, text) => {
    expect(wordsOf(text)).toEqual([name]);
  });
});

test('what readline leaves alone is not put in again', () => {
  expect(bashWord('co:lon:x y', { quote: '', kept: 'co:' })).toBe('lon:x\\ y');
});

test.each([
  ['awsrole ', ['awsrole'], ''],
  ['awsrole  a\tb', ['awsrole', 'a'], 'b'],
  ['awsrole sp\\ ace x', ['awsrole', 'sp ace'], 'x'],
  ['awsrole "sp ace" x', ['awsrole', 'sp ace'], 'x'],
  ["awsrole 'it'\\''s one' x", ['awsrole', "it's one"], 'x'],
  ['awsrole "a\\"b\\c" \'d\\\' x', ['awsrole', 'a"b\\c', 'd\\'], 'x'],
  ['awsrole \'\' "" x', ['awsrole', '', ''], 'x'],
  ['awsrole --tag=a\\=b c"d"', ['awsrole', '--tag=a=b'], 'cd'],
  ['awsrole 🦊 ü', ['awsrole', '🦊'], 'ü'],
])('%j is read as bash reads it', (line, before, current) => {
  expect(readBashLine(line, BREAKS)).toMatchObject({ before, current, quote: '' });
  expect(wordsOf(`${line}_`)).toEqual([...before, `${current}_`]);
});

test.each([
  ['awsrole co:l', 'co:l', '', 'co:'],
  ['awsrole co\\:l', 'co:l', '', ''],
  ['awsrole us@h', 'us@h', '', 'us'],
  ['awsrole @h', '@h', '', ''],
  ['awsrole --a=b', '--a=b', '', '--a='],
  ['awsrole a:b c', 'c', '', ''],
  ['awsrole "co:l', 'co:l', '"', ''],
  ["awsrole co:'l", 'co:l', "'", ''],
  ['awsrole "sp a', 'sp a', '"', ''],
  ['awsrole "it"\'', 'it', "'", ''],
  ['awsrole a\\', 'a', '', ''],
])('%j: the word at the cursor', (line, current, quote, kept) => {
  expect(readBashLine(line, BREAKS)).toMatchObject({ current, quote, kept });
});
