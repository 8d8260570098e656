import type { Environment } from '../context.ts';

/** Credentials of a role or a user for a limited time, as STS gives them. */
export interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Epoch seconds by AWS's clock. */
  readonly expires: number;
  /** Epoch seconds when it was got, by AWS's clock. */
  readonly obtained: number;
  /** Twelve digits, where a program has said it: else the AWS files know it, if anybody does. */
  readonly accountId?: string;
  /** The MFA device of a user's own session: one that is asked for without a role. */
  readonly mfaSerial?: string;
}

/** Keys with an end, of whatever kind. */
export interface EndingKeys extends Omit<Session, 'sessionToken'> {
  readonly sessionToken?: string | undefined;
}

const RENEWAL_MARGIN_SECONDS = 300;

/**
 * Returns the epoch seconds from which a session is renewed: 5 minutes before its end, or a tenth of its length if
 * shorter.
 */
export function renewAfter(session: Pick<Session, 'expires' | 'obtained'>): number {
  return (
    session.expires - Math.min(RENEWAL_MARGIN_SECONDS, Math.floor((session.expires - session.obtained) / 10))
  );
}

/** True while a session need not be renewed yet. */
export function isFresh(session: Pick<Session, 'expires' | 'obtained'>, nowMs: number): boolean {
  return renewAfter(session) * 1000 > nowMs;
}

/** Writes a time as RFC 3339 in UTC with `Z`, the form that botocore, the SDKs and prompts read. */
export function expirationText(expires: number): string {
  return new Date(expires * 1000).toISOString().replace('.000Z', 'Z');
}

/** Returns the epoch seconds at which the session of a switched shell ends; undefined when it holds none. */
export function heldUntil(env: Environment): number | undefined {
  const text = env.AWSROLE_EXPIRES ?? '';
  return /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
