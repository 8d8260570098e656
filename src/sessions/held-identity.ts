import type { Environment } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { heldUntil } from './session.ts';

/** `role101: arn:aws:iam::123456789012:role/role101, us-east-1`: what variables of a switch say that a shell holds. */
export function heldIdentity(env: Environment): string {
  const profile = printable(env.AWSROLE_PROFILE ?? '');
  const who = printable(whoOf(env));
  const account = env.AWSROLE_ACCOUNT_NAME ? ` (${printable(env.AWSROLE_ACCOUNT_NAME)})` : '';
  const region = env.AWS_REGION ? `, ${printable(env.AWS_REGION)}` : '';
  // A role that was asked for by its ARN is not named twice.
  return `${profile === who ? '' : `${profile}: `}${who}${account}${region}`;
}

/** True when the variables are those of a user's own keys: they have no end, and no role limits what they may do. */
export function holdsLongLivedKeys(env: Environment): boolean {
  return !env.AWSROLE_ROLE_ARN && heldUntil(env) === undefined && !env.AWS_SESSION_TOKEN;
}

/** SSO and credential_process do not say which role they give. */
function whoOf(env: Environment): string {
  if (env.AWSROLE_ROLE_ARN) return env.AWSROLE_ROLE_ARN;
  if (env.AWSROLE_MFA_SERIAL) return `MFA session with ${env.AWSROLE_MFA_SERIAL}`;
  if (holdsLongLivedKeys(env)) return 'LONG-LIVED KEYS, not a role';
  const what = heldUntil(env) === undefined ? 'temporary keys' : 'a session';
  return env.AWSROLE_ACCOUNT_ID ? `${what} in account ${env.AWSROLE_ACCOUNT_ID}` : what;
}
