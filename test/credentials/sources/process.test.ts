import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';
import { inSeconds, someCredentials } from './fakes.ts';

const CONFIGURATION = 3;
const KEYS = {
  Version: 1,
  AccessKeyId: USER101_KEYS.aws_access_key_id,
  SecretAccessKey: USER101_KEYS.aws_secret_access_key,
};

/** A world whose profile `p` runs a script that prints this, and counts its runs. */
async function processWorld(output: unknown, more = '', name = 'p'): Promise<World> {
  const world = await makeWorld({ credentials: undefined, config: undefined });
  const printed = typeof output === 'string' ? output : JSON.stringify(output);
  writeFileSync(join(world.home, 'out put'), printed);
  script(world, 'give', `echo >>"$HOME/runs"\n${more}\ncat "$HOME/out put"`);
  const header = /[^\w@.]/.test(name) ? `profile "${name}"` : `profile ${name}`;
  world.write({
    config:
      section(header, { credential_process: `"${world.home}/give" 'a b'`, region: 'eu-west-1' }) +
      section('profile role', { role_arn: roleArn('plain'), source_profile: name }),
  });
  return world;
}

function script(world: World, name: string, text: string): string {
  const path = join(world.home, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return path;
}

async function runs(world: World): Promise<number> {
  const { stdout } = await world.command(['sh', '-c', 'wc -l <"$HOME/runs"']);
  return Number(stdout);
}

function session(world: World, seconds = 3600) {
  const { accessKeyId, secretAccessKey, sessionToken } = someCredentials(world, 'process');
  return {
    Version: 1,
    AccessKeyId: accessKeyId,
    SecretAccessKey: secretAccessKey,
    SessionToken: sessionToken,
    Expiration: inSeconds(seconds),
  };
}

describe('credential_process', () => {
  it.each(['p', 'me@corp.com', 'my prod'])('gives the credentials of the profile %j', async (name) => {
    const world = await processWorld(KEYS, '', name);
    const { set, unset, expires } = await world.lines(name);
    expect(set).toMatchObject({
      AWS_ACCESS_KEY_ID: KEYS.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.SecretAccessKey,
      AWS_REGION: 'eu-west-1',
      AWSROLE_PROFILE: name,
    });
    expect(unset).toContain('AWS_SESSION_TOKEN');
    expect(expires).toBe(0);
    const role = await world.lines('role');
    expect(role.set.AWSROLE_ROLE_ARN).toBe(roleArn('plain'));
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('keeps nothing of keys without an end', async () => {
    const world = await processWorld(KEYS);
    await world.lines('p');
    await world.lines('p');
    expect(await runs(world)).toBe(2);
    expect(JSON.stringify(world.snapshot('.cache'))).not.toContain(KEYS.SecretAccessKey);
  });

  it('is asked once for a session with an end, by two processes at once too', async () => {
    const world = await processWorld('', 'sleep 1');
    const given = session(world);
    // Any zone, as long as it is said.
    const Expiration = new Date(Date.parse(given.Expiration) + 2 * 3_600_000)
      .toISOString()
      .replace('.000Z', '+02:00');
    writeFileSync(join(world.home, 'out put'), JSON.stringify({ ...given, Expiration }));
    const both = await Promise.all([world.lines('p'), world.lines('p')]);
    const third = await world.lines('p');
    for (const { set } of [...both, third]) expect(set.AWS_SESSION_TOKEN).toBe(given.SessionToken);
    expect(third.set.AWS_CREDENTIAL_EXPIRATION).toBe(given.Expiration);
    expect(await runs(world)).toBe(1);
    await world.lines('p', { more: ['--refresh'] });
    expect(await runs(world)).toBe(2);
  });

  it.each([
    ['2999-W47-5t09:44:30,5z', '2999-11-22T09:44:30Z'],
    ['29991122T114430+0200', '2999-11-22T09:44:30Z'],
    ['2999-11-22', '2999-11-22T00:00:00Z'],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59Z'],
  ])('may end at %s', async (Expiration, same) => {
    const world = await processWorld('');
    writeFileSync(join(world.home, 'out put'), JSON.stringify({ ...session(world), Expiration }));
    const { set, expires, renewAfter } = await world.lines('p');
    expect(set).toMatchObject({ AWS_CREDENTIAL_EXPIRATION: same, AWSROLE_EXPIRES: `${expires}` });
    expect(expires).toBe(Date.parse(same) / 1000);
    expect(renewAfter).toBe(expires - 300);
    expect((await world.lines('p')).expires).toBe(expires);
    expect(await runs(world)).toBe(1);
  });

  it('speaks on our standard error, hears nothing, and finds the environment of before the switch', async () => {
    const world = await processWorld(
      KEYS,
      'echo "touch your key" >&2; cat >&2; echo "[$1] [$AWS_PROFILE] [$AWS_SESSION_TOKEN]" >&2',
    );
    const run = await world.run(['exec', 'p', '--', 'true'], {
      input: 'not yours\n',
      env: { AWS_PROFILE: 'mine', AWS_SESSION_TOKEN: 'old', AWSROLE_NAMES: 'AWS_SESSION_TOKEN' },
    });
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: 'touch your key\n[a b] [mine] []\n' });
  });

  it.each([
    ['that is no JSON', 'SECRET{"Version": 1', 'printed something that is not JSON'],
    ['of nothing', '', 'printed nothing'],
    ['without a version', { ...KEYS, Version: undefined }, 'printed no Version'],
    ['of another version', { ...KEYS, Version: 2 }, 'printed a Version that is not 1'],
    ['of a version in quotes', { ...KEYS, Version: '1' }, 'printed a Version that is not 1'],
    ['without a secret', { ...KEYS, SecretAccessKey: undefined }, 'printed no SecretAccessKey'],
    ['with a number for a key', { ...KEYS, AccessKeyId: 7 }, 'printed a AccessKeyId that is not a string'],
    [
      'with a control character',
      { ...KEYS, SecretAccessKey: 'SECRET\u001b[2J' },
      'printed a SecretAccessKey with a control character in it',
    ],
    [
      'with a time that is none',
      { ...KEYS, SessionToken: 'SECRET', Expiration: 'tomorrow' },
      'printed the Expiration "tomorrow", which is not a time',
    ],
    [
      'with a time without a zone',
      { ...KEYS, SessionToken: 'SECRET', Expiration: '2999-01-01T00:00:00' },
      'which is not a time',
    ],
    [
      'with a time after the year 9999',
      { ...KEYS, SessionToken: 'SECRET', Expiration: '+010000-01-01T00:00:00Z' },
      'printed the Expiration "+010000-01-01T00:00:00Z", which is after the year 9999 ("',
    ],
    [
      'with a secret in place of the time',
      { ...KEYS, SessionToken: 'SECRET', Expiration: `SECRET${'x'.repeat(34)}` },
      'printed an Expiration, which is not a time with a time zone ("',
    ],
    [
      'that has expired in another form',
      { ...KEYS, SessionToken: 'SECRET', Expiration: '20200101T010000+0200' },
      'printed credentials that expired at 20200101T010000+0200 ("',
    ],
    [
      'that has expired',
      { ...KEYS, SessionToken: 'SECRET', Expiration: '2020-01-01T00:00:00Z' },
      'printed credentials that expired at 2020-01-01T00:00:00Z',
    ],
    ['that never ends', `"${'SECRET'.repeat(300_000)}"`, 'printed more than 1 MB'],
    ['that is a list', '[1]', 'printed no Version'],
    ['of null', 'null', 'printed no Version'],
  ])('refuses output %s, without showing it', async (_what, output, message) => {
    const world = await processWorld(output);
    world.keepSecret('SECRET');
    const run = await world.run(['session-lines', 'p']);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toContain(`${world.home}/.aws/config:2: credential_process of profile "p" `);
    expect(run.stderr).toContain(message);
    expect(run.stderr.length).toBeLessThan(600);
    expect(world.keptSessions()).toEqual([]);
  });

  it.each([
    ['/no/such/program', /was not found \("\/no\/such\/program"\)\n {2}.*write its full path/],
    ['~/give', /was not found \("~\/give"\)/],
    ['/etc/passwd', /cannot be run \(EACCES\)/],
    ["sh -c 'echo SECRET; echo no luck >&2; exit 7'", /^no luck\n.*ended with status 7 \("sh"\)/],
    ["sh -c 'kill -9 $$'", /was killed by SIGKILL/],
    ["sh -c 'echo", /has a quote that is not closed/],
  ])('says why %s gives nothing', async (command, message) => {
    const world = await makeWorld({ config: section('profile p', { credential_process: command }) });
    world.keepSecret('SECRET');
    const run = await world.run(['session-lines', 'p']);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '', stderr: expect.stringMatching(message) });
    expect(run.stderr).toContain(`${world.home}/.aws/config:2: credential_process of profile "p" `);
  });

  it('takes words apart as Python does', async () => {
    const world = await makeWorld({ credentials: undefined });
    const echo = script(world, 'echo', 'printf "<%s>\\n" "$@" >&2; exit 1');
    const line = `${echo} $'a b' "c\\"d\\e" f\\ g '' "$HOME" '"' $"x" #h ~ *`;
    world.write({ config: section('profile p', { credential_process: line }) });
    const words = ['$a b', 'c"d\\e', 'f g', '', '$HOME', '"', '$x', '#h', '~', '*'];
    const run = await world.run(['session-lines', 'p']);
    expect(run.stderr.split('\n').filter((text) => text.startsWith('<'))).toEqual(
      words.map((word) => `<${word}>`),
    );
  });

  it('does not run itself without end', async () => {
    const world = await makeWorld({ credentials: undefined, config: undefined });
    const self = (command: string) => ({
      credential_process: `${process.execPath} ${world.cli} ${command}`,
    });
    world.write({
      config:
        section('profile a', self('exec b -- true')) +
        section('profile b', self('exec a -- true')) +
        section('profile c', self('credential-process c')),
    });
    const run = await world.run(['session-lines', 'a']);
    expect(run.status).toBe(CONFIGURATION);
    expect(run.stderr).toContain(
      `${world.home}/.aws/config:2: the credential_process of profile "a" asks awsrole for the same profile again: "a" → "b" → "a"`,
    );
    const direct = await world.run(['session-lines', 'c']);
    expect(direct.status).toBe(CONFIGURATION);
    expect(direct.stderr).toContain('asks awsrole for the same profile again: "c" → "c"');
  });

  it('may be awsrole for another profile', async () => {
    const world = await makeWorld({ config: undefined });
    const command = `${process.execPath} ${world.cli} credential-process plain`;
    world.write({
      config:
        section('profile plain', { role_arn: roleArn('plain'), source_profile: 'user101' }) +
        section('profile p', { credential_process: command }),
    });
    const { set } = await world.lines('plain');
    expect((await world.lines('p')).set.AWS_ACCESS_KEY_ID).toBe(set.AWS_ACCESS_KEY_ID);
  });

  it('that takes its time is announced', async () => {
    const world = await processWorld(KEYS, 'sleep 4');
    const run = await world.run(['session-lines', 'p']);
    expect(run).toMatchObject({ status: 0 });
    expect(run.stderr).toBe(
      `waiting for the credential_process of profile p (${world.home}/.aws/config:2)\n`,
    );
  });
});
