import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../../src/demo/sample-world.ts';
import {
  makeWorld,
  type Run,
  type RunOptions,
  roleArn,
  section,
  USER101_KEYS,
  type World,
} from '../../world.ts';

const MFA = 4;
const REFUSED = 5;
const { aws_access_key_id: USER_KEY } = USER101_KEYS;
const USER_GOV_SERIAL = 'arn:aws-us-gov:iam::123456789012:mfa/user-gov';
const SESSION_KEY = expect.stringMatching(/^ASIA/);
const ENTERED = { MSYSTEM: 'MINGW64', AWSROLE_DEBUG: '1' };
const behindDevice = { source_profile: 'user101', mfa_serial: SAMPLE_MFA_SERIAL };

/** Roles r1 to r5 behind user101's device. */
const FIVE = ['r1', 'r2', 'r3', 'r4', 'r5'];
const FIVE_ROLES = {
  roles: FIVE.map((name) => ({
    arn: roleArn(name),
    trust: { principals: ['arn:aws:iam::123456789012:user/user101'], mfa: true },
  })),
  config: FIVE.map((name) => section(`profile ${name}`, { role_arn: roleArn(name), ...behindDevice })).join(
    '',
  ),
};

/** The sample files and a profile of a role that trusts nobody. */
function withNobody(): string {
  return sampleFiles().config + section('profile nobody', { role_arn: roleArn('nobody'), ...behindDevice });
}

/** A world whose user101 may not call GetSessionToken. */
function worldWithoutSessionTokens(): Promise<World> {
  const users = SAMPLE_WORLD.users.map((user) =>
    user.accessKeyId === USER_KEY ? { ...user, deny: ['sts:GetSessionToken'] } : user,
  );
  return makeWorld({ users });
}

/** A switch by somebody who enters these codes one after the other, as Git Bash hands them on: in lines. */
function entering(world: World, profile: string, codes: string[], options: RunOptions = {}): Promise<Run> {
  const input = codes.map((code) => `${world.keepSecret(code)}\n`).join('');
  return world.run(['session-lines', profile], { ...options, env: { ...ENTERED, ...options.env }, input });
}

/** How often a run asked for a code. */
function questions({ stderr }: Run): number {
  return stderr.match(/^MFA code for /gm)?.length ?? 0;
}

interface Kept {
  readonly profile: string;
  readonly expires: number;
  readonly obtained: number;
}

/** The file of the session that is kept for a profile; an MFA session is kept for its user's. */
function keptFile(world: World, profile: string): string {
  const files = world.keptSessions().filter((file) => readKept(file).profile === profile);
  expect(files, `kept for ${profile}`).toHaveLength(1);
  return files[0] ?? '';
}

function readKept(file: string): Kept {
  return JSON.parse(readFileSync(file, 'utf8')) as Kept;
}

function editKept(world: World, profile: string, change: (kept: Kept) => Partial<Kept>): void {
  const file = keptFile(world, profile);
  const kept = readKept(file);
  writeFileSync(file, JSON.stringify({ ...kept, ...change(kept) }));
}

/** Lets two minutes pass for AWS and the MFA session, more than `mfaage` allows. */
function passTwoMinutes(world: World): void {
  world.sts.advanceClock(120_000);
  editKept(world, 'user101', ({ expires, obtained }) => ({
    expires: expires - 120,
    obtained: obtained - 120,
  }));
}

/** How many users and roles are remembered to want the code themselves. */
function remembered(world: World): number {
  return readdirSync(join(world.cache, 'mfa')).filter((name) => name.startsWith('direct-')).length;
}

/** The requests from the one with this number on. */
const requestsFrom = (world: World, first: number) => world.sts.requests().slice(first);

describe('one MFA code', () => {
  it('serves five roles behind its device, in five processes', async () => {
    const world = await makeWorld(FIVE_ROLES);
    const keys = new Set([(await world.linesWithCode('r1')).set.AWS_ACCESS_KEY_ID]);
    for (const profile of FIVE.slice(1)) {
      // No terminal and nothing on standard input: whoever asked would fail.
      const run = await world.run(['session-lines', profile]);
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toContain(`\nAWSROLE_ROLE_ARN=${roleArn(profile)}\n`);
      keys.add(/^AWS_ACCESS_KEY_ID=(.*)$/m.exec(run.stdout)?.[1]);
    }
    expect(keys.size).toBe(5);
    expect(world.sts.requests()).toMatchObject([
      {
        action: 'GetSessionToken',
        accessKeyId: USER_KEY,
        durationSeconds: '43200',
        serialNumber: true,
        tokenCode: true,
      },
      ...FIVE.map((name) => ({
        action: 'AssumeRole',
        roleArn: roleArn(name),
        accessKeyId: SESSION_KEY,
        serialNumber: false,
        tokenCode: false,
        answer: 'OK',
      })),
    ]);
    expect(new Set(requestsFrom(world, 1).map(({ accessKeyId }) => accessKeyId)).size).toBe(1);
  });

  it('serves them all at once, piped to twenty processes', async () => {
    const world = await makeWorld(FIVE_ROLES);
    const input = `${world.code()}\n`;
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.run(['session-lines', FIVE[index % 5] ?? '', '--mfa-code', '-'], { input }),
      ),
    );
    expect(runs.map(({ status, stderr }) => [status, /refused|used/.test(stderr)])).toEqual(
      Array(20).fill([0, false]),
    );
    for (const { args, stdout } of runs) expect(stdout).toContain(`\nAWSROLE_PROFILE=${args[1]}\n`);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 5 });
  });

  it('renews the sessions of roles after they have ended, until its own has', async () => {
    const world = await makeWorld();
    const first = await world.linesWithCode('role101');
    const now = Math.floor(Date.now() / 1000);
    const mfaSession = readKept(keptFile(world, 'user101'));
    expect(mfaSession.expires - mfaSession.obtained).toBeGreaterThan(43_200 - 60);

    editKept(world, 'role101', () => ({ expires: now - 1, obtained: now - 3601 }));
    const second = await world.lines('role101');
    expect(second.set.AWS_ACCESS_KEY_ID).not.toBe(first.set.AWS_ACCESS_KEY_ID);
    const third = await world.lines('role101', { more: ['--refresh'] });
    expect(third.set.AWS_ACCESS_KEY_ID).not.toBe(second.set.AWS_ACCESS_KEY_ID);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 3 });

    // Not in its last minutes: the role's session would be asked for with keys that end under way.
    editKept(world, 'user101', () => ({ expires: now + 200, obtained: now + 200 - 43_200 }));
    expect(await world.run(['session-lines', 'role102'])).toMatchObject({ status: MFA, stdout: '' });
    expect((await entering(world, 'role102', [world.codeIn(30)])).status).toBe(0);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 2, AssumeRole: 4 });
  });

  it('is asked for again when AWS knows its session no more', async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    world.sts.expireAllSessions();
    const run = await entering(world, 'role102', [world.codeIn(30)]);
    expect(run.status).toBe(0);
    expect(questions(run)).toBe(1);
    expect(requestsFrom(world, 2)).toMatchObject([
      { action: 'AssumeRole', accessKeyId: SESSION_KEY, answer: 'ExpiredToken' },
      { action: 'GetSessionToken', answer: 'OK' },
      { action: 'AssumeRole', accessKeyId: SESSION_KEY, answer: 'OK' },
    ]);
    expect(remembered(world)).toBe(0);
  });

  it('serves the roles of its device and user only', async () => {
    const world = await makeWorld({
      roles: [
        ...SAMPLE_WORLD.roles,
        {
          arn: roleArn('gov2', 'aws-us-gov'),
          trust: { principals: ['arn:aws-us-gov:iam::123456789012:user/user-gov'], mfa: true },
        },
      ],
      config:
        sampleFiles().config +
        section('profile gov2', {
          role_arn: roleArn('gov2', 'aws-us-gov'),
          source_profile: 'user-gov',
          mfa_serial: USER_GOV_SERIAL,
        }),
    });
    await world.linesWithCode('role101');
    expect(await world.run(['session-lines', 'gov'])).toMatchObject({ status: MFA, stdout: '' });
    await world.linesWithCode('gov', { serial: USER_GOV_SERIAL });
    expect((await world.lines('gov2')).set.AWSROLE_ROLE_ARN).toBe(roleArn('gov2', 'aws-us-gov'));
    expect(requestsFrom(world, 2)).toMatchObject([
      { action: 'GetSessionToken', accessKeyId: 'AKIAUSERGOV00EXAMPLE', region: 'us-gov-west-1' },
      { roleArn: roleArn('gov', 'aws-us-gov'), region: 'us-gov-west-1', tokenCode: false, answer: 'OK' },
      { roleArn: roleArn('gov2', 'aws-us-gov'), region: 'us-gov-west-1', tokenCode: false, answer: 'OK' },
    ]);
  });

  it('that is wrong three times is asked for no more', async () => {
    const world = await makeWorld();
    const good = [-60, -30, 0, 30, 60, 90].map((seconds) => world.codeIn(seconds));
    const wrong = ['000000', '111111', '222222', '333333', '444444', '555555', '666666', '777777', '888888']
      .filter((code) => !good.includes(code))
      .slice(0, 3);
    const run = await entering(world, 'role101', [...wrong, world.code()]);
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(questions(run)).toBe(3);
    expect(run.stderr).toContain(
      `AWS refused the MFA code for ${SAMPLE_MFA_SERIAL}: mistyped, or used before`,
    );
    expect(world.sts.answers()).toEqual({ AccessDenied: 3 });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 3 });
    expect(world.keptSessions()).toEqual([]);

    const third = await entering(world, 'role101', [...wrong.slice(1), world.code()]);
    expect(third.status).toBe(0);
    expect(questions(third)).toBe(3);
  });

  it('is not shown by --debug, which names the way and why', async () => {
    const world = await makeWorld();
    const debug = async (profile: string, code?: string): Promise<string> => {
      const more = code === undefined ? [] : ['--mfa-code', '-'];
      const run = await world.run(['session-lines', profile, '--debug', ...more], {
        input: `${code ?? ''}\n`,
      });
      expect(run.status).toBe(0);
      if (code !== undefined) expect(run.stderr).not.toContain(code);
      return run.stderr;
    };
    expect(await debug('role101', world.code())).toMatch(
      /GetSessionToken with AKIAUSER10100EXAMPLE and an MFA code of arn:[\s\S]*AssumeRole \S+role\/role101 as \S+ with ASIA\w+, STS/,
    );
    expect(await debug('role102')).toContain('a kept MFA session serves, no code is asked for');
    const long = await debug('long', world.codeIn(30));
    expect(long).toContain('the MFA code goes to AssumeRole itself: its sessions last longer than 1 h');
    expect(long).toMatch(/AssumeRole \S+role\/long as \S+ with AKIAUSER10100EXAMPLE and an MFA code, STS/);
  });
});

describe('the MFA code goes to AssumeRole itself', () => {
  it('for a role that lasts longer than 1 h, also beside a kept MFA session', async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    expect(await world.run(['session-lines', 'long'])).toMatchObject({ status: MFA, stdout: '' });
    expect(requestsFrom(world, 2)).toEqual([]);
    const { set } = await world.lines('long', { more: ['--mfa-code', '-'], input: `${world.codeIn(30)}\n` });
    expect(requestsFrom(world, 2)).toMatchObject([
      {
        action: 'AssumeRole',
        accessKeyId: USER_KEY,
        durationSeconds: '43200',
        serialNumber: true,
        tokenCode: true,
        answer: 'OK',
      },
    ]);
    // Kept, as every session.
    expect((await world.lines('long')).set).toEqual(set);
    expect(requestsFrom(world, 3)).toEqual([]);
  });

  it('where duration_seconds is over 3600, not where it is 3600', async () => {
    const hour = { role_arn: roleArn('long'), ...behindDevice };
    const world = await makeWorld({
      config:
        section('profile hour', { ...hour, duration_seconds: '3600' }) +
        section('profile more', { ...hour, duration_seconds: '3601' }),
    });
    await world.linesWithCode('hour');
    await world.lines('more', { more: ['--mfa-code', '-'], input: `${world.codeIn(30)}\n` });
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', tokenCode: true },
      { action: 'AssumeRole', durationSeconds: '3600', tokenCode: false, answer: 'OK' },
      { action: 'AssumeRole', durationSeconds: '3601', tokenCode: true, answer: 'OK' },
    ]);
  });

  it('for a user who may not call GetSessionToken; that is remembered', async () => {
    const world = await worldWithoutSessionTokens();
    // This STS has used the code up before it looks at policies, so one more is asked for, and why is said.
    const first = await entering(world, 'role101', [world.code(), world.codeIn(30)]);
    expect(first.status).toBe(0);
    expect(questions(first)).toBe(2);
    expect(first.stderr).toContain('AWS denies GetSessionToken to AKIAUSER10100EXAMPLE');
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', answer: 'AccessDenied' },
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'AccessDenied' },
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'OK' },
    ]);
    expect(remembered(world)).toBe(1);

    world.sts.advanceClock(120_000); // new codes
    const next = await entering(world, 'role102', [world.code()]);
    expect(next.status).toBe(0);
    expect(next.stderr).toContain('GetSessionToken was denied to this user');
    expect(next.stderr).not.toContain('AWS denies');
    expect(requestsFrom(world, 3)).toMatchObject([
      {
        action: 'AssumeRole',
        roleArn: roleArn('role102'),
        accessKeyId: USER_KEY,
        tokenCode: true,
        answer: 'OK',
      },
    ]);
    // Of this user alone.
    await world.linesWithCode('gov', { serial: USER_GOV_SERIAL });
    expect(requestsFrom(world, 4)).toMatchObject([{ action: 'GetSessionToken' }, { action: 'AssumeRole' }]);
  });

  it('is remembered of a user also where the only code is used up by that', async () => {
    const world = await worldWithoutSessionTokens();
    const run = await world.run(['session-lines', 'role101', '--mfa-code', '-'], {
      input: `${world.code()}\n`,
    });
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toContain('AWS denies GetSessionToken to AKIAUSER10100EXAMPLE');
    await world.lines('role101', { more: ['--mfa-code', '-'], input: `${world.codeIn(30)}\n` });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
  });

  it('is not taken for denied where the device is of another user', async () => {
    const world = await makeWorld();
    const { config } = sampleFiles();
    const wrong = section('profile a', {
      role_arn: roleArn('role101'),
      source_profile: 'user101',
      mfa_serial: 'arn:aws:iam::123456789012:mfa/someone',
    });
    world.write({ config: config + wrong });
    const run = await entering(world, 'a', [world.code()]);
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toMatch(/mfa_serial \(.*\) must be the ARN of the MFA device of the user/);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1 });
    world.write({ config });
    expect((await entering(world, 'role101', [world.code()])).status).toBe(0);
    expect(requestsFrom(world, 1)).toMatchObject([{ action: 'GetSessionToken' }, { action: 'AssumeRole' }]);
  });

  it('where no session can be kept', async () => {
    const world = await makeWorld();
    mkdirSync(join(world.home, '.cache'), { mode: 0o500 });
    const run = await entering(world, 'role101', [world.code()], { ordinary: true });
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('the MFA code goes to AssumeRole itself: no MFA session can be kept');
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'OK' },
    ]);
  });
});

describe('from the session of a role no code is asked for', () => {
  const chained = { role_arn: roleArn('chained'), mfa_serial: SAMPLE_MFA_SERIAL };

  it('where a role stands behind a role, whatever its mfa_serial is', async () => {
    const world = await makeWorld({
      config: section('profile second', { ...chained, source_profile: 'role101' }),
    });
    const run = await entering(world, 'second', [world.code(), world.codeIn(30)]);
    expect(run.status).toBe(0);
    expect(questions(run)).toBe(1);
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', accessKeyId: USER_KEY, answer: 'OK' },
      { roleArn: roleArn('role101'), accessKeyId: SESSION_KEY, answer: 'OK' },
      {
        roleArn: roleArn('chained'),
        accessKeyId: SESSION_KEY,
        serialNumber: false,
        tokenCode: false,
        answer: 'OK',
      },
    ]);
    expect(remembered(world)).toBe(0);
  });

  it('and where that is denied, the hint says that the serial is of no use', async () => {
    const world = await makeWorld({
      config: section('profile second', {
        ...chained,
        role_arn: roleArn('role102'),
        source_profile: 'role101',
      }),
    });
    const run = await entering(world, 'second', [world.code()]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/AWS takes no code from it, and this mfa_serial is of no use \(\S+config:3\)/);
    expect(run.stderr).not.toContain('so no code was asked for');
  });

  /** Keys and token of a session of role101, as other tools write them into the files. */
  async function role101Keys(world: World): Promise<Record<string, string>> {
    const { set } = await world.linesWithCode('role101');
    return {
      aws_access_key_id: set.AWS_ACCESS_KEY_ID ?? '',
      aws_secret_access_key: set.AWS_SECRET_ACCESS_KEY ?? '',
      aws_session_token: set.AWS_SESSION_TOKEN ?? '',
    };
  }

  it('that somebody has written into a file, or a program gives: AWS is asked whose it is', async () => {
    const world = await makeWorld();
    const keys = await role101Keys(world);
    const json = JSON.stringify({
      Version: 1,
      AccessKeyId: keys.aws_access_key_id,
      SecretAccessKey: keys.aws_secret_access_key,
      SessionToken: keys.aws_session_token,
    });
    writeFileSync(join(world.home, 'session.json'), json);
    world.write({
      config:
        section('profile file', keys) +
        section('profile program', { credential_process: `cat ${join(world.home, 'session.json')}` }) +
        section('profile a', { ...chained, source_profile: 'file' }) +
        section('profile b', { ...chained, source_profile: 'program' }),
    });
    for (const profile of ['a', 'b']) {
      const first = world.sts.requests().length;
      const run = await entering(world, profile, []);
      expect(run.status, run.stderr).toBe(0);
      expect(questions(run)).toBe(0);
      expect(requestsFrom(world, first)).toMatchObject([
        { action: 'GetCallerIdentity' },
        { action: 'AssumeRole', serialNumber: false, tokenCode: false, answer: 'OK' },
      ]);
    }
  });

  it('that has ended: that is said before any prompt', async () => {
    const world = await makeWorld();
    const keys = await role101Keys(world);
    world.write({
      config: section('profile file', keys) + section('profile a', { ...chained, source_profile: 'file' }),
    });
    world.sts.expireAllSessions();
    const run = await entering(world, 'a', [world.codeIn(30)]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(questions(run)).toBe(0);
    expect(run.stderr).toContain('has expired');
  });

  it('but of a user it is, where the role names the device', async () => {
    const world = await makeWorld({ config: sampleFiles().config });
    await world.linesWithCode('role101');
    const kept = JSON.parse(readFileSync(keptFile(world, 'user101'), 'utf8')) as Record<string, string>;
    const keys = {
      aws_access_key_id: kept.accessKeyId ?? '',
      aws_secret_access_key: kept.secretAccessKey ?? '',
      aws_session_token: kept.sessionToken ?? '',
    };
    world.write({
      config:
        section('profile mine', { ...keys, mfa_serial: SAMPLE_MFA_SERIAL }) +
        section('profile own', {
          role_arn: roleArn('role102'),
          source_profile: 'mine',
          mfa_serial: SAMPLE_MFA_SERIAL,
        }) +
        section('profile inherits', { role_arn: roleArn('role101'), source_profile: 'mine' }),
    });
    expect(questions(await entering(world, 'own', [world.codeIn(30)]))).toBe(1);
    // Beside a session the serial says how that was got: it is not asked for once more.
    const run = await entering(world, 'inherits', []);
    expect(run.status, run.stderr).toBe(0);
    expect(questions(run)).toBe(0);
  });
});

describe('a role that wants a new MFA code', () => {
  it('is served by a new MFA session', async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    await world.lines('mfaage');
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
  });

  it('refuses an old one: it gets a code itself, why is said, and that is remembered', async () => {
    const world = await makeWorld();
    world.settings('aws_cli_cache = off\n');
    await world.linesWithCode('role101');
    passTwoMinutes(world);
    const run = await entering(world, 'mfaage', [world.code()]);
    expect(run.status).toBe(0);
    expect(questions(run)).toBe(1);
    expect(run.stderr).toContain(
      `AWS refuses ${roleArn('mfaage')} with an MFA session that is 2 min old; its trust policy may want a newer code, so you are asked for one\n`,
    );
    expect(requestsFrom(world, 2)).toMatchObject([
      { action: 'AssumeRole', accessKeyId: SESSION_KEY, tokenCode: false, answer: 'AccessDenied' },
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'OK' },
    ]);
    expect(remembered(world)).toBe(1);

    // The next time it gets a code at once, and the other roles none.
    rmSync(keptFile(world, 'mfaage'));
    const next = await entering(world, 'mfaage', [world.code()]);
    expect(next.status).toBe(0);
    expect(next.stderr).toContain('it refused an older MFA session');
    expect(next.stderr).not.toContain('AWS refuses');
    expect(requestsFrom(world, 4)).toMatchObject([
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'OK' },
    ]);
    await world.lines('role102');
  });
});

describe('a role that is denied', () => {
  it('for another reason is not asked for again right after a code', async () => {
    const world = await makeWorld({ config: withNobody() });
    const code = world.code();
    const first = await entering(world, 'nobody', [code, world.codeIn(30)]);
    expect(first).toMatchObject({ status: REFUSED, stdout: '' });
    expect(questions(first)).toBe(1);
    const again = await entering(world, 'nobody', [world.codeIn(30)]);
    expect(again).toMatchObject({ status: REFUSED, stdout: '' });
    expect(questions(again)).toBe(0);
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', answer: 'OK' },
      { action: 'AssumeRole', answer: 'AccessDenied' },
      { action: 'AssumeRole', answer: 'AccessDenied' },
    ]);
    expect(remembered(world)).toBe(0);
    // Its code was used all the same.
    expect((await entering(world, 'long', [code])).stderr).toContain('that code was used');
    expect(requestsFrom(world, 3)).toEqual([]);
  });

  it('that is sent a code itself has used it: it is not sent again', async () => {
    const world = await makeWorld({
      config: withNobody().replace('[profile nobody]', '[profile nobody]\nduration_seconds = 7200'),
    });
    const code = world.code();
    expect((await entering(world, 'nobody', [code])).status).toBe(REFUSED);
    expect((await entering(world, 'nobody', [code])).stderr).toContain('that code was used');
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRole', tokenCode: true, answer: 'AccessDenied' },
    ]);
  });

  it('to an old MFA session gets one more code, and then its refusal is explained, not remembered', async () => {
    const world = await makeWorld({ config: withNobody() });
    await world.linesWithCode('role101');
    passTwoMinutes(world);
    const run = await entering(world, 'nobody', [world.code(), world.codeIn(150)]);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(questions(run)).toBe(1);
    expect(run.stderr).toMatch(
      /AWS denies \S+role\/nobody: User: [\s\S]*\n {2}.*the trust policy of the role/,
    );
    expect(run.stderr).not.toContain('may want MFA');
    expect(requestsFrom(world, 2)).toMatchObject([
      { action: 'AssumeRole', tokenCode: false, answer: 'AccessDenied' },
      { action: 'AssumeRole', accessKeyId: USER_KEY, tokenCode: true, answer: 'AccessDenied' },
    ]);
    expect(remembered(world)).toBe(0);
  });
});
