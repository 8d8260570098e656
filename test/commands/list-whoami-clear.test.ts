import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { EXIT_STATUS } from '../../src/errors.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, roleArn, section, USER101_KEYS } from '../world.ts';

const USAGE = 2;

describe('list', () => {
  it('shows roles first, with source, MFA and what is kept', async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    const { status, stdout, stderr } = await world.run(['list']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows[0]).toEqual(['PROFILE', 'ROLE', 'SOURCE', 'MFA', 'SESSION']);
    expect(rows).toContainEqual([
      'role101',
      roleArn('role101'),
      'user101',
      'yes',
      expect.stringMatching(/^(1 h|59 min)$/),
    ]);
    expect(rows).toContainEqual(['role102', roleArn('role102'), 'user101', 'yes', '-']);
    // The code is role101's, on the way.
    expect(rows).toContainEqual(['chained', roleArn('chained'), 'role101', 'yes', '-']);
    expect(rows).toContainEqual(['plain', roleArn('plain'), 'user101', '-', '-']);
    expect(rows.slice(-3).map(([name]) => name)).toEqual(['user101', 'user-gov', 'user-cn']);
  });

  it('as JSON is for programs: no secret, no heading', async () => {
    const world = await makeWorld();
    const { set } = await world.linesWithCode('role101');
    const { status, stdout } = await world.run(['list', '--json']);
    expect(status).toBe(0);
    const rows = JSON.parse(stdout) as Record<string, unknown>[];
    expect(rows.find(({ profile }) => profile === 'role101')).toEqual({
      profile: 'role101',
      roleArn: roleArn('role101'),
      source: 'user101',
      mfaSerial: SAMPLE_MFA_SERIAL,
      expires: new Date(Number(set.AWSROLE_EXPIRES) * 1000).toISOString(),
      secondsLeft: expect.any(Number),
    });
    expect(rows.find(({ profile }) => profile === 'user101')).toEqual({ profile: 'user101', source: 'keys' });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });

  it('says of a broken profile why, and shows the others', async () => {
    const world = await makeWorld({
      config: `${sampleFiles().config}${section('profile broken', { role_arn: roleArn('x'), source_profile: 'nobody' })}[profile odd]\nnonsense\n`,
    });
    const { status, stdout, stderr } = await world.run(['list']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^broken .*could not find source profile "nobody"/m);
    expect(stdout).toMatch(/^plain /m);
    expect(stderr).toMatch(/warning: .*config:\d+: /);
  });

  it('of nothing says where it looked, what to write there, and what to do then', async () => {
    const world = await makeWorld({ config: undefined, credentials: undefined });
    const run = await world.run(['list']);
    expect(run).toMatchObject({ status: 0, stdout: '' });
    const [config, credentials] = ['config', 'credentials'].map((name) => join(world.home, '.aws', name));
    expect(run.stderr).toContain(`no profiles were defined: neither ${config} nor ${credentials} exists\n`);
    expect(run.stderr).toMatch(/\n {2}then run: awsrole role101\n/);
    expect(JSON.parse((await world.run(['list', '--json'])).stdout)).toEqual([]);
    // What it says to write is good.
    const example = (header: string): string =>
      new RegExp(`^ {4}\\[${header}\\]\n(?: {4}.*\n)+`, 'm').exec(run.stderr)?.[0].replace(/^ {4}/gm, '') ??
      '';
    const keys = { ...USER101_KEYS };
    world.write({ config: example('profile role101'), credentials: section('user101', keys) });
    expect(example('user101')).toMatch(/^\[user101\]\naws_access_key_id = .*\naws_secret_access_key = .*\n$/);
    expect((await world.linesWithCode('role101')).says).toBe(`role101: ${roleArn('role101')}, us-east-1`);
  });

  it('does not mind a reader that has seen enough', async () => {
    const many = Array.from({ length: 5000 }, (_, index) =>
      section(`profile p${index}`, { region: 'eu-west-1' }),
    );
    const world = await makeWorld({ config: many.join('') });
    const prefix = ['bash', '-c', 'set -o pipefail; "$@" | head -1', 'bash'];
    expect(await world.run(['list'], { prefix })).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^PROFILE .*\n$/),
      stderr: '',
    });
  });
});

describe('whoami', () => {
  it('says who AWS says this shell is', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const arn = expect.stringMatching(/^arn:aws:sts::123456789012:assumed-role\/plain\//);
    const run = await world.run(['whoami'], { env: set });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    const [first, ...more] = run.stdout.trimEnd().split('\n');
    expect(first).toEqual(arn);
    expect(more).toEqual([
      'account 123456789012',
      'profile plain',
      expect.stringMatching(/^until .* \((1 h|59 min)\)$/),
    ]);

    const json = await world.run(['whoami', '--json'], { env: set });
    expect(JSON.parse(json.stdout)).toEqual({
      arn,
      account: '123456789012',
      userId: expect.stringMatching(/^AROA[A-Z2-7]{17}:/),
      profile: 'plain',
      expires: Number(set.AWSROLE_EXPIRES),
    });
    expect(world.sts.requests().slice(1)).toMatchObject([
      { action: 'GetCallerIdentity', region: 'eu-west-1' },
      { action: 'GetCallerIdentity', region: 'eu-west-1' },
    ]);
  });

  it('without keys says how to get some', async () => {
    const world = await makeWorld();
    expect(await world.run(['whoami'])).toMatchObject({
      status: EXIT_STATUS.configuration,
      stdout: '',
      stderr: 'awsrole: this shell holds no AWS keys\n  switch first: awsrole PROFILE\n',
    });
  });

  it('with a session that is over says so', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    world.sts.expireAllSessions();
    expect(await world.run(['whoami'], { env: set })).toMatchObject({
      status: EXIT_STATUS.refused,
      stdout: '',
      stderr: expect.stringContaining('has expired'),
    });
  });
});

describe('clear', () => {
  it('removes the sessions of one profile, or all', async () => {
    const world = await makeWorld();
    await world.linesWithCode('chained');
    await world.lines('plain');
    // Two hops, the MFA session they were got from, and plain.
    expect(world.keptSessions()).toHaveLength(4);
    expect(await world.run(['clear', 'plain'])).toMatchObject({
      status: 0,
      stdout: '',
      stderr: 'removed 1 kept session of plain; shells that hold one keep it until it ends\n',
    });
    expect(world.keptSessions()).toHaveLength(3);
    expect((await world.run(['clear', 'plain'])).stderr).toBe('removed no kept session of plain\n');
    expect((await world.run(['clear'])).stderr).toMatch(/^removed 3 kept sessions;/);
    expect(world.keptSessions()).toEqual([]);
    for (const folder of ['shell', 'mfa']) {
      expect(Object.keys(world.snapshot(`.cache/awsrole/${folder}`))).toEqual([]);
    }
    await world.lines('plain');
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 4 });
  });

  it("removes an MFA session with its user's profile, not with a role's", async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    expect((await world.run(['clear', 'role101'])).stderr).toMatch(
      /^removed 1 kept session of role101;.*\nthe MFA session of its device stays, as it serves other roles too;/,
    );
    await world.lines('role102'); // no code: the MFA session is still there
    expect((await world.run(['clear', 'user101'])).stderr).toMatch(/^removed 1 kept session of user101;/);
    expect(await world.run(['session-lines', 'role101'])).toMatchObject({
      status: EXIT_STATUS.mfa,
      stderr: expect.stringContaining('an MFA code for'),
    });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
  });

  it('says that there is no such profile', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    for (const [name, hint] of [
      ['nope', 'to see your profiles: awsrole list'],
      ['plian', 'did you mean "plain"?'],
    ] as const) {
      expect(await world.run(['clear', name])).toMatchObject({
        status: EXIT_STATUS.configuration,
        stdout: '',
        stderr: `awsrole: there is no profile "${name}", and no session is kept for one of that name\n  ${hint}\n`,
      });
    }
    expect(world.keptSessions()).toHaveLength(1);
    // A role has no profile.
    expect(await world.run(['clear', roleArn('plain')])).toMatchObject({ status: 0 });
  });

  it('works for a profile that is in the files no more, and without a cache', async () => {
    const world = await makeWorld();
    expect((await world.run(['clear'])).status).toBe(0);
    await world.lines('plain');
    world.write({ config: undefined, credentials: undefined });
    expect((await world.run(['clear', 'plain'])).stderr).toMatch(/^removed 1 kept session/);
  });
});

describe('awsrole alone', () => {
  it('says that no role is held, and what there is to do', async () => {
    const world = await makeWorld();
    expect(await world.run([])).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.stringMatching(
        /^no role is held in this shell\n[\s\S]*awsrole PROFILE[\s\S]*awsrole list/,
      ),
    });
  });

  it('says which role is held, and until when; asks nobody', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const held = await world.run([], { env: set });
    expect(held.stdout).toMatch(
      /^plain: arn:aws:iam::123456789012:role\/plain, eu-west-1\nuntil .* \((1 h|59 min)\)\n/,
    );
    const over = await world.run([], { env: { ...set, AWSROLE_EXPIRES: '1000000000' } });
    expect(over.stdout).toContain('\nEXPIRED at ');
    const both = await world.run([], { env: { ...set, AWS_PROFILE: 'user101' } });
    expect(both.stdout).toContain('AWS_PROFILE is set to user101');
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('with a profile says how to wire the shell, since a program cannot change it', async () => {
    const world = await makeWorld();
    for (const [shell, line] of [
      ['/bin/bash', 'eval "$(awsrole init bash)"'],
      ['/usr/bin/zsh', 'eval "$(awsrole init zsh)"'],
    ] as const) {
      const run = await world.run(['plain'], { env: { SHELL: shell } });
      expect(run).toMatchObject({ status: USAGE, stdout: '' });
      expect(run.stderr).toContain(line);
      expect(run.stderr).toContain('awsrole exec plain -- COMMAND');
    }
    expect(world.sts.counts()).toEqual({});
  });
});

describe('help', () => {
  it('documents every command and every exit status', async () => {
    const world = await makeWorld();
    const { status, stdout, stderr } = await world.run(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const command of ['exec', 'list', 'whoami', 'clear', 'off', '-', 'demo', 'init']) {
      expect(stdout).toMatch(new RegExp(`^ +awsrole ${command}(?: |$)`, 'm'));
    }
    for (const number of [...Object.values(EXIT_STATUS), 126, 127]) {
      expect(stdout).toMatch(new RegExp(`(?<!\\d)${number} `));
    }
    for (const option of ['--debug', '--refresh', '--mfa-code', '--version', '--help'])
      expect(stdout).toContain(option);
    expect(stdout).toContain('XDG_CACHE_HOME');
  });

  it('and the version come whatever state the files are in', async () => {
    const world = await makeWorld({ config: '[broken', credentials: undefined });
    const { version } = JSON.parse(
      readFileSync(fileURLToPath(new URL('../../package.json', import.meta.url)), 'utf8'),
    ) as { version: string };
    expect(await world.run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect((await world.run(['-h'])).status).toBe(0);
    expect((await world.run(['exec', '--help'])).stdout).toContain('awsrole exec PROFILE -- COMMAND');
  });
});

describe('usage errors', () => {
  it.each<{ args: string[]; says: RegExp }>([
    { args: ['--bogus'], says: /there is no option --bogus/ },
    { args: ['plain', 'external'], says: /external/ },
    { args: ['session-lines', 'plain', 'external'], says: /external/ },
    { args: ['session-lines'], says: /which profile\? no name was given/ },
    { args: ['exec', 'plain'], says: /exec needs a profile and, after --, a command/ },
    { args: ['exec', 'plain', '--'], says: /exec needs a profile and, after --, a command/ },
    { args: ['exec', '--', 'env'], says: /exec needs a profile/ },
    { args: ['exec', 'plain', 'env'], says: /exec needs a profile and, after --, a command/ },
    { args: ['list', '--bogus'], says: /there is no option --bogus/ },
    { args: ['demo', 'word'], says: /word/ },
    { args: ['session-lines', 'role101', '--mfa-code'], says: /mfa-code/ },
  ])('$args: status 2, and where to look', async ({ args, says }) => {
    const world = await makeWorld();
    const run = await world.run(args);
    expect(run).toMatchObject({ status: USAGE, stdout: '' });
    expect(run.stderr).toMatch(says);
    expect(run.stderr).toMatch(/\n {2}\S.*(awsrole |"code")/);
    expect(world.sts.counts()).toEqual({});
  });

  it.each([['--mfa-code', 'CODE'], ['--mfa-code=CODE'], ['--mfaCode', 'CODE']])(
    'an MFA code in an argument (%s) is refused, and not repeated',
    async (...words) => {
      const world = await makeWorld();
      const code = world.code();
      const args = words.filter((word) => typeof word === 'string').map((word) => word.replace('CODE', code));
      const run = await world.run(['session-lines', 'role101', ...args], { env: { AWSROLE_DEBUG: '1' } });
      expect(run).toMatchObject({ status: USAGE, stdout: '' });
      expect(run.stderr).toContain('an MFA code is not accepted on the command line');
      expect(world.sts.counts()).toEqual({});
    },
  );

  it('a profile that is named like a command stands after --', async () => {
    const world = await makeWorld({
      config: section('profile list', { role_arn: roleArn('plain'), source_profile: 'user101' }),
    });
    const run = await world.run(['session-lines', '--', 'list']);
    expect(run).toMatchObject({ status: 0, stdout: expect.stringContaining('\nAWSROLE_PROFILE=list\n') });
  });
});

describe('on a terminal', needs(hasScript), () => {
  it('session-lines refuses to show secrets', async () => {
    const world = await makeWorld();
    const run = await world.run(['session-lines', 'plain'], {
      prefix: ['sh', '-c', 'script -qec "$*" /dev/null', 'sh'],
    });
    expect(run.status).toBe(USAGE);
    expect(run.stdout).toContain('session-lines prints secrets for the shell function, not for a screen');
    expect(run.stdout).not.toContain('AWS_SECRET_ACCESS_KEY');
    expect(world.sts.counts()).toEqual({});
  });

  it.each([
    ['anywhere', {}],
    // Not every Git Bash has the pipes of mintty.
    ['in Git Bash', { MSYSTEM: 'MINGW64' }],
  ])('an MFA code is asked for, and shown as stars, %s', async (_where, env) => {
    const world = await makeWorld();
    const code = world.code();
    const screen = await typeInto(
      `'${process.execPath}' '${world.cli}' session-lines role101 >lines`,
      [['MFA code for arn:aws:iam::123456789012:mfa/user101: ', `${code}\r`]],
      { cwd: world.home, env: world.env(env) },
    );
    expect(screen).toBe('MFA code for arn:aws:iam::123456789012:mfa/user101: ******\r\n');
    expect(readFileSync(join(world.home, 'lines'), 'utf8')).toContain('\nAWSROLE_PROFILE=role101\n');
  });
});
