import { GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { USER101_KEYS, type World } from '../../world.ts';
import type { Given } from './fakes.ts';

/** A session of user101 that the sandbox STS knows, so that a fake source may give it and roles be assumed with it. */
export async function sessionOfUser(world: World): Promise<Given> {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const client = new STSClient({
    endpoint: world.sts.url,
    region: 'us-east-1',
    credentials: {
      accessKeyId: USER101_KEYS.aws_access_key_id,
      secretAccessKey: USER101_KEYS.aws_secret_access_key,
    },
  });
  const { Credentials } = await client.send(new GetSessionTokenCommand({}));
  client.destroy();
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: world.keepSecret(Credentials?.SecretAccessKey ?? ''),
    sessionToken: world.keepSecret(Credentials?.SessionToken ?? ''),
  };
}
