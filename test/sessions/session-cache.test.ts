import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PrivateFileError, readPrivateFile, writePrivateFile } from '../../src/files/private-file.ts';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../world.ts';

const isRoot = process.geteuid?.() === 0;

/** The only kept session: its file. */
function keptFile(world: World): string {
  const [file = '', ...more] = world.keptSessions();
  expect(more).toEqual([]);
  return file;
}

/** Changes fields of the only kept session, in place. */
function editKept(world: World, change: (kept: Record<string, unknown>) => unknown): void {
  const file = keptFile(world);
  writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')))));
}

const keyOf = async (world: World, profile: string): Promise<string | undefined> =>
  (await world.lines(profile)).set.AWS_ACCESS_KEY_ID;

describe('a kept session', () => {
  it('serves the next switch, and exec, without a word to STS', async () => {
    const world = await makeWorld();
    const first = await world.linesWithCode('role101');
    const again = await world.lines('role101');
    expect(again.set).toEqual(first.set);
    expect((await world.execEnv('role101')).AWS_ACCESS_KEY_ID).toBe(first.set.AWS_ACCESS_KEY_ID);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });

  it.each([
    { edit: 'role_arn', change: { role_arn: roleArn('other') } },
    { edit: 'external_id', change: { external_id: 'partner-8' } },
    { edit: 'duration_seconds', change: { duration_seconds: '1800' } },
    { edit: 'role_session_name', change: { role_session_name: 'someone' } },
  ])('is not served to a profile whose $edit was edited', async ({ change }) => {
    const roles = ['plain', 'other'].map((name) => ({
      arn: roleArn(name),
      trust: { principals: ['arn:aws:iam::123456789012:user/user101'] },
    }));
    const profile = { role_arn: roleArn('plain'), source_profile: 'user101' };
    const world = await makeWorld({ roles, config: section('profile a', profile) });
    const first = await keyOf(world, 'a');
    world.write({ config: section('profile a', { ...profile, ...change }) });
    expect(await keyOf(world, 'a')).not.toBe(first);
    world.write({ config: section('profile a', profile) });
    expect(await keyOf(world, 'a')).toBe(first);
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('is not served to other source keys', async () => {
    const other = {
      arn: 'arn:aws:iam::123456789012:user/other',
      accessKeyId: 'AKIAOTHER00000EXAMPLE',
      secretAccessKey: 'sandbox+other/notARealSecret000EXAMPLEKEY',
    };
    const { users, roles } = (await import('../../src/demo/sample-world.ts')).SAMPLE_WORLD;
    const config = section('profile a', { role_arn: roleArn('plain'), source_profile: 'source' });
    const world = await makeWorld({
      users: [...users, other],
      roles,
      config,
      credentials: section('source', USER101_KEYS),
    });
    const first = await keyOf(world, 'a');
    world.write({
      credentials: section('source', {
        aws_access_key_id: other.accessKeyId,
        aws_secret_access_key: other.secretAccessKey,
      }),
    });
    expect(await keyOf(world, 'a')).not.toBe(first);
    expect(world.sts.requests().at(-1)).toMatchObject({ accessKeyId: other.accessKeyId, answer: 'OK' });
  });

  it('gives way to --refresh, which takes the hops before it from what is kept', async () => {
    const world = await makeWorld();
    const first = await world.linesWithCode('chained');
    const second = await world.lines('chained', { more: ['--refresh'] });
    expect(second.set.AWS_ACCESS_KEY_ID).not.toBe(first.set.AWS_ACCESS_KEY_ID);
    expect(world.sts.requests().map(({ action, roleArn }) => roleArn ?? action)).toEqual([
      'GetSessionToken',
      roleArn('role101'),
      roleArn('chained'),
      roleArn('chained'),
    ]);
    expect((await world.lines('chained')).set).toEqual(second.set);
  });

  it.each([
    { left: 340, length: 3600, renewed: false },
    { left: 290, length: 3600, renewed: true },
    // Of short sessions a tenth: else one of 15 minutes would last ten.
    { left: 120, length: 900, renewed: false },
    { left: 80, length: 900, renewed: true },
    { left: -1, length: 3600, renewed: true },
  ])('with $left of $length s left is renewed: $renewed', async ({ left, length, renewed }) => {
    const world = await makeWorld();
    const first = await keyOf(world, 'plain');
    const expires = Math.floor(Date.now() / 1000) + left;
    editKept(world, (kept) => ({ ...kept, expires, obtained: expires - length }));
    expect((await keyOf(world, 'plain')) !== first).toBe(renewed);
  });

  it.each<{ what: string; spoil: (file: string, text: string) => void }>([
    { what: 'torn', spoil: (file, text) => writeFileSync(file, text.slice(0, text.length / 2)) },
    { what: 'empty', spoil: (file) => writeFileSync(file, '') },
    { what: 'of a number', spoil: (file) => writeFileSync(file, '7') },
    { what: 'of null', spoil: (file) => writeFileSync(file, 'null') },
    { what: 'a list', spoil: (file, text) => writeFileSync(file, `[${text}]`) },
    {
      what: 'without its token',
      spoil: (file, text) => writeFileSync(file, text.replace('"sessionToken"', '"token"')),
    },
    {
      what: 'of a text for a time',
      spoil: (file, text) => writeFileSync(file, text.replace(/"expires":(\d+)/, '"expires":"$1"')),
    },
    {
      what: 'of a later format',
      spoil: (file, text) => writeFileSync(file, text.replace('"format":1', '"format":2')),
    },
    { what: 'readable by others', spoil: (file) => chmodSync(file, 0o644) },
    { what: 'writable by others', spoil: (file) => chmodSync(file, 0o666) },
    {
      what: 'a symbolic link',
      spoil: (file) => {
        renameSync(file, `${file}.aside`);
        symlinkSync(`${file}.aside`, file);
      },
    },
  ])('whose file is $what counts as absent', async ({ spoil }) => {
    const world = await makeWorld();
    world.settings('aws_cli_cache = off\n');
    const first = await keyOf(world, 'plain');
    const file = keptFile(world);
    spoil(file, readFileSync(file, 'utf8'));
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).not.toContain(`${first}\n`);
    // And is whole again.
    expect(lstatSync(file).isFile()).toBe(true);
    expect(lstatSync(file).mode & 0o777).toBe(0o600);
    await world.lines('plain');
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it.runIf(isRoot)('of another user counts as absent', async () => {
    const world = await makeWorld();
    world.settings('aws_cli_cache = off\n');
    const first = await keyOf(world, 'plain');
    chownSync(keptFile(world), 65_534, 65_534);
    expect(await keyOf(world, 'plain')).not.toBe(first);
  });

  it('that is a folder does not stop a switch', async () => {
    const world = await makeWorld();
    await keyOf(world, 'plain');
    const file = keptFile(world);
    renameSync(file, `${file}.aside`);
    mkdirSync(file);
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 0, stderr: expect.stringContaining('the session is not kept') });
  });
});

describe('the cache folder', () => {
  it.each(['000', '022', '077'])('is private under umask %s', async (umask) => {
    const world = await makeWorld();
    const prefix = ['sh', '-c', `umask ${umask}; exec "$@"`, 'sh'];
    await world.linesWithCode('role101', { prefix });
    await new Promise((resolve) => setTimeout(resolve, 30));
    await world.lines('role101', { prefix });
    const found = readdirSync(world.cache, { recursive: true, encoding: 'utf8' }).map((name) => {
      const stat = lstatSync(join(world.cache, name));
      return { name, kind: stat.isDirectory() ? 'folder' : 'file', mode: (stat.mode & 0o777).toString(8) };
    });
    expect(found.filter(({ kind }) => kind === 'file').length).toBeGreaterThan(1);
    expect(found).toEqual(
      found.map(({ name, kind }) => ({ name, kind, mode: kind === 'folder' ? '700' : '600' })),
    );
    expect(lstatSync(world.cache).mode & 0o777).toBe(0o700);
  });

  it('has nothing temporary left in it', async () => {
    const world = await makeWorld();
    await world.linesWithCode('chained');
    const names = readdirSync(world.cache, { recursive: true, encoding: 'utf8' });
    expect(names.filter((name) => /\.(tmp|lock|owner)$/.test(name))).toEqual([]);
  });

  it('is in XDG_CACHE_HOME, unless that is relative', async () => {
    const world = await makeWorld();
    await world.lines('plain', { env: { XDG_CACHE_HOME: join(world.home, 'elsewhere') } });
    expect(existsSync(join(world.home, 'elsewhere', 'awsrole', 'sessions'))).toBe(true);
    expect(existsSync(world.cache)).toBe(false);
    await world.lines('plain', { env: { XDG_CACHE_HOME: 'relative' } });
    expect(existsSync(world.cache)).toBe(true);
  });

  it('that others can write into is not used, and the switch works', async () => {
    const world = await makeWorld();
    mkdirSync(world.cache, { recursive: true });
    chmodSync(world.cache, 0o777);
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(
        /^awsrole: sessions are not kept: .*can be written by other users \(run: chmod 700/,
      ),
    });
    expect(readdirSync(world.cache)).toEqual([]);
  });

  it('that is a file or a link is not used, and the switch works', async () => {
    const world = await makeWorld();
    mkdirSync(join(world.home, '.cache'));
    writeFileSync(world.cache, '');
    expect(await world.run(['session-lines', 'plain'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('sessions are not kept'),
    });
    renameSync(world.cache, join(world.home, 'file'));
    mkdirSync(join(world.home, 'real'), { mode: 0o700 });
    symlinkSync(join(world.home, 'real'), world.cache);
    expect(await world.run(['session-lines', 'plain'])).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('is not a folder'),
    });
    expect(readdirSync(join(world.home, 'real'))).toEqual([]);
  });

  it('that cannot be made is done without, with a warning', async () => {
    const world = await makeWorld();
    mkdirSync(join(world.home, '.cache'), { mode: 0o500 });
    const run = await world.run(['session-lines', 'plain'], { ordinary: true });
    expect(run).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('\nend\n'),
      stderr: expect.stringMatching(/^awsrole: sessions are not kept: .*EACCES/),
    });
    // An MFA role works as well: there is no lock to hold.
    const mfa = await world.run(['session-lines', 'role101', '--mfa-code', '-'], {
      ordinary: true,
      input: `${world.code()}\n`,
    });
    expect(mfa).toMatchObject({ status: 0, stdout: expect.stringContaining('\nend\n') });
  });

  it.runIf(isRoot)('of another user is not used, as with sudo -E, and the switch works', async () => {
    const world = await makeWorld();
    mkdirSync(world.cache, { recursive: true, mode: 0o700 });
    chownSync(world.cache, 65_534, 65_534);
    const env = { XDG_CACHE_HOME: join(world.home, '.cache') };
    expect(await world.run(['session-lines', 'plain'], { env })).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('belongs to another user (uid 65534)'),
    });
    expect(readdirSync(world.cache)).toEqual([]);
  });

  it.runIf(isRoot).each([
    { there: [] as string[], env: {} },
    { there: ['.cache', '.aws/cli', '.aws/cli/cache'], env: {} },
    { there: [], env: { XDG_CACHE_HOME: 'caches/of' } },
  ])(
    'is not made by root in the home of a user, nor anything else (there already: $there)',
    async ({ there, env: { XDG_CACHE_HOME } }) => {
      const world = await makeWorld();
      for (const folder of there) mkdirSync(join(world.home, folder));
      const ours = ['.', ...readdirSync(world.home, { recursive: true, encoding: 'utf8' })];
      for (const name of ours) chownSync(join(world.home, name), 65_534, 65_534);
      const env = XDG_CACHE_HOME === undefined ? {} : { XDG_CACHE_HOME: join(world.home, XDG_CACHE_HOME) };
      const before = world.snapshot('.');
      expect(await world.run(['session-lines', 'plain'], { env })).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('\nend\n'),
        stderr: expect.stringMatching(
          /^awsrole: sessions are not kept: \S+ belongs to another user \(uid 65534\), and root creates nothing there: sudo -H gives root a home of its own\n$/,
        ),
      });
      await world.linesWithCode('role101', { env });
      for (const args of [['index-lines'], ['list'], ['clear'], ['credential-process', 'plain']]) {
        expect((await world.run(args, { env })).status).toBe(0);
      }
      expect(world.snapshot('.')).toEqual(before);
      // The user keeps sessions afterwards as before.
      await world.lines('plain', { ordinary: true });
      expect(world.keptSessions()).toHaveLength(1);
    },
  );

  const canMount = isRoot && mountWorks();
  // A container without the right to mount is no fault of ours, in CI neither.
  it.skipIf(!canMount)('on a full disk is done without, with a warning', async () => {
    const world = await makeWorld();
    await onSmallDisk(join(world.home, '.cache'), async (folder) => {
      writeFileSync(join(folder, 'filler'), Buffer.alloc(8192));
      const run = await world.run(['session-lines', 'plain']);
      expect(run).toMatchObject({
        status: 0,
        stdout: expect.stringContaining('\nend\n'),
        stderr: expect.stringContaining('ENOSPC'),
      });
      const mfa = await world.run(['session-lines', 'role101', '--mfa-code', '-'], {
        input: `${world.code()}\n`,
      });
      expect(mfa).toMatchObject({ status: 0, stdout: expect.stringContaining('\nend\n') });
    });
  });

  it.skipIf(!canMount)('on a disk that takes only a part of a file gets no torn file', async () => {
    const world = await makeWorld();
    await onSmallDisk(join(world.home, '.cache'), async (folder) => {
      const file = join(folder, 'private', 'file');
      expect(() => writePrivateFile(file, 'x'.repeat(20_000))).toThrow(PrivateFileError);
      expect(readdirSync(join(folder, 'private'))).toEqual([]);
      writePrivateFile(file, 'short');
      expect(readPrivateFile(file)).toBe('short');
    });
  });

  it('works without a home, keeping nothing', async () => {
    const world = await makeWorld();
    const env = {
      HOME: undefined,
      AWS_CONFIG_FILE: join(world.home, '.aws', 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(world.home, '.aws', 'credentials'),
    };
    expect(await world.execEnv('plain', { env })).toMatchObject({ AWSROLE_PROFILE: 'plain' });
    expect(world.snapshot('.cache')).toEqual({});
  });
});

/** Mounts a disk of two pages. */
async function onSmallDisk(folder: string, work: (folder: string) => Promise<void>): Promise<void> {
  mkdirSync(folder);
  expect(mountTwoPages(folder)).toBe(true);
  try {
    await work(folder);
  } finally {
    unmount(folder);
  }
}

function mountWorks(): boolean {
  const folder = join(tmpdir(), `awsrole-mount-${process.pid}`);
  mkdirSync(folder);
  const mounted = mountTwoPages(folder);
  if (mounted) unmount(folder);
  rmdirSync(folder);
  return mounted;
}

function mountTwoPages(folder: string): boolean {
  const command = 'mount -t tmpfs -o size=8k,mode=700 tmpfs "$1"';
  return spawnSync('sh', ['-c', command, 'sh', folder]).status === 0;
}

function unmount(folder: string): void {
  spawnSync('sh', ['-c', 'umount "$1"', 'sh', folder]);
}
