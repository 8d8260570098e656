import type { Environment } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { quoted } from '../../profiles/printable.ts';

/** The variable that limits how long we wait for AWS, and with it for everything else. */
export const TIMEOUT_VARIABLE = 'AWSROLE_TIMEOUT';
const DEFAULT_SECONDS = 30;
const LONGEST_SECONDS = 300;
/** 60 s, unless the variable says otherwise: enough to find a key and touch it. */
const MFA_PROCESS_TIMES = 2;
/** 120 s, unless the variable says otherwise: enough to sign in, and less than others wait for a lock. */
const CREDENTIAL_PROCESS_TIMES = 4;

/**
 * Returns the seconds that one call of AWS may take: every attempt of it, to the last byte of the answer.
 * @throws AwsroleError kind `configuration` when AWSROLE_TIMEOUT is no whole number of 1 to 300
 */
export function callSeconds(env: Environment): number {
  const text = env[TIMEOUT_VARIABLE];
  if (!text) return DEFAULT_SECONDS;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (seconds >= 1 && seconds <= LONGEST_SECONDS) return seconds;
  throw new AwsroleError('configuration', `${TIMEOUT_VARIABLE} is ${quoted(text)}`, {
    hint: `write whole seconds from 1 to ${LONGEST_SECONDS}; the default is ${DEFAULT_SECONDS}`,
  });
}

/** Returns the seconds that an mfa_process may take. @throws AwsroleError as {@link callSeconds} */
export function mfaProcessSeconds(env: Environment): number {
  return MFA_PROCESS_TIMES * callSeconds(env);
}

/** Returns the seconds that a credential_process may take. @throws AwsroleError as {@link callSeconds} */
export function credentialProcessSeconds(env: Environment): number {
  return CREDENTIAL_PROCESS_TIMES * callSeconds(env);
}
