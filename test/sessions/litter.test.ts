import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { killedAt, makeWorld, roleArn, section, type World } from '../world.ts';

/** Everything temporary below the home. */
function temporary(world: World): string[] {
  return readdirSync(world.home, { recursive: true, encoding: 'utf8' }).filter((name) => /\btmp$/.test(name));
}

describe('what a killed process has left', () => {
  it.each(['/.aws/cli/cache/', '/sessions/', '/shell/', '/mfa/', '/stamps/', '.owner', '.lock'])(
    'is removed by the next run, when it was killed at %s',
    async (place) => {
      const world = await makeWorld();
      world.settle();
      const env = killedAt(place);
      const input = `${world.code()}\n`;
      const killed = await world.run(['session-lines', 'role101', '--mfa-code', '-'], { env, input });
      expect(killed.signal).toBe('SIGKILL');
      expect(temporary(world)).not.toEqual([]);
      await world.lines('plain');
      expect(temporary(world)).toEqual([]);
      expect(readdirSync(join(world.cache, 'locks'))).toEqual([]);
    },
  );

  it('is removed when it is of awsrole 0.1 and older than a minute; what is not ours stays', async () => {
    const world = await makeWorld();
    const aws = join(world.home, '.aws', 'cli', 'cache');
    const old = Date.now() / 1000 - 90;
    const file = (folder: string, name: string, modified?: number): void => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, name), 'keys', { mode: 0o600 });
      if (modified !== undefined) utimesSync(join(folder, name), modified, modified);
    };
    const key = '0123456789abcdef0123456789abcdef01234567';
    file(aws, `${key}.json.0123456789ab.tmp`, old);
    for (const [folder, name] of [
      ['sessions', `${key}.json`],
      ['shell', 's-a.b.session'],
      ['locks', '0123456789abcdef0123456789abcdef.owner'],
      ['.', 'uses'],
    ] as const) {
      file(join(world.cache, folder), `${name}.0123456789ab.tmp`, old);
    }
    file(join(world.cache, 'stamps'), '0123456789ab.tmp', old);
    file(join(world.cache, 'shell'), 's-b.session.0123456789ab.tmp', Date.now() / 1000 + 3600);
    file(join(world.cache, 'sessions'), `${key}.json.ba9876543210.tmp`);
    file(aws, 'tmpabcd1234.tmp', old);
    file(aws, `other.0123456789ab.tmp`, old);
    file(aws, `${key}.json`, old);
    await world.lines('plain');
    expect(temporary(world).sort()).toEqual([
      join('.aws/cli/cache', 'other.0123456789ab.tmp'),
      join('.aws/cli/cache', 'tmpabcd1234.tmp'),
      join('.cache/awsrole/sessions', `${key}.json.ba9876543210.tmp`),
    ]);
    expect(existsSync(join(aws, `${key}.json`))).toBe(true);
  });

  it('of locks goes too: of processes that are gone, and of awsrole 0.1', async () => {
    const world = await makeWorld();
    world.sts.setFault({ action: 'AssumeRole', delayMs: 20_000, count: 1 });
    const locks = join(world.cache, 'locks');
    await world.run(['session-lines', 'plain'], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (!existsSync(locks) || !readdirSync(locks).some((name) => name.endsWith('.owner'))) return;
          clearInterval(timer);
          child.kill('SIGKILL');
        }, 20);
      },
    });
    world.sts.clearFaults();
    expect(readdirSync(locks)).toHaveLength(2);
    const old = Date.now() / 1000 - 90;
    mkdirSync(join(locks, 'a.lock'));
    writeFileSync(join(locks, 'a.owner'), '{}');
    for (const name of ['a.lock', 'a.owner']) utimesSync(join(locks, name), old, old);
    mkdirSync(join(locks, 'young.lock'));
    // Another lock than that of the killed process.
    await world.lines('external');
    expect(readdirSync(locks)).toEqual(['young.lock']);
  });
});

describe('a session that has ended', () => {
  it("is removed, with the AWS CLI's copy; one that has not stays, whatever the file's time", async () => {
    const world = await makeWorld();
    await world.lines('plain');
    await world.lines('external');
    const files = world.keptSessions();
    expect(files).toHaveLength(2);
    const read = (file: string): Record<string, unknown> => JSON.parse(readFileSync(file, 'utf8'));
    for (const file of files) expect(statSync(file).mtimeMs / 1000).toBe(read(file).expires);
    const plain = files.find((file) => read(file).profile === 'plain') ?? '';
    const { awsCliKey } = read(plain);
    const copy = join(world.home, '.aws', 'cli', 'cache', `${awsCliKey}.json`);
    expect(existsSync(copy)).toBe(true);
    const ago = Date.now() / 1000 - 120;
    writeFileSync(plain, JSON.stringify({ ...read(plain), expires: Math.floor(ago) }));
    for (const file of files) utimesSync(file, ago, ago);
    await world.linesWithCode('role101');
    expect(existsSync(plain)).toBe(false);
    expect(existsSync(copy)).toBe(false);
    expect(world.keptSessions()).toHaveLength(3);
  });
});

describe('what was made from AWS files that are no more so', () => {
  const shellFiles = (world: World): string[] => readdirSync(join(world.cache, 'shell'));
  const stamps = (world: World): string[] => readdirSync(join(world.cache, 'stamps'));
  const profile = { role_arn: roleArn('plain'), source_profile: 'user101' };

  it('is removed when a profile was renamed: the session stays, for the new name', async () => {
    const world = await makeWorld({ config: section('profile a', profile) });
    world.settle();
    await world.lines('a');
    expect(shellFiles(world)).toEqual(['s-a.session']);
    const before = stamps(world);
    expect(before).toHaveLength(2);
    world.write({ config: section('profile b', profile) });
    world.settle();
    await world.lines('b');
    expect(shellFiles(world)).toEqual(['s-b.session']);
    expect(stamps(world)).toHaveLength(2);
    expect(stamps(world).filter((name) => before.includes(name))).toEqual([]);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('is removed when a file is gone; that of other files stays', async () => {
    const world = await makeWorld();
    world.settle();
    await world.lines('plain');
    const other = join(world.home, 'other');
    mkdirSync(other);
    cpSync(join(world.home, '.aws'), other, { recursive: true, preserveTimestamps: true });
    const env = {
      AWS_CONFIG_FILE: join(other, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(other, 'credentials'),
    };
    await world.lines('external', { env });
    expect(stamps(world)).toHaveLength(4);
    expect(shellFiles(world).sort()).toEqual(['s-external.session', 's-plain.session']);
    rmSync(other, { recursive: true });
    await world.lines('plain');
    expect(stamps(world)).toHaveLength(2);
    expect(shellFiles(world)).toEqual(['s-plain.session']);
  });
});
