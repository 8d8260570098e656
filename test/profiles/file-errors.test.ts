import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { makeWorld, type Run, type RunOptions, roleArn, section, type World } from '../world.ts';

const CONFIGURATION = 3;
// All that can be said is said, so that the search for secrets at the end of each world sees it too.
const DEBUG = { AWSROLE_DEBUG: '1' };
const plain = { role_arn: roleArn('plain'), source_profile: 'user101' };

/** A switch that must fail, before anybody is asked, and change nothing. */
async function failingSwitch(world: World, profile: string, options: RunOptions = {}): Promise<Run> {
  const files = world.snapshot();
  const cache = world.snapshot('.cache/awsrole/sessions');
  const run = await world.run(['session-lines', profile], { ...options, env: { ...DEBUG, ...options.env } });
  expect(run.stdout).toBe('');
  expect(world.snapshot()).toEqual(files);
  expect(world.snapshot('.cache/awsrole/sessions')).toEqual(cache);
  expect(world.sts.counts()).toEqual({});
  return run;
}

describe('an error in the files', () => {
  it.each<{ what: string; profile?: string; config: string; says: RegExp[] }>([
    {
      what: 'an unknown profile, with names like it',
      profile: 'rol101',
      config: '',
      says: [
        /there is no profile "rol101" in .*\/\.aws\/config and .*\/\.aws\/credentials\n/,
        /did you mean "role101" or "role102"\?/,
      ],
    },
    {
      what: 'a role without a source',
      config: section('profile a', { role_arn: roleArn('plain') }),
      says: [
        /config:2: profile "a" has a role_arn but neither source_profile nor credential_source/,
        /source_profile = default/,
      ],
    },
    {
      what: 'a loop',
      config:
        section('profile a', { ...plain, source_profile: 'b' }) +
        section('profile b', { ...plain, source_profile: 'a' }),
      says: [/config:\d: the source profiles form an infinite loop: "a" → "b" → "a"/, /with keys/],
    },
    {
      what: 'a missing source',
      config: section('profile a', { ...plain, source_profile: 'user11' }),
      says: [
        /config:3: could not find source profile "user11", referenced from profile "a"/,
        /did you mean "user101"\?/,
      ],
    },
    {
      what: 'both sources',
      config: section('profile a', { ...plain, credential_source: 'Environment' }),
      says: [/config:4: profile "a" contains both source_profile and credential_source/, /delete one/],
    },
    {
      what: 'a malformed line in the profile',
      config: `[profile a]\nrole_arn ${roleArn('plain')}\nsource_profile = user101\n`,
      says: [/config:2: /],
    },
    {
      what: 'a duration that is no number',
      config: section('profile a', { ...plain, duration_seconds: '1h' }),
      says: [/config:4: duration_seconds of profile "a" is "1h"/, /900 to 43200/],
    },
    {
      what: 'a duration of a minute',
      config: section('profile a', { ...plain, duration_seconds: '60' }),
      says: [/config:4: .*"60"/, /900 to 43200/],
    },
    {
      what: 'a session name with a space',
      config: section('profile a', { ...plain, role_session_name: 'my name' }),
      says: [/config:4: role_session_name of profile "a" is "my name"/, /2 to 64/],
    },
    {
      what: 'a role_arn that is none',
      config: section('profile a', { ...plain, role_arn: 'role101' }),
      says: [/config:2: role_arn of profile "a" is "role101"/, /arn:aws:iam::123456789012:role\/NAME/],
    },
    {
      what: 'an mfa_serial with an umlaut',
      config: section('profile a', { ...plain, mfa_serial: 'arn:aws:iam::123456789012:mfa/jörg' }),
      says: [/config:4: mfa_serial of profile "a"/, /MFA device/],
    },
    {
      what: 'an external_id with a space',
      config: section('profile a', { ...plain, external_id: 'a b' }),
      says: [/config:4: external_id of profile "a"/, /2 to 1224/],
    },
    {
      what: 'a region of another partition',
      config: section('profile a', { ...plain, region: 'cn-north-1' }),
      says: [
        /region "cn-north-1" \(.*config:4\) is in partition aws-cn, but the role is in aws/,
        /us-east-1/,
      ],
    },
    {
      what: 'a region that is none',
      config: section('profile a', { ...plain, region: 'us east 1' }),
      says: [/"us east 1" is not a region \(.*config:4\)/],
    },
    {
      what: 'a [services] section that does not exist',
      config: section('profile a', { ...plain, services: 'mine' }),
      says: [/config:4: .*\[services "mine"\]/],
    },
    {
      what: 'an endpoint_url that is none',
      config: section('profile a', { ...plain, endpoint_url: 'sts.example' }),
      says: [/the STS endpoint "sts\.example" is not an http\(s\) URL/, /endpoint_url/],
    },
    {
      what: 'a source that is not there',
      config: section('profile a', { role_arn: roleArn('plain'), credential_source: 'Environment' }),
      says: [/config:3: profile "a" takes its keys from the environment, but AWS_ACCESS_KEY_ID is not set/],
    },
    {
      what: 'a ca_bundle that is not there',
      config: section('profile a', {
        ...plain,
        ca_bundle: '/nowhere/ca.pem',
        endpoint_url: 'https://127.0.0.1:1',
      }),
      says: [/the CA bundle \/nowhere\/ca\.pem cannot be read/, /ca_bundle/],
    },
    {
      what: 'a secret that is missing',
      config: section('profile a', { aws_access_key_id: 'AKIAHALF000000EXAMPLE' }),
      says: [/config:2: profile "a" is missing aws_secret_access_key/, /beside aws_access_key_id/],
    },
  ])('that is $what names its place and the next step', async ({ what, profile = 'a', config, says }) => {
    const world = await makeWorld({ config });
    // Where the profile is to say it, the environment must not.
    const env = /endpoint_url|ca_bundle/.test(what) ? { AWS_ENDPOINT_URL_STS: undefined } : {};
    const run = await failingSwitch(world, profile, { env });
    expect(run.status).toBe(CONFIGURATION);
    for (const text of says) expect(run.stderr).toMatch(text);
    // The hint is a line of its own.
    expect(run.stderr).toMatch(/^awsrole: .*(\n {2}\S.*)?\n$/m);
  });

  it('is one sentence and one hint', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'rol101']);
    expect(run.stderr).toBe(
      `awsrole: there is no profile "rol101" in ${world.home}/.aws/config and ${world.home}/.aws/credentials\n` +
        '  did you mean "role101" or "role102"?\n',
    );
    expect((await world.run(['exec', 'rol101', '--', 'echo', 'run'])).stdout).toBe('');
  });

  it('that no files are there says so, and what to write', async () => {
    const world = await makeWorld({ config: undefined, credentials: undefined });
    const run = await failingSwitch(world, 'qqqq');
    const [config, credentials] = ['config', 'credentials'].map((name) => join(world.home, '.aws', name));
    expect(run).toMatchObject({ status: CONFIGURATION });
    expect(run.stderr).toContain(
      `awsrole: there is no profile "qqqq": no profiles were defined: neither ${config} nor ${credentials} exists\n`,
    );
    expect(run.stderr).toMatch(/\[user101\]\n.*\[profile role101\]\n.*awsrole role101\n.*awsrole demo\n$/s);
  });

  it('that the files are empty names them', async () => {
    const world = await makeWorld({ config: '# nothing yet\n', credentials: undefined });
    const run = await failingSwitch(world, 'qqqq');
    expect(run).toMatchObject({
      status: CONFIGURATION,
      stderr: expect.stringContaining(`no profiles were defined in ${join(world.home, '.aws', 'config')}\n`),
    });
  });

  it('that is a file which may not be read names it', async () => {
    const world = await makeWorld();
    chmodSync(join(world.home, '.aws', 'credentials'), 0o000);
    const run = await world.run(['session-lines', 'plain'], { ordinary: true, env: DEBUG });
    expect(run).toMatchObject({
      status: CONFIGURATION,
      stdout: '',
      stderr: expect.stringMatching(/\.aws\/credentials cannot be read: EACCES.*\n.*ls -l/),
    });
  });

  it('that is a folder in place of a file names it', async () => {
    const world = await makeWorld();
    rmSync(join(world.home, '.aws', 'config'));
    mkdirSync(join(world.home, '.aws', 'config'));
    const run = await failingSwitch(world, 'role101');
    expect(run).toMatchObject({
      status: CONFIGURATION,
      stderr: expect.stringMatching(/\.aws\/config cannot be read: .*folder/),
    });
  });

  it('elsewhere in the files is no matter of a switch; list and explain name it', async () => {
    const world = await makeWorld({
      config: `${sampleFiles().config}\n[profile broken]\nthis is no setting\n[profile dup]\nregion = a\nregion = b\n`,
    });
    expect(await world.run(['session-lines', 'plain'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('\nAWSROLE_PROFILE=plain\n'),
      stderr: '',
    });
    for (const args of [
      ['exec', 'plain', '--', 'true'],
      ['credential-process', 'plain'],
    ]) {
      expect(await world.run(args)).toMatchObject({ status: 0, stderr: '' });
    }
    for (const args of [['list'], ['explain', 'plain']]) {
      const { stderr } = await world.run(args);
      expect(stderr).toMatch(/^awsrole: warning: .*\.aws\/config:\d+: expected an '='/m);
      expect(stderr).toMatch(/^awsrole: warning: .*\.aws\/config:\d+: "region" is already on line/m);
    }
  });

  it('in the chain of a switch is its warning, that of its source profile included', async () => {
    const twice = (name: string): string => `[profile ${name}]\noutput = json\noutput = text\n`;
    const world = await makeWorld({
      config: `${twice('other')}${twice('user101')}${section('profile a', plain)}`,
    });
    const { status, stderr } = await world.run(['session-lines', 'a']);
    expect({ status, warnings: stderr.match(/warning: .*/g) }).toEqual({
      status: 0,
      warnings: [expect.stringMatching(/config:6: "output" is already on line 5;/)],
    });
  });

  it('in a value that may be a secret does not show it', async () => {
    const world = await makeWorld({ config: '' });
    const secret = world.keepSecret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYSECRETKEY');
    world.write({
      credentials: `[a]\naws_access_key_id = AKIAEXAMPLE000000001\n aws_secret_access_key = ${secret}\n`,
    });
    const torn = await failingSwitch(world, 'a');
    expect(torn.status).toBe(CONFIGURATION);
    world.write({
      credentials: `[a]\naws_access_key_id = AKIAEXAMPLE000000001\naws_secret_access_key ${secret}\n`,
    });
    const malformed = await failingSwitch(world, 'a');
    expect(malformed).toMatchObject({
      status: CONFIGURATION,
      stderr: expect.stringContaining('credentials:3'),
    });
    await world.run(['list'], { env: DEBUG });
  });
});

describe('a control character', () => {
  const ESC = '\u001b[31m';

  it('in a name is shown escaped, whoever asks', async () => {
    const world = await makeWorld({
      config: `${section(`profile ${ESC}red`, plain)}${section('profile a', { ...plain, source_profile: `${ESC}src` })}`,
    });
    const runs = [
      await failingSwitch(world, 'a'),
      await failingSwitch(world, `${ESC}typo`),
      await world.run(['list']),
      await world.run(['list', `${ESC}x`]),
      await world.run([`${ESC}red`]),
      await world.run(['exec', `${ESC}red`, '--', `${ESC}nothing`]),
      await world.run(['clear', `${ESC}red`]),
    ];
    for (const { stdout, stderr } of runs) {
      expect(stdout).not.toContain('\u001b');
      expect(stderr).not.toContain('\u001b');
    }
    expect(runs[0]?.status).toBe(CONFIGURATION);
    expect(runs[0]?.stderr).toContain('\\u{1b}[31msrc');
  });

  it.each([
    { what: 'an escape', value: `js${ESC}on` },
    { what: 'a C1 character', value: 'json\u009b' },
    { what: 'a change of direction', value: 'json\u202e' },
    { what: 'a carriage return', value: 'js\ron' },
  ])('in a value ($what) never gets into a shell', async ({ value }) => {
    const world = await makeWorld({ config: section('profile a', { ...plain, output: value }) });
    const run = await world.run(['session-lines', 'a'], { env: DEBUG });
    // A lone CR ends a line, for us as for the AWS CLI; then the rest is a line that nobody can read.
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).not.toMatch(/[\u001b\u009b\u202e\r]/);
    if (!value.includes('\r')) {
      expect(run.stderr).toContain('a value has a control character in it: AWS_DEFAULT_OUTPUT');
    }
  });

  it('in the environment never gets into a shell', async () => {
    const world = await makeWorld();
    const env = { AWS_CONFIG_FILE: `${join(world.home, '.aws', 'config')}\n` };
    writeFileSync(env.AWS_CONFIG_FILE, sampleFiles().config);
    const run = await world.run(['session-lines', 'plain'], { env });
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining('\nfor -\n') });
    // No line could say which file it was made from.
    expect(world.snapshot('.cache/awsrole/shell')).toEqual({});
  });
});

describe('a file that a variable names and that is not there', () => {
  it.each([
    ['a profile', { AWS_CONFIG_FILE: '$HOME/no/config' }, 'x', 'AWS_CONFIG_FILE', 'no/config'],
    [
      'a source',
      { AWS_SHARED_CREDENTIALS_FILE: '~/no/keys' },
      'plain',
      'AWS_SHARED_CREDENTIALS_FILE',
      'no/keys',
    ],
  ])('is named where %s is not found', async (_what, env, profile, variable, path) => {
    const world = await makeWorld();
    const run = await failingSwitch(world, profile, { env });
    expect(run.status).toBe(CONFIGURATION);
    expect(run.stderr).toContain(`; ${world.home}/${path}, which ${variable} names, is not there\n`);
  });

  it('is not named where it is the usual one', async () => {
    const world = await makeWorld({ config: undefined });
    const run = await failingSwitch(world, 'x');
    expect(run.stderr).not.toContain('is not there');
  });
});
