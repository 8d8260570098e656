import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { moves } from '../../src/keys/steady-launcher.ts';
import { makeWorld, type Run, section, USER101_KEYS, type World } from '../world.ts';

// AWS files name a program, and that of npm under a version manager is gone with the Node.js that it was installed under.

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CREDENTIALS = section('user101', USER101_KEYS);

interface Home {
  readonly world: World;
  readonly keys: string;
  /** The words of a version's awsrole, with the PATH that the version manager gives. */
  readonly run: (version: string, words: readonly string[]) => Promise<Run>;
  /** What a tool starts that gets the keys of user101. */
  readonly tool: (path: string) => Promise<Run>;
  readonly bin: (version: string) => string;
  /** A PATH without node. */
  readonly bare: string;
}

async function nvmHome(versions: readonly string[], below = '.nvm/versions/node'): Promise<Home> {
  const world = await makeWorld({
    config: '[profile other]\nregion = us-east-1\n',
    credentials: CREDENTIALS,
  });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`, { mode: 0o600 });
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  const prefix = (version: string): string => join(world.home, below, version);
  for (const version of versions) {
    const root = join(prefix(version), 'lib/node_modules/awsrole');
    mkdirSync(root, { recursive: true });
    for (const part of ['dist', 'shell', 'package.json'])
      cpSync(join(REPOSITORY, part), join(root, part), { recursive: true });
    mkdirSync(join(prefix(version), 'bin'));
    symlinkSync(process.execPath, join(prefix(version), 'bin/node'));
    symlinkSync('../lib/node_modules/awsrole/shell/awsrole', join(prefix(version), 'bin/awsrole'));
  }
  const bare = join(world.home, 'bare');
  mkdirSync(bare);
  for (const name of ['sh', 'bash', 'cat', 'ln', 'mv', 'rm', 'readlink'])
    symlinkSync(
      spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout.trim(),
      join(bare, name),
    );
  const bin = (version: string): string => join(prefix(version), 'bin');
  return {
    world,
    keys: join(world.home, '.local/share/awsrole/keys'),
    bin,
    bare,
    run: (version, words) =>
      world.command([join(bin(version), 'awsrole'), ...words], { env: { PATH: `${bin(version)}:${bare}` } }),
    tool: (PATH) => {
      const text = readFileSync(join(world.home, '.aws/config'), 'utf8');
      const [, command = ''] = /^credential_process = (.* key-process user101)$/m.exec(text) ?? [];
      return world.command(command.split(' '), { env: { PATH } });
    },
  };
}

const SECRET = expect.stringContaining(USER101_KEYS.aws_secret_access_key);

test('what protect writes outlives the Node.js that awsrole was installed under', async () => {
  const { world, keys, run, tool, bin, bare } = await nvmHome(['v22.1.0']);
  expect(await run('v22.1.0', ['protect', 'user101'])).toMatchObject({ status: 0 });
  expect(readFileSync(join(world.home, '.aws/config'), 'utf8')).toContain(
    `\ncredential_process = ${keys}/awsrole key-process user101\n`,
  );
  expect(await tool(bare)).toMatchObject({ stdout: SECRET, stderr: '', status: 0 });
  const [old, young] = ['v22.1.0', 'v24.0.0'].map((version) => dirname(bin(version)));
  renameSync(old ?? '', young ?? '');
  // Nothing has found out about the new one yet.
  expect(await tool(bare)).toMatchObject({
    stdout: '',
    stderr: `awsrole: its program is gone: ${bin('v22.1.0').replace(/bin$/, '')}lib/node_modules/awsrole/shell/awsrole\n  Install awsrole again, or open a new shell that has it.\n`,
    status: 1,
  });
  expect(await tool(`${bin('v24.0.0')}:${bare}`)).toMatchObject({ stdout: SECRET, stderr: '', status: 0 });
  // By now it has.
  expect(await tool(bare)).toMatchObject({ stdout: SECRET, stderr: '', status: 0 });
  expect(await run('v24.0.0', ['unprotect', 'user101'])).toMatchObject({ status: 0 });
  expect(readdirSync(keys)).toEqual(['index.json']);
  expect(readFileSync(join(world.home, '.aws/credentials'), 'utf8')).toBe(CREDENTIALS);
});

test('a new shell leads it to the awsrole that it loads, also where two are there', async () => {
  const { world, keys, run, tool, bare } = await nvmHome(['v22.1.0', 'v24.0.0']);
  await run('v22.1.0', ['protect', 'user101']);
  expect(await run('v24.0.0', ['init', 'bash'])).toMatchObject({ status: 0, stderr: '' });
  const rootOf = (version: string): string =>
    join(world.home, '.nvm/versions/node', version, 'lib/node_modules/awsrole');
  const link = join(keys, 'launcher');
  expect(readlinkSync(link)).toBe(`${rootOf('v24.0.0')}/shell/awsrole`);
  rmSync(join(world.home, '.nvm/versions/node/v22.1.0'), { recursive: true });
  expect(await tool(bare)).toMatchObject({ stdout: SECRET, status: 0 });
  // Neither a copy of npx, nor a clone while there is another.
  for (const [place, isTaken] of [
    ['.npm/_npx/0a/node_modules/awsrole', false],
    ['clone', false],
    ['clone', true],
  ] as const) {
    if (isTaken) rmSync(rootOf('v24.0.0'), { recursive: true });
    const clone = join(world.home, place);
    for (const part of ['dist', 'shell'])
      cpSync(join(REPOSITORY, part), join(clone, part), { recursive: true });
    for (const words of [['init', 'zsh'], ['--version']])
      expect(await world.command([join(clone, 'shell/awsrole'), ...words])).toMatchObject({ status: 0 });
    expect(readlinkSync(link).startsWith(`${clone}/`)).toBe(isTaken);
  }
  expect(
    readdirSync(keys).filter((name) => !/^(awsrole|index\.json|launcher|node|recipient|.*\.age)$/.test(name)),
  ).toEqual([]);
});

test('doctor names the lines whose program is gone, and setup mends its own', async () => {
  const { world, keys, run, tool, bin, bare } = await nvmHome(['v24.0.0']);
  await run('v24.0.0', ['protect', 'user101']);
  const config = join(world.home, '.aws/config');
  const gone = join(world.home, '.nvm/versions/node/v22.1.0/bin/awsrole');
  const text = readFileSync(config, 'utf8')
    .replace(`${keys}/awsrole key-process`, `${gone} key-process`)
    .replace('region', `credential_process = "${gone}" credential-process role101\nregion`);
  writeFileSync(config, text);
  const doctor = async (): Promise<string[]> => {
    const { stdout } = await run('v24.0.0', ['doctor', '--json']);
    const found: { check: string; state: string; says: string; todo?: string }[] = JSON.parse(stdout);
    return found
      .filter(({ check, says }) => check === 'launcher' && says.includes('credential_process'))
      .map(({ state, says, todo }) => `${state} ${says} -> ${todo}`);
  };
  const other = `wrong the credential_process of "other" (~/.aws/config:2) starts an awsrole that is gone: ~/.nvm/versions/node/v22.1.0/bin/awsrole -> write this there: ~/.nvm/versions/node/v24.0.0/bin/awsrole`;
  expect(await doctor()).toEqual([
    other,
    'wrong the credential_process of "user101" (~/.aws/config:6) starts an awsrole that is gone: ~/.nvm/versions/node/v22.1.0/bin/awsrole -> to rewrite it: awsrole setup',
  ]);
  const dry = await run('v24.0.0', ['setup', '--dry-run', '--shell', 'bash']);
  expect(dry.stdout).toContain(
    `\n-credential_process = ${gone} key-process user101\n+credential_process = ${keys}/awsrole key-process user101\n`,
  );
  expect(readFileSync(config, 'utf8')).toBe(text);
  expect((await run('v24.0.0', ['setup', '--shell', 'bash'])).stdout).toContain(
    'Updated the credential_process of user101 in ',
  );
  expect(readFileSync(config, 'utf8')).toBe(
    text.replace(`${gone} key-process`, `${keys}/awsrole key-process`),
  );
  expect(await tool(bare)).toMatchObject({ stdout: SECRET, status: 0 });
  expect(await doctor()).toEqual([other]);
  // One that works, and only until the next Node.js.
  writeFileSync(config, text.replace(`${gone} key-process`, `${bin('v24.0.0')}/awsrole key-process`));
  expect((await doctor())[1]).toMatch(
    /^note the credential_process of "user101" .* -> for a path that stays: awsrole setup$/,
  );
  await run('v24.0.0', ['setup', '--shell', 'bash']);
  expect(readFileSync(config, 'utf8')).toContain(`${keys}/awsrole key-process`);
  // What stays is left as it is.
  const mine = text.replace(`${gone} key-process`, `${keys}/awsrole  key-process`);
  writeFileSync(config, mine);
  expect((await run('v24.0.0', ['setup', '--shell', 'bash'])).stdout).not.toContain('credential_process');
  expect(readFileSync(config, 'utf8')).toBe(mine);
});

test.each([
  ['a file', 'node', (path: string) => writeFileSync(path, 'mine')],
  ['a folder', 'launcher', (path: string) => mkdirSync(path)],
  ['a link to a file', 'awsrole', (path: string, to: string) => symlinkSync(to, path)],
  ['a link to a folder', 'launcher', (path: string, to: string) => symlinkSync(dirname(to), path)],
] as const)(
  '%s of another where "%s" belongs is neither written over, followed nor removed',
  async (_, name, make) => {
    const { world, keys, run } = await nvmHome(['v24.0.0']);
    const folder = join(world.home, 'theirs');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'theirs');
    const path = join(keys, name);
    mkdirSync(keys, { recursive: true, mode: 0o700 });
    make(path, join(folder, 'file'));
    const before = world.snapshot('.local');
    const theirs = world.snapshot('theirs');
    const refused = await run('v24.0.0', ['protect', 'user101']);
    expect([refused.stderr, refused.status]).toEqual([
      expect.stringContaining(`${path} is not awsrole's`),
      7,
    ]);
    expect(readFileSync(join(world.home, '.aws/credentials'), 'utf8')).toBe(CREDENTIALS);
    await run('v24.0.0', ['init', 'bash']);
    await run('v24.0.0', ['--version']);
    const kept = Object.entries(before);
    expect(Object.entries(world.snapshot('.local'))).toEqual(expect.arrayContaining(kept));

    // What is put there later as well.
    rmSync(path, { recursive: true });
    expect(await run('v24.0.0', ['protect', 'user101'])).toMatchObject({ status: 0 });
    rmSync(path);
    make(path, join(folder, 'file'));
    await run('v24.0.0', ['init', 'bash']);
    expect(await run('v24.0.0', ['unprotect', 'user101'])).toMatchObject({ status: 0 });
    expect(readdirSync(keys).sort()).toEqual(['index.json', name].sort());
    expect(world.snapshot('theirs')).toEqual(theirs);
  },
);

test('a copy of npx protects nothing, as AWS tools could not start it tomorrow', async () => {
  const { world, keys, run } = await nvmHome(['0a'], '.npm/_npx');
  const { stderr, status } = await run('0a', ['protect', 'user101']);
  expect([stderr, status]).toEqual([expect.stringContaining('npx runs a temporary copy of awsrole'), 7]);
  expect(readFileSync(join(world.home, '.aws/credentials'), 'utf8')).toBe(CREDENTIALS);
  expect(existsSync(join(keys, 'index.json'))).toBe(false);
});

test.each([
  ['/home/u/.nvm/versions/node/v22.1.0/bin/awsrole', true],
  ['/run/user/1000/fnm_multishells/12_34/bin/awsrole', true],
  ['/home/u/.asdf/installs/nodejs/22.1.0/lib/node_modules/awsrole/shell/awsrole', true],
  ['/home/u/.local/share/mise/installs/node/22/bin/awsrole', true],
  ['/home/u/.volta/tools/image/packages/awsrole/lib/node_modules/awsrole/shell/awsrole', true],
  [
    '/home/u/.local/share/pnpm/global/5/node_modules/.pnpm/awsrole@0.1.0/node_modules/awsrole/shell/awsrole',
    true,
  ],
  ['/opt/homebrew/Cellar/awsrole/0.1.0/libexec/shell/awsrole', true],
  ['/nix/store/0a-awsrole/bin/awsrole', true],
  ['/home/u/.local/bin/awsrole', false],
  ['/usr/local/bin/awsrole', false],
  ['/opt/homebrew/bin/awsrole', false],
  ['/home/u/.nix-profile/bin/awsrole', false],
  ['/home/u/.npm-global/bin/awsrole', false],
])('%s is elsewhere one day: %s', (path, isSo) => {
  expect(moves(path)).toBe(isSo);
});
