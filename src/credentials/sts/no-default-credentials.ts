/** Stands in for the AWS SDK's own search for credentials (see build.mjs): awsrole always gives it the keys. */
export function defaultProvider(): () => Promise<never> {
  return async () => {
    throw new Error('no credentials were given to the AWS SDK');
  };
}
