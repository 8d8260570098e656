import { execFileSync } from 'node:child_process';
import { describe, expect, it, test } from 'vitest';
import { LATEST, secondsOfTimestamp } from '../../src/profiles/timestamp.ts';
import { hasBoth, python } from '../aws-tools.ts';
import { needs } from '../world.ts';

/** All of them are one moment. */
const MOMENT = Date.parse('2026-11-22T09:44:30Z') / 1000;
const WAYS = [
  '2026-11-22T09:44:30Z',
  '2026-11-22t09:44:30z',
  '2026-11-22 09:44:30Z',
  '2026-11-22 09:44:30 +00:00',
  ' 2026-11-22T09:44:30Z\n',
  '2026-11-22T09:44:30.0Z',
  '2026-11-22T09:44:30.999999999Z',
  '2026-11-22T09:44:30,5Z',
  '2026-11-22T09:44.5Z',
  '2026-11-22T11:44:30+02:00',
  '2026-11-22T11:44:30+0200',
  '2026-11-22T11:44:30+02',
  '2026-11-22T15:14:30+05:30',
  '2026-11-21T23:44:30-10:00',
  '2026-11-22T09:44:30-00:00',
  '2026-11-22T09:44:30UTC',
  '2026-11-22T09:44:30 UTC',
  '2026-11-22T09:44:30GMT',
  '20261122T094430Z',
  '20261122t114430+0200',
  'Sun, 22 Nov 2026 09:44:30 GMT',
  'Sun, 22 Nov 2026 10:44:30 +0100',
];
/** What ISO 8601 has, and botocore's parser has not. */
const MORE_WAYS = [
  '2026-W47-7T09:44:30Z',
  '2026-w47-7t09:44:30z',
  '2026W477T094430Z',
  '2026-326T09:44:30Z',
  '2026326T094430Z',
  '+002026-11-22T09:44:30Z',
  '2026-11-22T11:44:30\u221202:00'.replace('11:', '07:'),
  '2026-11-22 09:44:30 +0000 UTC',
  'Sun Nov 22 2026 10:44:30 GMT+0100 (Central European Standard Time)',
];

describe('a time', () => {
  it.each([...WAYS, ...MORE_WAYS])('may be %j', (text) => {
    expect(secondsOfTimestamp(text)).toBe(MOMENT);
  });

  it.each([
    ['2026-11-22', '2026-11-22T00:00:00Z'],
    ['20261122', '2026-11-22T00:00:00Z'],
    ['2026-W47-7', '2026-11-22T00:00:00Z'],
    ['2026-11-22T24:00:00Z', '2026-11-23T00:00:00Z'],
    ['2026-11-22T09Z', '2026-11-22T09:00:00Z'],
    ['2026-11-22T09.5Z', '2026-11-22T09:30:00Z'],
    ['2026-11-22T0944Z', '2026-11-22T09:44:00Z'],
    ['2026-12-31T23:59:60Z', '2027-01-01T00:00:00Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
    ['2024-366', '2024-12-31T00:00:00Z'],
    ['2020-W53-7', '2021-01-03T00:00:00Z'],
    ['2021-W01-1', '2021-01-04T00:00:00Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59Z'],
  ])('%j is %s', (text, same) => {
    expect(secondsOfTimestamp(text)).toBe(Date.parse(same) / 1000);
  });

  it.each(['10000-01-01T00:00:00Z', '+010000-01-01T00:00:00Z', '+999999-01-01', '9999-12-31T23:59:59-01:00'])(
    '%j is too far',
    (text) => {
      expect(secondsOfTimestamp(text)).toBe(LATEST + 1);
    },
  );

  it.each([
    'tomorrow',
    'never',
    '',
    '2026',
    '2026-11',
    '2026-13-01T00:00:00Z',
    '2026-02-29T00:00:00Z',
    '2026-11-31',
    '2026-00-10',
    '2026-366',
    '2026-000',
    '2026-W54-1',
    '2021-W53-1',
    '2026-W47-8',
    '2026-11-22T25:00:00Z',
    '2026-11-22T24:00:01Z',
    '2026-11-22T09:60:00Z',
    '2026-11-22T09:44:61Z',
    '2026-11-22T09:44:30',
    '2026-11-22T09:44:30+24:00',
    '2026-11-22T09:44:30+02:60',
    '2026-11-22T09:44:30 CET',
    '2026-11-22T09:44:30ZZ',
    '2026-11-22T09:44:30.Z',
    '2026-11-22TZ',
    '2026-11-22Z',
    '1795340370',
    '1795340370000',
    'Sun, 22 Nov 2026 09:44:30',
    'a 22 Nov 2026 09:44:30 GMT',
    '2026-11-22T09:44:30Z; rm',
    '\u0662\u0660\u0662\u0666-11-22T09:44:30Z',
  ])('is not %j', (text) => {
    expect(secondsOfTimestamp(text)).toBeUndefined();
  });

  it('without a zone is one of UTC or of this computer where that is asked for, and may be counted', () => {
    expect(secondsOfTimestamp('2026-11-22 09:44:30', 'utc')).toBe(MOMENT);
    expect(secondsOfTimestamp('2026-11-22 09:44:30', 'local')).toBe(
      new Date(2026, 10, 22, 9, 44, 30).getTime() / 1000,
    );
    expect(secondsOfTimestamp('2026-11-22T11:44:30+02:00', 'local')).toBe(MOMENT);
    for (const text of [`${MOMENT}`, `${MOMENT}.7`, `${MOMENT}999`]) {
      expect(secondsOfTimestamp(text, 'utc')).toBe(MOMENT);
    }
  });
});

test('botocore reads the same times', needs(hasBoth), () => {
  const script = `import json, math, sys
from botocore.credentials import parse
print(json.dumps([math.floor(parse(text).timestamp()) for text in json.load(sys.stdin)]))`;
  const read: unknown = JSON.parse(
    execFileSync(python, ['-c', script], { input: JSON.stringify(WAYS), encoding: 'utf8' }),
  );
  expect(read).toEqual(WAYS.map(() => MOMENT));
});
