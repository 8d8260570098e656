import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { makeWorld, parseLines, roleArn, section, USER101_KEYS, type World } from '../world.ts';

/** A third role behind `chained`. */
const THREE_HOPS = {
  roles: [...SAMPLE_WORLD.roles, { arn: roleArn('third'), trust: { principals: [roleArn('chained')] } }],
  config: `${sampleFiles().config}${section('profile third', { role_arn: roleArn('third'), source_profile: 'chained' })}`,
};

describe('a switch', () => {
  it('gives the session of a plain role', async () => {
    const world = await makeWorld();
    const before = Math.floor(Date.now() / 1000);
    const { set, unset, ...lines } = await world.lines('plain');
    expect(set).toEqual({
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      AWS_SECRET_ACCESS_KEY: expect.stringMatching(/^[A-Za-z0-9+/=]{40}$/),
      AWS_SESSION_TOKEN: expect.stringMatching(/^[A-Za-z0-9+/=]{300,}$/),
      AWS_CREDENTIAL_EXPIRATION: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      AWS_REGION: 'eu-west-1',
      AWS_DEFAULT_REGION: 'eu-west-1',
      AWS_ACCOUNT_ID: '123456789012',
      AWSROLE_PROFILE: 'plain',
      // Beside the key itself, so that a prompt can tell whether somebody has changed it.
      AWSROLE_ACCESS_KEY_ID: set.AWS_ACCESS_KEY_ID,
      AWSROLE_ROLE_ARN: roleArn('plain'),
      AWSROLE_ACCOUNT_ID: '123456789012',
      AWSROLE_EXPIRES: expect.stringMatching(/^\d+$/),
      AWSUME_PROFILE: 'plain',
    });
    expect(unset).toEqual(
      expect.arrayContaining(['AWS_PROFILE', 'AWS_DEFAULT_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_VAULT']),
    );
    const expires = Number(set.AWSROLE_EXPIRES);
    expect(expires).toBeGreaterThanOrEqual(before + 3600);
    expect(expires).toBeLessThan(before + 3600 + 60);
    expect(Date.parse(set.AWS_CREDENTIAL_EXPIRATION ?? '')).toBe(expires * 1000);
    expect(lines).toEqual({
      profile: 'plain',
      key: '-',
      says: `plain: ${roleArn('plain')}, eu-west-1`,
      renewAfter: expires - 300,
      expires,
    });
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRole', accessKeyId: USER101_KEYS.aws_access_key_id, tokenCode: false },
    ]);
  });

  it('gives a command what it gives a shell, and takes out what stands in the way', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const env = await world.execEnv('plain', {
      env: {
        AWS_PROFILE: 'role101',
        AWS_SECURITY_TOKEN: 'old',
        AWS_VAULT: 'x',
        AWS_SESSION_TOKEN: 'old',
        KEPT: 'a b',
      },
    });
    expect(env).toMatchObject({ ...set, KEPT: 'a b', HOME: world.home });
    for (const name of ['AWS_PROFILE', 'AWS_SECURITY_TOKEN', 'AWS_VAULT'])
      expect(env).not.toHaveProperty(name);
  });

  it('takes the MFA code from standard input', async () => {
    const world = await makeWorld();
    const { set } = await world.linesWithCode('role101');
    expect(set.AWSROLE_ROLE_ARN).toBe(roleArn('role101'));
    const { aws_access_key_id: accessKeyId } = USER101_KEYS;
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', accessKeyId, answer: 'OK', serialNumber: true, tokenCode: true },
      {
        action: 'AssumeRole',
        accessKeyId: expect.stringMatching(/^ASIA/),
        answer: 'OK',
        roleArn: roleArn('role101'),
        serialNumber: false,
        tokenCode: false,
      },
    ]);
    expect(await world.execEnv('role101')).toMatchObject(set);
  });

  it('takes a code as people paste it', async () => {
    const world = await makeWorld();
    const code = world.code();
    world.keepSecret(`${code.slice(0, 3)} ${code.slice(3)}`);
    const env = await world.execEnv('role101', {
      more: ['--mfa-code', '-'],
      input: `${code.slice(0, 3)} ${code.slice(3)}\r\n`,
    });
    expect(env.AWSROLE_PROFILE).toBe('role101');
  });

  it('goes through two and three roles, with one code at the first', async () => {
    const world = await makeWorld(THREE_HOPS);
    const { set } = await world.linesWithCode('third');
    expect(set).toMatchObject({ AWSROLE_ROLE_ARN: roleArn('third'), AWS_REGION: 'us-east-1' });
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', tokenCode: true, accessKeyId: USER101_KEYS.aws_access_key_id },
      { roleArn: roleArn('role101'), tokenCode: false, serialNumber: false },
      { roleArn: roleArn('chained'), tokenCode: false, serialNumber: false },
      { roleArn: roleArn('third'), tokenCode: false },
    ]);
    // The hops on the way are kept too.
    expect((await world.lines('chained')).set.AWSROLE_ROLE_ARN).toBe(roleArn('chained'));
    expect((await world.lines('role101')).set.AWSROLE_ROLE_ARN).toBe(roleArn('role101'));
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 3 });
  });

  it('goes through two roles without a code', async () => {
    const world = await makeWorld({
      roles: [...SAMPLE_WORLD.roles, { arn: roleArn('behind'), trust: { principals: [roleArn('plain')] } }],
      config: `${sampleFiles().config}${section('profile behind', { role_arn: roleArn('behind'), source_profile: 'plain' })}`,
    });
    await world.lines('behind');
    expect(world.sts.requests()).toMatchObject([
      { roleArn: roleArn('plain') },
      { roleArn: roleArn('behind') },
    ]);
  });

  it('sends external_id', async () => {
    const world = await makeWorld();
    await world.lines('external');
    expect(world.sts.requests()).toMatchObject([{ externalId: 'partner-7/east', answer: 'OK' }]);
  });

  it('names the session after the user, unless the profile names it', async () => {
    const world = await makeWorld({
      config: [
        section('profile plain', { role_arn: roleArn('plain'), source_profile: 'user101' }),
        section('profile named', {
          role_arn: roleArn('plain'),
          source_profile: 'user101',
          role_session_name: 'me@corp.com',
        }),
      ].join(''),
    });
    await world.lines('plain');
    await world.lines('named');
    expect(world.sts.requests()).toMatchObject([
      { roleSessionName: userInfo().username.padEnd(2, '-') },
      { roleSessionName: 'me@corp.com' },
    ]);
  });

  it('asks for as long as duration_seconds says, and says nothing without it', async () => {
    const world = await makeWorld({
      config: `${sampleFiles().config}${section('profile short', { role_arn: roleArn('plain'), source_profile: 'user101', duration_seconds: '900' })}`,
    });
    const before = Date.now() / 1000;
    await world.lines('plain');
    const short = await world.lines('short');
    const long = await world.linesWithCode('long');
    const asked = world.sts.requests().map(({ durationSeconds }) => durationSeconds);
    expect(asked).toEqual([undefined, '900', '43200']);
    expect(Number(short.set.AWSROLE_EXPIRES) - before).toBeLessThan(960);
    // A tenth of 15 minutes before its end, not a third.
    expect(short.expires - short.renewAfter).toBe(90);
    expect(Number(long.set.AWSROLE_EXPIRES) - before).toBeGreaterThan(43_190);
  });

  it('runs with plain keys, which are never kept and never end', async () => {
    const world = await makeWorld();
    const { set, unset, says, expires } = await world.lines('user101', {
      env: { AWS_SESSION_TOKEN: 'of another' },
    });
    expect(set).toMatchObject({
      AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
      AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
      AWS_DEFAULT_OUTPUT: 'json',
      AWSROLE_PROFILE: 'user101',
    });
    expect(unset).toEqual(
      expect.arrayContaining([
        'AWS_SESSION_TOKEN',
        'AWS_CREDENTIAL_EXPIRATION',
        'AWSROLE_ROLE_ARN',
        'AWSROLE_EXPIRES',
      ]),
    );
    expect(says).toBe('user101: LONG-LIVED KEYS, not a role, us-east-1');
    expect(expires).toBe(0);
    expect(world.sts.counts()).toEqual({});
    for (const text of Object.values(world.snapshot('.cache'))) {
      expect(text).not.toContain(USER101_KEYS.aws_secret_access_key);
    }
  });
});

describe('the region', () => {
  const roles = section('profile a', { role_arn: roleArn('plain'), source_profile: 'source' });
  const source = (more: Record<string, string>) => section('source', { ...USER101_KEYS, ...more });

  it.each([
    { from: 'the role', role: 'eu-west-3', source: 'eu-west-1', shell: 'eu-north-1', sts: 'eu-west-3' },
    { from: 'the source profile', role: '', source: 'eu-west-1', shell: 'eu-north-1', sts: 'eu-west-1' },
    { from: 'the environment', role: '', source: '', shell: 'eu-north-1', sts: 'eu-north-1' },
    { from: 'the partition', role: '', source: '', shell: '', sts: 'us-east-1' },
  ])('of STS and of the shell comes from $from', async ({ role, source: own, shell, sts }) => {
    const world = await makeWorld({
      config: role === '' ? roles : roles.replace('\n\n', `\nregion = ${role}\n\n`),
      credentials: source(own === '' ? {} : { region: own }),
    });
    const env = shell === '' ? {} : { AWS_REGION: shell, AWS_DEFAULT_REGION: shell };
    const { set, unset } = await world.lines('a', { env });
    expect(world.sts.requests()).toMatchObject([{ region: sts, answer: 'OK' }]);
    const configured = role || own || undefined;
    expect(set.AWS_REGION).toBe(configured);
    expect(set.AWS_DEFAULT_REGION).toBe(configured);
    // What nobody has configured is the caller's.
    expect(unset).not.toContain('AWS_REGION');
    expect((await world.execEnv('a', { env })).AWS_REGION).toBe(configured ?? (shell || undefined));
  });

  it('of another partition in the environment is not asked', async () => {
    const world = await makeWorld({ config: roles, credentials: source({}) });
    await world.lines('a', { env: { AWS_DEFAULT_REGION: 'cn-north-1' } });
    expect(world.sts.requests()).toMatchObject([{ region: 'us-east-1', answer: 'OK' }]);
  });

  it('of GovCloud and China goes with their roles and keys', async () => {
    const world = await makeWorld();
    const gov = await world.linesWithCode('gov', { serial: 'arn:aws-us-gov:iam::123456789012:mfa/user-gov' });
    const cn = await world.lines('cn', { env: { AWS_REGION: 'us-east-1' } });
    expect(gov.set).toMatchObject({
      AWS_REGION: 'us-gov-west-1',
      AWSROLE_ROLE_ARN: roleArn('gov', 'aws-us-gov'),
    });
    expect(cn.set).toMatchObject({ AWS_REGION: 'cn-north-1', AWSROLE_ROLE_ARN: roleArn('cn', 'aws-cn') });
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', region: 'us-gov-west-1', answer: 'OK' },
      { action: 'AssumeRole', region: 'us-gov-west-1', answer: 'OK' },
      { region: 'cn-north-1', answer: 'OK' },
    ]);
  });
});

describe('the files', () => {
  it('may both have a part of a profile; the credentials file wins', async () => {
    const world = await makeWorld({
      config: [
        section('profile both', {
          role_arn: roleArn('nobody'),
          region: 'eu-west-1',
          source_profile: 'source',
        }),
        section('profile source', {
          region: 'eu-west-2',
          ...USER101_KEYS,
          aws_access_key_id: 'AKIAWRONG00000EXAMPLE',
        }),
      ].join(''),
      credentials: [section('both', { role_arn: roleArn('plain') }), section('source', USER101_KEYS)].join(
        '',
      ),
    });
    const { set } = await world.lines('both');
    expect(set).toMatchObject({ AWSROLE_ROLE_ARN: roleArn('plain'), AWS_REGION: 'eu-west-1' });
    expect(world.sts.requests()).toMatchObject([
      { accessKeyId: USER101_KEYS.aws_access_key_id, answer: 'OK' },
    ]);
  });

  it('may have all in the config file, and then there is no other', async () => {
    const world = await makeWorld({
      config: [
        section('profile source', USER101_KEYS),
        section('profile role101', { role_arn: roleArn('plain'), source_profile: 'source' }),
      ].join(''),
      credentials: undefined,
    });
    expect((await world.lines('role101')).set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
  });

  it('may have all in the credentials file', async () => {
    const world = await makeWorld({ config: undefined });
    const { set } = await world.linesWithCode('role101');
    expect(set).toMatchObject({ AWS_REGION: 'us-east-1', AWS_DEFAULT_OUTPUT: 'json' });
  });

  it('are where AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE say, ~ being the home', async () => {
    const world = await makeWorld({ config: undefined, credentials: undefined });
    const { config, credentials } = sampleFiles();
    mkdirSync(join(world.home, 'my files'));
    writeFileSync(join(world.home, 'my files', 'c'), config);
    writeFileSync(join(world.home, 'k'), credentials);
    const env = { AWS_CONFIG_FILE: '~/my files/c', AWS_SHARED_CREDENTIALS_FILE: join(world.home, 'k') };
    const { set } = await world.lines('plain', { env });
    expect(set.AWSROLE_PROFILE).toBe('plain');

    const relative = { AWS_CONFIG_FILE: 'c', AWS_SHARED_CREDENTIALS_FILE: '../k' };
    const env2 = await world.execEnv('plain', { env: relative, cwd: join(world.home, 'my files') });
    expect(env2.AWS_ACCESS_KEY_ID).toBe(set.AWS_ACCESS_KEY_ID);
  });

  it('are in their default places when the variables are empty', async () => {
    const world = await makeWorld();
    world.settle();
    await world.lines('plain', { env: { AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' } });
    expect(keptLines(world, 'plain').key).toBe(world.shellKey());
  });

  it('are never written', async () => {
    const world = await makeWorld();
    const before = world.snapshot();
    await world.linesWithCode('chained');
    const shared = Object.entries(world.snapshot()).filter(([name]) => /^cli(\/|$)/.test(name));
    expect(world.snapshot()).toEqual({ ...before, ...Object.fromEntries(shared) });
  });
});

/** The lines of the session file of a name. */
function keptLines(world: World, encoded: string): ReturnType<typeof parseLines> {
  return parseLines(readFileSync(join(world.cache, 'shell', `s-${encoded}.session`), 'utf8'));
}

function sessionFiles(world: World): string[] {
  return Object.keys(world.snapshot('.cache/awsrole/shell'));
}

describe('the session file', () => {
  it('holds what was printed, for this shell and the states of the files', async () => {
    const world = await makeWorld();
    world.settle();
    const run = await world.run(['session-lines', 'plain']);
    const file = join(world.cache, 'shell', 's-plain.session');
    const kept = readFileSync(file, 'utf8');
    expect(run.stdout).toMatch(/^for -\nstates - - -$/m);
    const stamp = '[0-9a-f]{16}\\.\\d+';
    expect(kept).toMatch(new RegExp(`^states ${stamp} ${stamp} absent$`, 'm'));
    expect(kept.replace(/^(for|states) .*$/gm, '$1')).toBe(run.stdout.replace(/^(for|states) .*$/gm, '$1'));
    const { key, renewAfter } = parseLines(kept);
    expect(key).toBe(world.shellKey());
    // For shells that have no clock.
    expect(statSync(file).mtimeMs).toBe(renewAfter * 1000);
    world.settings('aws_cli_cache = off\n');
    const past = new Date(Date.now() - 60_000);
    utimesSync(join(world.home, '.config', 'awsrole', 'config'), past, past);
    await world.lines('plain');
    expect(readFileSync(file, 'utf8')).toMatch(new RegExp(`^states ${stamp} ${stamp} ${stamp}$`, 'm'));
  });

  it.each([
    ['team/dev', 'team%2Fdev'],
    ['a:b c', 'a%3Ab c'],
    ['50%', '50%25'],
    ['x*?<>|y', 'x%2A%3F%3C%3E%7Cy'],
    ['Dev', 'Dev'],
    ['nul', 'nul'],
    ['ends with a dot.', 'ends with a dot.'],
    ['ends with a space ', 'ends with a space '],
    ['本番/管理者', '本番%2F管理者'],
    ['n'.repeat(228), 'n'.repeat(228)],
    ['/'.repeat(76), '%2F'.repeat(76)],
    ['管'.repeat(76), '管'.repeat(76)],
    [roleArn('x'), roleArn('x').replaceAll(':', '%3A').replaceAll('/', '%2F')],
  ])('of %j is s-%s.session', async (name, encoded) => {
    const world = await makeWorld();
    world.write({
      config: section(`profile "${name}"`, { role_arn: roleArn('plain'), source_profile: 'user101' }),
    });
    world.settle();
    await world.lines(name);
    expect(sessionFiles(world)).toEqual([`s-${encoded}.session`]);
  });

  it.each<[string, Record<string, string | undefined>]>([
    ['which gives no key', { AWSROLE_SHELL: undefined }],
    ['whose key is none', { AWSROLE_SHELL: '-' }],
    ['with other files than this process', { AWSROLE_SHELL: '/h|/h/.aws/config|/h/.aws/credentials|' }],
    ['with endpoints ignored', { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }],
    ['whose config file has a bar in its name', { AWS_CONFIG_FILE: '/a|b' }],
  ])('is not written for a shell %s', async (_, env) => {
    const world = await makeWorld();
    world.settle();
    await world.run(['session-lines', 'plain'], { env });
    expect(sessionFiles(world)).toEqual([]);
    await world.lines('plain');
    expect(sessionFiles(world)).toEqual(['s-plain.session']);
  });

  it('is not written where a path has a variable in it, which shells do not expand', async () => {
    const world = await makeWorld();
    world.settle();
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) {
      const file = name === 'AWS_CONFIG_FILE' ? 'config' : 'credentials';
      const env = { DOT: '.aws', [name]: `${world.home}/$DOT/${file}` };
      expect((await world.lines('plain', { env })).set.AWSROLE_PROFILE).toBe('plain');
      expect((await world.run(['index-lines'], { env })).stdout).toContain('plain');
    }
    expect(sessionFiles(world)).toEqual([]);
    expect(existsSync(join(world.cache, 'completion'))).toBe(false);
  });

  it('is not written for long-lived keys, a name without a file, or a state that is too young to tell', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    world.settle();
    await world.lines('user101');
    const long = ['n'.repeat(229), '/'.repeat(77), '管'.repeat(77)];
    const of = { role_arn: roleArn('plain'), source_profile: 'user101' };
    world.write({
      config: sampleFiles().config + long.map((name) => section(`profile "${name}"`, of)).join(''),
    });
    world.settle();
    for (const name of long) await world.lines(name);
    expect(sessionFiles(world)).toEqual([]);
  });

  it('is not written for a role that no profile names, whose source AWS_PROFILE says', async () => {
    const world = await makeWorld();
    world.settle();
    await world.lines(roleArn('plain'), { env: { AWS_PROFILE: 'user101' } });
    await world.lines('123456789012:plain', { env: { AWS_PROFILE: 'user101' } });
    expect(sessionFiles(world)).toEqual([]);
  });

  it('is written by a switch with a piped code and by --refresh as well', async () => {
    const world = await makeWorld();
    world.settle();
    await world.linesWithCode('role101');
    await world.lines('plain', { more: ['--refresh'] });
    expect(sessionFiles(world)).toEqual(['s-plain.session', 's-role101.session']);
  });

  it('of a name that is no more, or of an older awsrole, goes when its time is over', async () => {
    const world = await makeWorld();
    const folder = join(world.cache, 'shell');
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(world.cache, 0o700);
    writeFileSync(join(folder, 's-old.session'), 'awsrole-session 1\n');
    const past = new Date(Date.now() - 120_000);
    utimesSync(join(folder, 's-old.session'), past, past);
    world.settle();
    await world.lines('plain');
    expect(sessionFiles(world)).toEqual(['s-plain.session']);
  });

  it('is beside a list of uses, which is kept short', async () => {
    const world = await makeWorld();
    world.settle();
    await world.lines('plain');
    const uses = join(world.cache, 'uses');
    expect(readFileSync(uses, 'utf8')).toBe('');
    writeFileSync(uses, `${'another-name-of-a-profile\n'.repeat(4000)}last\n`);
    await world.lines('plain');
    const lines = readFileSync(uses, 'utf8').split('\n');
    expect(lines).toHaveLength(501);
    expect(lines.at(-2)).toBe('last');
  });
});
