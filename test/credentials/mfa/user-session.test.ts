import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../../src/demo/sample-world.ts';
import { hasScript, typeInto } from '../../terminal/typing.ts';
import {
  makeWorld,
  needs,
  roleArn,
  section,
  USER101_KEYS,
  type World,
  type WorldOptions,
} from '../../world.ts';

const USAGE = 2;
const CONFIGURATION = 3;
const MFA = 4;
const REFUSED = 5;
const { aws_access_key_id: USER_KEY } = USER101_KEYS;
const HALF_A_DAY = 43_200;

/** user101 with the device in its profile of keys, as awsume's users have it, and roles that say nothing of it. */
const USER = section('user101', {
  ...USER101_KEYS,
  region: 'eu-central-1',
  output: 'json',
  mfa_serial: SAMPLE_MFA_SERIAL,
});
const ROLES = ['role101', 'role102', 'plain', 'long']
  .map((name) => section(`profile ${name}`, { role_arn: roleArn(name), source_profile: 'user101' }))
  .join('');

function makeUserWorld(more: WorldOptions = {}): Promise<World> {
  return makeWorld({ credentials: USER, config: ROLES, ...more });
}

function deniedSessionTokens(): WorldOptions {
  const users = SAMPLE_WORLD.users.map((user) =>
    user.accessKeyId === USER_KEY ? { ...user, deny: ['sts:GetSessionToken'] } : user,
  );
  return { users };
}

/** How often GetSessionToken or AssumeRole was asked with a code. */
function codes(world: World): number {
  return world.sts.requests().filter(({ tokenCode }) => tokenCode).length;
}

describe('a user whose profile of keys has an mfa_serial', () => {
  it('is switched to as an MFA session', async () => {
    const world = await makeUserWorld();
    world.settle();
    const lines = await world.linesWithCode('user101');
    expect(lines.says).toBe(`user101: MFA session with ${SAMPLE_MFA_SERIAL}, eu-central-1`);
    expect(lines.expires - Date.now() / 1000).toBeGreaterThan(HALF_A_DAY - 60);
    expect(lines.renewAfter).toBe(lines.expires - 300);
    expect(lines.set).toMatchObject({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_CREDENTIAL_EXPIRATION: expect.stringMatching(/Z$/),
      AWS_REGION: 'eu-central-1',
      AWS_DEFAULT_OUTPUT: 'json',
      AWSROLE_PROFILE: 'user101',
      AWSROLE_ACCOUNT_ID: '123456789012',
      AWSROLE_MFA_SERIAL: SAMPLE_MFA_SERIAL,
      AWSROLE_EXPIRES: String(lines.expires),
    });
    expect(lines.unset).toContain('AWSROLE_ROLE_ARN');
    expect(lines.set).not.toHaveProperty('AWSROLE_ROLE_ARN');
    expect(world.sts.requests()).toMatchObject([
      {
        action: 'GetSessionToken',
        accessKeyId: USER_KEY,
        region: 'eu-central-1',
        durationSeconds: String(HALF_A_DAY),
        tokenCode: true,
        answer: 'OK',
      },
    ]);
    const whoami = await world.run(['whoami'], { env: lines.set });
    expect(whoami.stdout).toContain('arn:aws:iam::123456789012:user/user101\n');
    const status = await world.run(['status'], { env: lines.set });
    expect(status.stdout).toContain(`user101: MFA session with ${SAMPLE_MFA_SERIAL}`);
  });

  it('asks for one code, whoever comes first: the user, a role or a program', async () => {
    for (const first of ['user101', 'role101', 'plain']) {
      const world = await makeUserWorld();
      await world.linesWithCode(first);
      for (const next of ['user101', 'role101', 'role102', 'plain']) await world.lines(next);
      const program = await world.run(['credential-process', 'user101']);
      expect(program).toMatchObject({ status: 0, stderr: '' });
      const env = await world.execEnv('user101');
      expect(env.AWS_ACCESS_KEY_ID).toBe(JSON.parse(program.stdout).AccessKeyId);
      expect(codes(world)).toBe(1);
      expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 3 });
    }
  });

  it('is kept for the shells, which serve it without the core; a role and a user have a file each', async () => {
    const world = await makeUserWorld();
    world.settle();
    const { set } = await world.linesWithCode('user101');
    await world.lines('role101');
    const shell = join(world.cache, 'shell');
    expect(readdirSync(shell).sort()).toEqual(['s-role101.session', 's-user101.session']);
    const kept = readFileSync(join(shell, 's-user101.session'), 'utf8');
    expect(kept).toContain(`\nfor ${world.shellKey()}\n`);
    expect(kept).toContain(`\nAWS_ACCESS_KEY_ID=${set.AWS_ACCESS_KEY_ID}\n`);
  });

  it('is renewed by --refresh with a new code, and then serves the roles', async () => {
    const world = await makeUserWorld();
    const first = await world.linesWithCode('user101');
    const more = ['--refresh', '--mfa-code', '-'];
    const second = await world.lines('user101', { more, input: `${world.codeIn(30)}\n` });
    expect(second.set.AWS_ACCESS_KEY_ID).not.toBe(first.set.AWS_ACCESS_KEY_ID);
    expect((await world.lines('user101')).set).toEqual(second.set);
    await world.lines('role101');
    expect(world.sts.requests().at(-1)).toMatchObject({ accessKeyId: second.set.AWS_ACCESS_KEY_ID });
    // A role is renewed from it, without a code.
    await world.lines('role101', { more: ['--refresh'] });
    expect(codes(world)).toBe(2);
  });

  it('is asked for once by twenty processes at once, users and roles', async () => {
    const world = await makeUserWorld();
    const input = `${world.code()}\n`;
    const runs = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        world.run(['session-lines', ['user101', 'role101', 'plain'][index % 3] ?? '', '--mfa-code', '-'], {
          input,
        }),
      ),
    );
    expect(runs.map(({ status }) => status)).toEqual(Array(20).fill(0));
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
  });

  it('lasts as long as mfa_session_duration says', async () => {
    const world = await makeUserWorld({ credentials: `${USER.trimEnd()}\nmfa_session_duration = 2h\n` });
    const lines = await world.linesWithCode('user101');
    expect(world.sts.requests()).toMatchObject([{ durationSeconds: '7200' }]);
    expect(lines.expires - Date.now() / 1000).toBeLessThan(7201);
    const wrong = await makeUserWorld({ credentials: `${USER.trimEnd()}\nmfa_session_duration = 40h\n` });
    expect(await wrong.run(['session-lines', 'user101'])).toMatchObject({
      status: CONFIGURATION,
      stdout: '',
      stderr: expect.stringMatching(/credentials:7: mfa_session_duration is "40h"/),
    });
  });

  it('takes its codes from mfa_process, also for programs', async () => {
    const world = await makeUserWorld();
    const file = join(world.home, 'code');
    world.write({ credentials: `${USER.trimEnd()}\nmfa_process = cat ${file}\n` });
    writeFileSync(file, world.code());
    const run = await world.run(['credential-process', 'user101']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({ Version: 1, SessionToken: expect.any(String) });
    await world.lines('user101');
    expect(codes(world)).toBe(1);
  });

  it('is not asked for by a program, which says what to run', async () => {
    const world = await makeUserWorld();
    const run = await world.run(['credential-process', 'user101']);
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toBe('awsrole: no session is kept for profile user101\n  run: awsrole user101\n');
    expect(world.sts.counts()).toEqual({});
  });

  it('whose device tells the partition where no region is set', async () => {
    const govUser = SAMPLE_WORLD.users.find(({ arn }) => arn.includes('user-gov'));
    const serial = govUser?.mfa?.serial ?? '';
    const keys = {
      aws_access_key_id: govUser?.accessKeyId ?? '',
      aws_secret_access_key: govUser?.secretAccessKey ?? '',
    };
    const world = await makeWorld({
      config: '',
      credentials: section('gov', { ...keys, mfa_serial: serial }),
    });
    // No region is set: the serial tells the partition.
    const { set } = await world.linesWithCode('gov', { serial });
    expect(world.sts.requests()).toMatchObject([{ action: 'GetSessionToken', region: 'us-gov-west-1' }]);
    const whoami = await world.run(['whoami'], { env: set });
    expect(whoami.stdout).toContain('arn:aws-us-gov:iam::123456789012:user/user-gov\n');
    world.write({ credentials: section('gov', { ...keys, mfa_serial: serial, region: 'eu-west-1' }) });
    expect((await world.run(['session-lines', 'gov'])).stderr).toMatch(
      /region "eu-west-1" \(.*\) is in partition aws, but the MFA device is in aws-us-gov/,
    );
  });

  it('whose keys a program gives', async () => {
    const world = await makeUserWorld();
    const answer = { Version: 1, AccessKeyId: USER_KEY, SecretAccessKey: USER101_KEYS.aws_secret_access_key };
    const file = join(world.home, 'keys.json');
    writeFileSync(file, JSON.stringify(answer));
    world.write({
      credentials: undefined,
      config: `${section('profile user101', { credential_process: `cat ${file}`, mfa_serial: SAMPLE_MFA_SERIAL, region: 'us-east-1' })}${ROLES}`,
    });
    const { set, says } = await world.linesWithCode('user101');
    expect(says).toBe(`user101: MFA session with ${SAMPLE_MFA_SERIAL}, us-east-1`);
    expect(set.AWS_ACCESS_KEY_ID).toMatch(/^ASIA/);
    await world.lines('role101');
    expect(codes(world)).toBe(1);
    // A program that gives a session: that is it.
    const session = { SessionToken: set.AWS_SESSION_TOKEN, Expiration: set.AWS_CREDENTIAL_EXPIRATION };
    const ofSession = {
      ...answer,
      AccessKeyId: set.AWS_ACCESS_KEY_ID,
      SecretAccessKey: set.AWS_SECRET_ACCESS_KEY,
      ...session,
    };
    await world.run(['clear']);
    writeFileSync(file, JSON.stringify(ofSession));
    const given = await world.lines('user101');
    expect(given.set.AWS_ACCESS_KEY_ID).toBe(set.AWS_ACCESS_KEY_ID);
    expect(given.says).not.toContain('MFA');
    await world.lines('role102');
    expect(codes(world)).toBe(1);
  });

  it('is asked for at a terminal', needs(hasScript), async () => {
    const world = await makeUserWorld();
    const command = `'${process.execPath}' '${world.cli}' exec user101 -- '${process.execPath}' '${world.cli}' status`;
    const screen = await typeInto(command, [[`MFA code for ${SAMPLE_MFA_SERIAL}: `, `${world.code()}\n`]], {
      env: world.env(),
    });
    expect(screen).toContain(`user101: MFA session with ${SAMPLE_MFA_SERIAL}, eu-central-1`);
  });
});

describe('--no-mfa', () => {
  it('gives the plain keys of a user, and keeps nothing', async () => {
    const world = await makeUserWorld();
    world.settle();
    const { set, says, expires } = await world.lines('user101', { more: ['--no-mfa'] });
    expect(set).toMatchObject({ AWS_ACCESS_KEY_ID: USER_KEY, AWSROLE_PROFILE: 'user101' });
    expect(set).not.toHaveProperty('AWS_SESSION_TOKEN');
    expect(set).not.toHaveProperty('AWSROLE_MFA_SERIAL');
    expect([says, expires]).toEqual(['user101: LONG-LIVED KEYS, not a role, eu-central-1', 0]);
    expect(world.keptSessions()).toEqual([]);
    expect((await world.execEnv('user101', { more: ['--no-mfa'] })).AWS_ACCESS_KEY_ID).toBe(USER_KEY);
    expect(world.sts.counts()).toEqual({});
  });

  it('assumes a role without a code, and not the session that was got with one', async () => {
    const world = await makeUserWorld();
    const { set } = await world.lines('plain', { more: ['--no-mfa'] });
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRole', accessKeyId: USER_KEY, serialNumber: false, tokenCode: false, answer: 'OK' },
    ]);
    const second = await world.linesWithCode('plain');
    expect(second.set.AWS_ACCESS_KEY_ID).not.toBe(set.AWS_ACCESS_KEY_ID);
    const run = await world.run(['session-lines', 'role101', '--no-mfa']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain('no code was asked for because of --no-mfa');
    expect(
      await world.run(['session-lines', 'role101', '--no-mfa', '--mfa-serial', 'GAHT12345678']),
    ).toMatchObject({
      status: USAGE,
    });
  });
});

describe('GetSessionToken that is denied', () => {
  it('to a user is said, with the way to the plain keys; the roles get a code each', async () => {
    const world = await makeUserWorld(deniedSessionTokens());
    const run = await world.run(['session-lines', 'user101', '--mfa-code', '-'], {
      input: `${world.code()}\n`,
    });
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/AWS denies GetSessionToken: .*\n.*awsrole --no-mfa user101\n/);
    await world.lines('role101', { more: ['--mfa-code', '-'], input: `${world.codeIn(30)}\n` });
    expect(world.sts.requests().at(-1)).toMatchObject({
      action: 'AssumeRole',
      tokenCode: true,
      answer: 'OK',
    });
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });

  /** Makes awsrole learn that it is denied. */
  async function learned(): Promise<World> {
    const world = await makeUserWorld({
      ...deniedSessionTokens(),
      config: `${ROLES}${sampleFiles().config.slice(sampleFiles().config.indexOf('[profile cn]'))}`,
      credentials: `${USER}${sampleFiles().credentials.slice(sampleFiles().credentials.indexOf('[user-cn]'))}`,
    });
    await world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: `${world.code()}\n` });
    expect(world.sts.counts().GetSessionToken).toBe(1);
    world.sts.reset();
    return world;
  }

  /** True when the next code goes to GetSessionToken again. */
  async function isForgotten(world: World): Promise<boolean> {
    await world.run(['session-lines', 'role102', '--mfa-code', '-'], { input: `${world.codeIn(30)}\n` });
    return world.sts.counts().GetSessionToken === 1;
  }

  it('is remembered', async () => {
    expect(await isForgotten(await learned())).toBe(false);
  });

  it.each([
    ['a role', 'role101'],
    ['another role', 'role102'],
    ['the user', 'user101'],
  ])('is forgotten by clear of %s', async (_what, profile) => {
    const world = await learned();
    expect((await world.run(['clear', profile])).status).toBe(0);
    expect(await isForgotten(world)).toBe(true);
  });

  it('is forgotten by clear of all, not by that of a stranger', async () => {
    const world = await learned();
    world.write({
      config: `${ROLES}${section('profile stranger', { aws_access_key_id: 'AKIASTRANGER00000000', aws_secret_access_key: 'x' })}`,
    });
    await world.run(['clear', 'stranger']);
    expect(await isForgotten(world)).toBe(false);
    world.sts.reset();
    await world.run(['clear']);
    expect(await isForgotten(world)).toBe(true);
  });

  it('is forgotten after 30 days', async () => {
    for (const [days, forgotten] of [
      [29, false],
      [31, true],
    ] as const) {
      const world = await learned();
      const folder = join(world.cache, 'mfa');
      const files = readdirSync(folder).filter((name) => name.startsWith('direct-'));
      expect(files).toHaveLength(1);
      for (const name of files) {
        const file = join(folder, name);
        const when = Number(readFileSync(file, 'utf8'));
        writeFileSync(file, `${when - days * 86_400_000}\n`);
      }
      expect(await isForgotten(world), `${days} days`).toBe(forgotten);
    }
  });

  it('leaves no file behind', async () => {
    const world = await learned();
    const folder = join(world.cache, 'mfa');
    const old = new Date(Date.now() - 31 * 86_400_000);
    for (const name of readdirSync(folder)) utimesSync(join(folder, name), old, old);
    await world.lines('cn');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is forgotten once a user’s session was to be had', async () => {
    const deny = ['sts:GetSessionToken'];
    const users = SAMPLE_WORLD.users.map((user) =>
      user.accessKeyId === USER_KEY ? { ...user, deny } : user,
    );
    const world = await makeUserWorld({ users });
    await world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: `${world.code()}\n` });
    deny.pop();
    world.sts.reset();
    await world.lines('user101', { more: ['--mfa-code', '-'], input: `${world.codeIn(30)}\n` });
    // It would ask for a code of its own.
    await world.lines('role102');
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });
});

describe('clear', () => {
  it('of a user removes the MFA session, also one that another profile of the keys has got', async () => {
    const world = await makeUserWorld({ credentials: USER + USER.replace('[user101]', '[twin]') });
    await world.linesWithCode('twin');
    expect((await world.lines('user101')).set.AWS_ACCESS_KEY_ID).toMatch(/^ASIA/);
    const run = await world.run(['clear', 'user101']);
    expect(run.stderr).toMatch(/^removed 1 kept session of user101;/);
    expect(world.keptSessions()).toEqual([]);
    expect(await world.run(['session-lines', 'user101'])).toMatchObject({ status: MFA, stdout: '' });
  });

  it('of a role leaves it, and says so', async () => {
    const world = await makeUserWorld();
    await world.linesWithCode('role101');
    const run = await world.run(['clear', 'role101']);
    expect(run.stderr).toContain('the MFA session of its device stays, as it serves other roles too');
    await world.lines('user101');
    expect(codes(world)).toBe(1);
  });
});

describe('list, explain and completion', () => {
  it('show where a code is asked for, and that the user is an MFA session', async () => {
    const world = await makeUserWorld();
    const { set } = await world.linesWithCode('user101');
    const rows = JSON.parse((await world.run(['list', '--json'])).stdout) as Record<string, unknown>[];
    expect(rows.find(({ profile }) => profile === 'user101')).toEqual({
      profile: 'user101',
      source: 'keys',
      mfaSerial: SAMPLE_MFA_SERIAL,
      expires: new Date(Number(set.AWSROLE_EXPIRES) * 1000).toISOString(),
      secondsLeft: expect.any(Number),
    });
    expect(rows.find(({ profile }) => profile === 'plain')).toMatchObject({ mfaSerial: SAMPLE_MFA_SERIAL });
    const { stdout } = await world.run(['complete', 'fish', 'exec', 'user']);
    expect(stdout).toBe('words\nuser101\tMFA session\n');
  });

  it('name the line of the serial, and what a switch would do', async () => {
    const world = await makeUserWorld();
    const user = (await world.run(['explain', 'user101'])).stdout;
    expect(user).toMatch(/^2\. GetSessionToken, for an MFA session of that user/m);
    expect(user).toMatch(/mfa_serial +arn:\S+user101 +\S+credentials:6\n/);
    expect(user).toContain('MFA code: asked for on the terminal\n');
    expect(user).toMatch(/^STS: http/m);
    expect(user).toMatch(/AWS_SESSION_TOKEN +\(from the session\)/);
    const role = (await world.run(['explain', 'plain'])).stdout;
    expect(role).toMatch(/mfa_serial +arn:\S+user101 +\S+credentials:6\n/);
    expect(role).toMatch(/MFA code: asked for on the terminal, for an MFA session of 12 h/);
    world.write({
      config: `${ROLES}${section('profile chained', { role_arn: roleArn('chained'), source_profile: 'role101', mfa_serial: 'GAHT12345678' })}`,
    });
    const chained = (await world.run(['explain', 'chained'])).stdout;
    expect(chained).toMatch(/mfa_serial +GAHT12345678 +\S+config:20\n/);
    expect(chained).toContain('MFA code: not asked for: AWS accepts no code with the session of a role\n');
    const without = (await world.run(['explain', 'plain', '--no-mfa'])).stdout;
    expect(without).toMatch(/mfa_serial +\(none\) +--no-mfa\n/);
    expect(without).not.toContain('MFA code:');

    await world.linesWithCode('role101');
    const kept = JSON.parse((await world.run(['explain', '--json', 'user101'])).stdout);
    expect(kept.mfaSession).toMatchObject({
      serial: SAMPLE_MFA_SERIAL,
      needed: false,
      code: 'not needed: the kept session is used',
      session: { from: 'awsrole' },
    });
    expect((await world.run(['explain', 'plain'])).stdout).toContain(
      'an MFA session of profile user101 is kept',
    );
  });

  it('leave a user without one as it is', async () => {
    const world = await makeWorld({ config: sampleFiles().config });
    const { set, expires, says } = await world.lines('user101');
    expect([set.AWS_ACCESS_KEY_ID, expires, says]).toEqual([
      USER_KEY,
      0,
      'user101: LONG-LIVED KEYS, not a role, us-east-1',
    ]);
    const text = (await world.run(['explain', 'user101'])).stdout;
    expect(text).not.toContain('GetSessionToken');
    expect(text).toMatch(/AWS_SECRET_ACCESS_KEY +\(from the profile\)/);
    expect((await world.run(['complete', 'fish', 'exec', 'user1'])).stdout).toBe('words\nuser101\tkeys\n');
  });
});
