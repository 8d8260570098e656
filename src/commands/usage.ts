import { AwsroleError } from '../errors.ts';

/** Makes the error for what was typed wrong. No value of an option belongs into it: it may be an MFA code. */
export function usage(message: string, hint = 'for help, run: awsrole help'): AwsroleError {
  return new AwsroleError('usage', message, { hint });
}
