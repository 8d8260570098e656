import { createHmac } from 'node:crypto';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Seconds for which a virtual MFA device shows one code (RFC 6238, and what AWS's devices use). */
export const TOTP_STEP_SECONDS = 30;

/** Decodes a base32 secret (RFC 4648; spaces, case and padding do not matter). Throws TypeError on anything else. */
export function decodeBase32(text: string): Buffer {
  const letters = text.replace(/[\s=]/g, '').toUpperCase();
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  for (const letter of letters) {
    const value = BASE32.indexOf(letter);
    if (value < 0) throw new TypeError('an MFA secret is base32: A-Z and 2-7 only');
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes.push((held >> bits) & 0xff);
    }
  }
  if (bytes.length === 0) throw new TypeError('an MFA secret must not be empty');
  return Buffer.from(bytes);
}

/** Returns the number of the 30 s step that `epochSeconds` lies in. */
export function totpStep(epochSeconds: number): number {
  return Math.floor(epochSeconds / TOTP_STEP_SECONDS);
}

/**
 * Computes the six-digit code of a base32 secret at a time: RFC 6238 with SHA-1, 30 s, as AWS's virtual MFA devices.
 */
export function totpCode(secretBase32: string, epochSeconds: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(totpStep(epochSeconds)));
  const mac = createHmac('sha1', decodeBase32(secretBase32)).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0xf;
  const number = mac.readUInt32BE(offset) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
