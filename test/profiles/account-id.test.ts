import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL } from '../../src/demo/sample-world.ts';
import { accountIdOf, wantsAccountId } from '../../src/profiles/account-id.ts';
import { resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, roleArn, section, USER101_KEYS } from '../world.ts';
import { storeOf } from './files.ts';

const KEYS = { aws_access_key_id: 'A', aws_secret_access_key: 'S' };
const SSO = { sso_start_url: 'https://x', sso_region: 'us-east-1', sso_role_name: 'r' };

describe('the account of a profile', () => {
  it.each<{ what: string; profile: Record<string, string>; session?: boolean; is: string | undefined }>([
    {
      what: "a role's",
      profile: { role_arn: 'arn:aws:iam::210987654321:role/r', source_profile: 'keys' },
      is: '210987654321',
    },
    {
      what: 'that of a web identity',
      profile: { role_arn: 'arn:aws-cn:iam::210987654321:role/r', web_identity_token_file: 't' },
      is: '210987654321',
    },
    { what: "SSO's", profile: { ...SSO, sso_account_id: '210987654321' }, is: '210987654321' },
    {
      what: 'that of aws login',
      profile: { login_session: 'arn:aws:iam::210987654321:user/u' },
      is: '210987654321',
    },
    { what: 'written beside keys', profile: { ...KEYS, aws_account_id: '210987654321' }, is: '210987654321' },
    {
      what: 'written beside a program',
      profile: { credential_process: 'p', aws_account_id: '210987654321' },
      is: '210987654321',
    },
    {
      what: 'that of the device of a session of keys',
      profile: { ...KEYS, mfa_serial: SAMPLE_MFA_SERIAL },
      session: true,
      is: '123456789012',
    },
    {
      what: 'no device of the keys themselves',
      profile: { ...KEYS, mfa_serial: SAMPLE_MFA_SERIAL },
      is: undefined,
    },
    {
      what: 'no device of a session by another tool',
      profile: { ...KEYS, aws_session_token: 't', mfa_serial: SAMPLE_MFA_SERIAL },
      session: true,
      is: undefined,
    },
    {
      what: 'no hardware device',
      profile: { ...KEYS, mfa_serial: 'GAHT12345678' },
      session: true,
      is: undefined,
    },
    { what: 'nothing else', profile: { ...KEYS, aws_account_id: 'mine' }, is: undefined },
  ])('is $what', ({ profile, session = false, is }) => {
    const store = storeOf(section('profile keys', KEYS) + section('profile a', profile));
    expect(accountIdOf(store, resolveRoleChain(store, 'a'), session)).toBe(is);
  });

  it.each([
    [{ account_id_endpoint_mode: 'Required' }, {}, true],
    [{ account_id_endpoint_mode: 'preferred' }, {}, false],
    [{}, { credential_process: 'awsrole credential-process a', account_id_endpoint_mode: 'required' }, true],
    [
      {},
      {
        credential_process: `/opt/my\\ bin/awsrole credential-process -- "a"`,
        account_id_endpoint_mode: 'required',
      },
      true,
    ],
    [{}, { credential_process: 'awsrole credential-process a' }, false],
    [
      {},
      { credential_process: 'awsrole credential-process ab', account_id_endpoint_mode: 'required' },
      false,
    ],
    [{}, { account_id_endpoint_mode: 'required' }, false],
  ])('is asked for where %j is beside %j: %s', (own, other, wanted) => {
    const store = storeOf(section('profile a', { ...KEYS, ...own }) + section('profile kept', other));
    expect(wantsAccountId(store, 'a')).toBe(wanted);
  });
});

const role = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'eu-west-1' };
const CONFIG =
  section('profile required', { ...role, account_id_endpoint_mode: 'required' }) +
  section('profile preferred', role);

/** The account of the session's credentials, and where a request that has an endpoint for each account would go. */
const BOTOCORE = `import botocore.session, sys
session = botocore.session.Session(profile=sys.argv[1] or None)
client = session.create_client('dynamodb')
class Asked(Exception): pass
def stop(request, **kwargs): raise Asked(request.url)
client.meta.events.register('before-send.dynamodb', stop)
try: client.list_tables()
except Asked as asked: print(session.get_credentials().account_id, asked)
except Exception as error: print(error)`;
const SDK = `import { STSClient } from '${import.meta.resolve('@aws-sdk/client-sts')}';
const client = new STSClient({});
console.log((await client.config.credentials()).accountId);`;

describe('the account in a shell', () => {
  it('is known to the AWS SDK', async () => {
    const world = await makeWorld({ config: CONFIG });
    const command = [process.execPath, '--input-type=module', '-e', SDK];
    expect(await world.run(['exec', 'required', '--', ...command])).toMatchObject({
      stdout: '123456789012\n',
    });
  });

  it.each(['required', 'preferred'])('is that of --profile %s, to boto3', needs(hasBoth), async (profile) => {
    const world = await makeWorld({ config: CONFIG });
    const [asked, inside] = await Promise.all([
      world.command([python, '-c', BOTOCORE, profile]),
      world.run(['exec', profile, '--', python, '-c', BOTOCORE, '']),
    ]);
    expect(asked.stdout).toBe('123456789012 https://123456789012.ddb.eu-west-1.amazonaws.com/\n');
    expect(inside.stdout).toBe(asked.stdout);
  });

  it('of another one does not stay beside keys whose account nobody knows', async () => {
    const world = await makeWorld({ config: section('profile a', USER101_KEYS) });
    const { set, unset } = await world.lines('a', { env: { AWS_ACCOUNT_ID: '210987654321' } });
    expect(unset).toEqual(expect.arrayContaining(['AWS_ACCOUNT_ID', 'AWSROLE_ACCOUNT_ID']));
    expect(set).not.toHaveProperty('AWS_ACCOUNT_ID');
  });

  it.each([
    ['of its session', { Expiration: new Date(Date.now() + 3_600_000).toISOString(), SessionToken: 't' }],
    ['of keys', {}],
  ])('is what a credential_process says %s, also from the cache', async (_what, more) => {
    const program = {
      credential_process: 'cat answer.json',
      region: 'eu-west-1',
      aws_account_id: '111111111111',
    };
    const world = await makeWorld({ config: section('profile a', program) });
    const answer = { Version: 1, AccessKeyId: 'ASIATOOL100000000000', SecretAccessKey: 's', ...more };
    const file = join(world.home, '..', 'answer.json');
    for (const AccountId of ['210987654321', 210_987_654_321]) {
      writeFileSync(file, JSON.stringify({ ...answer, AccountId }));
      for (let time = 0; time < 2; time++) {
        const { set } = await world.lines('a');
        expect(set).toMatchObject({ AWS_ACCOUNT_ID: '210987654321', AWSROLE_ACCOUNT_ID: '210987654321' });
      }
      await world.run(['clear']);
    }
    writeFileSync(file, JSON.stringify({ ...answer, AccountId: 'none' }));
    expect((await world.lines('a')).set.AWS_ACCOUNT_ID).toBe('111111111111');
  });
});

describe('the account in what credential-process prints', () => {
  const kept = { credential_process: '', region: 'eu-west-1' };

  it('is there only for those that insist, kept or not', async () => {
    const world = await makeWorld({ config: CONFIG });
    const answer = async (profile: string): Promise<unknown> => {
      const run = await world.run(['credential-process', profile]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      return (JSON.parse(run.stdout) as { AccountId?: string }).AccountId;
    };
    for (let time = 0; time < 2; time++) {
      expect(await answer('required')).toBe('123456789012');
      expect(await answer('preferred')).toBeUndefined();
    }
    const caller = {
      ...kept,
      credential_process: 'awsrole credential-process preferred',
      account_id_endpoint_mode: 'required',
    };
    world.write({ config: CONFIG + section('profile kept', caller) });
    expect(await answer('preferred')).toBe('123456789012');
  });

  it('is what the launcher leaves to the core: the end of the session is not in its usual place', async () => {
    const world = await makeWorld({ config: CONFIG });
    const order = async (profile: string): Promise<string[]> =>
      Object.keys((await world.lines(profile)).set).slice(0, 5);
    const usual = [
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
      'AWS_SESSION_TOKEN',
      'AWS_CREDENTIAL_EXPIRATION',
    ];
    expect((await order('preferred')).slice(0, 4)).toEqual(usual);
    expect(await order('required')).toEqual([...usual.slice(0, 3), 'AWS_ACCOUNT_ID', usual[3]]);
  });

  it('is what boto3 takes where it has to have one', needs(hasBoth), async () => {
    const world = await makeWorld();
    const program = `${process.execPath} ${world.cli} credential-process preferred`;
    const caller = { ...kept, credential_process: program, account_id_endpoint_mode: 'required' };
    world.write({ config: CONFIG + section('profile kept', caller) });
    const run = await world.command([python, '-c', BOTOCORE, 'kept']);
    expect(run.stdout).toBe('123456789012 https://123456789012.ddb.eu-west-1.amazonaws.com/\n');
  });
});
