import type { Environment } from '../../context.ts';
import type { Source } from '../../profiles/chain-source.ts';

/**
 * Who a source is, as far as that can be told without asking it: a part of every key that sessions are kept under.
 * No secret in it.
 */
export function sourceIdentity(source: Source, env: Environment): string {
  switch (source.kind) {
    case 'keys':
      return `keys:${source.accessKeyId.value}`;
    case 'credential-process':
      return `credential-process:${source.command.value}`;
    case 'sso':
      return `sso:${source.startUrl.value} ${source.accountId.value} ${source.roleName.value} ${source.session?.value ?? ''}${ownEndpoint(source, env)}`;
    case 'web-identity':
      return `web-identity:${source.roleArn.value} ${source.tokenFile.value} ${source.roleSessionName?.value ?? ''}`;
    case 'login-session':
      return `login-session:${source.session.value}${ownEndpoint(source, env)}`;
    case 'credential-source':
      switch (source.credentialSource) {
        case 'Environment':
          return `keys:${env.AWS_ACCESS_KEY_ID ?? ''}`;
        case 'EcsContainer':
          return `container:${env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI ?? ''} ${env.AWS_CONTAINER_CREDENTIALS_FULL_URI ?? ''}`;
        case 'Ec2InstanceMetadata':
          return `instance:${env.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? ''}`;
      }
  }
}

/** The endpoint that the environment names for the service of a source, other than STS, behind a space; empty when it names none. */
function ownEndpoint({ kind }: Source, env: Environment): string {
  const url = { sso: env.AWS_ENDPOINT_URL_SSO, 'login-session': env.AWS_ENDPOINT_URL_SIGNIN }[kind as string];
  return url ? ` ${url}` : '';
}

/** True when what a source gives depends on variables of the shell that asks, of which session lines say nothing. */
export function dependsOnShell(source: Source, env: Environment): boolean {
  return source.kind === 'credential-source' || ownEndpoint(source, env) !== '';
}
