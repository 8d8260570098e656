import { describe, expect, test } from 'vitest';
import { cut, cutEnd, definitions, fittedTable, table, wrapped } from '../../src/terminal/table.ts';

const red = (text: string): string => `<${text}>`;

describe('a table', () => {
  test('lines up columns by what the screen shows, and pads no last cell', () => {
    expect(
      table([
        ['NAME', 'X', 'Y'],
        ['日本', 'a', '-'],
        ['e\u0301tat 🚀', 'bb', 'cc'],
        [{ text: 'red', paint: red }, '', ''],
      ]),
    ).toEqual(['NAME     X   Y', '日本     a   -', 'e\u0301tat 🚀  bb  cc', '<red>']);
  });

  test('shows no control character, painted or not', () => {
    const lines = table([['a\u001b[2J', { text: 'b\u202e', paint: red }]]);
    expect(lines).toEqual(['a\\u{1b}[2J  <b\\u{202e}>']);
  });

  test('lets the last cell of a short row run on', () => {
    expect(
      table([
        ['a', 'b', 'c'],
        ['d', 'a long sentence'],
      ]),
    ).toEqual(['a  b  c', 'd  a long sentence']);
  });

  test('of nothing has no lines', () => expect(table([])).toEqual([]));
});

describe('a table that has to fit', () => {
  const rows = [
    ['PROFILE', 'ROLE', 'SOURCE'],
    ['prod', '123456789012:administrator', 'identity-account'],
  ];

  test('narrows one column after the other, no more than needed', () => {
    const second = (width: number): string | undefined =>
      fittedTable(rows, width, [
        [1, 20],
        [2, 8],
      ])?.[1];
    expect(second(53)).toBe('prod     123456789012:administrator  identity-account');
    expect(second(51)).toBe('prod     123456789012…ministrator  identity-account');
    expect(second(44)).toBe('prod     1234567890…nistrator  identi…ccount');
  });

  test.each([20, 30, 40, 50, 60, 200])('%i columns wide, or not at all', (width) => {
    const lines = fittedTable(rows, width, [
      [1, 8],
      [2, 4],
    ]);
    if (width < 7 + 2 + 8 + 2 + 6) expect(lines).toBeUndefined();
    for (const line of lines ?? []) expect(line.length).toBeLessThanOrEqual(width);
  });

  test('lets a cell say how it is shortened, and a short row use what is left', () => {
    const shorten = (text: string, width: number): string => text.slice(-width);
    expect(
      fittedTable(
        [
          ['a', { text: '0123456789', shorten }],
          ['b', 'x'],
        ],
        8,
        [[1, 3]],
      )?.[0],
    ).toBe('a  56789');
    expect(
      fittedTable(
        [
          ['a', 'b', 'c'],
          ['d', { text: 'x'.repeat(40), shorten: cutEnd }],
        ],
        10,
        [],
      )?.[1],
    ).toBe('d  xxxxxx…');
  });
});

test.each([
  ['abcdefghij', 10, 'abcdefghij', 'abcdefghij'],
  ['abcdefghij', 9, 'abcd…ghij', 'abcdefgh…'],
  ['abcdefghij', 4, 'ab…j', 'abc…'],
  ['abcdefghij', 1, '…', '…'],
  ['日本語の名前', 7, '日…名前', '日本語…'],
  ['👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦', 5, '👩‍👩‍👧‍👦…👩‍👩‍👧‍👦', '👩‍👩‍👧‍👦👩‍👩‍👧‍👦…'],
])('%j in %i columns: %s, %s', (text, width, middle, end) => {
  expect(cut(text, width)).toBe(middle);
  expect(cutEnd(text, width)).toBe(end);
});

test('lines are broken between words', () => {
  expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
  expect(wrapped('a-word-that-is-too-long x', 5)).toEqual(['a-word-that-is-too-long', 'x']);
});

test('what something means stands beside it, or below what is too long', () => {
  expect(
    definitions(
      [
        ['off', 'put it back'],
        [
          'a command that is so long that its meaning is below',
          'a meaning that is long too, and so goes on in the next line',
        ],
      ],
      60,
    ),
  ).toEqual([
    '  off  put it back',
    '  a command that is so long that its meaning is below',
    '       a meaning that is long too, and so goes on in the',
    '       next line',
  ]);
  expect(definitions([['off', 'put back what was there']], 20)).toEqual([
    '  off',
    '    put back what',
    '    was there',
  ]);
});
