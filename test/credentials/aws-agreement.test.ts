import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, type Run, roleArn, section, USER101_KEYS, type World } from '../world.ts';

const CLI_IDENTITY = [aws, '--output', 'json', 'sts', 'get-caller-identity'];
/** For each profile named, or for none, a line with its identity. */
const BOTO3_IDENTITIES = [
  python,
  '-c',
  `import boto3, json, sys
for profile in sys.argv[1:] or [None]:
    who = boto3.Session(profile_name=profile).client('sts').get_caller_identity()
    print(json.dumps({'Account': who['Account'], 'Arn': who['Arn']}))`,
];

/** The same for environments that come as lines of JSON: starting Python for each takes longer than all the rest. */
const BOTO3_OF_ENVIRONMENTS = [
  python,
  '-c',
  `import boto3, json, os, sys
base = dict(os.environ)
for line in sys.stdin:
    os.environ.clear()
    os.environ.update({**base, **json.loads(line)})
    who = boto3.Session().client('sts').get_caller_identity()
    print(json.dumps({'Account': who['Account'], 'Arn': who['Arn']}))`,
];

/** The account and the role of an answer from GetCallerIdentity, without the session name, which all choose differently. */
function identity(json: string): string {
  const { Account, Arn } = JSON.parse(json) as Record<string, string>;
  return `${Account} ${(Arn ?? '').replace(/(:assumed-role\/[^/]+)\/.*$/, '$1')}`;
}

function identityOf(run: Run): string {
  expect(run).toMatchObject({ status: 0 });
  return identity(run.stdout);
}

function assumed(role: string, partition = 'aws'): string {
  return `123456789012 arn:${partition}:sts::123456789012:assumed-role/${role}`;
}

const plain = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'us-east-1' };
const external = { ...plain, role_arn: roleArn('external'), external_id: 'partner-7/east' };
const PROFILES: Record<string, string> = {
  plain: assumed('plain'),
  external: assumed('external'),
  cn: assumed('cn', 'aws-cn'),
  both: assumed('plain'),
  a: assumed('external'),
  'a.region': assumed('plain'),
  'my prod': assumed('plain'),
  'me@corp.com': assumed('plain'),
  top: assumed('plain'),
};
const FILES = {
  config: [
    sampleFiles().config,
    section('profile both', { ...external, region: 'eu-west-1' }),
    section('profile a', external),
    section('profile a.region', plain),
    section('profile "my prod"', plain),
    section('profile me@corp.com', plain),
    // Its source has keys, which come before the role that the source has too.
    section('profile top', { ...plain, source_profile: 'middle' }),
    section('profile middle', { ...USER101_KEYS, role_arn: roleArn('external'), source_profile: 'user101' }),
  ].join(''),
  credentials: `${sampleFiles().credentials}${section('both', { role_arn: roleArn('plain') })}`,
};
const env = { AWS_EC2_METADATA_DISABLED: 'true' };

describe('the AWS CLI and boto3', needs(hasBoth), () => {
  it('agree with awsrole on profiles of every kind', async () => {
    const world = await makeWorld(FILES);
    const names = Object.keys(PROFILES);
    const boto3 = await world.command([...BOTO3_IDENTITIES, ...names], { env });
    expect(boto3).toMatchObject({ status: 0 });
    const found: Record<string, string[]> = {};
    for (const [index, name] of names.entries()) {
      const [alone, inside] = await Promise.all([
        world.command([...CLI_IDENTITY, '--profile', name], { env }),
        world.run(['exec', name, '--', process.execPath, '-p', 'JSON.stringify(process.env)'], { env }),
      ]);
      found[name] = [identity(boto3.stdout.split('\n')[index] ?? ''), identityOf(alone), inside.stdout];
    }
    const keys = Object.values(found).map((column) => column[2] ?? '');
    const inside = await world.command(BOTO3_OF_ENVIRONMENTS, { env, input: keys.join('') });
    expect(inside).toMatchObject({ status: 0 });
    for (const [index, name] of names.entries()) {
      found[name]?.splice(2, 1, identity(inside.stdout.split('\n')[index] ?? ''));
    }
    expect(found).toEqual(Object.fromEntries(names.map((name) => [name, Array(3).fill(PROFILES[name])])));
  });

  it('take what exec gives them', async () => {
    const world = await makeWorld(FILES);
    const [cli, boto3] = await Promise.all([
      world.run(['exec', 'my prod', '--', ...CLI_IDENTITY], { env }),
      world.run(['exec', 'me@corp.com', '--', ...BOTO3_IDENTITIES], { env }),
    ]);
    expect([cli, boto3].map(identityOf)).toEqual([assumed('plain'), assumed('plain')]);
  });

  it.each([
    { what: 'MFA', profile: 'role101', serial: SAMPLE_MFA_SERIAL, expected: assumed('role101') },
    { what: 'MFA and a chain', profile: 'chained', serial: SAMPLE_MFA_SERIAL, expected: assumed('chained') },
    {
      what: 'MFA in GovCloud',
      profile: 'gov',
      serial: 'arn:aws-us-gov:iam::123456789012:mfa/user-gov',
      expected: assumed('gov', 'aws-us-gov'),
    },
  ])('agree with awsrole on $what', async ({ profile, serial, expected }) => {
    const world = await makeWorld();
    // role101 has no region, and the AWS CLI wants one where an endpoint is set.
    const own = { ...env, ...(profile === 'role101' && { AWS_DEFAULT_REGION: 'us-east-1' }) };
    const withCode = () => ({ env: own, input: `${world.code(serial)}\n` });
    // One after the other: which code is the next unused one is known only then.
    const first = await world.run(['exec', profile, '--mfa-code', '-', '--', ...CLI_IDENTITY], withCode());
    const alone = await world.command([...CLI_IDENTITY, '--profile', profile], withCode());
    const [boto3, kept] = await Promise.all([
      world.command([...BOTO3_IDENTITIES, profile], withCode()),
      world.run(['exec', profile, '--', ...BOTO3_IDENTITIES], { env: own }),
    ]);
    expect([first, alone, boto3, kept].map(identityOf)).toEqual(Array(4).fill(expected));
  });

  it('find the settings of the profile inside of exec', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...plain, region: 'eu-west-3', output: 'text' }),
    });
    const inside = (...args: string[]) => world.run(['exec', 'a', '--', aws, 'configure', ...args]);
    expect(await inside('list')).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /access_key +(?::)? ?\*+[A-Z2-7]{4} +(?::)? ?env[\s\S]*region +(?::)? ?eu-west-3 +(?::)? ?env/,
      ),
    });
    // In the profile's output format: no JSON.
    const who = await world.run(['exec', 'a', '--', aws, 'sts', 'get-caller-identity']);
    expect(who.stdout).toMatch(/^123456789012\tarn:aws:sts::123456789012:assumed-role\/plain\//);
  });

  it('are not misled by another profile in the environment', async () => {
    const world = await makeWorld();
    const run = await world.run(['exec', 'plain', '--', ...CLI_IDENTITY], {
      env: { AWS_PROFILE: 'external' },
    });
    expect(identityOf(run)).toBe(assumed('plain'));
  });

  it('start from the same keys where a token stands beside them', async () => {
    // A session's keys in the files: with their token they are a source as good as a user's.
    const world = await makeWorld();
    const session = await sessionOfUser(world);
    world.write({
      config: undefined,
      credentials: `${section('session', session)}${section('a', { ...plain, source_profile: 'session' })}`,
    });
    const [alone, inside] = await Promise.all([
      world.command([...CLI_IDENTITY, '--profile', 'a'], { env }),
      world.run(['exec', 'a', '--', ...CLI_IDENTITY], { env }),
    ]);
    expect([alone, inside].map(identityOf)).toEqual([assumed('plain'), assumed('plain')]);
  });
});

async function sessionOfUser(world: World): Promise<Record<string, string>> {
  const run = await world.command([
    aws,
    '--output',
    'json',
    '--profile',
    'user101',
    'sts',
    'get-session-token',
  ]);
  expect(run).toMatchObject({ status: 0 });
  const { Credentials } = JSON.parse(run.stdout) as { Credentials: Record<string, string> };
  return {
    aws_access_key_id: Credentials.AccessKeyId ?? '',
    aws_secret_access_key: world.keepSecret(Credentials.SecretAccessKey ?? ''),
    aws_session_token: world.keepSecret(Credentials.SessionToken ?? ''),
  };
}
