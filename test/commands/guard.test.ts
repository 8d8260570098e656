import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, roleArn, section, type World } from '../world.ts';

const ACCOUNT = '123456789012';

/** A world with another profile of the role `plain`. */
function guardedWorld(settings: Record<string, string>, name = 'prod'): Promise<World> {
  const profile = section(`profile ${name}`, {
    role_arn: roleArn('plain'),
    source_profile: 'user101',
    region: 'eu-west-1',
    ...settings,
  });
  return makeWorld({ config: sampleFiles().config + profile });
}

/** Switches in a terminal where each question is answered. Gives the screen and the status, and what was captured. */
async function answered(
  world: World,
  words: string,
  answer: string,
): Promise<{ screen: string; lines: string }> {
  const file = join(world.home, 'lines');
  const command = `"${process.execPath}" "${world.cli}" session-lines ${words} >"${file}"; echo "status $?"`;
  const env = world.env({ AWSROLE_SHELL: world.shellKey() });
  const screen = await typeInto(command, [['switch? [y/N] ', answer]], { env });
  return { screen, lines: existsSync(file) ? readFileSync(file, 'utf8') : '' };
}

describe('a guarded profile', () => {
  it.skipIf(needs(hasScript).skip)('is switched to after y or yes, and nothing else', async () => {
    const world = await guardedWorld({ awsrole_guard: 'confirm' });
    for (const answer of ['\r', 'n\r', 'yess\r', 'prod\r', '\u0004']) {
      const { screen, lines } = await answered(world, 'prod', answer);
      expect(screen).toContain(`role prod in account ${ACCOUNT}: switch? [y/N] `);
      expect(screen).toContain('nothing changed');
      expect(screen).toContain('status 8');
      expect(lines).toBe('');
    }
    expect((await answered(world, 'prod', '\u0003')).screen).toContain('status 130');
    expect(world.sts.requests()).toEqual([]);
    for (const answer of ['y\r', 'YES\r']) {
      const { screen, lines } = await answered(world, 'prod', answer);
      expect(screen).toContain('status 0');
      expect(lines).toContain('shows confirm 97;41\n');
      expect(lines).toContain('AWSROLE_GUARD=confirm\n');
    }
  });

  it('is refused where nobody can be asked, unless --yes says it beforehand', async () => {
    const world = await guardedWorld({ awsrole_guard: 'Confirm' });
    const refused = await world.run(['session-lines', 'prod']);
    expect(refused).toMatchObject({ status: 8, stdout: '' });
    expect(refused.stderr).toContain(`"prod" is guarded (awsrole_guard, ${world.home}/.aws/config:`);
    expect(refused.stderr).toContain('--yes');
    const run = await world.run(['exec', 'prod', '--', 'env']);
    expect(run).toMatchObject({ status: 8, stdout: '' });
    expect(world.sts.requests()).toEqual([]);
    const lines = await world.lines('prod', { more: ['--yes'] });
    expect(lines).toMatchObject({
      shows: 'confirm 97;41',
      set: { AWSROLE_GUARD: 'confirm', AWSROLE_COLOR: '97;41' },
    });
    expect(await world.execEnv('prod', { more: ['--yes'] })).toMatchObject({ AWSROLE_GUARD: 'confirm' });
    // The way back to it is asked about again.
    expect(await world.run(['session-lines', 'prod', '--yes', '--again'])).toMatchObject({ status: 8 });
  });

  it('hands sessions to programs without a question', async () => {
    const world = await guardedWorld({ awsrole_guard: 'confirm' });
    expect(await world.run(['credential-process', 'prod'])).toMatchObject({ status: 0 });
  });

  it('is the business of its own profile, not of those that it is the source of', async () => {
    const world = await guardedWorld({ awsrole_guard: 'confirm' });
    world.write({
      config: `${readFileSync(join(world.home, '.aws/config'), 'utf8').replace('[profile chained]', '[profile x]')}`,
    });
    expect(await world.lines('plain')).not.toHaveProperty('shows');
  });

  it('is taken back after its minutes', async () => {
    const world = await guardedWorld({ awsrole_guard_minutes: '15' });
    const before = Math.floor(Date.now() / 1000);
    const { set } = await world.lines('prod', { more: ['--yes'] });
    const ends = Number(set.AWSROLE_GUARD_ENDS);
    expect(ends).toBeGreaterThanOrEqual(before + 900);
    expect(ends).toBeLessThan(before + 960);
  });

  it.each([
    ['awsrole_guard', 'confrim'],
    ['awsrole_guard', ''],
    ['awsrole_guard', 'off'],
    ['awsrole_guard_minutes', '0'],
    ['awsrole_guard_minutes', '15m'],
    ['awsrole_guard_minutes', '-1'],
    ['awsrole_guard_minutes', '1441'],
  ])('is never none by a mistake: %s = %s', async (name, value) => {
    const world = await guardedWorld({ [name]: value });
    const run = await world.run(['session-lines', 'prod', '--yes']);
    expect(run).toMatchObject({ status: 3, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`config:\\d+: ${name} is "${value}"`));
  });
});

describe('patterns of the settings', () => {
  it.each([
    ['*prod*', 'prod', true],
    ['*prod*', 'acme-Production-1', true],
    ['*PROD*', 'prod', true],
    ['prod', 'prod2', false],
    ['dev, prod', 'prod', true],
    ['p?od', 'prod', true],
    ['p.od', 'prod', false],
    ['prod[1', 'prod[1', true],
    [`account:${ACCOUNT}`, 'anything', true],
    ['account:999999999999', 'anything', false],
    ['*', 'x', true],
  ])('%s and %s', async (pattern, name, guards) => {
    const world = await guardedWorld({}, name);
    world.settings(`[guard]\nconfirm = ${pattern.replace(/[;#]/g, '\\$&')}\n`);
    const run = await world.run(['session-lines', name]);
    expect(run.status).toBe(guards ? 8 : 0);
  });

  it('count each where there are several lines', async () => {
    const world = await guardedWorld({});
    world.settings('[guard]\nconfirm = *prod*\nconfirm = dev\n');
    expect(await world.run(['session-lines', 'prod'])).toMatchObject({ status: 8 });
  });

  it('count for a role by its ARN, also by its name alone', async () => {
    const world = await makeWorld();
    world.settings('[guard]\nconfirm = pl*n\n');
    for (const role of [roleArn('plain'), `${ACCOUNT}:plain`]) {
      const run = await world.run([
        'session-lines',
        role,
        '--source-profile',
        'user101',
        '--region',
        'eu-west-1',
      ]);
      expect(run).toMatchObject({ status: 8 });
    }
  });

  it('count at once: what was kept before is no longer served', async () => {
    const world = await guardedWorld({});
    world.settle();
    await world.lines('prod');
    const kept = readFileSync(join(world.cache, 'shell', 's-prod.session'), 'utf8');
    expect(kept).toContain('shows - -\n');
    world.settings('[guard]\nconfirm = *prod*\n');
    expect(await world.run(['session-lines', 'prod'])).toMatchObject({ status: 8 });
  });

  it.each([
    ['guard = *prod*', 1, 'guard is a section'],
    ['[guard]\nconfirm =', 2, 'confirm is ""'],
    ['[guard]\nconfirm', 2, 'confirm is'],
    ['[guard]\nconfirm = a,,b', 2, 'confirm is'],
    ['[guard]\nconfirm = account:12345', 2, 'confirm is'],
    ['[guard]\nconfrim = *prod*', 2, '[guard] has no setting "confrim"'],
    ['[guard]\nconfirm = x\nminutes = soon', 3, 'minutes is "soon"'],
    ['[accounts]\n12345 = acme', 2, '"12345" is "acme"'],
    ['[accounts]\n123456789012 =', 2, '"123456789012" is ""'],
  ])('are refused where they are none: %j', async (text, line, says) => {
    const world = await makeWorld();
    const file = world.settings(`${text}\n`);
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 3, stdout: '' });
    expect(run.stderr).toContain(`${file}:${line}: `);
    expect(run.stderr).toContain(says);
  });
});

describe('what the prompt shows', () => {
  it('is the colour that the profile names, or else a warning', async () => {
    const world = await guardedWorld({ awsrole_color: 'Blue' });
    expect(await world.lines('prod')).toMatchObject({ shows: '- 34', set: { AWSROLE_COLOR: '34' } });
    const other = await guardedWorld({ awsrole_color: 'bleu' });
    const run = await other.run(['session-lines', 'prod']);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/config:\d+: awsrole_color is "bleu", .*did you mean "blue"/);
    expect(run.stdout).toContain('shows - -\n');
  });

  it("is the account's name, by the profile or by the settings", async () => {
    const world = await guardedWorld({});
    world.settings(`[accounts]\n${ACCOUNT} = acme-prod\n`);
    const lines = await world.lines('prod');
    expect(lines.set).toMatchObject({ AWSROLE_ACCOUNT_NAME: 'acme-prod' });
    expect(lines.says).toBe(`prod: ${roleArn('plain')} (acme-prod), eu-west-1`);
    const own = await guardedWorld({ awsrole_account_name: 'mine' });
    expect((await own.lines('prod')).set).toMatchObject({ AWSROLE_ACCOUNT_NAME: 'mine' });
  });

  it('is said by list and explain', async () => {
    const world = await guardedWorld({ awsrole_guard_minutes: '5' });
    world.settings(`[accounts]\n${ACCOUNT} = acme-prod\n`);
    const list = await world.run(['list', '--json', 'acme-prod', 'prod']);
    expect(JSON.parse(list.stdout)).toContainEqual(
      expect.objectContaining({ profile: 'prod', accountName: 'acme-prod', guarded: true }),
    );
    expect((await world.run(['list'])).stdout).toMatch(/^PROFILE +ROLE +ACCOUNT/);
    const { stdout } = await world.run(['explain', 'prod']);
    expect(stdout).toMatch(
      /^Guarded \(awsrole_guard_minutes, .*config:\d+\): a switch asks first, .* 5 minutes/,
    );
    expect(stdout).toContain('AWSROLE_GUARD');
  });
});
