import type { Context, Environment } from '../../context.ts';
import { currentKey, findUser, readIndex } from '../../keys/key-index.ts';
import type { Source } from '../../profiles/chain-source.ts';

/** Names a source as well as that can be done without asking it. Every cache key contains this. It holds no secret. */
export function sourceIdentity(source: Source, context: Pick<Context, 'env' | 'platform'>): string {
  const { env } = context;
  switch (source.kind) {
    case 'keys':
      return `keys:${source.accessKeyId.value}`;
    case 'credential-process':
      return source.stored === undefined
        ? `credential-process:${source.command.value}`
        : `keys:${storedKeyId(source.stored.id, context)}`;
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

/** The same keys are the same source, whether they are in a file or stored. */
function storedKeyId(id: string, context: Pick<Context, 'env' | 'platform'>): string {
  const user = findUser(readIndex(context), id);
  return (user && currentKey(user)?.accessKeyId) ?? '';
}

/**
 * Returns a space and the endpoint that the environment sets for a source's own service (not STS); empty without one.
 */
function ownEndpoint({ kind }: Source, env: Environment): string {
  const own: Partial<Record<Source['kind'], string | undefined>> = {
    sso: env.AWS_ENDPOINT_URL_SSO,
    'login-session': env.AWS_ENDPOINT_URL_SIGNIN,
  };
  const url = own[kind];
  return url ? ` ${url}` : '';
}

/** True when a source's credentials depend on variables of the shell that asks, which session lines do not name. */
export function dependsOnShell(source: Source, env: Environment): boolean {
  return source.kind === 'credential-source' || ownEndpoint(source, env) !== '';
}
