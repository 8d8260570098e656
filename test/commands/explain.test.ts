import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Explanation } from '../../src/credentials/explanation.ts';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { makeWorld, type RunOptions, roleArn, section, USER101_KEYS, type World } from '../world.ts';

const CONFIGURATION = 3;
const plain = { role_arn: roleArn('plain'), source_profile: 'user101' };

async function explain(world: World, words: string[], options: RunOptions = {}): Promise<Explanation> {
  const run = await world.run(['explain', ...words, '--json'], options);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(run.stdout) as Explanation;
}

async function explained(world: World, words: string[], options: RunOptions = {}): Promise<string> {
  const run = await world.run(['explain', ...words], options);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return run.stdout;
}

describe('explain', () => {
  it('tells the chain hop by hop with the line of every value, and calls, asks and writes nothing', async () => {
    const world = await makeWorld();
    const before = world.snapshot('.');
    const text = await explained(world, ['chained']);
    const credentials = join(world.home, '.aws', 'credentials');
    const config = join(world.home, '.aws', 'config');
    expect(text).toMatch(
      /^1\. keys in an AWS file, of profile user101\n {3}aws_access_key_id +AKIA…MPLE +\S+credentials:2\n/,
    );
    expect(text).toContain(`aws_secret_access_key  (not shown)  ${credentials}:3\n`);
    expect(text).toMatch(
      new RegExp(
        `2\\. AssumeRole ${roleArn('role101')}, of profile role101\n {3}role_arn +\\S+ +${credentials}:8\n`,
      ),
    );
    expect(text).toMatch(/mfa_serial +arn:\S+user101 +\S+credentials:9\n/);
    expect(text).toContain(
      'MFA code: asked for on the terminal, for an MFA session of 12 h (GetSessionToken)',
    );
    expect(text).toMatch(
      new RegExp(
        `3\\. AssumeRole ${roleArn('chained')}, of profile chained\n {3}role_arn +\\S+ +${config}:7\n {3}source_profile +role101 +${config}:8\n`,
      ),
    );
    expect(text).toContain(`STS: ${world.sts.url}, region us-east-1 (${config}:9)\n`);
    expect(text).toMatch(/AWS_REGION +us-east-1 +\S+config:9\n/);
    expect(text).toMatch(/AWS_SECRET_ACCESS_KEY +\(from the session\)\n/);
    expect(text).not.toContain(USER101_KEYS.aws_access_key_id);
    expect(world.snapshot('.')).toEqual(before);
    expect(world.sts.counts()).toEqual({});
  });

  it('says what is kept, and so what would not be called', async () => {
    const world = await makeWorld();
    const { set } = await world.linesWithCode('role101');
    const after = await explain(world, ['role101']);
    expect(after.calls).toMatchObject([
      {
        profile: 'role101',
        needed: false,
        session: { from: 'awsrole', expires: set.AWS_CREDENTIAL_EXPIRATION },
        mfa: { serial: SAMPLE_MFA_SERIAL, code: 'not needed: a kept session is used' },
      },
    ]);
    expect((await explain(world, ['chained'])).calls).toMatchObject([{ needed: false }, { needed: true }]);
    const other = await explain(world, ['role102']);
    expect(other.calls[0]).toMatchObject({ needed: true });
    expect(other.calls[0]?.mfa?.code).toMatch(
      /^not needed: an MFA session of profile user101 is kept \(12 h left\)$/,
    );
    const long = await explain(world, ['long']);
    expect(long.calls[0]?.mfa?.code).toMatch(/for AssumeRole itself: its sessions last longer than 1 h$/);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });

  it('names the settings that no variable can say', async () => {
    const config = `${section('profile a', { ...plain, cli_history: 'enabled' }).trimEnd()}\ns3 =\n  addressing_style = path\n`;
    const world = await makeWorld({ config });
    const { withoutVariable } = await explain(world, ['a']);
    const file = join(world.home, '.aws', 'config');
    expect(withoutVariable).toEqual([
      { name: 'cli_history', value: 'enabled', file, line: 4 },
      { name: 's3.addressing_style', value: 'path', file, line: 6 },
    ]);
    expect(await explained(world, ['a'])).toContain('only --profile a sees it');
  });

  it.each([
    { settings: { region: 'eu-west-1' }, url: 'https://sts.eu-west-1.amazonaws.com' },
    { settings: {}, partition: 'aws', url: 'https://sts.us-east-1.amazonaws.com' },
    { settings: {}, partition: 'aws-us-gov', url: 'https://sts.us-gov-west-1.amazonaws.com' },
    { settings: {}, partition: 'aws-cn', url: 'https://sts.cn-northwest-1.amazonaws.com.cn' },
    { settings: {}, partition: 'aws-eusc', url: 'https://sts.eusc-de-east-1.amazonaws.eu' },
    { settings: {}, partition: 'aws-iso', url: 'https://sts.us-iso-east-1.c2s.ic.gov' },
    { settings: {}, partition: 'aws-iso-b', url: 'https://sts.us-isob-east-1.sc2s.sgov.gov' },
    { settings: {}, partition: 'aws-iso-e', url: 'https://sts.eu-isoe-west-1.cloud.adc-e.uk' },
    { settings: {}, partition: 'aws-iso-f', url: 'https://sts.us-isof-south-1.csp.hci.ic.gov' },
    { settings: { use_fips_endpoint: 'true' }, url: 'https://sts-fips.us-east-1.amazonaws.com' },
    {
      settings: { use_fips_endpoint: 'true' },
      partition: 'aws-us-gov',
      url: 'https://sts.us-gov-west-1.amazonaws.com',
    },
    { settings: { use_dualstack_endpoint: 'true' }, url: 'https://sts.us-east-1.api.aws' },
    {
      settings: { use_dualstack_endpoint: 'true' },
      partition: 'aws-cn',
      url: 'https://sts.cn-northwest-1.api.amazonwebservices.com.cn',
    },
    { settings: { sts_regional_endpoints: 'legacy', region: 'eu-west-1' }, url: 'https://sts.amazonaws.com' },
    {
      settings: { sts_regional_endpoints: 'legacy', region: 'ap-east-1' },
      url: 'https://sts.ap-east-1.amazonaws.com',
    },
    {
      settings: { sts_regional_endpoints: 'legacy' },
      partition: 'aws-us-gov',
      url: 'https://sts.us-gov-west-1.amazonaws.com',
    },
  ])('asks $url with $settings in $partition', async ({ settings, partition = 'aws', url }) => {
    const world = await makeWorld({
      config: section('profile a', {
        ...plain,
        ...settings,
        role_arn: roleArn('plain', partition),
        source_profile: 'keys',
      }),
      credentials: section('keys', USER101_KEYS),
    });
    expect((await explain(world, ['a'], { env: { AWS_ENDPOINT_URL_STS: undefined } })).sts.url).toBe(url);
  });

  it('refuses what the switch would refuse, with the same words', async () => {
    const world = await makeWorld({
      config: [
        section('profile far', { ...plain, region: 'cn-north-1' }),
        section('profile loop', { ...plain, source_profile: 'loop' }),
        section('profile short', { ...plain, duration_seconds: '60' }),
      ].join(''),
    });
    for (const profile of ['far', 'loop', 'short', 'none']) {
      const [told, switched] = await Promise.all([
        world.run(['explain', profile]),
        world.run(['session-lines', profile]),
      ]);
      expect(told).toMatchObject({ status: CONFIGURATION, stdout: '', stderr: switched.stderr });
    }
    const far = await world.run(['explain', 'far']);
    expect(far.stderr).toContain('region "cn-north-1"');
    expect(far.stderr).toContain('in partition aws-cn, but the role is in aws');
  });

  it('shows no secret of any source', async () => {
    const token = 'IQoJb3JpZ2luX2VjENOTAREALTOKEN';
    const config = [
      section('profile program', { credential_process: '/opt/give --password Hunter2 $(id)' }),
      section('profile session', { ...USER101_KEYS, aws_session_token: token }),
      section('profile environment', { role_arn: roleArn('plain'), credential_source: 'Environment' }),
      section('profile url', { ...plain, endpoint_url: 'http://me:Hunter2@127.0.0.1:1/' }),
      section('profile code', { ...plain, mfa_serial: SAMPLE_MFA_SERIAL, mfa_process: 'otp --pin Hunter2' }),
    ].join('');
    const world = await makeWorld({ config });
    const env = {
      AWS_ACCESS_KEY_ID: 'AKIAFROMTHESHELL1234',
      AWS_SECRET_ACCESS_KEY: world.keepSecret('Hunter2FromTheShell'),
      AWS_ENDPOINT_URL_STS: undefined,
    };
    for (const name of ['Hunter2', token]) world.keepSecret(name);
    const texts: string[] = [];
    for (const profile of ['program', 'session', 'environment', 'url', 'code']) {
      texts.push(
        await explained(world, [profile], { env }),
        JSON.stringify(await explain(world, [profile], { env })),
      );
    }
    const [program = '', , , , environment = '', , , , code = ''] = texts;
    expect(program).toMatch(/credential_process +\/opt\/give … +\S+:2\n/);
    expect(environment).toMatch(/AWS_ACCESS_KEY_ID +AKIA…1234\n/);
    expect(code).toMatch(/MFA code: mfa_process \(\S+:\d+\)/);
    expect(texts.join('')).not.toMatch(/Hunter2|AKIAFROMTHESHELL1234|NOTAREALTOKEN/);
  });

  it('shows control characters as what they are', async () => {
    const world = await makeWorld({ credentials: sampleFiles().credentials });
    writeFileSync(
      join(world.home, '.aws', 'config'),
      section('profile a', { ...plain, x_note: '\u001b[31mred' }),
    );
    expect(await explained(world, ['a'])).toContain('\\u{1b}[31mred');
  });

  it('names the flag that a value is from, and the line of a tag', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...plain, session_tags: 'team=blue', transitive_session_tags: 'team' }),
    });
    writeFileSync(join(world.home, 'policy'), '{"Version": "2012-10-17"}');
    const flags = ['--tag', 'for=tests', '--source-identity', 'me', '--region', 'eu-west-2', '--policy'];
    const { calls, sts } = await explain(world, ['a', ...flags, join(world.home, 'policy')]);
    const file = join(world.home, '.aws', 'config');
    expect(calls[0]?.values).toEqual(
      expect.arrayContaining([
        { name: 'session_tags', value: 'team=blue', file, line: 4 },
        { name: 'session_tags', value: 'for=tests', by: '--tag' },
        { name: 'transitive_session_tags', value: 'team', file, line: 5 },
        { name: 'source_identity', value: 'me', by: '--source-identity' },
        expect.objectContaining({ name: 'policy', value: '(25 characters)' }),
      ]),
    );
    expect(sts).toMatchObject({ region: 'eu-west-2', regionFrom: '--region' });
  });

  it('is what a switch with --dry-run says, flags included', async () => {
    const world = await makeWorld();
    const dry = await world.run(['plain', '--dry-run', '--duration', '15m']);
    expect(dry).toMatchObject({ status: 0, stderr: '' });
    expect(dry.stdout).toBe(await explained(world, ['plain', '--duration', '15m']));
    expect(dry.stdout).toMatch(/duration_seconds +900 +--duration\n/);
    expect(JSON.parse((await world.run(['plain', '--dry-run', '--json'])).stdout)).toEqual(
      await explain(world, ['plain']),
    );
    expect(await world.run(['plain', '--json'])).toMatchObject({ status: 2, stdout: '' });
    expect(world.sts.counts()).toEqual({});
  });
});
