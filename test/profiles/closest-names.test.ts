import { expect, test } from 'vitest';
import { closestNames, didYouMean } from '../../src/profiles/closest-names.ts';

const NAMES = ['prod', 'prod-admin', 'prod-read', 'dev', 'staging', 'role101', 'role102', 'default'];

test.each([
  ['prord', ['prod']],
  ['prdo', ['prod']],
  ['PROD', ['prod', 'prod-read', 'prod-admin']],
  ['stagign', ['staging']],
  ['rol101', ['role101', 'role102']],
  ['pro', ['prod', 'prod-read', 'prod-admin']],
  ['defualt', ['default']],
  ['de', ['dev', 'default']],
  ['x', []],
  ['', []],
  ['something else', []],
  ['x'.repeat(5000), []],
])('%j → %j', (name, closest) => expect(closestNames(name, NAMES)).toEqual(closest));

test('as many as asked for', () => expect(closestNames('role10', NAMES, 1)).toEqual(['role101']));

test('candidates may be anything', () => {
  expect(closestNames('__proto__', ['__proto_', '', 'x'.repeat(5000), '😂'])).toEqual(['__proto_']);
});

test('the closest of 10,000', () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `team${i % 97}-role${i}`);
  expect(closestNames('taem5-role5', names)[0]).toBe('team5-role5');
});

/** Levenshtein's distance as it is defined, slowly, to compare with. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [x, y] = [a.slice(1), b.slice(1)];
  return Math.min(distance(x, b) + 1, distance(a, y) + 1, distance(x, y) + (a[0] === b[0] ? 0 : 1));
}

test('finds what differs by few typing errors, and nothing else', () => {
  const words = [
    'abcdef',
    'abcdfe',
    'bacdfe',
    'abdf',
    'abxdyf',
    'zzzzzz',
    'fedcba',
    'abcde',
    'xbcdefx',
    'badcfe',
    'bcdefg',
  ];
  for (const name of words) {
    const limit = Math.max(1, Math.floor(name.length / 3));
    const near = words.filter((word) => distance(name, word) <= limit || word.startsWith(name));
    expect(closestNames(name, words, 100).sort()).toEqual(near.sort());
  }
});

test.each(['ba', 'abdc', 'bacd', 'acbd'])('two swapped neighbours are one error: %s', (name) => {
  expect(closestNames(name, [name.length === 2 ? 'ab' : 'abcd'])).toHaveLength(1);
});

test.each([
  ['badc', 'abcd'],
  ['bacx', 'abcd'],
  ['cbad', 'abcd'],
])('more than that is more than one: %s, %s', (name, other) => {
  expect(closestNames(name, [other])).toEqual([]);
});

test('a hint, or none', () => {
  expect(didYouMean('rol101', NAMES)).toBe('did you mean "role101" or "role102"?');
  expect(didYouMean('zzz', NAMES)).toBeUndefined();
});
