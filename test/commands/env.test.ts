import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, roleArn, section, type World } from '../world.ts';

const NAME = 'a "b" $(touch x); \'c\' `d` #e \\ é';

/** A world with a profile whose name shells would take for more. */
function hostileWorld(more: Record<string, string> = {}): Promise<World> {
  const header = `profile "${NAME.replace(/["\\]/g, '\\$&')}"`;
  const settings = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'eu-west-1', ...more };
  return makeWorld({ config: sampleFiles().config + section(header, settings) });
}

describe('awsrole env', () => {
  it('gives sh what a switch gives', async () => {
    const world = await hostileWorld();
    const { set, unset } = await world.lines(NAME);
    const { status, stdout, stderr } = await world.run(['env', NAME]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const shell = await world.command(['sh', '-euc', 'eval "$1"; exec env', 'sh', stdout], {
      env: { AWS_PROFILE: 'x' },
    });
    const got = shell.stdout.split('\n');
    for (const [name, value] of Object.entries(set)) expect(got).toContain(`${name}=${value}`);
    expect(unset).toContain('AWS_PROFILE');
    expect(shell.stdout).not.toContain('AWS_PROFILE=');
    expect(got).toContain(`AWSROLE_NAMES=${Object.keys(set).join(' ')}`);
    expect(existsSync(join(world.home, 'x'))).toBe(false);
    expect((await world.run(['env', '--format', 'sh', '--', NAME])).stdout).toBe(stdout);
  });

  it('gives files what a program needs that runs elsewhere, with the region', async () => {
    const world = await makeWorld({
      config: section('profile nowhere', { role_arn: roleArn('plain'), source_profile: 'user101' }),
    });
    world.write({ credentials: sampleFiles().credentials.replace('region = us-east-1\n', '') });
    const env = { AWS_REGION: 'eu-central-1' };
    const json = await world.run(['env', 'nowhere', '--format=json'], { env });
    expect(json.status).toBe(0);
    const variables = JSON.parse(json.stdout);
    expect(variables).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_REGION: 'eu-central-1',
      AWS_ACCOUNT_ID: '123456789012',
    });
    expect(Object.keys(variables).filter((name) => !name.startsWith('AWS_'))).toEqual([]);
    for (const format of ['docker', 'systemd', 'node']) {
      const { status, stdout } = await world.run(['env', 'nowhere', '--format', format], { env });
      expect(status).toBe(0);
      expect(
        stdout
          .split('\n')
          .slice(0, -1)
          .map((line) => line.split('=')[0]),
      ).toEqual(Object.keys(variables));
    }
  });

  it('answers as a credential_process', async () => {
    const world = await makeWorld();
    const asked = await world.run(['env', 'role101', '--format', 'credential-process', '--mfa-code', '-'], {
      input: `${world.code()}\n`,
    });
    expect(asked).toMatchObject({ status: 0 });
    expect(asked.stdout).toBe((await world.run(['credential-process', 'role101'])).stdout);
  });

  it('hands a role to the later steps of a job, masked first', async () => {
    const world = await makeWorld();
    const file = join(world.home, 'github env');
    writeFileSync(file, 'OTHER=1\n');
    const env = { GITHUB_ENV: file, AWS_PROFILE: 'plain' };
    const { status, stdout, stderr } = await world.run(['env', 'plain', '--format', 'github'], { env });
    expect(status).toBe(0);
    expect(stderr).toContain('later steps still have AWS_PROFILE');
    const lines = readFileSync(file, 'utf8').split('\n');
    expect(lines[0]).toBe('OTHER=1');
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN']) {
      const value = lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1);
      expect(stdout.split('\n')).toContain(`::add-mask::${value}`);
    }
    expect(stdout.split('\n')).toHaveLength(4);
    // Of the values themselves nothing else is printed.
    expect(stdout).not.toContain('AWS_');
    const none = await world.run(['env', 'plain', '--format', 'github']);
    expect(none).toMatchObject({ status: 3, stdout: '' });
    expect(none.stderr).toContain('GITHUB_ENV is not set');
    const away = await world.run(['env', 'plain', '--format', 'github'], {
      env: { GITHUB_ENV: join(file, 'x') },
    });
    expect(away).toMatchObject({ status: 3, stdout: '' });
    expect(away.stderr).toContain('the file in GITHUB_ENV cannot be written');
  });

  it('refuses what a format cannot say, and prints nothing of it', async () => {
    const world = await makeWorld({
      config: section('profile odd', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        region: 'eu-west-1',
        sdk_ua_app_id: '\'"`',
      }),
    });
    const node = await world.run(['env', 'odd', '--format', 'node']);
    expect(node).toMatchObject({ status: 3, stdout: '' });
    expect(node.stderr).toContain('--format node cannot express AWS_SDK_UA_APP_ID');
    expect((await world.run(['env', 'odd', '--format', 'docker'])).stdout).toContain(
      'AWS_SDK_UA_APP_ID=\'"`\n',
    );
  });

  it('asks about a guarded role, and knows its formats', async () => {
    const world = await hostileWorld({ awsrole_guard: 'confirm' });
    expect(await world.run(['env', NAME])).toMatchObject({ status: 8, stdout: '' });
    expect(world.sts.requests()).toEqual([]);
    expect(await world.run(['env', NAME, '--yes', '--format', 'fish'])).toMatchObject({ status: 0 });
    const wrong = await world.run(['env', 'plain', '--format', 'dokcer']);
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toContain('did you mean "docker"?');
    expect(await world.run(['env', 'plain', '--format', 'sh', '--format', 'fish'])).toMatchObject({
      status: 2,
    });
    expect(await world.run(['env'])).toMatchObject({ status: 2, stdout: '' });
  });

  it.skipIf(needs(hasScript).skip)('prints no secret on a terminal', async () => {
    const world = await makeWorld();
    const command = `"${process.execPath}" "${world.cli}" env plain; echo "status $?"`;
    const screen = await typeInto(command, [], { env: world.env() });
    expect(screen).toContain('env prints secrets for another program, not for a screen');
    expect(screen).toContain('status 2');
    expect(world.sts.requests()).toEqual([]);
  });
});
