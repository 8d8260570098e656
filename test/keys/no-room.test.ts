import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { STORES, type Store } from './key-stores.ts';

// Where a disk is full, or a folder is not ours: words with the file and the next step, and nothing is lost.

const ID = USER101_KEYS.aws_access_key_id;
const SECRET = USER101_KEYS.aws_secret_access_key;
const CREDENTIALS = section('user101', { ...USER101_KEYS, region: 'us-east-1' });
const FOLDERS = { 'the AWS files': '/.aws/', 'the list of stored keys': '/awsrole/keys/' };
const COMMANDS = ['protect user101', 'unprotect user101', 'rotate user101', 'add user101 --stdin'];

/** The environment in which there is no room left in a folder. */
function fullDisk(folder: string): Record<string, string> {
  const code = `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { openSync, writeFileSync } = fs;
    const full = new Set();
    fs.openSync = (path, flags, ...rest) => {
      const fd = openSync(path, flags, ...rest);
      if (String(path).includes(${JSON.stringify(folder)}) && String(path).endsWith('.tmp')) full.add(fd);
      else full.delete(fd);
      return fd;
    };
    fs.writeFileSync = (file, text, ...rest) => {
      if (!full.has(file)) return writeFileSync(file, text, ...rest);
      writeFileSync(file, String(text).slice(0, 20), ...rest);
      throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    };
    syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
}

const keysFolder = (world: World): string => join(world.home, '.local', 'share', 'awsrole', 'keys');
const credentials = (world: World): string => {
  const file = join(world.home, '.aws', 'credentials');
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
};

/** A world as it is before a command. */
async function worldBefore({ kind, prepare, run }: Store, command: string): Promise<World> {
  const isNew = command.startsWith('add');
  const world = await makeWorld({ config: '', credentials: isNew ? '# mine\n' : CREDENTIALS });
  prepare(world);
  world.settings(`key_store = ${kind}\nkey_store_identity = ~/identity\n`);
  if (/^(un|rotate)/.test(command))
    expect(await run(world, '$CLI protect user101')).toMatchObject({ status: 0 });
  return world;
}

for (const store of STORES) {
  const { kind, there, run } = store;
  for (const [place, folder] of Object.entries(FOLDERS))
    test.each(COMMANDS)(
      `${kind}, no room for ${place}: %s says so, and loses nothing`,
      { ...needs(there), timeout: 240_000 },
      async (command) => {
        const world = await worldBefore(store, command);
        const env = { AWS_ENDPOINT_URL_IAM: world.sts.url };
        const input = command.startsWith('add') ? `printf '%s\\n' ${ID} ${SECRET} | ` : '';
        const failed = await run(world, `${input}$CLI ${command}`, { ...env, ...fullDisk(folder) });
        // A rotation changes nothing in the AWS files.
        if (failed.status !== 0 || !command.startsWith('rotate') || folder !== '/.aws/') {
          expect(failed).toMatchObject({ status: 7 });
          expect(failed.stderr).toMatch(
            new RegExp(`^awsrole: .*${folder}\\S+ ?.*ENOSPC: no space left on device`, 'm'),
          );
          expect(failed.stderr).toContain('then run the same command again');
        }
        if (!credentials(world).includes(SECRET) && !command.startsWith('add'))
          expect((await run(world, '$CLI key-process user101')).stdout).toContain('"SecretAccessKey"');
        for (const name of [join(world.home, '.aws'), keysFolder(world)])
          expect(readdirSync(name).filter((file) => file.endsWith('.tmp'))).toEqual([]);
        if (failed.status === 0) return;

        expect(await run(world, `${input}$CLI ${command}`, env)).toMatchObject({ status: 0 });
        const isBack = command.startsWith('un');
        expect(credentials(world).includes(SECRET)).toBe(isBack);
        const given = await run(world, '$CLI key-process user101');
        expect(given.stdout.includes('"SecretAccessKey"')).toBe(!isBack);
      },
    );
}

const age = STORES.find(({ kind }) => kind === 'age');
const OTHER_USER = 12_345;

test.each(COMMANDS)(
  'where the folder of the stored keys is another user’s, %s changes nothing',
  // Only root can give a folder away.
  { skip: process.geteuid?.() !== 0 },
  async (command) => {
    if (age === undefined) throw new Error('no age');
    const world = await worldBefore(age, command);
    mkdirSync(keysFolder(world), { recursive: true, mode: 0o700 });
    chownSync(keysFolder(world), OTHER_USER, OTHER_USER);
    const before = world.snapshot();
    const run = await world.run(command.split(' '), { input: `${ID}\n${SECRET}\n` });
    expect([run.status, run.stderr]).toEqual([
      7,
      expect.stringContaining(`${keysFolder(world)} belongs to another user (uid ${OTHER_USER})`),
    ]);
    expect(run.stderr).toContain('check its owner and mode');
    expect(world.snapshot()).toEqual(before);
  },
);

test('a folder that nothing can be written into is named, without the name of a temporary file', async () => {
  const world = await makeWorld({ config: '', credentials: CREDENTIALS });
  age?.prepare(world);
  const folder = keysFolder(world);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const code = `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { mkdirSync } = fs;
    fs.mkdirSync = (path, ...rest) => {
      if (String(path).endsWith('.tmp'))
        throw Object.assign(new Error(\`EROFS: read-only file system, mkdir '\${path}'\`), { code: 'EROFS' });
      return mkdirSync(path, ...rest);
    };
    syncBuiltinESMExports();`;
  const run = await world.run(['protect', 'user101'], {
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` },
  });
  expect([run.status, run.stderr]).toEqual([
    7,
    `awsrole: stored keys cannot be changed: ${folder}: EROFS: read-only file system\n` +
      '  nothing was lost: free some space there, or make it writable for you, then run the same command again\n',
  ]);
  expect(credentials(world)).toBe(CREDENTIALS);
});

const canMount =
  process.geteuid?.() === 0 &&
  spawnSync('sh', ['-c', 'unshare -m mount --bind /etc /etc'], { stdio: 'ignore' }).status === 0;

test('of a read-only home it is said that it is read-only', needs(canMount), async () => {
  const world = await makeWorld({ config: '', credentials: CREDENTIALS });
  age?.prepare(world);
  const script = 'mount --bind "$HOME" "$HOME" && mount -o remount,ro,bind "$HOME" && exec "$@"';
  const run = await world.run(['protect', 'user101'], {
    prefix: ['unshare', '-m', 'sh', '-c', script, 'sh'],
  });
  expect([run.status, run.stderr]).toEqual([
    7,
    expect.stringContaining(`awsrole: ${keysFolder(world)}: EROFS: read-only file system`),
  ]);
  expect(run.stderr).toContain('or set XDG_DATA_HOME to a folder that is');
  expect(credentials(world)).toBe(CREDENTIALS);
});
