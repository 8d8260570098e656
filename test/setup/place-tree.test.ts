import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { cmdLauncher } from '../../src/setup/launcher-text.ts';
import { placeTree } from '../../src/setup/place-tree.ts';
import { prefixOf } from '../../src/setup/prefix.ts';
import { canTrace, changes, type KillPoint, killPoints, runInjected, runKilled } from '../keys/killing.ts';
import { makeWorld, type Run, type RunOptions, type World } from '../world.ts';

// What install.sh and install.ps1 have the core do. A run that fails or is killed at any moment leaves what was there before
// working, or what the next run puts right; keys are in one place at every moment.

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const KEY = 'precious\n';
/** Also where a call only writes, which takes some minutes. */
const EVERY_CALL = Boolean(process.env.AWSROLE_TEST_EVERY_CALL);

interface Place {
  readonly world: World;
  readonly prefix: string;
  readonly share: string;
  readonly staging: string;
  readonly launcher: string;
  /** A release of so little that it is copied at once; its core says which it is. */
  release(version: string): string;
  words(from: string, ...more: string[]): string[];
  install(from: string, options?: RunOptions & { more?: readonly string[] }): Promise<Run>;
  uninstall(...more: string[]): Promise<Run>;
  /** What the program on PATH says. */
  says(): string;
}

async function makePlace(name = '.local'): Promise<Place> {
  const world = await makeWorld();
  const prefix = join(world.home, name);
  const share = join(prefix, 'share', 'awsrole');
  const words = (from: string, ...more: string[]): string[] => [
    ...['setup', '--from', from, '--prefix', prefix],
    ...more,
  ];
  return {
    world,
    prefix,
    share,
    staging: join(prefix, 'share', '.awsrole-install'),
    launcher: join(prefix, 'bin', 'awsrole'),
    words,
    release: (version) => {
      const folder = join(dirname(world.home), `release ${version}`);
      for (const part of ['dist', 'shell', 'man']) mkdirSync(join(folder, part), { recursive: true });
      writeFileSync(join(folder, 'dist', 'cli.mjs'), `console.log(${JSON.stringify(version)});\n`);
      writeFileSync(join(folder, 'dist', `of-${version}.mjs`), '');
      cpSync(join(REPOSITORY, 'shell', 'awsrole'), join(folder, 'shell', 'awsrole'));
      for (const file of ['package.json', 'LICENSE', 'man/awsrole.1'])
        cpSync(join(REPOSITORY, file), join(folder, file));
      return folder;
    },
    install: (from, { more = ['--no-rc'], ...options } = {}) => world.run(words(from, ...more), options),
    uninstall: (...more) =>
      world.run(['setup', '--uninstall', '--yes', '--no-rc', '--prefix', prefix, ...more]),
    says: () => {
      const { stdout, stderr } = spawnSync(join(prefix, 'bin', 'awsrole'), ['x'], {
        encoding: 'utf8',
        env: world.env(),
      });
      return `${stdout ?? ''}${stderr ?? ''}`.trim();
    },
  };
}

/** Everything below a folder: kind, mode, content. */
function treeOf(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const stat = lstatSync(join(folder, name));
      const content = stat.isFile() ? readFileSync(join(folder, name), 'latin1') : '';
      return [name, `${stat.mode.toString(8)} ${content}`];
    }),
  );
}

function storeKey({ share }: Place): void {
  mkdirSync(join(share, 'keys'), { recursive: true, mode: 0o700 });
  writeFileSync(join(share, 'keys', 'user101.age'), KEY, { mode: 0o600 });
}

const keyOf = ({ share }: Place): string => readFileSync(join(share, 'keys', 'user101.age'), 'utf8');

/** What holds after a run that has ended well. */
function expectPlaced(place: Place, version: string): void {
  const { prefix, share } = place;
  expect(place.says()).toBe(version);
  expect(readdirSync(join(prefix, 'share')).sort()).toEqual(['awsrole', 'man']);
  expect(readdirSync(join(prefix, 'bin'))).toEqual(['awsrole']);
  expect(readdirSync(join(share, 'dist')).sort()).toEqual(['cli.mjs', `of-${version}.mjs`]);
  expect(readFileSync(join(prefix, 'share', 'man', 'man1', 'awsrole.1'), 'latin1')).toContain('.TH');
}

describe('a tree', () => {
  test('is placed, takes the place of another, and is taken away without a trace', async () => {
    const place = await makePlace('pre $x "fix\'s');
    const before = treeOf(place.world.home);
    expect(await place.install(place.release('1'))).toMatchObject({ status: 0, stderr: '' });
    expectPlaced(place, '1');
    const { share, prefix } = place;
    expect(readFileSync(join(share, 'node-path'), 'utf8')).toBe(`${process.execPath}\n`);
    expect(readFileSync(join(share, 'made-folders'), 'utf8').split('\n').sort()).toEqual(
      [
        '',
        prefix,
        ...['bin', 'share', 'share/man', 'share/man/man1'].map((name) => join(prefix, name)),
      ].sort(),
    );
    const text = readFileSync(place.launcher, 'utf8');
    expect(text.split('\n', 1)[0]).toBe(existsSync('/bin/bash') ? '#!/bin/bash -p' : '#!/bin/sh');
    expect((await place.install(place.release('2'))).status).toBe(0);
    expectPlaced(place, '2');
    const run = await place.uninstall();
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain(`awsrole is removed from ${prefix}. Shells that are open keep it`);
    expect(treeOf(place.world.home)).toEqual(before);
    expect((await place.uninstall()).stdout).toBe(`There is no awsrole in ${prefix}.\n`);
  });

  test('leaves folders that were there, and what others have put into its own', async () => {
    const place = await makePlace();
    mkdirSync(join(place.prefix, 'share', 'man', 'man1'), { recursive: true });
    const before = treeOf(place.world.home);
    await place.install(place.release('1'));
    writeFileSync(join(place.prefix, 'bin', 'other'), '');
    await place.uninstall();
    expect(readdirSync(join(place.prefix, 'bin'))).toEqual(['other']);
    rmSync(join(place.prefix, 'bin'), { recursive: true });
    expect(treeOf(place.world.home)).toEqual(before);
  });

  test.each([
    ['a relative prefix', '.', (place: Place) => `home/../home/${place.prefix.split('/').at(-1)}//`],
    ['one by a symbolic link', '.', () => 'link/.local'],
  ])('is found below %s', async (_, __, named) => {
    const place = await makePlace();
    const folder = dirname(place.world.home);
    symlinkSync('home', join(folder, 'link'));
    const run = await place.world.run(
      ['setup', '--from', place.release('1'), '--prefix', named(place), '--no-rc'],
      { cwd: folder },
    );
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expectPlaced(place, '1');
    const called = run.stdout.includes(join(folder, 'link')) ? join(folder, 'link', '.local') : place.prefix;
    expect(run.stdout).toContain(`awsrole is installed in ${called} (`);
  });

  test('lies on another file system than the temporary files, and its programs on a third', async () => {
    const place = await makePlace();
    const other = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'awsrole-'));
    onTestFinished(() => rmSync(other, { recursive: true, force: true }));
    mkdirSync(place.prefix, { recursive: true });
    symlinkSync(other, join(place.prefix, 'bin'));
    await place.install(place.release('1'));
    await place.install(place.release('2'));
    expect(readdirSync(other)).toEqual(['awsrole']);
    expect(readFileSync(join(place.share, 'dist', 'cli.mjs'), 'utf8')).toContain('2');
    expect((await place.uninstall()).status).toBe(0);
    expect(readdirSync(other)).toEqual([]);
  });

  test.each(['back\\slash', 'new\nline', 'no\ufffdutf8'])('is placed below no %j', async (name) => {
    const place = await makePlace(name);
    const run = await place.install(place.release('1'));
    expect(run.status).toBe(1);
    expect(run.stderr).toContain('backslash or control character');
    expect(existsSync(place.prefix)).toBe(false);
  });

  test('of Windows has a launcher for Git Bash and one for cmd', async () => {
    const { prefix, release } = await makePlace();
    const context = { env: {}, platform: 'win32', now: Date.now } as Context;
    await placeTree(context, release('1'), { prefix: prefixOf(context, prefix), check: () => {} });
    expect(readFileSync(join(prefix, 'bin', 'awsrole.cmd'), 'utf8')).toBe(cmdLauncher(process.execPath));
    expect(readFileSync(join(prefix, 'bin', 'awsrole'), 'utf8')).toMatch(/^#!\/bin\/bash -p\n/);
    // What is not ours is left there as well.
    writeFileSync(join(prefix, 'bin', 'awsrole.cmd'), '@echo off\r\n');
    const again = placeTree(context, release('1'), { prefix: prefixOf(context, prefix), check: () => {} });
    await expect(again).rejects.toMatchObject({ hint: expect.stringContaining('-Prefix DIR') });
  });

  test('has a launcher of plain letters for cmd', () => {
    const core = '"%~dp0..\\share\\awsrole\\dist\\cli.mjs" %*';
    expect(cmdLauncher('C:\\50% & (x86)\\node.exe').split('\r\n')).toEqual([
      '@echo off',
      'rem awsrole: the program on PATH. It starts Node.js directly.',
      'if not exist "C:\\50%% & (x86)\\node.exe" goto path',
      `"C:\\50%% & (x86)\\node.exe" ${core}`,
      'exit /b %errorlevel%',
      ':path',
      `node.exe ${core}`,
      'exit /b %errorlevel%',
      '',
    ]);
    expect(cmdLauncher('C:\\Zoë\\node.exe')).not.toContain('Zo');
  });
});

describe('what is not ours', () => {
  test.each<[string, (place: Place) => void, string]>([
    ['a program', (place) => program(place, 'echo other\n'), 'awsrole exists and is another program'],
    ['a folder as program', ({ launcher }) => mkdirSync(launcher, { recursive: true }), 'is another program'],
    ['a folder', ({ share }) => mkdirSync(join(share, 'precious'), { recursive: true }), 'is not awsrole'],
    ['an empty folder', ({ share }) => mkdirSync(share, { recursive: true }), 'is not awsrole'],
    ['a file', ({ share }) => file(share), 'share/awsrole exists and is not awsrole'],
    ['a file above', ({ prefix }) => file(join(prefix, 'bin')), 'bin is not a folder that you can write to'],
  ])('is neither replaced nor removed: %s', async (_, make, says) => {
    const place = await makePlace();
    make(place);
    const before = treeOf(place.world.home);
    const run = await place.install(place.release('1'));
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(says);
    expect(run.stderr).toMatch(/--prefix DIR\n$/);
    expect(treeOf(place.world.home)).toEqual(before);
    expect(await place.uninstall()).toMatchObject({
      status: 0,
      stdout: `There is no awsrole in ${place.prefix}.\n`,
    });
    expect(treeOf(place.world.home)).toEqual(before);
  });

  test.each([
    [['--from', '', '--prefix', 'p'], 2, '--from needs a folder'],
    [['--prefix', ''], 2, '--prefix needs a folder'],
    [['--prefix='], 2, '--prefix needs a folder'],
    [['--prefix', '', '--uninstall', '--yes'], 2, '--prefix needs a folder'],
    [['--from', 'empty'], 2, '--from goes with --prefix'],
    [['--from', 'none', '--prefix', 'p'], 1, 'there is no awsrole in '],
    [['--from', 'empty', '--prefix', 'p'], 1, 'there is no awsrole in '],
    [['--from', 'other', '--prefix', 'p'], 1, 'there is no awsrole in '],
  ])('is not taken for a release or a place: %j', async (words, status, says) => {
    const { world } = await makePlace();
    mkdirSync(join(world.home, 'empty'));
    mkdirSync(join(world.home, 'other'));
    writeFileSync(join(world.home, 'other', 'package.json'), '{"name": "other"}\n');
    const before = treeOf(world.home);
    const run = await world.run(['setup', ...words], { cwd: world.home });
    expect(run).toMatchObject({ status, stdout: '' });
    expect(run.stderr).toContain(says);
    expect(treeOf(world.home)).toEqual(before);
  });

  function program({ launcher }: Place, text: string): void {
    mkdirSync(dirname(launcher), { recursive: true });
    writeFileSync(launcher, text);
  }
  function file(path: string): void {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, '');
  }

  test('a link to a tree of ours is replaced, and what it leads to stays', async () => {
    const place = await makePlace();
    const checkout = place.release('dev');
    const before = treeOf(checkout);
    mkdirSync(dirname(place.share), { recursive: true });
    symlinkSync(checkout, place.share);
    await place.install(place.release('1'));
    expectPlaced(place, '1');
    rmSync(place.share, { recursive: true });
    symlinkSync(checkout, place.share);
    await place.uninstall();
    expect(existsSync(place.share)).toBe(false);
    expect(treeOf(checkout)).toEqual(before);
    // Keys behind it could not be found any more.
    mkdirSync(join(checkout, 'keys'));
    mkdirSync(dirname(place.share), { recursive: true });
    symlinkSync(checkout, place.share);
    const run = await place.install(place.release('1'));
    expect(run.stderr).toContain('is a symbolic link, and stored keys are behind it');
    expect(lstatSync(place.share).isSymbolicLink()).toBe(true);
  });

  test("a package manager's link to its launcher is not uninstalled", async () => {
    const place = await makePlace();
    await place.install(place.release('1'));
    rmSync(place.launcher);
    symlinkSync(join(place.release('2'), 'shell', 'awsrole'), place.launcher);
    await place.uninstall();
    expect(readdirSync(join(place.prefix, 'bin'))).toEqual(['awsrole']);
  });

  test('a prefix of another user is left alone', async () => {
    const place = await makePlace();
    mkdirSync(join(place.prefix, 'bin'), { recursive: true });
    await place.world.run(['--version'], { ordinary: true }); // the home is the ordinary user's by now
    const from = place.release('1');
    spawnSync('chmod', ['-R', 'a+rX', dirname(from)]);
    spawnSync('chown', ['0:0', place.prefix]);
    chmodSync(place.prefix, 0o755);
    if (process.geteuid?.() !== 0) chmodSync(place.prefix, 0o555);
    const run = await place.install(from, { ordinary: true });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(`${place.prefix} is not a folder that you can write to`);
    expect(readdirSync(place.prefix)).toEqual(['bin']);
    chmodSync(place.prefix, 0o755);
  });
});

test.skipIf(process.geteuid?.() !== 0)(
  'root takes nothing over that another user has put where all may write',
  async () => {
    const place = await makePlace();
    const share = dirname(place.share);
    mkdirSync(join(place.share, 'keys'), { recursive: true });
    writeFileSync(join(place.share, 'package.json'), '{"name": "awsrole"}');
    writeFileSync(join(place.share, 'made-folders'), 'wired /etc/passwd\n');
    chmodSync(share, 0o1777);
    spawnSync('chown', ['-R', '65534', place.share]);
    const before = treeOf(place.prefix);
    for (const run of [await place.install(place.release('1')), await place.uninstall()]) {
      expect(run.status).toBe(1);
      expect(run.stderr).toContain(`${place.share} belongs to another user`);
      expect(treeOf(place.prefix)).toEqual(before);
    }
    // Where its owner's folder is around it, as with sudo, it is upgraded.
    chmodSync(share, 0o755);
    expect((await place.install(place.release('1'))).status).toBe(0);
  },
);

describe('stored keys', () => {
  test('outlive the first installation, an upgrade and its end', async () => {
    const place = await makePlace();
    storeKey(place);
    for (const version of ['1', '2']) {
      expect((await place.install(place.release(version))).status).toBe(0);
      expectPlaced(place, version);
      expect(keyOf(place)).toBe(KEY);
      expect(statSync(join(place.share, 'keys')).mode & 0o777).toBe(0o700);
    }
    const run = await place.uninstall();
    expect(run.stdout).toContain(`Your stored keys are still in ${join(place.share, 'keys')}.`);
    expect(readdirSync(place.share)).toEqual(['keys']);
    expect(keyOf(place)).toBe(KEY);
  });

  test('of an old tree are never mixed with others', async () => {
    const place = await makePlace();
    await place.install(place.release('1'));
    mkdirSync(join(place.staging, 'old', 'keys'), { recursive: true, mode: 0o700 });
    writeFileSync(join(place.staging, 'old', 'keys', 'user101.age'), 'other\n');
    storeKey(place);
    for (const run of [await place.install(place.release('2')), await place.uninstall()]) {
      expect(run.status).toBe(1);
      expect(run.stderr).toContain(`your stored keys are in ${join(place.staging, 'old', 'keys')}`);
      expect(run.stderr).toContain(`move them to ${join(place.share, 'keys')}`);
      expect(readFileSync(join(place.staging, 'old', 'keys', 'user101.age'), 'utf8')).toBe('other\n');
      expect(keyOf(place)).toBe(KEY);
      expect(place.says()).toBe('1');
    }
  });
});

describe('a run that fails', () => {
  test('for a full disk changes nothing', async () => {
    const place = await makePlace();
    const full = { prefix: ['sh', '-c', 'trap "" XFSZ; ulimit -f 1; exec "$@"', 'sh'] };
    const empty = treeOf(place.world.home);
    const first = await place.install(place.release('1'), full);
    expect(first.status).toBe(1);
    expect(first.stderr).toMatch(
      /could not be written to: EFBIG.*; what was installed is as it was\n {2}is the disk full\?\n$/,
    );
    expect(treeOf(place.world.home)).toEqual(empty);
    await place.install(place.release('1'));
    storeKey(place);
    const before = treeOf(place.world.home);
    expect((await place.install(place.release('2'), full)).status).toBe(1);
    expect(treeOf(place.world.home)).toEqual(before);
  });

  test('for a release that is not whole changes nothing', async () => {
    const place = await makePlace();
    await place.install(place.release('1'));
    const before = treeOf(place.world.home);
    for (const part of ['LICENSE', 'shell', 'dist/cli.mjs', 'package.json']) {
      const from = place.release('2');
      rmSync(join(from, part), { recursive: true });
      expect((await place.install(from)).status).toBe(1);
      expect(treeOf(place.world.home)).toEqual(before);
    }
  });

  const RENAMES: readonly [string, (place: Place) => string, string, string][] = [
    ['the old tree', ({ staging }) => `${staging}/old"`, 'could not be moved', '1'],
    ['the new tree', ({ share }) => `/new", "${share}"`, 'could not be put into place', '1'],
    ['the keys', ({ share }) => `${share}/keys"`, 'your stored keys are in', '2'],
    ['the program', ({ launcher }) => `${launcher}"`, 'awsrole could not be put into place', '2'],
  ];
  test.skipIf(!canTrace).each(RENAMES)(
    'where %s cannot be moved says so, and the next one mends it',
    async (_, wanted, says, version) => {
      const place = await makePlace();
      await place.install(place.release('1'));
      storeKey(place);
      const traced = { env: place.world.env(), folder: dirname(place.world.home) };
      const command = [process.execPath, place.world.cli, ...place.words(place.release('2'), '--no-rc')];
      const trial = `${place.prefix}.trial`;
      cpSync(place.prefix, trial, { recursive: true });
      const [point] = await killPoints(
        command,
        traced,
        (line) => line.startsWith('rename(') && line.includes(wanted(place)),
      );
      rmSync(place.prefix, { recursive: true });
      renameSync(trial, place.prefix);
      const before = treeOf(place.prefix);
      if (point === undefined) throw new Error('there is no such rename');
      const run = await runInjected(command, traced, { ...point, what: 'error=EACCES' });
      expect(run.status).toBe(1);
      expect(run.said).toContain(says);
      expect(place.says()).toBe(version);
      if (version === '1') expect(treeOf(place.prefix)).toEqual(before);
      if (says.includes('stored keys'))
        expect(readFileSync(join(place.staging, 'old', 'keys', 'user101.age'), 'utf8')).toBe(KEY);
      else expect(keyOf(place)).toBe(KEY);
      expect((await place.install(place.release('3'))).status).toBe(0);
      expectPlaced(place, '3');
      expect(keyOf(place)).toBe(KEY);
    },
    60_000,
  );
});

/** Ends the copying half-way: a named pipe stands there, and whoever reads it waits. */
function makeStuck(from: string): string {
  const pipe = join(from, 'shell', 'pipe');
  spawnSync('mkfifo', [pipe]);
  return pipe;
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a run that is stopped', () => {
  test.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL'] as const)(
    'by %s while it copies leaves the old one working',
    async (signal) => {
      const place = await makePlace();
      await place.install(place.release('1'));
      storeKey(place);
      const before = treeOf(place.world.home);
      const from = place.release('2');
      const pipe = makeStuck(from);
      const run = await place.install(from, {
        onStart: (child) => {
          void until(() => existsSync(join(place.staging, 'new', 'shell'))).then(() => {
            child.kill(signal);
            // The reader goes on, if it is there still.
            spawn('sh', ['-c', 'exec timeout 5 sh -c ": >\\"\\$1\\"" sh "$1"', 'sh', pipe], {
              stdio: 'ignore',
            });
          });
        },
      });
      expect(run.signal).toBe(signal);
      expect(place.says()).toBe('1');
      if (signal !== 'SIGKILL') expect(treeOf(place.world.home)).toEqual(before);
      else expect(existsSync(place.staging)).toBe(true);
      expect((await place.install(place.release('3'))).status).toBe(0);
      expectPlaced(place, '3');
      expect(keyOf(place)).toBe(KEY);
    },
  );

  test('before its first end leaves nothing that the next does not remove', async () => {
    const place = await makePlace();
    const empty = treeOf(place.world.home);
    const from = place.release('1');
    const pipe = makeStuck(from);
    const run = await place.install(from, {
      onStart: (child) => {
        void until(() => existsSync(join(place.staging, 'new', 'shell'))).then(() => {
          child.kill('SIGTERM');
          spawn('sh', ['-c', 'exec timeout 5 sh -c ": >\\"\\$1\\"" sh "$1"', 'sh', pipe], {
            stdio: 'ignore',
          });
        });
      },
    });
    expect(run.signal).toBe('SIGTERM');
    expect(treeOf(place.world.home)).toEqual(empty);
  });

  test('is waited for by no other, and two at once do not meet', async () => {
    const place = await makePlace();
    await place.install(place.release('1'));
    const from = place.release('2');
    const pipe = makeStuck(from);
    let pid: number | undefined;
    const first = place.install(from, {
      onStart: (child) => {
        pid = child.pid;
      },
    });
    await until(() => existsSync(join(place.staging, 'new', 'shell')));
    for (const second of [await place.install(place.release('3')), await place.uninstall()]) {
      expect(second.status).toBe(1);
      expect(second.stderr).toContain(
        `another installation into ${place.prefix} is running (process ${pid})`,
      );
      expect(second.stderr).toContain(`if there is none, remove ${place.staging}`);
    }
    expect(place.says()).toBe('1');
    spawnSync('sh', ['-c', ': >"$1"', 'sh', pipe]);
    expect((await first).status).toBe(0);
    expect(place.says()).toBe('2');
  });

  test('ten at once leave one of them, and it is whole', async () => {
    const place = await makePlace();
    storeKey(place);
    const versions = Array.from({ length: 10 }, (_, index) => `${index + 1}`);
    const runs = await Promise.all(versions.map((version) => place.install(place.release(version))));
    expect(runs.filter(({ status }) => status === 0).length).toBeGreaterThan(0);
    for (const { status, stderr } of runs)
      if (status !== 0) expect(stderr).toContain('another installation into');
    expectPlaced(place, place.says());
    expect(keyOf(place)).toBe(KEY);
  }, 60_000);

  test.skipIf(!canTrace)(
    'at each of its changes has lost no key, and the next run finishes',
    async () => {
      const place = await makePlace();
      const traced = { env: place.world.env(), folder: dirname(place.world.home) };
      await place.install(place.release('1'));
      storeKey(place);
      const first = `${place.prefix}.first`;
      cpSync(place.prefix, first, { recursive: true, verbatimSymlinks: true });
      const reset = (): void => {
        rmSync(place.prefix, { recursive: true, force: true });
        cpSync(first, place.prefix, { recursive: true, verbatimSymlinks: true });
      };
      reset();
      const install = [process.execPath, place.world.cli, ...place.words(place.release('2'), '--no-rc')];
      const uninstall = [
        ...[process.execPath, place.world.cli, 'setup', '--uninstall', '--yes', '--no-rc'],
        ...['--prefix', place.prefix],
      ];
      // What a name stands for changes by these; the others come in between.
      const kind = EVERY_CALL ? /^/ : /^(?:rename|mkdir|rmdir|unlink)/;
      const wanted = (line: string): boolean =>
        line.includes(`${place.prefix}/`) && changes(line) && kind.test(line);
      const points: [readonly string[], KillPoint][] = [];
      for (const command of [install, uninstall]) {
        for (const point of await killPoints(command, traced, wanted)) points.push([command, point]);
        reset();
      }
      expect(points.filter(([, { call }]) => call.startsWith('rename')).length).toBeGreaterThan(4);
      for (const [command, point] of points) {
        reset();
        const { killed, said } = await runKilled(command, traced, point);
        expect({ killed, said, point }).toMatchObject({ killed: true });
        const kept = [place.share, join(place.staging, 'old')]
          .map((folder) => join(folder, 'keys', 'user101.age'))
          .filter((file) => existsSync(file));
        expect({ kept: kept.length, point }).toMatchObject({ kept: 1 });
        expect(readFileSync(kept[0] ?? '', 'utf8')).toBe(KEY);
        if (command === install) {
          // Between two renames there is no tree.
          if (existsSync(place.share))
            expect({ says: place.says(), point }).toMatchObject({ says: /^[12]$/ });
          else expect(existsSync(join(place.staging, 'old', 'package.json'))).toBe(true);
          expect((await place.install(place.release('3'))).status).toBe(0);
          expectPlaced(place, '3');
        } else {
          expect((await place.uninstall()).status).toBe(0);
          expect(readdirSync(place.share)).toEqual(['keys']);
          expect(readdirSync(join(place.prefix, 'share')).filter((name) => name !== 'man')).toEqual([
            'awsrole',
          ]);
          expect(existsSync(place.launcher)).toBe(false);
        }
        expect(keyOf(place)).toBe(KEY);
      }
    },
    300_000,
  );
});

describe('what the installers of awsrole 0.1 have left', () => {
  test('is upgraded and taken away', async () => {
    const place = await makePlace();
    const from = place.release('0.1');
    await place.install(from);
    // The folders of its manual page are there, and not noted.
    writeFileSync(
      join(place.share, 'made-folders'),
      `${place.prefix}/bin\n${place.prefix}/share\n${place.prefix}\n/\n/tmp\nwired ${place.world.home}/.zshrc\n`,
    );
    await place.install(place.release('1'));
    expectPlaced(place, '1');
    expect(readFileSync(join(place.share, 'made-folders'), 'utf8')).toContain(
      `\nwired ${place.world.home}/.zshrc\n`,
    );
    expect((await place.uninstall()).status).toBe(0);
    expect(existsSync(place.prefix)).toBe(false);
  });

  test.each(['install', 'uninstall'] as const)('when they were killed is mended: %s', async (next) => {
    const place = await makePlace();
    await place.install(place.release('0.1'));
    storeKey(place);
    mkdirSync(join(place.staging, 'new'), { recursive: true });
    renameSync(place.share, join(place.staging, 'old'));
    // A process that has ended.
    writeFileSync(join(place.staging, 'pid'), `${spawnSync('true').pid}\n`);
    expect((await (next === 'install' ? place.install(place.release('1')) : place.uninstall())).status).toBe(
      0,
    );
    expect(existsSync(place.staging)).toBe(false);
    expect(keyOf(place)).toBe(KEY);
    if (next === 'install') expectPlaced(place, '1');
    else expect(readdirSync(place.share)).toEqual(['keys']);
  });

  test('while one runs is left alone', async () => {
    const place = await makePlace();
    mkdirSync(place.staging, { recursive: true });
    writeFileSync(join(place.staging, 'pid'), `${process.pid}\n`);
    const run = await place.install(place.release('1'));
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(`is running (process ${process.pid})`);
    expect(existsSync(join(place.staging, 'pid'))).toBe(true);
  });
});

test('nobody else can write to what it makes, and all can read the tree, whatever the umask', async () => {
  for (const mask of ['000', '077', '027']) {
    const place = await makePlace();
    await place.install(place.release('1'), { prefix: ['sh', '-c', `umask ${mask}; exec "$@"`, 'sh'] });
    const found = (folder: string, ...test: string[]): string =>
      spawnSync('find', [folder, '!', '-type', 'l', ...test], { encoding: 'utf8' }).stdout;
    expect(found(place.prefix, '-perm', '/022')).toBe('');
    expect(found(place.share, '!', '-perm', '-444')).toBe('');
    expect(found(place.prefix, '-type', 'f', '-perm', '755').trim().split('\n').sort()).toEqual([
      place.launcher,
      join(place.share, 'shell', 'awsrole'),
    ]);
  }
});
