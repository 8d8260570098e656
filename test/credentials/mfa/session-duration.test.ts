import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../../src/demo/sample-world.ts';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';

const CONFIGURATION = 3;
const role = { role_arn: roleArn('role101'), source_profile: 'user', mfa_serial: SAMPLE_MFA_SERIAL };
const user = (more: Record<string, string>) => section('user', { ...USER101_KEYS, ...more });

/** The length in seconds that the first MFA session was asked for with. */
function asked(world: World): string | undefined {
  return world.sts.requests().find(({ action }) => action === 'GetSessionToken')?.durationSeconds;
}

describe('mfa_session_duration', () => {
  it.each([
    { of: 'the role', config: { mfa_session_duration: '1h30m' }, source: {}, settings: '', seconds: '5400' },
    {
      of: 'the source profile',
      config: {},
      source: { mfa_session_duration: '20m' },
      settings: '',
      seconds: '1200',
    },
    {
      of: 'the role before that of the source profile and the settings',
      config: { mfa_session_duration: '900' },
      source: { mfa_session_duration: '20m' },
      settings: 'mfa_session_duration = 36h\n',
      seconds: '900',
    },
    {
      of: "awsrole's settings",
      config: {},
      source: {},
      settings: '; mine\nmfa_session_duration=36h\n',
      seconds: '129600',
    },
    { of: 'nobody', config: {}, source: {}, settings: '', seconds: '43200' },
  ])('of $of is the length of the MFA session', async ({ config, source, settings, seconds }) => {
    const world = await makeWorld({
      config: section('profile a', { ...role, ...config }),
      credentials: user(source),
    });
    if (settings !== '') world.settings(settings);
    await world.linesWithCode('a');
    expect(asked(world)).toBe(seconds);
  });

  it.each(['12 h', '14m', '37h', 'h', '', '1m1h', '-900'])(
    'of "%s" is refused before a code is asked for',
    async (text) => {
      const world = await makeWorld({
        config: section('profile a', { ...role, mfa_session_duration: text }),
        credentials: user({}),
      });
      const run = await world.run(['session-lines', 'a', '--mfa-code', '-'], { input: `${world.code()}\n` });
      expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
      expect(run.stderr).toContain(`${join(world.home, '.aws', 'config')}:5: mfa_session_duration is`);
      expect(run.stderr).toContain('such as 12h');
      expect(world.sts.counts()).toEqual({});
    },
  );
});

describe("awsrole's settings file", () => {
  it('is refused, with file and line, for a value that is none', async () => {
    const world = await makeWorld();
    const file = world.settings('# mine\n\naws_cli_cache = on\n');
    const run = await world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: '' });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(`${file}:3: aws_cli_cache is "on"`);
    expect(run.stderr).toContain('off, read or read-write');
  });

  it('is passed over where it holds nothing of ours, with a warning that names the line', async () => {
    const world = await makeWorld({ config: sampleFiles().config });
    const file = world.settings('mfa_sesion_duration = 1h\n[__proto__]\nx = 1\n');
    const input = `${world.code()}\n`;
    const run = await world.run(['session-lines', 'role101', '--mfa-code', '-'], { input });
    expect(run.status).toBe(0);
    expect(run.stderr.match(/mfa_sesion_duration/g)).toHaveLength(1);
    expect(run.stderr).toContain(`${file}:1: awsrole has no setting "mfa_sesion_duration"`);
    expect(run.stderr).toContain('mfa_session_duration');
    expect(asked(world)).toBe('43200');
  });

  it('is found by XDG_CONFIG_HOME, if that is a full path', async () => {
    const world = await makeWorld();
    world.settings('mfa_session_duration = 15m\n');
    const env = { XDG_CONFIG_HOME: join(world.home, 'elsewhere') };
    mkdirSync(join(env.XDG_CONFIG_HOME, 'awsrole'), { recursive: true });
    writeFileSync(join(env.XDG_CONFIG_HOME, 'awsrole', 'config'), 'mfa_session_duration = 1h\n');
    await world.linesWithCode('role101', { env });
    expect(asked(world)).toBe('3600');
    await world.run(['clear']);
    world.sts.reset();
    await world.linesWithCode('role101', { env: { XDG_CONFIG_HOME: 'relative' } });
    expect(asked(world)).toBe('900');
  });
});
