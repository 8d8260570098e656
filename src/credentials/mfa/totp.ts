const STEP_SECONDS = 30;
/** A code is good for its own 30 s and, at AWS, for those before and after. */
export const CODE_LIFE_MS = 3 * STEP_SECONDS * 1000;

/** The six digits of an MFA code; undefined for anything else. Authenticators show `123 456`, and people paste it. */
export function mfaCodeIn(text: string): string | undefined {
  const code = text.replace(/[\s-]/g, '');
  return /^[0-9]{6}$/.test(code) ? code : undefined;
}

/** Seconds until an authenticator shows its next code (RFC 6238, time step 30 s). */
export function secondsToNextCode(nowMs: number): number {
  return STEP_SECONDS - (Math.floor(nowMs / 1000) % STEP_SECONDS);
}
