import type { Environment } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { heldUntil } from './session.ts';

/** `role101: arn:aws:iam::123456789012:role/role101, us-east-1`: what variables of a switch say that a shell holds. */
export function heldIdentity(env: Environment): string {
  const profile = printable(env.AWSROLE_PROFILE ?? '');
  const who = printable(roleOf(env));
  const region = env.AWS_REGION ? `, ${printable(env.AWS_REGION)}` : '';
  // A role that was asked for by its ARN is not named twice.
  return profile === who ? `${who}${region}` : `${profile}: ${who}${region}`;
}

/** SSO and credential_process do not say which role they give. */
function roleOf(env: Environment): string {
  if (env.AWSROLE_ROLE_ARN) return env.AWSROLE_ROLE_ARN;
  if (heldUntil(env) === undefined) return 'long-lived keys';
  return env.AWSROLE_ACCOUNT_ID ? `a session in account ${env.AWSROLE_ACCOUNT_ID}` : 'a session';
}
