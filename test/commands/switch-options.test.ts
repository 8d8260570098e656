import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { makeWorld, roleArn, section, type World } from '../world.ts';

const USAGE = 2;
const CONFIGURATION = 3;
const REFUSED = 5;

/** A role that lasts half a day, and one behind it. */
const LONG = { arn: roleArn('half-day'), trust: SAMPLE_WORLD.roles[2]?.trust ?? { principals: [] } };
const ROLES = [
  ...SAMPLE_WORLD.roles,
  { ...LONG, maxSessionDuration: 43_200 },
  { arn: roleArn('behind'), trust: { principals: [roleArn('plain')] }, maxSessionDuration: 43_200 },
  { arn: roleArn('path/to/deep'), trust: LONG.trust },
];

function policyFile(world: World, text: string): string {
  const path = join(world.home, 'policy.json');
  writeFileSync(path, text);
  return path;
}

const sessionFile = (world: World, name: string): string => join(world.cache, 'shell', `s-${name}.session`);

describe('flags for one switch', () => {
  it('reach STS', async () => {
    const world = await makeWorld({ roles: ROLES });
    const policy = policyFile(world, '{"Version":"2012-10-17","Statement":[]}\n');
    const more = [
      ...[
        '--duration',
        '1h30m',
        '--session-name',
        'me@x',
        '--external-id=-x',
        '--source-identity',
        'user101',
      ],
      ...['--tag', 'team=a b', '--tag', 'cost=1', '--transitive-tag', 'cost', '--policy', policy],
      ...['--policy-arn', 'arn:aws:iam::aws:policy/B', '--policy-arn', 'arn:aws:iam::aws:policy/A'],
      ...['--region', 'eu-central-1', '--source-profile', 'user101'],
    ];
    const { profile, set } = await world.lines(roleArn('half-day'), { more });
    expect(profile).toBe(roleArn('half-day'));
    expect(set).toMatchObject({ AWS_REGION: 'eu-central-1', AWSROLE_PROFILE: roleArn('half-day') });
    expect(world.sts.requests()).toMatchObject([
      {
        answer: 'OK',
        region: 'eu-central-1',
        roleArn: roleArn('half-day'),
        roleSessionName: 'me@x',
        durationSeconds: '5400',
        externalId: '-x',
        sourceIdentity: 'user101',
        tags: { cost: '1', team: 'a b' },
        transitiveTagKeys: ['cost'],
        policy: '{"Version":"2012-10-17","Statement":[]}\n',
        policyArns: ['arn:aws:iam::aws:policy/A', 'arn:aws:iam::aws:policy/B'],
      },
    ]);
  });

  it('say the same as the keys of a profile', async () => {
    const world = await makeWorld({
      config: section('profile plain', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        source_identity: 'user101',
        session_tags: 'a=1, b = 2',
        transitive_session_tags: 'b',
      }),
    });
    const { set } = await world.lines('plain');
    expect(world.sts.requests()).toMatchObject([
      { sourceIdentity: 'user101', tags: { a: '1', b: '2' }, transitiveTagKeys: ['b'] },
    ]);
    // The same request in another order: the same session.
    const more = ['--tag', 'b=2', '--tag', 'a=1', '--transitive-tag', 'b', '--source-identity', 'user101'];
    const again = `awsrole --refresh --source-identity user101 --tag b=2 --tag a=1 --transitive-tag b plain`;
    expect((await world.lines('plain', { more })).set).toEqual({ ...set, AWSROLE_SWITCH: again });
    expect(world.sts.requests()).toHaveLength(1);
  });

  it.each([
    ['--tag', 'a=1', 'a=2'],
    ['--source-identity', 'one', 'two'],
    ['--policy-arn', 'arn:aws:iam::aws:policy/A', 'arn:aws:iam::aws:policy/B'],
    ['--session-name', 'one', 'two'],
    ['--external-id', 'one', 'two'],
    ['--duration', '15m', '20m'],
  ])('never share a session that was made with another %s', async (flag, one, two) => {
    const world = await makeWorld();
    const keyOf = async (...more: string[]) => (await world.lines('plain', { more })).set.AWS_ACCESS_KEY_ID;
    const keys = [await keyOf(), await keyOf(flag, one), await keyOf(flag, two)];
    expect(new Set(keys).size).toBe(3);
    expect([await keyOf(), await keyOf(flag, one), await keyOf(flag, two)]).toEqual(keys);
    expect(world.sts.requests()).toHaveLength(3);
  });

  it('never share a session that was made with another policy', async () => {
    const world = await makeWorld();
    const keyOf = async (text: string) => {
      const more = ['--policy', policyFile(world, text)];
      return (await world.lines('plain', { more })).set.AWS_ACCESS_KEY_ID;
    };
    const one = await keyOf('{"Statement":[]}');
    expect(await keyOf('{"Statement": []}')).not.toBe(one);
    expect(await keyOf('{"Statement":[]}')).toBe(one);
  });

  it.each([
    ['--region', 'eu-central-1'],
    ['--tag', 'a=1'],
    ['--duration', '1h'],
  ])('neither read nor write the session file of the plain name: %s', async (flag, value) => {
    const world = await makeWorld();
    world.settle();
    await world.lines('plain', { more: [flag, value] });
    expect(existsSync(sessionFile(world, 'plain'))).toBe(false);
    await world.lines('plain');
    expect(existsSync(sessionFile(world, 'plain'))).toBe(true);
    const before = world.snapshot('.cache/awsrole/shell');
    await world.lines('plain', { more: [flag, value] });
    await world.lines('plain', { more: ['--refresh', flag, value] });
    expect(world.snapshot('.cache/awsrole/shell')).toEqual(before);
  });

  it('leave the plain session to the plain name', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    expect((await world.lines('plain', { more: ['--region', 'eu-central-1'] })).set.AWS_REGION).toBe(
      'eu-central-1',
    );
    expect((await world.lines('plain')).set).toEqual(set);
  });

  it('take the credentials of another profile, and give no session of the one before', async () => {
    const world = await makeWorld({
      config:
        sampleFiles().config +
        section('profile two', { role_arn: roleArn('plain'), source_profile: 'role101' }),
    });
    const { set } = await world.linesWithCode('two');
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
    const direct = await world.lines('two', { more: ['--source-profile', 'user101'] });
    expect(direct.set.AWS_ACCESS_KEY_ID).not.toBe(set.AWS_ACCESS_KEY_ID);
    expect(world.sts.requests().at(-1)).toMatchObject({
      accessKeyId: 'AKIAUSER10100EXAMPLE',
      tokenCode: false,
    });
  });

  it('take the MFA device that is named', async () => {
    const world = await makeWorld({
      config: section('profile a', { role_arn: roleArn('role101'), source_profile: 'user101' }),
      credentials: section('user101', {
        aws_access_key_id: 'AKIAUSER10100EXAMPLE',
        aws_secret_access_key: SAMPLE_WORLD.users[0]?.secretAccessKey ?? '',
      }),
    });
    const { set } = await world.linesWithCode('a', {
      more: ['--mfa-serial', 'arn:aws:iam::123456789012:mfa/user101'],
    });
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('role101'));
  });

  it.each<[string[], RegExp]>([
    [['--region', 'a', '--region', 'b'], /^awsrole: --region: it was given 2 times\n/],
    [['--region', ''], /^awsrole: --region: its value is empty\n/],
    [['--region='], /^awsrole: --region: its value is empty\n/],
    [['--tag='], /^awsrole: --tag: its value is empty\n/],
    [['--region'], /^awsrole: --region needs a value\n {2}write: --region REGION;/],
    [['--external-id', '-x'], /^awsrole: --external-id needs a value\n/],
    [
      ['--duration', 'soon'],
      /^awsrole: --duration: "soon" is not a duration\n {2}such as 1h30m, 45m, or a number/,
    ],
    [
      ['--duration', '13h'],
      /^awsrole: --duration: duration_seconds of profile "plain" is "46800", which AWS would refuse\n/,
    ],
    [
      ['--external-id', 'a b'],
      /^awsrole: --external-id: external_id of profile "plain" is "a b", which AWS would refuse\n/,
    ],
    [['--tag', 'a'], /^awsrole: --tag: a session tag of profile "plain" is "a", which AWS would refuse\n/],
    [['--tag', 'a=\x1b[2J'], /^awsrole: --tag: a session tag of profile "plain" is "a=\\u\{1b\}\[2J", which/],
    [['--policy', '/nowhere/p.json'], /^awsrole: --policy: \/nowhere\/p\.json cannot be read: ENOENT/],
    [['--policy', '/dev/null'], /^awsrole: --policy \/dev\/null: the policy is not JSON/],
    [
      ['--source-profile', 'user102'],
      /^awsrole: --source-profile: could not find source profile "user102", .*\n {2}did you mean "user101"/,
    ],
  ])('that are wrong are a usage error, before anybody is asked: %j', async (more, message) => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain', ...more]);
    expect(run).toMatchObject({ status: USAGE, stdout: '' });
    expect(run.stderr).toMatch(message);
    expect(world.sts.requests()).toEqual([]);
  });

  it('of a role are refused on a profile of keys, but for the region', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'user101', '--tag', 'a=b']);
    expect(run).toMatchObject({ status: USAGE, stdout: '' });
    expect(run.stderr).toContain('--tag: profile "user101" is not a role');
    expect((await world.lines('user101', { more: ['--region', 'eu-west-3'] })).set.AWS_REGION).toBe(
      'eu-west-3',
    );
  });

  it('without a profile are a usage error: the flag may have eaten it', async () => {
    const world = await makeWorld();
    expect(await world.run(['--tag', 'plain'])).toMatchObject({
      status: USAGE,
      stderr: expect.stringContaining('which profile? no name was given'),
    });
  });

  it('name a region of the partition, or are refused', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain', '--region', 'us-gov-west-1']);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(
      'region "us-gov-west-1" (--region) is in partition aws-us-gov, but the role is in aws',
    );
  });

  it('cannot make a role behind a role last more than an hour', async () => {
    const world = await makeWorld({
      roles: ROLES,
      config:
        sampleFiles().config +
        section('profile behind', { role_arn: roleArn('behind'), source_profile: 'plain' }),
    });
    const run = await world.run(['session-lines', 'behind', '--duration', '2h']);
    expect(run).toMatchObject({ status: USAGE, stdout: '' });
    expect(run.stderr).toContain('--duration: duration_seconds of profile "behind" is 7200, but a role');
    expect(world.sts.requests()).toEqual([]);
    await world.lines('behind', { more: ['--duration', '1h'] });
  });

  it('are for exec, too, and end where its command begins', async () => {
    const world = await makeWorld({ roles: ROLES });
    const run = await world.run([
      ...['exec', '123456789012:path/to/deep', '--source-profile', 'user101', '--tag', 'a=1', '--'],
      ...['sh', '-c', 'echo "$AWSROLE_PROFILE $AWSUME_PROFILE $AWSROLE_ROLE_ARN $@"', 'sh', '--tag', 'b=2'],
    ]);
    expect(run).toMatchObject({
      status: 0,
      stdout: `123456789012:path/to/deep 123456789012:path/to/deep ${roleArn('path/to/deep')} --tag b=2\n`,
    });
    expect(world.sts.requests()).toMatchObject([{ tags: { a: '1' } }]);
  });

  it('can be tried: nothing is asked, nothing is kept, and it is said where a value comes from', async () => {
    const world = await makeWorld();
    const run = await world.run(['plain', '--dry-run', '--region', 'eu-central-1', '--external-id', 'x1']);
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/external_id +x1 +--external-id\n/);
    expect(run.stdout).toMatch(/AWS_REGION +eu-central-1 +--region\n/);
    expect(world.sts.requests()).toEqual([]);
    expect(existsSync(sessionFile(world, 'plain'))).toBe(false);
  });

  it('are all in --help, each described', async () => {
    const world = await makeWorld();
    const { stdout } = await world.run(['--help']);
    for (const flag of [
      ...[
        'source-profile',
        'region',
        'duration',
        'session-name',
        'external-id',
        'mfa-serial',
        'no-mfa',
        'source-identity',
      ],
      ...['tag', 'transitive-tag', 'policy', 'policy-arn', 'dry-run'],
    ]) {
      expect(stdout).toMatch(new RegExp(`^ +--${flag} +[A-Z].{10,}`, 'm'));
    }
  });
});

describe('a role by its ARN', () => {
  it.each([
    [roleArn('plain'), 'user101', roleArn('plain')],
    ['123456789012:plain', 'user101', roleArn('plain')],
    [roleArn('cn', 'aws-cn'), 'user-cn', roleArn('cn', 'aws-cn')],
    ['123456789012:cn', 'user-cn', roleArn('cn', 'aws-cn')],
    ['123456789012:path/to/deep', 'user101', roleArn('path/to/deep')],
  ])('%s with the credentials of %s', async (name, source, arn) => {
    const world = await makeWorld({ roles: ROLES });
    const { profile, set } = await world.lines(name, { more: ['--source-profile', source] });
    expect(profile).toBe(name);
    expect(set).toMatchObject({
      AWSROLE_PROFILE: name,
      AWSROLE_ROLE_ARN: arn,
      AWSROLE_ACCOUNT_ID: '123456789012',
    });
    expect(set.AWSUME_PROFILE).toBe(
      name.startsWith('arn:') ? `123456789012:${name.split('/').at(-1)}` : name,
    );
    expect(world.keptSessions()).toHaveLength(1);
    expect(existsSync(join(world.cache, 'shell'))).toBe(false);
    // Served from what is kept, also where AWS_PROFILE says whose credentials assume it.
    const again = await world.lines(name, { env: { AWS_PROFILE: source } });
    expect(again.set).toEqual(set);
    expect(world.sts.requests()).toHaveLength(1);
  });

  it.each([roleArn('gov', 'aws-us-gov'), '123456789012:gov'])(
    'in GovCloud, with the MFA device of the user: %s',
    async (name) => {
      const { credentials, config } = sampleFiles();
      const serial = 'arn:aws-us-gov:iam::123456789012:mfa/user-gov';
      const world = await makeWorld({
        config,
        credentials: credentials.replace('[user-gov]\n', `[user-gov]\nmfa_serial = ${serial}\n`),
      });
      const { set } = await world.linesWithCode(name, { serial, more: ['--source-profile', 'user-gov'] });
      expect(set).toMatchObject({
        AWSROLE_ROLE_ARN: roleArn('gov', 'aws-us-gov'),
        AWS_REGION: 'us-gov-west-1',
      });
      expect(world.sts.requests()[0]).toMatchObject({ action: 'GetSessionToken', tokenCode: true });
    },
  );

  it.each([
    [
      'arn:aws:sts::123456789012:assumed-role/plain/me',
      'the role itself is arn:aws:iam::123456789012:role/plain',
    ],
    ['arn:aws:iam::123456789012:user/user101', 'write arn:aws:iam::123456789012:role/NAME'],
    ['12345678901:plain', 'write arn:aws:iam::'],
  ])('%s is none, and it is said what one looks like', async (name, hint) => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', name, '--source-profile', 'user101']);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(hint);
    expect(world.sts.requests()).toEqual([]);
  });

  it('without a source is refused, and --source-profile named', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', roleArn('plain')]);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain('name a profile: --source-profile PROFILE');
  });

  it('can be explained', async () => {
    const world = await makeWorld();
    const run = await world.run(['explain', '123456789012:plain', '--source-profile', 'user101', '--json']);
    expect(JSON.parse(run.stdout)).toMatchObject({ calls: [{ roleArn: roleArn('plain') }] });
  });

  it('is cleared by the name it was switched to', async () => {
    const world = await makeWorld();
    await world.lines(roleArn('plain'), { more: ['--source-profile', 'user101'] });
    const run = await world.run(['clear', roleArn('plain')]);
    expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining('removed 1 kept session') });
    expect(world.keptSessions()).toEqual([]);
  });
});

describe('what AWS says of them is explained', () => {
  const [user101] = SAMPLE_WORLD.users;
  const denying = (...deny: string[]) =>
    makeWorld({ users: user101 === undefined ? [] : [{ ...user101, deny }, ...SAMPLE_WORLD.users.slice(1)] });

  it.each([
    ['--tag', 'a=1', 'sts:TagSession'],
    ['--source-identity', 'user101', 'sts:SetSourceIdentity'],
  ])('%s, which needs a permission', async (flag, value, action) => {
    const world = await denying(action);
    const run = await world.run(['session-lines', 'plain', flag, value]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      new RegExp(`does not allow th(ese|is) .* on .*\\n.* must both allow ${action}.*leave out .*${flag}`),
    );
    await world.lines('plain');
  });

  it('asks for no new code when the tags are refused to an MFA session', async () => {
    const world = await denying('sts:TagSession');
    await world.linesWithCode('role101');
    // Old enough that a refusal of the role alone might mean its age.
    for (const file of world.keptSessions()) {
      const kept = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...kept, obtained: kept.obtained - 120 }));
    }
    const run = await world.run(['session-lines', 'role101', '--tag', 'a=1']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).not.toContain('code');
  });

  it('tags that are too many', async () => {
    const world = await makeWorld();
    const more = Array.from({ length: 20 }, (_, i) => ['--tag', `k${i}=${'v'.repeat(250)}`]).flat();
    const run = await world.run(['session-lines', 'plain', ...more]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      /session policies and tags are too large together .*allotted space\.\n.*shorten the policy/,
    );
  });

  it('a policy that is JSON and no policy', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain', '--policy', policyFile(world, '{}')]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/does not understand the session policy: .*\n.*the file that --policy names/);
  });

  it('a duration that the role does not allow', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain', '--duration', '2h']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain(
      'lower duration_seconds (--duration), or raise the maximum session duration',
    );
  });
});
