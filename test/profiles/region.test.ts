import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Environment } from '../../src/context.ts';
import type { Explanation } from '../../src/credentials/explanation.ts';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { regionNotices, switchRegion, unknownRegions } from '../../src/profiles/region.ts';
import { resolveRoleChain } from '../../src/profiles/role-chain.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, parseLines, type Run, roleArn, section } from '../world.ts';
import { storeOf } from './files.ts';

const KEYS = { aws_access_key_id: 'A', aws_secret_access_key: 'S' };

/** A role of a partition behind keys, and what the switch to it makes of a shell's region. */
function switchTo(
  env: Environment,
  { role = {}, keys = {}, more = '', partition = 'aws' }: Files = {},
): { regions: (string | undefined)[]; from: string; notices: string[] } {
  const isRole = partition !== '';
  const store = storeOf(
    section('profile keys', { ...KEYS, ...keys }) +
      section(
        'profile x',
        isRole
          ? { role_arn: roleArn('x', partition), source_profile: 'keys', ...role }
          : { ...KEYS, ...role },
      ) +
      more,
  );
  const chain = resolveRoleChain(store, 'x');
  const { variables, from } = switchRegion(store, chain, env);
  const after = (name: string): string | undefined => variables.get(name)?.value ?? env[name];
  return {
    regions: [after('AWS_REGION'), after('AWS_DEFAULT_REGION')],
    from,
    notices: [...regionNotices(store, chain, env), ...unknownRegions(store, chain, env)],
  };
}

interface Files {
  readonly role?: Record<string, string>;
  readonly keys?: Record<string, string>;
  readonly more?: string;
  /** Empty for a profile of keys. */
  readonly partition?: string;
}

describe('the region of a switch', () => {
  it.each([
    ['aws', 'us-gov-west-1', 'us-east-1'],
    ['aws', 'us-isob-east-1', 'us-east-1'],
    ['aws-us-gov', 'us-west-2', 'us-gov-west-1'],
    ['aws-cn', 'ap-east-1', 'cn-northwest-1'],
    ['aws-eusc', 'eu-central-1', 'eusc-de-east-1'],
    ['aws-iso', 'us-gov-west-1', 'us-iso-east-1'],
    ['aws-iso-b', 'us-iso-east-1', 'us-isob-east-1'],
    ['aws-iso-e', 'eu-west-1', 'eu-isoe-west-1'],
    ['aws-iso-f', 'us-east-1', 'us-isof-south-1'],
  ])('of a role of %s is not the %s of the shell', (partition, ofShell, region) => {
    for (const env of [
      { AWS_REGION: ofShell },
      { AWS_DEFAULT_REGION: ofShell },
      { AWS_REGION: ofShell, AWS_DEFAULT_REGION: ofShell },
    ]) {
      const { regions, from, notices } = switchTo(env, { partition });
      expect({ regions, from }).toEqual({ regions: [region, region], from: 'partition' });
      expect(notices).toEqual([
        expect.stringMatching(
          RegExp(
            `^region "${ofShell}" \\(${Object.keys(env)[0]}\\) is in partition aws[a-z-]*, but the role is in ${partition}: ${region} is used$`,
          ),
        ),
      ]);
    }
    // Its own is kept, and so is what has no form that tells.
    expect(switchTo({ AWS_REGION: region }, { partition })).toMatchObject({
      regions: [region, region],
      from: 'shell',
      notices: [],
    });
  });

  it.each<{ what: string; env: Environment; files?: Files; is: (string | undefined)[]; from: string }>([
    {
      what: 'the one variable says what the other does not',
      env: { AWS_REGION: 'eu-west-1' },
      is: ['eu-west-1', 'eu-west-1'],
      from: 'shell',
    },
    {
      what: 'the other way round',
      env: { AWS_REGION: '', AWS_DEFAULT_REGION: 'eu-west-1' },
      is: ['eu-west-1', 'eu-west-1'],
      from: 'shell',
    },
    {
      what: 'two that differ stay',
      env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-2' },
      is: ['eu-west-1', 'eu-west-2'],
      from: 'shell',
    },
    {
      what: 'one of two is of another partition',
      env: { AWS_REGION: 'cn-north-1', AWS_DEFAULT_REGION: 'eu-west-2' },
      is: ['eu-west-2', 'eu-west-2'],
      from: 'shell',
    },
    {
      what: "the profile's comes first",
      env: { AWS_REGION: 'eu-west-1' },
      files: { role: { region: 'eu-west-3' } },
      is: ['eu-west-3', 'eu-west-3'],
      from: 'profile',
    },
    {
      what: "then its source's",
      env: { AWS_REGION: 'eu-west-1' },
      files: { keys: { region: 'eu-west-3' } },
      is: ['eu-west-3', 'eu-west-3'],
      from: 'profile',
    },
    {
      what: 'but not one of another partition',
      env: { AWS_REGION: 'us-gov-east-1' },
      files: { partition: 'aws-us-gov', keys: { region: 'eu-west-3' } },
      is: ['us-gov-east-1', 'us-gov-east-1'],
      from: 'shell',
    },
    {
      what: 'nor that alone',
      env: {},
      files: { partition: 'aws-us-gov', keys: { region: 'eu-west-3' } },
      is: ['us-gov-west-1', 'us-gov-west-1'],
      from: 'partition',
    },
    { what: 'there is none', env: {}, is: [undefined, undefined], from: 'nothing' },
    {
      what: '[default] has one',
      env: {},
      files: { more: section('default', { region: 'eu-west-2' }) },
      is: [undefined, undefined],
      from: 'default',
    },
    {
      what: '[default] has one of another partition',
      env: {},
      files: { partition: 'aws-cn', more: section('default', { region: 'eu-west-2' }) },
      is: ['cn-northwest-1', 'cn-northwest-1'],
      from: 'partition',
    },
    {
      what: 'keys may be of any partition',
      env: { AWS_REGION: 'cn-north-1' },
      files: { partition: '' },
      is: ['cn-north-1', 'cn-north-1'],
      from: 'shell',
    },
    {
      what: 'but for their MFA device',
      env: { AWS_REGION: 'eu-west-1' },
      files: { partition: '', role: { mfa_serial: 'arn:aws-cn:iam::123456789012:mfa/me' } },
      is: ['cn-northwest-1', 'cn-northwest-1'],
      from: 'partition',
    },
    {
      what: 'an SSO profile is where its SSO is',
      env: { AWS_REGION: 'eu-west-1' },
      files: {
        partition: '',
        role: {
          sso_start_url: 'https://x',
          sso_region: 'us-gov-east-1',
          sso_account_id: '123456789012',
          sso_role_name: 'r',
        },
      },
      is: ['us-gov-west-1', 'us-gov-west-1'],
      from: 'partition',
    },
    {
      what: "a name of no form is nobody else's",
      env: { AWS_REGION: 'moon' },
      files: { partition: 'aws-cn' },
      is: ['moon', 'moon'],
      from: 'shell',
    },
  ])('where $what', ({ env, files, is, from }) => {
    const { regions, from: found } = switchTo(env, files);
    expect({ regions, from: found }).toEqual({ regions: is, from });
  });

  it.each<{ env?: Environment; files?: Files; says: string[] }>([
    {
      env: { AWS_REGION: 'eu-wset-1' },
      says: [
        'AWS_REGION: "eu-wset-1" is not a region that awsrole knows; did you mean "eu-west-1", "eu-west-2" or "eu-west-3"?',
      ],
    },
    {
      env: { AWS_REGION: 'moon', AWS_DEFAULT_REGION: 'moon' },
      says: ['AWS_REGION: "moon" is not a region that awsrole knows; regions look like us-east-1'],
    },
    {
      env: { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1a' },
      says: [
        'AWS_DEFAULT_REGION: "us-east-1a" is not a region that awsrole knows; did you mean "us-east-1", "us-east-2" or "ap-east-1"?',
      ],
    },
    {
      files: { role: { region: 'eu-west-9' } },
      says: [
        'config:8: "eu-west-9" is not a region that awsrole knows; did you mean "eu-west-1", "eu-west-2" or "eu-west-3"?',
      ],
    },
    {
      files: { keys: { region: 'EU-WEST-1' } },
      says: [
        'config:4: "EU-WEST-1" is not a region that awsrole knows; did you mean "eu-west-1", "eu-west-2" or "eu-west-3"?',
      ],
    },
    {
      files: { partition: 'aws-us-gov', role: { region: 'us-gov-wst-1' } },
      says: [
        'config:8: "us-gov-wst-1" is not a region that awsrole knows; did you mean "us-gov-west-1" or "us-gov-east-1"?',
      ],
    },
    { env: { AWS_REGION: 'aws-global' }, says: [] },
    { env: { AWS_REGION: 'fips-us-west-2' }, says: [] },
    { env: { AWS_REGION: 'us-gov-west-1-fips' }, files: { partition: 'aws-us-gov' }, says: [] },
    // What is no AWS has other regions.
    { files: { partition: '', role: { region: 'auto', endpoint_url: 'https://x.r2.example' } }, says: [] },
    {
      says: [
        'no region is set, and most AWS commands need one: add region = us-east-1 to profile "x" (config:5), or add --region us-east-1',
      ],
    },
  ])('says $says', ({ env = {}, files, says }) => {
    expect(switchTo(env, files).notices).toEqual(says);
  });
});

/** Roles of three partitions whose profiles name no region, as the keys behind them. */
function withoutRegions(more = ''): { credentials: string; config: string } {
  const { credentials } = sampleFiles();
  const role = (name: string, partition: string, source: string, id: string): string =>
    section(`profile ${id}`, { role_arn: roleArn(name, partition), source_profile: source });
  return {
    credentials: credentials.replace(/^region = .*\n/gm, ''),
    config:
      role('plain', 'aws', 'user101', 'here') +
      role('cn', 'aws-cn', 'user-cn', 'china') +
      section('profile named', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'eu-west-3',
      }) +
      more,
  };
}

const SDK = `import { STSClient, GetCallerIdentityCommand } from '${import.meta.resolve('@aws-sdk/client-sts')}';
const client = new STSClient({ endpoint: process.env.AWS_ENDPOINT_URL_STS });
console.log(await client.config.region(), (await client.send(new GetCallerIdentityCommand({}))).Arn);`;
const SHOW_REGION =
  'import boto3; s = boto3.Session(); print(s.region_name, s.client("sts").get_caller_identity()["Arn"])';

describe('the region in the shell', () => {
  it(
    'is one where the keys of the role are taken, by the AWS CLI, boto3 and the AWS SDK',
    needs(hasBoth),
    async () => {
      const world = await makeWorld(withoutRegions());
      for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
        const env = { [name]: 'eu-west-1' };
        const inChina = (...command: string[]): Promise<Run> =>
          world.run(['exec', 'china', '--', ...command], { env });
        // One after another, or they wait for each other.
        const cli = await inChina(aws, 'sts', 'get-caller-identity', '--output', 'text', '--query', 'Arn');
        const [boto3, sdk, list] = await Promise.all([
          inChina(python, '-c', SHOW_REGION),
          inChina(process.execPath, '--input-type=module', '-e', SDK),
          inChina(aws, 'configure', 'list'),
        ]);
        expect(cli.stdout).toContain('arn:aws-cn:sts::123456789012:assumed-role/cn/');
        expect(boto3.stdout).toContain('cn-northwest-1 arn:aws-cn:sts::123456789012:assumed-role/cn/');
        expect(sdk.stdout).toContain('cn-northwest-1 arn:aws-cn:sts::123456789012:assumed-role/cn/');
        expect(list.stdout).toMatch(/region +(?::)? ?cn-northwest-1 +(?::)? ?env/);
        expect(cli.stderr).toBe(
          `awsrole: region "eu-west-1" (${name}) is in partition aws, but the role is in aws-cn: cn-northwest-1 is used\n`,
        );
      }
    },
  );

  it('is the same for all of them where the shell has named it in one variable', needs(hasBoth), async () => {
    const world = await makeWorld(withoutRegions(section('default', { region: 'eu-west-2' })));
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
      const env = { [name]: 'eu-west-1' };
      const inside = (...command: string[]): Promise<Run> =>
        world.run(['exec', 'here', '--', ...command], { env });
      expect(await inside(python, '-c', SHOW_REGION)).toMatchObject({
        stdout: expect.stringMatching(/^eu-west-1 /),
        stderr: '',
      });
      expect((await inside(process.execPath, '--input-type=module', '-e', SDK)).stdout).toMatch(
        /^eu-west-1 /,
      );
      expect((await world.lines('here', { env })).says).toBe(`here: ${roleArn('plain')}, eu-west-1`);
    }
  });

  it('stays what it is in a child that switches again', async () => {
    const world = await makeWorld(withoutRegions());
    const env = { AWS_REGION: 'eu-west-1' };
    const command = [process.execPath, world.cli, 'exec', 'here', '--', 'env'];
    const run = await world.run(['exec', 'here', '--', ...command], { env });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toMatch(/^AWS_REGION=eu-west-1$/m);
  });

  it('is missing only with a line that says so, at every switch', async () => {
    const world = await makeWorld(withoutRegions());
    const file = join(world.home, '.aws', 'config');
    const says = `awsrole: no region is set, and most AWS commands need one: add region = us-east-1 to profile "here" (${file}:1), or add --region us-east-1\n`;
    for (let time = 0; time < 2; time++) {
      expect(await world.run(['session-lines', 'here'])).toMatchObject({ status: 0, stderr: says });
    }
    expect((await world.run(['session-lines', roleArn('plain'), '--source-profile', 'user101'])).stderr).toBe(
      'awsrole: no region is set, and most AWS commands need one: add --region us-east-1\n',
    );
    const run = await world.run(['session-lines', 'here', '--region', 'us-east-1']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it('may be new: what is not known is a warning, wherever it stands', async () => {
    const world = await makeWorld(
      withoutRegions(
        section('profile typo', {
          role_arn: roleArn('plain'),
          source_profile: 'user101',
          region: 'eu-wset-1',
        }),
      ),
    );
    const file = join(world.home, '.aws', 'config');
    const meant =
      '"eu-wset-1" is not a region that awsrole knows; did you mean "eu-west-1", "eu-west-2" or "eu-west-3"?\n';
    for (const [words, env, place] of [
      [['typo'], {}, `${file}:17`],
      [['here', '--region', 'eu-wset-1'], {}, '--region'],
      [['here'], { AWS_REGION: 'eu-wset-1' }, 'AWS_REGION'],
      [['here'], { AWS_DEFAULT_REGION: 'eu-wset-1' }, 'AWS_DEFAULT_REGION'],
    ] as const) {
      const run = await world.run(['session-lines', ...words], { env });
      expect(run).toMatchObject({
        status: 0,
        stderr: `awsrole: warning: ${place}: ${meant}`,
      });
      const { set } = parseLines(run.stdout);
      expect({ ...env, ...set }).toMatchObject({ AWS_REGION: 'eu-wset-1', AWS_DEFAULT_REGION: 'eu-wset-1' });
    }
  });

  it('is never kept for other shells when it is of this one', async () => {
    const world = await makeWorld(withoutRegions());
    world.settle();
    const kept = async (profile: string, env: Record<string, string>): Promise<string[]> => {
      await world.lines(profile, { env });
      const folder = join(world.cache, 'shell');
      return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.session')) : [];
    };
    expect(await kept('here', {})).toEqual([]);
    expect(await kept('here', { AWS_REGION: 'eu-west-1' })).toEqual([]);
    expect(await kept('china', { AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'eu-west-1' })).toEqual([]);
    expect(await kept('named', { AWS_REGION: 'eu-west-1' })).toEqual(['s-named.session']);
  });

  it('is explained, with what the switch would say', async () => {
    const world = await makeWorld(withoutRegions());
    const explain = async (profile: string, env: Record<string, string>): Promise<Explanation> => {
      const run = await world.run(['explain', profile, '--json'], { env });
      expect(run).toMatchObject({ status: 0, stderr: '' });
      return JSON.parse(run.stdout) as Explanation;
    };
    const china = await explain('china', { AWS_REGION: 'eu-west-1' });
    const by = 'the default of aws-cn, as eu-west-1 (AWS_REGION) is of another partition';
    expect(china.sts).toMatchObject({ region: 'cn-northwest-1', regionFrom: by });
    expect(china.variables).toContainEqual({ name: 'AWS_REGION', value: 'cn-northwest-1', by });
    expect(china.regionNotices).toEqual([
      'region "eu-west-1" (AWS_REGION) is in partition aws, but the role is in aws-cn: cn-northwest-1 is used',
    ]);
    const here = await explain('here', { AWS_REGION: 'eu-west-1' });
    expect(here.variables).toContainEqual({
      name: 'AWS_REGION',
      value: 'eu-west-1',
      by: 'as it is in the shell',
    });
    expect(here.variables).toContainEqual({
      name: 'AWS_DEFAULT_REGION',
      value: 'eu-west-1',
      by: 'AWS_REGION',
    });
    expect(here.regionNotices).toEqual([]);
    const { stdout } = await world.run(['explain', 'here']);
    expect(stdout).toContain('\nRegion\n   no region is set, and most AWS commands need one: ');
  });

  it('that was changed to one of another partition is what whoami speaks of, and not the key', async () => {
    const world = await makeWorld(withoutRegions());
    const { set } = await world.lines('china', { env: { AWS_REGION: 'eu-west-1' } });
    expect(await world.run(['whoami'], { env: set })).toMatchObject({ status: 0 });
    const run = await world.run(['whoami'], { env: { ...set, AWS_REGION: 'eu-west-1' } });
    expect(run).toMatchObject({
      status: 3,
      stderr:
        'awsrole: AWS_REGION is eu-west-1, in partition aws, but the role of this shell is in aws-cn, so its keys do not work there\n' +
        '  set it to a region of aws-cn, such as cn-northwest-1\n',
    });
  });
});
