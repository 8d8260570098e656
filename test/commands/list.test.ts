import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { EXIT_STATUS } from '../../src/errors.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, roleArn, section, type World } from '../world.ts';

const LONG = 'company-production-eu-central-1-administrator';
const WIDE = '本番環境の管理者プロファイル';
const LONG_ROLE = 'arn:aws:iam::123456789012:role/platform/OrganizationAccountAccessRole';

/** Profiles with long names, wide letters, and one that is broken. */
function longFiles(names: readonly string[]): string {
  const role = { role_arn: LONG_ROLE, source_profile: 'user101', mfa_serial: SAMPLE_MFA_SERIAL };
  return [
    ...names.map((name) => section(`profile "${name}"`, role)),
    section('profile broken', { ...role, source_profile: 'a-source-profile-that-does-not-exist' }),
  ].join('');
}

/** What a person sees of a command on a screen. */
async function onScreen(
  world: World,
  args: string,
  {
    columns = 80,
    rows = 100,
    ...env
  }: { columns?: number; rows?: number } & Record<string, string | number | undefined>,
): Promise<string> {
  const command = `stty columns ${columns} rows ${rows}; '${process.execPath}' '${world.cli}' ${args}`;
  const variables = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, String(value)]));
  const screen = await typeInto(command, [], {
    cwd: world.home,
    env: world.env({ TERM: 'xterm', NO_COLOR: '1', ...variables }),
  });
  return screen.replaceAll('\r\n', '\n');
}

describe('list with a filter', () => {
  it.each([
    [['gov'], ['gov', 'user-gov']],
    [
      ['GOV', 'user'],
      ['gov', 'user-gov'],
    ],
    [['role101'], ['chained', 'role101']],
    [
      ['role', '10'],
      ['chained', 'role101', 'role102'],
    ],
    [['123456789012:gov'], ['gov']],
    [[roleArn('plain')], ['plain']],
    [['keys'], ['user101', 'user-gov', 'user-cn']],
  ])('%j shows %j', async (filter, names) => {
    const world = await makeWorld();
    const { status, stdout } = await world.run(['list', '--json', ...filter]);
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as { profile: string }[];
    expect(rows.map(({ profile }) => profile)).toEqual(names);
    const text = await world.run(['list', ...filter]);
    expect(
      text.stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/ {2,}/)[0]),
    ).toEqual(names);
  });

  it('of which no profile has anything, says so', async () => {
    const world = await makeWorld();
    expect(await world.run(['list', 'zzz'])).toMatchObject({
      status: EXIT_STATUS.configuration,
      stdout: '',
      stderr: 'awsrole: no profile has "zzz" in its name, role or source\n  for all of them: awsrole list\n',
    });
    expect((await world.run(['list', 'rol110'])).stderr).toContain('did you mean "role101"');
    expect(await world.run(['list', '--json', 'zzz'])).toMatchObject({ status: 0, stdout: '[]\n' });
  });

  it('warns of what it shows, not of other profiles', async () => {
    const twice = (name: string): string => `[profile ${name}]\noutput = json\noutput = text\n`;
    const world = await makeWorld({ config: twice('one') + twice('two') });
    expect((await world.run(['list', 'one'])).stderr.match(/warning/g)).toHaveLength(1);
    expect((await world.run(['list'])).stderr.match(/warning/g)).toHaveLength(2);
  });
});

describe('the profile that the shell holds', () => {
  it('is marked, behind its name', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const env = { ...set, AWSROLE_NAMES: Object.keys(set).join(' ') };
    const { stdout } = await world.run(['list'], { env });
    expect(stdout.match(/^.*\*.*$/gm)).toEqual([expect.stringMatching(/^plain \* {2,}arn:aws:iam:/)]);
    const rows = JSON.parse((await world.run(['list', '--json'], { env })).stdout) as object[];
    expect(rows.filter((row) => 'held' in row)).toEqual([
      expect.objectContaining({ profile: 'plain', held: true }),
    ]);
  });

  it('changes nothing else of the list: what it has set is no part of it', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    await world.lines('external');
    const without = JSON.parse((await world.run(['list', '--json'])).stdout) as object[];
    const other = {
      AWS_REGION: 'cn-north-1',
      AWS_DEFAULT_REGION: 'cn-north-1',
      AWS_ENDPOINT_URL: 'http://x',
    };
    const env = { ...set, ...other, AWSROLE_NAMES: Object.keys({ ...set, ...other }).join(' ') };
    const rows = JSON.parse((await world.run(['list', '--json'], { env })).stdout) as Record<
      string,
      unknown
    >[];
    const plain = (all: object[]): object[] =>
      all.map((row) => ({ ...row, held: undefined, secondsLeft: undefined }));
    expect(rows.filter(({ held }) => held)).toHaveLength(1);
    expect(plain(rows)).toEqual(plain(without));
  });
});

describe('on a screen', needs(hasScript), () => {
  it.each([200, 120, 80, 50, 40, 20])('of %i columns no line is wider', async (columns) => {
    for (const names of [
      [LONG, WIDE],
      ['short', WIDE],
    ]) {
      const world = await makeWorld({ config: longFiles(names) });
      const lines = (await onScreen(world, 'list', { columns })).split('\n');
      for (const line of lines) {
        // The command to see an error is for copying.
        if (!/awsrole explain/.test(line)) expect(stringWidth(line)).toBeLessThanOrEqual(columns);
      }
      // A name is whole where it can be.
      for (const name of names.filter((one) => stringWidth(one) <= columns)) {
        expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
      }
    }
  });

  it('the role is ACCOUNT:NAME where its ARN is too long, and is cut where that is', async () => {
    const world = await makeWorld({ config: longFiles(['short', 'another']) });
    expect(await onScreen(world, 'list short', { columns: 200 })).toContain(`short    ${LONG_ROLE}  user101`);
    expect(await onScreen(world, 'list short', { columns: 80 })).toContain(
      'short    123456789012:OrganizationAccountAccessRole  user101  yes  -\n',
    );
    expect(await onScreen(world, 'list short', { columns: 54 })).toMatch(
      /short {4}123456789012:Orga…Role {2}user101 {2}yes {2}-\n/,
    );
  });

  it('a broken profile has the beginning of its error in a line, and where all of it is', async () => {
    const world = await makeWorld({ config: longFiles([]) });
    const screen = await onScreen(world, 'list', { columns: 60 });
    expect(screen).toMatch(/^broken {4}config:3: could not find source .*…$/m);
    expect(screen).toMatch(/^to see the whole error: awsrole explain broken$/m);
    const { stderr } = await world.run(['explain', 'broken']);
    expect(stderr).toContain(
      'could not find source profile "a-source-profile-that-does-not-exist", referenced',
    );
  });

  it('colours stand only where they are wanted', async () => {
    const world = await makeWorld({ config: longFiles(['held']) });
    const start = '\u001b[';
    const seen = await onScreen(world, 'list', { NO_COLOR: '', AWSROLE_PROFILE: 'held' });
    expect(seen).toContain(`${start}1m${start}32mheld *${start}39m${start}22m`);
    expect(seen).toContain(`${start}31mconfig:`);
    expect(seen).toContain(`${start}33mkeys${start}39m`);
    for (const env of [{ NO_COLOR: '1' }, { NO_COLOR: '', TERM: 'dumb' }]) {
      for (const command of ['list', 'status', 'explain broken', 'nope', 'exec held --regin x -- true']) {
        expect(await onScreen(world, command, { ...env, AWSROLE_PROFILE: 'held' })).not.toContain('\u001b');
      }
    }
    expect(await onScreen(world, 'explain broken', { NO_COLOR: '' })).toContain(
      `${start}1m${start}31mawsrole:`,
    );
    expect((await world.run(['list'], { env: { AWSROLE_PROFILE: 'held' } })).stdout).not.toContain('\u001b');
  });

  describe('that is too short', () => {
    const names = Array.from({ length: 60 }, (_, i) => `p${i}`);
    // A pager that says what it was given.
    const PAGER = `sh -c 'echo "<$LESS>"; cat; echo "<end>"'`;

    it('goes through a pager, as help does', async () => {
      const world = await makeWorld({ config: longFiles(names) });
      for (const command of ['list', 'help', '--help', 'exec --help']) {
        const long = await onScreen(world, command, { rows: 10, PAGER });
        expect(long).toMatch(/^<FRX>\n[^<]*<end>\n$/);
        expect(await onScreen(world, command, { rows: 500, PAGER })).not.toContain('<end>');
      }
    });

    it.each([
      ['AWSROLE_PAGER before PAGER', { AWSROLE_PAGER: 'sed s/^/A/', PAGER }, /^APROFILE/],
      ['what LESS says', { PAGER, LESS: 'R' }, /^<R>\n/],
      ['none where it is empty', { AWSROLE_PAGER: '', PAGER }, /^PROFILE/],
      ['none where it is cat', { PAGER: 'cat' }, /^PROFILE/],
      ['none on a dumb terminal', { PAGER, TERM: 'dumb' }, /^PROFILE/],
      ['none in CI', { PAGER, CI: 'true' }, /^PROFILE/],
      ['none where it is not there', { PAGER: 'no-such-pager' }, /(^|\n)PROFILE/],
    ])('%s', async (_, env, begins) => {
      const world = await makeWorld({ config: longFiles(names) });
      const screen = await onScreen(world, 'list', { rows: 10, ...env });
      expect(screen).toMatch(begins);
      expect(screen).toContain('p59 ');
    });

    it('is nothing to a script, which has another standard input or output', async () => {
      const world = await makeWorld({ config: longFiles(names) });
      for (const command of ['list | cat', 'list </dev/null']) {
        expect(await onScreen(world, command, { rows: 10, PAGER })).toMatch(/^PROFILE/);
      }
    });

    it('a pager that reads no more is no fault', async () => {
      const many = Array.from({ length: 5000 }, (_, i) => `p${i}`);
      const world = await makeWorld({ config: longFiles(many) });
      const screen = await onScreen(world, 'list; echo "status $?"', { rows: 10, PAGER: 'head -1' });
      expect(screen).toMatch(/^PROFILE[^\n]*\nstatus 0\n$/);
    });
  });
});

it('says the MFA device of a chain, wherever in it the code is asked for', async () => {
  const world = await makeWorld({
    config:
      sampleFiles().config +
      section('profile far', { role_arn: roleArn('third'), source_profile: 'chained' }),
  });
  const rows = JSON.parse((await world.run(['list', '--json', 'far'])).stdout) as object[];
  expect(rows).toEqual([expect.objectContaining({ profile: 'far', mfaSerial: SAMPLE_MFA_SERIAL })]);
});
