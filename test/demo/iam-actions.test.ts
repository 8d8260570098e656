import { IAMClient, ListMFADevicesCommand, ListUsersCommand } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type StsServer, type StsUser, startStsServer } from '../../src/demo/sts-server.ts';

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const ACCOUNT = '123456789012';
const SERIAL = `arn:aws:iam::${ACCOUNT}:mfa/ann`;
const KEY = `arn:aws:iam::${ACCOUNT}:u2f/user/ann/key`;

function user(name: string, more: Partial<StsUser> = {}): StsUser {
  return {
    arn: `arn:aws:iam::${ACCOUNT}:user/team/${name}`,
    accessKeyId: `AKIA${name.toUpperCase().padEnd(9, '0')}EXAMPLE`,
    secretAccessKey: `${name}+secret/`.padEnd(40, 'x'),
    ...more,
  };
}

const ann = user('ann', {
  mfa: { serial: SERIAL, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' },
  otherDevices: [KEY],
  allow: ['iam:ListMFADevices'],
});
const bob = user('bob');
const eve = user('eve', { allow: ['iam:*'], deny: ['iam:ListMFADevices'] });
const stranger = user('zoe', { arn: 'arn:aws:iam::999999999999:user/zoe', allow: ['*'] });

describe('IAM in the sandbox', () => {
  let server: StsServer;

  beforeEach(async () => {
    server = await startStsServer({
      users: [ann, bob, eve, stranger],
      roles: [{ arn: `arn:aws:iam::${ACCOUNT}:role/r`, trust: { principals: [ann.arn] }, allow: ['iam:*'] }],
    });
  });
  afterEach(() => server.close());

  type Keys = { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  function iam(credentials: Keys): IAMClient {
    return new IAMClient({ region: 'us-east-1', endpoint: server.url, credentials, maxAttempts: 1 });
  }
  function list(credentials: Keys, UserName?: string) {
    return iam(credentials).send(new ListMFADevicesCommand(UserName === undefined ? {} : { UserName }));
  }
  /** Session keys, from an answer of STS. */
  async function session(command: AssumeRoleCommand | GetSessionTokenCommand): Promise<Keys> {
    const sts = new STSClient({ region: 'us-east-1', endpoint: server.url, credentials: ann });
    const { Credentials } = await sts.send(command as GetSessionTokenCommand);
    return {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    };
  }

  it('lists the MFA devices of the user who asks, or who is named', async () => {
    const devices = [
      { UserName: 'ann', SerialNumber: SERIAL, EnableDate: expect.any(Date) },
      { UserName: 'ann', SerialNumber: KEY, EnableDate: expect.any(Date) },
    ];
    expect(await list(ann)).toMatchObject({ MFADevices: devices, IsTruncated: false });
    expect((await list(ann, 'ann')).MFADevices).toEqual(devices);
    expect((await list(ann, 'bob')).MFADevices).toEqual([]);
    expect(server.requests()[0]).toMatchObject({ action: 'ListMFADevices', accessKeyId: ann.accessKeyId });
  });

  it('denies what no policy allows, and what one denies', async () => {
    await expect(list(bob)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: `User: ${bob.arn} is not authorized to perform: iam:ListMFADevices on resource: user bob because no identity-based policy allows the iam:ListMFADevices action`,
    });
    await expect(list(eve)).rejects.toMatchObject({
      message: expect.stringContaining('with an explicit deny in an identity-based policy'),
    });
  });

  it('knows the users of the account only', async () => {
    await expect(list(ann, 'zoe')).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      message: 'The user with name zoe cannot be found.',
      $metadata: { httpStatusCode: 404 },
    });
    expect((await list(stranger)).MFADevices).toEqual([]);
  });

  it('checks signatures, their service, and limits', async () => {
    await expect(list({ ...ann, secretAccessKey: 'wrong' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
    });
    await expect(list({ ...ann, accessKeyId: 'AKIANOBODY000EXAMPLE' })).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    await expect(list(ann, 'a b')).rejects.toMatchObject({ name: 'ValidationError' });
    const asSts = new STSClient({ region: 'us-east-1', endpoint: server.url, credentials: ann });
    asSts.middlewareStack.add(
      (next) => (args) => {
        const request = args.request as { body: string };
        request.body = 'Action=ListMFADevices&Version=2010-05-08';
        return next(args);
      },
      { step: 'serialize', priority: 'low' },
    );
    await expect(asSts.send(new GetSessionTokenCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: "Credential should be scoped to correct service: 'iam'. ",
    });
    await expect(iam(ann).send(new ListUsersCommand({}))).rejects.toMatchObject({ name: 'InvalidAction' });
  });

  it('takes the session of a user with MFA only; of a role with the name of a user', async () => {
    await expect(list(await session(new GetSessionTokenCommand({})))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    const code = server.mfaCode(SERIAL, { next: true })?.code ?? '';
    const withMfa = await session(new GetSessionTokenCommand({ SerialNumber: SERIAL, TokenCode: code }));
    expect((await list(withMfa)).MFADevices).toHaveLength(2);
    const ofRole = await session(
      new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/r`, RoleSessionName: 'me' }),
    );
    await expect(list(ofRole)).rejects.toMatchObject({ name: 'ValidationError' });
    expect((await list(ofRole, 'ann')).MFADevices).toHaveLength(2);
  });
});
