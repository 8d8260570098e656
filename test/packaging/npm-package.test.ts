import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

// Needs no network: what is installed has no dependency but the module of the keyring, which is optional.

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const temporary = mkdtempSync(join(tmpdir(), 'awsrole-npm-'));
const prefix = join(temporary, 'a prefix');
const root = join(prefix, 'lib/node_modules/awsrole');
const packed = join(temporary, `awsrole-${version}.tgz`);
const env = {
  HOME: temporary,
  PATH: `${join(prefix, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`,
  npm_config_cache: join(temporary, 'cache'),
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
  npm_config_yes: 'true',
};

function npm(words: readonly string[], cwd = '.'): string {
  return execFileSync('npm', [...words], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function installed(...words: readonly string[]): string {
  return execFileSync(join(prefix, 'bin/awsrole'), [...words], { cwd: temporary, env, encoding: 'utf8' });
}

beforeAll(() => {
  npm(['pack', '--pack-destination', temporary]);
  npm(['install', '--global', '--prefix', prefix, packed]);
});
afterAll(() => rmSync(temporary, { recursive: true }));

it('has what it runs on, its manual page, and nothing else', () => {
  const [{ files }] = JSON.parse(npm(['pack', '--dry-run', '--json']));
  const names: string[] = files.map(({ path }: { path: string }) => path);
  const built = names.filter((name) => name.startsWith('dist/'));
  const shell = readdirSync('shell', { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  expect(names.filter((name) => !built.includes(name)).sort()).toEqual(
    ['LICENSE', 'README.md', 'man/awsrole.1', 'package.json', ...shell].sort(),
  );
  // The keyring's module is for the computer that has built it alone.
  const ours = readdirSync('dist').filter((name) => name !== 'keyring.node');
  expect(built.sort()).toEqual(ours.map((name) => `dist/${name}`).sort());
  for (const name of built)
    expect(name).toMatch(
      /^dist\/([a-z-]+\.mjs(\.LEGAL\.txt)?|keyring-child\.cjs|THIRD-PARTY-LICENSES\.txt)$/,
    );
  for (const name of ['cli.mjs', 'core.mjs', 'sandbox-sts.mjs', 'THIRD-PARTY-LICENSES.txt'])
    expect(built).toContain(`dist/${name}`);
});

it('names what it has bundled, and under which licence', () => {
  const text = readFileSync('dist/THIRD-PARTY-LICENSES.txt', 'utf8');
  expect(text).toMatch(/^@aws-sdk\/client-sts [\d.]+ \(Apache-2\.0\)$/m);
  expect(text).toMatch(/^yargs [\d.]+ \(MIT\)$/m);
  expect(text).toContain('Apache License');
});

it('needs no other package, and no build', () => {
  expect(existsSync(join(root, 'node_modules'))).toBe(false);
  const { dependencies, scripts, optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  expect(dependencies).toBeUndefined();
  expect(Object.keys(optionalDependencies)).toEqual(['@napi-rs/keyring']);
  expect(Object.keys(scripts)).not.toContain('postinstall');
});

it("is found through npm's link", () => {
  expect(installed('--version')).toBe(`${version}\n`);
  for (const shell of ['bash', 'zsh'])
    expect(installed('init', shell)).toContain(`__awsrole_root='${root}'\n`);
  expect(installed('init', 'fish')).toContain(`set -g __awsrole_root '${root}'\n`);
  expect(installed('init', 'powershell')).toBe(`. '${root}/shell/awsrole.ps1'\n`);
});

it('brings its manual page to where `man` looks', () => {
  expect(readFileSync(join(prefix, 'share/man/man1/awsrole.1'), 'utf8')).toBe(
    readFileSync('man/awsrole.1', 'utf8'),
  );
});

describe("the keyring's module", () => {
  const MODULE = 'node_modules/@napi-rs';
  /** What the child that loads it says: no answers to no questions. */
  const asked = (folder: string): unknown => {
    const child = join(folder, 'dist/keyring-child.cjs');
    return JSON.parse(spawnSync(process.execPath, [child], { input: '[]\n', encoding: 'utf8' }).stdout);
  };
  const tree = (name: string, keeps: (file: string) => boolean): string => {
    const folder = join(temporary, name);
    mkdirSync(folder);
    cpSync('dist', join(folder, 'dist'), { recursive: true, filter: (file) => keeps(file) });
    return folder;
  };

  it('comes with a build', () => {
    expect(asked(tree('built', () => true))).toEqual([]);
  });

  it('comes with the package that npm installs beside', () => {
    expect(asked(root)).toEqual([{ error: 'no-module' }]);
    cpSync(MODULE, join(root, MODULE), { recursive: true });
    expect(asked(root)).toEqual([]);
  });

  it('is taken from that package where a build for another computer was copied', () => {
    const folder = tree('copied', (file) => !file.endsWith('.node'));
    cpSync('package.json', join(folder, 'dist/keyring.node'));
    expect(asked(folder)).toEqual([{ error: 'no-module' }]);
    cpSync(MODULE, join(folder, MODULE), { recursive: true });
    expect(asked(folder)).toEqual([]);
  });
});

it('shows the demo without being installed', () => {
  const words = ['exec', `--package=${packed}`, '--', 'awsrole', 'demo'];
  expect(npm(words, temporary)).toContain('Every step did what it should');
});
