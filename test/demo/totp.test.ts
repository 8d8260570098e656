import { describe, expect, it } from 'vitest';
import { decodeBase32, totpCode } from '../../src/demo/totp.ts';

// RFC 6238, appendix B: the ASCII secret 12345678901234567890, SHA-1. The RFC prints eight digits, AWS uses the last six.
const RFC_SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';

describe('totpCode', () => {
  it.each([
    [59, '94287082'],
    [1_111_111_109, '07081804'],
    [1_111_111_111, '14050471'],
    [1_234_567_890, '89005924'],
    [2_000_000_000, '69279037'],
    [20_000_000_000, '65353130'],
  ])('gives the code of RFC 6238 at %d', (time, eightDigits) => {
    expect(totpCode(RFC_SECRET, time)).toBe(eightDigits.slice(2));
  });

  it('keeps a code for 30 seconds and leading zeros for ever', () => {
    expect(totpCode(RFC_SECRET, 1_111_111_109)).toBe('081804');
    expect(totpCode(RFC_SECRET, 30)).toBe(totpCode(RFC_SECRET, 59.999));
    expect(totpCode(RFC_SECRET, 60)).not.toBe(totpCode(RFC_SECRET, 59));
  });
});

describe('decodeBase32', () => {
  it.each([
    ['', undefined],
    ['MY======', 'f'],
    ['MZXQ====', 'fo'],
    ['MZXW6===', 'foo'],
    ['MZXW6YQ=', 'foob'],
    ['MZXW6YTB', 'fooba'],
    ['mzxw 6ytb oi', 'foobar'],
  ])('reads %j as RFC 4648 does', (text, bytes) => {
    if (bytes === undefined) expect(() => decodeBase32(text)).toThrow(TypeError);
    else expect(decodeBase32(text).toString()).toBe(bytes);
  });

  it('refuses what is not base32, and does not repeat it', () => {
    expect(() => decodeBase32('JBSW1')).toThrow(/base32/);
    expect(() => decodeBase32('JBSW1')).not.toThrow(/JBSW1/);
  });
});
