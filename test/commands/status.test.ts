import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, roleArn, type World } from '../world.ts';

/** What `status` says to do for a new session, as it is typed. */
async function refreshCommand(world: World, env: Record<string, string>): Promise<string> {
  const { stdout } = await world.run(['status'], { env });
  const [, command = ''] = /^ {2}(awsrole --refresh .*?)(?: {2}get a new session now)?$/m.exec(stdout) ?? [];
  return command;
}

/** Types a command of the switch in a shell, in the environment from before the first switch. */
async function typed(world: World, command: string, cwd: string) {
  const words = [
    'sh',
    '-c',
    command.replace(/^awsrole/, `'${process.execPath}' '${world.cli}' session-lines`),
  ];
  return world.command(words, { cwd });
}

describe('the way to a new session', () => {
  it.each<[string, string[], Record<string, string>]>([
    ['a profile', ['plain'], {}],
    ['a profile with flags', ['plain', '--region', 'eu-central-1', '--tag', 'a=b c', '--tag', 'd=e'], {}],
    ['a role by its ARN', [roleArn('plain'), '--source-profile', 'user101'], {}],
    ['a role by account and name', ['123456789012:plain'], { AWS_PROFILE: 'user101' }],
    ['a role whose source AWS_PROFILE has said', [roleArn('plain')], { AWS_PROFILE: 'user101' }],
    ['a policy in a file of this folder', ['plain', '--policy', 'it.json'], {}],
  ])('works for %s', async (_, words, env) => {
    const world = await makeWorld();
    writeFileSync(join(world.home, 'it.json'), '{"Statement":[]}');
    const { set } = await world.lines(words[0] ?? '', { more: words.slice(1), env, cwd: world.home });
    const command = await refreshCommand(world, set);
    // Elsewhere, in a shell without the variable.
    const run = await typed(world, command, '/');
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const { AWS_ACCESS_KEY_ID: before, AWS_SESSION_TOKEN: _t, AWS_SECRET_ACCESS_KEY: _s, ...same } = set;
    expect(run.stdout).not.toContain(`=${before}\n`);
    for (const [name, value] of Object.entries(same)) {
      if (!/EXPIR|KEY_ID/.test(name)) expect(run.stdout).toContain(`\n${name}=${value}\n`);
    }
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('is not said of a name alone, which a session file is for', async () => {
    const world = await makeWorld();
    expect((await world.lines('plain')).set).not.toHaveProperty('AWSROLE_SWITCH');
  });

  it('is written as it has to be typed', async () => {
    const world = await makeWorld();
    const held = async (AWSROLE_PROFILE: string): Promise<string> =>
      refreshCommand(world, { AWSROLE_PROFILE, AWSROLE_EXPIRES: '9999999999' });
    expect(await held('role101')).toBe('awsrole --refresh role101');
    expect(await held('two words')).toBe("awsrole --refresh 'two words'");
    expect(await held("it's")).toBe("awsrole --refresh 'it'\\''s'");
    expect(await held('list')).toBe('awsrole --refresh -- list');
    expect(await held('-x')).toBe('awsrole --refresh -- -x');
    expect(await held('a\u001b[2J')).toBe("awsrole --refresh 'a\\u{1b}[2J'");
  });
});

describe('what looks different from a role', () => {
  it('are long-lived keys, for which there is nothing to renew', async () => {
    const world = await makeWorld();
    const { set, says } = await world.lines('user101');
    expect(says).toBe('user101: LONG-LIVED KEYS, not a role, us-east-1');
    const { stdout } = await world.run(['status'], { env: set });
    expect(stdout).toBe(`${says}\n\n  awsrole off  put back what this shell held before\n`);
  });

  it('is a shell whose keys something else has changed', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const changed = await world.run(['status'], { env: { ...set, AWS_ACCESS_KEY_ID: 'AKIAOTHER' } });
    expect(changed.stdout).toContain(
      '\nbut AWS_ACCESS_KEY_ID is AKIAOTHER now: something else has changed it since\n',
    );
    const gone = await world.run(['status'], { env: { ...set, AWS_ACCESS_KEY_ID: undefined } });
    expect(gone.stdout).toContain('\nbut AWS_ACCESS_KEY_ID is no longer set: ');
  });
});

it('tells the day of an end that is far away', async () => {
  const world = await makeWorld();
  const held = { AWSROLE_PROFILE: 'a', AWSROLE_ROLE_ARN: roleArn('a'), TZ: 'UTC' };
  const { stdout } = await world.run(['status'], { env: { ...held, AWSROLE_EXPIRES: '1700000000' } });
  expect(stdout).toContain('\nEXPIRED at 2023-11-14 22:13\n');
});
