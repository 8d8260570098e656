import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';
import { sessionOfUser } from './user-session.ts';

const SIGN_IN = 4;
const RFC3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
const inMinutes = (minutes: number): number => (Math.floor(Date.now() / 1000) + 60 * minutes) * 1000;

/** A world with the keys of a session in the credentials file, as another tool has written them, and a role of theirs. */
async function toolWorld(lines: Record<string, string>, name = 'tool'): Promise<World> {
  const world = await makeWorld({ credentials: undefined, config: undefined });
  const { accessKeyId, secretAccessKey, sessionToken } = await sessionOfUser(world);
  world.write({
    config: section('profile role', { role_arn: roleArn('plain'), source_profile: name }),
    credentials: section(name, {
      aws_access_key_id: accessKeyId,
      aws_secret_access_key: secretAccessKey,
      aws_session_token: sessionToken,
      // Without one the lines would depend on the shell's, and nothing would be kept.
      region: 'us-east-1',
      ...lines,
    }),
  });
  world.settle();
  return world;
}

const keptFile = (world: World, name: string): string => join(world.cache, 'shell', `s-${name}.session`);

describe('temporary keys that another tool wrote', () => {
  it('are a session to their end, and are kept so long', async () => {
    const end = inMinutes(30);
    const world = await toolWorld({ x_principal_arn: 'arn', x_security_token_expires: RFC3339(end) });
    const { set, says, renewAfter, expires } = await world.lines('tool');
    expect([renewAfter, expires]).toEqual([end / 1000, end / 1000]);
    expect(set).toMatchObject({
      AWS_CREDENTIAL_EXPIRATION: RFC3339(end),
      AWSROLE_EXPIRES: `${end / 1000}`,
      AWSROLE_PROFILE: 'tool',
    });
    expect(says).toBe('tool: a session, us-east-1');
    // Shells without a clock compare by this when they have to ask again.
    expect(statSync(keptFile(world, 'tool')).mtimeMs).toBe(end);
    expect(readFileSync(keptFile(world, 'tool'), 'utf8')).toContain(`\ntimes ${end / 1000} ${end / 1000}\n`);
    expect(world.keptSessions()).toEqual([]);
    const printed = await world.run(['credential-process', 'tool']);
    expect(JSON.parse(printed.stdout)).toMatchObject({ Expiration: RFC3339(end) });
    expect((await world.execEnv('tool')).AWSROLE_EXPIRES).toBe(`${end / 1000}`);
    expect((await world.lines('role')).set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
  });

  it('are shown by list and explain, with what is left of them', async () => {
    const end = inMinutes(30);
    const world = await toolWorld({ expiration: RFC3339(end).replace('T', ' ').replace('Z', '') });
    const list = await world.run(['list']);
    expect(list.stdout).toMatch(/^tool +- +temporary keys +- +30 min$/m);
    const [, row] = JSON.parse((await world.run(['list', '--json'])).stdout);
    expect(row).toMatchObject({ profile: 'tool', source: 'temporary keys' });
    expect(Date.parse(row.expires)).toBe(end);
    const explain = await world.run(['explain', 'tool']);
    expect(explain.stdout).toMatch(
      new RegExp(`^ +expiration +${RFC3339(end)} \\(30 min left\\) +.*credentials:6$`, 'm'),
    );
    expect(explain.stdout).toMatch(/^ +AWSROLE_EXPIRES +\(from the profile\)$/m);
    expect(explain.stdout).not.toContain('No variable can say');
  });

  it('that have ended are refused with who wrote them, where they are to sign for a role too', async () => {
    const world = await toolWorld({
      x_principal_arn: 'arn',
      x_security_token_expires: '2026-01-01T00:00:00+01:00',
    });
    for (const name of ['tool', 'role']) {
      const run = await world.run(['session-lines', name]);
      expect(run).toMatchObject({ status: SIGN_IN, stdout: '' });
      expect(run.stderr).toBe(
        `awsrole: ${world.home}/.aws/credentials:7: the temporary keys of profile "tool" ended at 2026-01-01T00:00:00+01:00\n` +
          '  saml2aws wrote them; run: saml2aws login --profile tool\n',
      );
    }
    expect(await world.run(['credential-process', 'tool'])).toMatchObject({ status: SIGN_IN, stdout: '' });
    expect((await world.run(['list'])).stdout).toMatch(/^tool .* ended$/m);
    expect((await world.run(['explain', 'tool'])).stdout).toContain(
      '2025-12-31T23:00:00Z (they have expired)',
    );
    expect(existsSync(keptFile(world, 'tool'))).toBe(false);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1 });
  });

  it('that have ended do not matter while the session of the role is kept', async () => {
    const world = await toolWorld({ expiration: RFC3339(inMinutes(30)) });
    const { set } = await world.lines('role');
    const credentials = readFileSync(join(world.home, '.aws', 'credentials'), 'utf8');
    world.write({ credentials: credentials.replace(/expiration = .*/, 'expiration = 2026-01-01 00:00:00') });
    expect((await world.lines('role')).set.AWS_ACCESS_KEY_ID).toBe(set.AWS_ACCESS_KEY_ID);
  });

  it('whose end nobody says are kept nowhere, and are not called long-lived', async () => {
    const world = await toolWorld({ region: 'eu-west-1' });
    const { says, expires, unset } = await world.lines('tool');
    expect(says).toBe('tool: temporary keys, eu-west-1');
    expect(expires).toBe(0);
    expect(unset).toContain('AWS_CREDENTIAL_EXPIRATION');
    expect(existsSync(keptFile(world, 'tool'))).toBe(false);
    expect((await world.run(['list'])).stdout).toMatch(/^tool +- +temporary keys +- +-$/m);
  });

  it('whose end cannot be read are warned of', async () => {
    const world = await toolWorld({ expiration: 'soon' });
    const run = await world.run(['session-lines', 'tool']);
    expect(run.status).toBe(0);
    expect(run.stderr).toBe(
      `awsrole: warning: ${world.home}/.aws/credentials:6: expiration of profile "tool" is not a time, so it is not known when its keys expire\n`,
    );
  });

  it('are named with what gets new ones when AWS says that they have ended', async () => {
    const world = await toolWorld({ assumed_role: 'False' });
    world.sts.advanceClock(13 * 3_600_000);
    const run = await world.run(['session-lines', 'role']);
    expect(run.stderr).toMatch(
      /has expired\n.*get new keys for that profile; aws-mfa wrote them; run: aws-mfa --profile tool/,
    );
  });

  it('of the environment are refused as well when they have ended', async () => {
    const world = await makeWorld({
      config: section('profile ambient', { role_arn: roleArn('plain'), credential_source: 'Environment' }),
    });
    const env = {
      AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
      AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
      AWS_CREDENTIAL_EXPIRATION: '2026-01-01T00:00:00+00:00',
    };
    await world.lines('ambient', { env });
    const run = await world.run(['session-lines', 'ambient', '--refresh'], {
      env: { ...env, AWS_SESSION_TOKEN: 'x' },
    });
    expect(run).toMatchObject({ status: SIGN_IN, stdout: '' });
    expect(run.stderr).toContain(
      'config:3: profile "ambient" takes its keys from the environment, but they expired at 2026-01-01T00:00:00+00:00\n',
    );
  });
});
