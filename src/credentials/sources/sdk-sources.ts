import type { Context } from '../../context.ts';
import type { Plan } from '../plan.ts';
import type { SessionOptions } from '../session-options.ts';
import { containerCredentials } from './container.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { instanceCredentials } from './instance.ts';
import { loginCredentials } from './login.ts';
import { withSignIn } from './sign-in.ts';
import { ssoCredentials } from './sso.ts';
import { webIdentityCredentials } from './web-identity.ts';

// Loads the AWS SDK's providers: import it lazily, where such a source has to be asked.

/** Asks a source that the AWS SDK has a provider for. @throws AwsroleError */
export async function sdkCredentials(
  context: Context,
  plan: Plan,
  options: SessionOptions,
): Promise<GivenCredentials> {
  const { source } = plan.chain;
  switch (source.kind) {
    case 'sso':
      return withSignIn(context, options, source, () => ssoCredentials(context, plan, source));
    case 'login-session':
      return withSignIn(context, options, source, () => loginCredentials(context, plan, source));
    case 'web-identity':
      return webIdentityCredentials(context, plan, source);
    case 'credential-source':
      return source.credentialSource === 'EcsContainer'
        ? containerCredentials(context, source.profile)
        : instanceCredentials(context, plan);
    default:
      throw new Error(`${source.kind} is no source of the AWS SDK`);
  }
}
