import type { Context } from '../../context.ts';
import { containerCredentials } from './container.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { instanceCredentials } from './instance.ts';
import { loginCredentials } from './login.ts';
import { withSignIn } from './sign-in.ts';
import type { SourceCall } from './source-call.ts';
import { ssoCredentials } from './sso.ts';
import { webIdentityCredentials } from './web-identity.ts';

// The AWS SDK's providers: import it lazily, where such a source has to be asked.

/** Asks a source that the AWS SDK has a provider for. @throws AwsroleError */
export async function sdkCredentials(context: Context, call: SourceCall): Promise<GivenCredentials> {
  const { source } = call;
  switch (source.kind) {
    case 'sso':
      return withSignIn(context, call, source.kind, () => ssoCredentials(context, { ...call, source }));
    case 'login-session':
      return withSignIn(context, call, source.kind, () => loginCredentials(context, { ...call, source }));
    case 'web-identity':
      return webIdentityCredentials(context, { ...call, source });
    case 'credential-source':
      return source.credentialSource === 'EcsContainer'
        ? containerCredentials(context, source.profile)
        : instanceCredentials(context, call);
    default:
      throw new Error(`${source.kind} is no source of the AWS SDK`);
  }
}
