const STEP_SECONDS = 30;
/** AWS accepts a code during its own 30 s, those before and those after. */
export const CODE_LIFE_MS = 3 * STEP_SECONDS * 1000;

/**
 * Returns the six digits of an MFA code, without the blanks that people paste (`123 456`); undefined for anything else.
 */
export function mfaCodeIn(text: string): string | undefined {
  const code = text.replace(/[\s-]/g, '');
  return /^[0-9]{6}$/.test(code) ? code : undefined;
}

/** Returns the seconds until an authenticator shows its next code (RFC 6238, time step 30 s). */
export function secondsToNextCode(nowMs: number): number {
  return STEP_SECONDS - (Math.floor(nowMs / 1000) % STEP_SECONDS);
}
