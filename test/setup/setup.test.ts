import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/context.ts';
import { earlyEnd } from '../../src/setup/early-end.ts';
import { editStartUpFile, managerOf, readStartUpFile } from '../../src/setup/edit-start-up-file.ts';
import { installationOf } from '../../src/setup/installation.ts';
import { loadingOf, pathLine } from '../../src/setup/loading-lines.ts';
import { removalOf } from '../../src/setup/removal.ts';
import { SHELLS } from '../../src/setup/shells.ts';
import { personsShells } from '../../src/setup/this-shell.ts';
import { targetsOf } from '../../src/setup/wire.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { killedAt, makeWorld, needs, type RunOptions, type World } from '../world.ts';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const BEGIN = '# >>> awsrole >>>\n';
const END = '# <<< awsrole <<<\n';
const hasPrograms = (...names: string[]): boolean =>
  names.every((name) => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0);

interface Installed {
  readonly world: World;
  readonly root: string;
  readonly file: (name: string) => string;
  readonly write: (name: string, text: string | Uint8Array) => string;
  readonly setup: (
    args?: readonly string[],
    options?: RunOptions,
  ) => Promise<{ status: number | null; stdout: string; stderr: string }>;
}

/** A home with awsrole in it: from install.sh, or from npm below nvm. */
async function installed(kind: 'prefix' | 'npm' = 'prefix'): Promise<Installed> {
  const world = await makeWorld();
  const at = (name: string): string => join(world.home, name);
  const node = '.nvm/versions/node/v22.1.0';
  const root = at(kind === 'prefix' ? '.local/share/awsrole' : `${node}/lib/node_modules/awsrole`);
  mkdirSync(root, { recursive: true });
  for (const part of ['dist', 'shell', 'package.json'])
    cpSync(join(REPOSITORY, part), join(root, part), { recursive: true });
  const bin = at(kind === 'prefix' ? '.local/bin' : `${node}/bin`);
  mkdirSync(bin, { recursive: true });
  if (kind === 'prefix') {
    writeFileSync(join(root, 'made-folders'), '');
    cpSync(join(root, 'shell', 'awsrole'), join(bin, 'awsrole'));
  } else symlinkSync('../lib/node_modules/awsrole/shell/awsrole', join(bin, 'awsrole'));
  world.cli = join(root, 'dist', 'cli.mjs');
  const PATH = kind === 'npm' ? `${bin}:${process.env.PATH}` : process.env.PATH;
  return {
    world,
    root,
    file: (name) => readFileSync(at(name), 'utf8'),
    write: (name, text) => {
      mkdirSync(dirname(at(name)), { recursive: true });
      writeFileSync(at(name), text);
      return at(name);
    },
    setup: (args = [], options = {}) =>
      world.run(['setup', ...args], { ...options, env: { SHELL: '/bin/bash', PATH, ...options.env } }),
  };
}

/** Everything below the home but awsrole itself. */
function homeOf({ home }: World): Record<string, string> {
  const all = readdirSync(home, { recursive: true, encoding: 'utf8' });
  return Object.fromEntries(
    all
      .filter((name) => !/^\.(local|nvm|aws)\b/.test(name))
      .map((name) => {
        const stat = lstatSync(join(home, name));
        const content = stat.isFile() ? readFileSync(join(home, name), 'latin1') : '';
        return [name, `${stat.mode.toString(8)} ${content}`];
      }),
  );
}

describe('where npm has installed it', () => {
  test('the lines ask the program on PATH, and name no folder of a Node.js', async () => {
    const { world, file, write, setup } = await installed('npm');
    write('.bashrc', 'export A=1\n');
    write('.zshrc', '');
    write('.config/fish/config.fish', 'set B 1\n');
    const before = homeOf(world);
    const run = await setup();
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain('To use it in this one, type:  eval "$(awsrole init bash)"\n');
    expect(file('.bashrc')).toBe(
      `export A=1\n${BEGIN}if [ -n "\${BASH_VERSION-}" ] && command -v awsrole >/dev/null; then eval "$(awsrole init bash)"; fi\n${END}`,
    );
    expect(file('.zshrc')).toContain('then eval "$(awsrole init zsh)"; fi\n');
    // conf.d would be read before config.fish sets PATH.
    expect(file('.config/fish/config.fish')).toBe(
      `set B 1\n${BEGIN}if command -q awsrole; awsrole init fish | source; end\n${END}`,
    );
    expect(existsSync(join(world.home, '.config/fish/conf.d'))).toBe(false);
    expect(JSON.stringify(homeOf(world))).not.toMatch(/v22|node_modules/);
    expect((await setup(['--uninstall'])).stdout).toContain('npm uninstall --global awsrole\n');
    expect(homeOf(world)).toEqual(before);
  });

  test('it does not offer to remove a cache whose folder has the keys or settings, too', async () => {
    const { world, setup } = await installed('npm');
    const data = join(world.home, 'data');
    const cacheOnly = { XDG_CACHE_HOME: data };
    mkdirSync(join(data, 'awsrole', 'keys'), { recursive: true });
    const offer = `rm -rf '${data}/awsrole'`;
    expect((await setup(['--uninstall'], { env: cacheOnly })).stdout).toContain(offer);
    for (const other of ['XDG_DATA_HOME', 'XDG_CONFIG_HOME']) {
      const { stdout } = await setup(['--uninstall'], { env: { ...cacheOnly, [other]: data } });
      expect(stdout).toContain(
        `still there: ${data}/awsrole (the folder has more than the cache: see above)\n`,
      );
      expect(stdout).not.toContain('rm -rf');
    }
  });

  test('it names the package that it came with', async () => {
    const { world, root, setup } = await installed('npm');
    const below = join(dirname(root), 'awsrole-windows', 'node_modules', 'awsrole');
    mkdirSync(dirname(below), { recursive: true });
    renameSync(root, below);
    world.cli = join(below, 'dist', 'cli.mjs');
    expect((await setup(['--uninstall'])).stdout).toContain('npm uninstall --global awsrole-windows\n');
  });

  test.each([
    ['linuxbrew/Cellar/awsrole/0.1.0/libexec/lib/node_modules/awsrole', 'brew uninstall awsrole\n'],
    ['scoop/apps/awsrole/current/node_modules/awsrole', 'scoop uninstall awsrole\n'],
    // npm of Homebrew's Node.js.
    ['linuxbrew/lib/node_modules/awsrole', 'npm uninstall --global awsrole\n'],
  ])('what another package manager has put there is its own to remove: %s', async (place, says) => {
    const { world, root, setup } = await installed('npm');
    const moved = join(world.home, place);
    mkdirSync(dirname(moved), { recursive: true });
    renameSync(root, moved);
    world.cli = join(moved, 'dist', 'cli.mjs');
    expect((await setup(['--uninstall'])).stdout).toContain(`To remove the program:  ${says}`);
  });

  test('a folder of the system may be of either', () => {
    expect(removalOf('/usr/lib/node_modules/awsrole')).toMatch(/^npm .*, or, .*: pacman -R awsrole$/);
    expect(removalOf('/nix/store/0a-awsrole-0.1.0/lib/node_modules/awsrole')).toMatch(
      /^nix profile remove awsrole/,
    );
    expect(removalOf('/home/u/awsrole')).toBeUndefined();
  });

  test('another Node.js, and then none: a new shell has it, and does not fail', async () => {
    const { world, write, setup } = await installed('npm');
    const nvm = (version: string): string =>
      `. "$HOME/nvm.sh" # nvm\nPATH=$HOME/.nvm/versions/node/${version}/bin:/usr/bin:/bin\n`;
    write('nvm.sh', '');
    write('.bashrc', nvm('v22.1.0'));
    await setup();
    const ask = async (): Promise<string> =>
      (await world.command(['bash', '-euc', '. ~/.bashrc; type -t awsrole || echo none'])).stdout;
    expect(await ask()).toBe('function\n');
    const [old, young] = ['v22.1.0', 'v24.0.0'].map((name) => join(world.home, '.nvm/versions/node', name));
    renameSync(old ?? '', young ?? '');
    expect(await ask()).toBe('none\n');
    write('.bashrc', readFileSync(join(world.home, '.bashrc'), 'utf8').replace('v22.1.0', 'v24.0.0'));
    expect(await ask()).toBe('function\n');
  });

  test('a block stays where it is before what has an n, and is no version manager', async () => {
    const { file, write, setup } = await installed('npm');
    write('.bashrc', 'a=1\n');
    await setup();
    write('.bashrc', `${file('.bashrc')}[ -n "$a" ] && echo\nn=1\n`);
    expect((await setup()).stdout).toContain('~/.bashrc has awsrole already\n');
  });

  test('a block that stands before nvm goes behind it', async () => {
    const { file, write, setup } = await installed('npm');
    write('.bashrc', 'a=1\n');
    await setup();
    appendFileSync(
      write('.bashrc', file('.bashrc')),
      'export NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && . "$NVM_DIR/nvm.sh"',
    );
    expect((await setup()).stdout).toContain('Updated awsrole in ~/.bashrc\n');
    const text = file('.bashrc');
    expect(text.indexOf('>>> awsrole')).toBeGreaterThan(text.indexOf('nvm.sh" ]'));
    expect(text.match(/>>> awsrole/g)).toHaveLength(1);
    expect((await setup()).stdout).toContain('~/.bashrc has awsrole already\n');
    await setup(['--uninstall']);
    expect(file('.bashrc')).toBe(
      'a=1\nexport NVM_DIR="$HOME/.nvm"\n[ -s "$NVM_DIR/nvm.sh" ] && . "$NVM_DIR/nvm.sh"',
    );
  });

  test('a copy of npx is refused', () => {
    const context = { env: {}, platform: 'linux' } as unknown as Context;
    expect(() => installationOf(context, '/home/u/.npm/_npx/0a/node_modules/awsrole')).toThrow(
      /temporary copy/,
    );
  });

  test.skipIf(!hasPrograms('pwsh'))('PowerShell finds the file by the program', async () => {
    const { world, write, setup } = await installed('npm');
    write('.config/powershell/Microsoft.PowerShell_profile.ps1', '');
    await setup();
    const PATH = `${join(world.home, '.nvm/versions/node/v22.1.0/bin')}:${process.env.PATH}`;
    const code =
      '. ~/.config/powershell/Microsoft.PowerShell_profile.ps1; (Get-Command awsrole).CommandType; Test-Path variable:it';
    const run = await world.command(['pwsh', '-NoProfile', '-Command', code], { env: { PATH } });
    expect(run).toMatchObject({ stdout: 'Function\nFalse\n', stderr: '' });
    // Nor does it fail where there is none.
    const none = await world.command([
      'pwsh',
      '-NoProfile',
      '-Command',
      code.replace(/Get-Command awsrole/, 'Get-Item ~'),
    ]);
    expect(none.stderr).toBe('');
  });
});

test.skipIf(!hasPrograms('pwsh'))(
  'PowerShell imports the module from any folder, and only `awsrole`',
  async () => {
    const world = await makeWorld();
    const root = join(world.home, "a[b] $(c)'*`");
    cpSync('shell', join(root, 'shell'), { recursive: true });
    const { line, typed } = loadingOf('powershell', { kind: 'prefix', root, prefix: world.home }, 'linux');
    const code = '; @(Get-Command -Module awsrole).Name; @(Get-Command __awsrole*).Count';
    for (const load of [line, `function f { ${typed} }; f`]) {
      const run = await world.command(['pwsh', '-NoProfile', '-Command', load + code]);
      expect(run).toMatchObject({ stdout: 'awsrole\n0\n', stderr: '' });
    }
  },
);

describe('what the installers of awsrole 0.1 have written', () => {
  const share = (world: World): string => join(world.home, '.local/share/awsrole/shell');
  const blocks: [string, string, (world: World) => string, string][] = [
    [
      'install.sh, bash, with CR',
      '.bashrc',
      (world) =>
        `a=1\r\n${BEGIN}if [ -n "\${BASH_VERSION-}" ] && [ -r '${share(world)}/awsrole.bash' ]; then . '${share(world)}/awsrole.bash'; fi\n# The line above had no newline at its end.\n${END}`.replace(
          /\r*\n/g,
          '\r\n',
        ),
      'a=1',
    ],
    [
      'install.sh, fish',
      '.config/fish/conf.d/awsrole.fish',
      (world) =>
        `${BEGIN}if test -r '${share(world)}/awsrole.fish'; source '${share(world)}/awsrole.fish'; end\n# awsrole made the folders of this file: xx\n# awsrole made this file.\n${END}`,
      '',
    ],
    [
      'install.sh, PowerShell',
      '.config/powershell/Microsoft.PowerShell_profile.ps1',
      (world) =>
        `x\n${BEGIN}if ([IO.File]::Exists('${share(world)}/awsrole.ps1')) { . '${share(world)}/awsrole.ps1' }\n${END}y\n`,
      'x\ny\n',
    ],
    [
      'install.ps1',
      '.config/powershell/Microsoft.PowerShell_profile.ps1',
      (world) =>
        `${BEGIN}if ([IO.File]::Exists('${share(world)}/awsrole.ps1')) { . ('${share(world)}/awsrole.ps1') }\n# awsrole made this file.\n# And its folder.\n${END}`.replaceAll(
          '\n',
          '\r\n',
        ),
      '',
    ],
  ];
  test.each(blocks)('%s: is taken out whole, and brought up to date', async (_, name, block, left) => {
    for (const update of [false, true]) {
      const { world, file, write, setup } = await installed();
      mkdirSync(join(world.home, '.config', 'other'), { recursive: true });
      write(name, block(world));
      if (update) {
        await setup([], { env: { SHELL: '/bin/none' } });
        expect(file(name).match(/>>> awsrole/g)).toHaveLength(1);
        expect(file(name)).toContain('.local/bin');
        // Once is enough.
        const before = homeOf(world);
        await setup([], { env: { SHELL: '/bin/none' } });
        expect(homeOf(world)).toEqual(before);
      }
      expect((await setup(['--uninstall'])).status).toBe(0);
      if (left === '') expect(existsSync(join(world.home, dirname(name)))).toBe(false);
      else expect(file(name)).toBe(left);
    }
  });
});

describe('a start-up file that', () => {
  test('is a link, with a mode of its own, and an owner where root works, stays so', async () => {
    const { world, file, write, setup } = await installed();
    const real = write('dotfiles/bashrc', 'a=1\n');
    symlinkSync('dotfiles/bashrc', join(world.home, '.bashrc'));
    chmodSync(real, 0o640);
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) chownSync(real, 1234, 1234);
    await setup();
    expect(file('.bashrc')).toContain('awsrole.bash');
    expect(lstatSync(join(world.home, '.bashrc')).isSymbolicLink()).toBe(true);
    expect(statSync(real)).toMatchObject({ mode: 0o100640, ...(isRoot && { uid: 1234, gid: 1234 }) });
    await setup(['--uninstall']);
    expect(file('dotfiles/bashrc')).toBe('a=1\n');
    expect(readdirSync(join(world.home, 'dotfiles'))).toEqual(['bashrc']);
  });

  test.skipIf(process.geteuid?.() !== 0)("root makes in a person's home is the person's", async () => {
    const { world, setup } = await installed();
    chownSync(world.home, 1234, 1235);
    await setup(['--shell', 'bash', '--shell', 'fish']);
    for (const name of ['.bashrc', '.config', '.config/fish/conf.d', '.config/fish/conf.d/awsrole.fish'])
      expect(statSync(join(world.home, name))).toMatchObject({ uid: 1234, gid: 1235 });
  });

  test.each(['added', 'taken out'])(
    'has the block %s is the old one or the new one after a kill',
    async (what) => {
      const { world, file, write, setup } = await installed();
      write('.bashrc', 'a=1\n');
      if (what === 'taken out') await setup();
      const before = file('.bashrc');
      const run = await setup(what === 'added' ? [] : ['--uninstall'], { env: killedAt('/.bashrc') });
      expect(run.status).toBeNull();
      expect(file('.bashrc')).toBe(before);
      expect(readdirSync(world.home).filter((name) => name.endsWith('.tmp'))).toHaveLength(1);
      // The next one sweeps up.
      await setup(what === 'added' ? [] : ['--uninstall']);
      expect(readdirSync(world.home).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      expect(file('.bashrc')).not.toBe(before);
    },
  );

  test('is changed by another program meanwhile loses nothing', async () => {
    const { file, write } = await installed();
    const path = write('.bashrc', 'a=1\n');
    let calls = 0;
    editStartUpFile(path, ({ text }) => {
      calls += 1;
      if (calls === 1) appendFileSync(path, 'theirs=1\n');
      return `${text}ours=1\n`;
    });
    expect(file('.bashrc')).toBe('a=1\ntheirs=1\nours=1\n');
  });

  test('cannot be changed is left alone: the line is said, and the status is 3', async () => {
    const cases: [string, (path: string) => unknown, RegExp][] = [
      ['read-only', (path) => chmodSync(path, 0o444), /cannot be written\. Add this to it/],
      [
        'in a read-only folder',
        (path) => chmodSync(dirname(path), 0o555),
        /cannot be written\. Add this to it/,
      ],
      [
        'with two names',
        (path) => linkSync(path, `${path}.2`),
        /cannot be written[\s\S]*2 names \(hard links\)/,
      ],
      [
        'a dangling link',
        (path) => spawnSync('ln', ['-sf', 'nowhere', path]),
        /was left alone: it is a symbolic link/,
      ],
      [
        'a folder',
        (path) => spawnSync('sh', ['-c', 'rm "$1" && mkdir "$1"', 'sh', path]),
        /was left alone: it is not an ordinary file/,
      ],
      [
        'a pipe',
        (path) => spawnSync('sh', ['-c', 'rm "$1" && mkfifo "$1"', 'sh', path]),
        /was left alone: it is not an ordinary file/,
      ],
      ['damaged', (path) => appendFileSync(path, BEGIN), /was left alone: it has a damaged awsrole block/],
    ];
    for (const [name, spoil, says] of cases) {
      const { world, write, setup } = await installed();
      const path = write('.bashrc', 'a=1\n');
      spoil(path);
      const content = statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, 'utf8') : '';
      const run = await setup([], { ordinary: name.includes('read-only') });
      chmodSync(world.home, 0o755);
      expect([name, run.status]).toEqual([name, 3]);
      expect(run.stderr).toMatch(says);
      expect(run.stderr).toContain(`/shell/awsrole.bash'; fi\n`);
      expect(run.stdout).toContain('Load it into your shell, here and in its start-up file:');
      if (content !== '') expect(readFileSync(path, 'utf8')).toBe(content);
    }
  });

  test('Nix or Guix make is theirs', () => {
    expect(managerOf('/nix/store/3f-home-manager-files/.bashrc')).toBe('Nix');
    expect(managerOf('/gnu/store/3f-home/.bashrc')).toBe('Guix');
    expect(managerOf('/home/u/nix/store/.bashrc')).toBeUndefined();
  });

  test('loads awsrole by a line of the person is left as it is', async () => {
    const { file, write, setup } = await installed('npm');
    const text = 'eval "$(awsrole init bash)" # mine\n';
    write('.bashrc', text);
    const run = await setup();
    expect(run.stdout).toContain('~/.bashrc has awsrole already, through a line outside its block\n');
    expect(file('.bashrc')).toBe(text);
    await setup(['--uninstall']);
    expect(file('.bashrc')).toBe(text);
    // One that is commented out does not count.
    write('.bashrc', `# ${text}`);
    await setup();
    expect(file('.bashrc')).toContain(BEGIN);
  });

  test.each([
    ['fish', '.config/fish/config.fish', 'awsrole init fish | source\n'],
    ['PowerShell', '.config/powershell/profile.ps1', 'Import-Module awsrole\n'],
  ])('of %s is not the only one that is read', async (_, name, text) => {
    const { world, write, setup } = await installed();
    write(name, text);
    const before = homeOf(world);
    const run = await setup([], { env: { SHELL: '/bin/none' } });
    expect(run.stdout).toContain(`~/${name} has awsrole already, through a line outside its block\n`);
    expect(homeOf(world)).toEqual(before);
  });

  test('of fish gives its block away to the one that npm needs', async () => {
    const { world, write, file, setup } = await installed('npm');
    write('.config/fish/config.fish', '');
    write(
      '.config/fish/conf.d/awsrole.fish',
      `${BEGIN}if test -r '/p/awsrole.fish'; source '/p/awsrole.fish'; end\n# awsrole made this file.\n${END}`,
    );
    const dry = await setup(['--dry-run', '--shell', 'fish']);
    expect(dry.stdout.match(/^\+\+\+ .*/gm)).toEqual([
      `+++ ${world.home}/.config/fish/config.fish`,
      '+++ /dev/null',
    ]);
    await setup(['--shell', 'fish']);
    expect(existsSync(join(world.home, '.config/fish/conf.d/awsrole.fish'))).toBe(false);
    expect(file('.config/fish/config.fish')).toContain('awsrole init fish');
    const again = await setup(['--dry-run', '--shell', 'fish']);
    expect(again).toMatchObject({ stdout: '', stderr: 'nothing would be changed\n' });
  });

  test('is in any encoding comes back byte for byte', () => {
    const texts = [Buffer.from('\xe9\n', 'latin1'), Buffer.from('\ufeffé\r\n', 'utf16le')];
    for (const bytes of texts) {
      const path = join(fileURLToPath(new URL('.', import.meta.url)), `.tmp-${process.pid}`);
      writeFileSync(path, bytes);
      const read = readStartUpFile(path);
      rmSync(path);
      expect(read.encode(read.text)).toEqual(bytes);
    }
  });
});

test('of two installations, the one that new shells load is named where that changes', async () => {
  const { world, root, write, setup } = await installed('npm');
  await setup(['--shell', 'bash']);
  const prefix = join(world.home, 'prefix');
  const other = join(prefix, 'share', 'awsrole');
  cpSync(root, other, { recursive: true });
  write('prefix/share/awsrole/made-folders', '');
  const [npm, install] = [world.cli, join(other, 'dist', 'cli.mjs')];
  for (const [cli, now] of [
    [install, prefix],
    [npm, root],
  ] as const) {
    world.cli = cli;
    expect((await setup(['--shell', 'bash'])).stdout).toContain(
      `Updated awsrole in ~/.bashrc: it loaded another installation, and now loads the one in ${now}\n`,
    );
  }
  write('.bashrc', `${BEGIN}command -v awsrole >/dev/null && eval "$(awsrole init bash)"\n${END}`);
  expect((await setup(['--shell', 'bash'])).stdout).toContain('Updated awsrole in ~/.bashrc\n');
});

describe('a file that ends before the block', () => {
  test('is named with its line, and new shells are not said to have awsrole', async () => {
    const { file, write, setup } = await installed();
    write('.bashrc', 'a=1\nreturn\n');
    for (const args of [[], [], ['--dry-run']]) {
      const run = await setup(args);
      expect(run.status).toBe(0);
      expect(run.stderr).toContain(
        'awsrole: ~/.bashrc:2 ends the file with "return" before awsrole\'s lines are reached.',
      );
      expect(run.stdout).not.toContain('New shells will have it.');
    }
    const [, block = ''] = file('.bashrc').split('return\n');
    write('.bashrc', `a=1\n${block}return\n`);
    expect(await setup()).toMatchObject({
      stderr: '',
      stdout: expect.stringContaining('New shells will have it. To use'),
    });
  });

  test.each([
    ['bash', 'return\n', 1],
    ['bash', "exit 0 # it's all\n", 1],
    ['bash', "# don't\nf() {\nreturn 1\n}\nif a; then\n  b\nfi\nreturn 0;\n", 8],
    ['bash', "PS1='\\u: ' # return\r\nexec fish -l\r\n", 2],
    ['zsh', 'case $- in\n*i*) ;;\n*) return;;\nesac\nexec "/usr/bin/fish"\n', 5],
    ['fish', 'if status is-interactive\nreturn\nend\nreturn\n', 4],
    ['powershell', 'if ($a) {\nreturn\n}\nExit\n', 4],
  ] as const)('%s: %j', (shell, text, line) => {
    expect(earlyEnd(text, shell)?.line).toBe(line);
  });

  test.each([
    ['bash', 'case $- in\n    *i*) ;;\n      *) return;;\nesac\n'],
    ['bash', '[ -z "$PS1" ] && return\n[ -z "$PS1" ] &&\nreturn\ntest x || \\\nreturn\n'],
    ['bash', 'if [ "$-" = x ]; then\nreturn\nfi\n'],
    ['bash', 'f() {\nreturn\n}\nfunction g { if a; then b; fi\nexit\n}\n'],
    ['bash', 'for i in 1 2; do\nexit\ndone\n(\nexit\n)\n'],
    ['bash', 'cat <<X\nreturn\nX\n'],
    ['bash', "text='\nreturn\n'\n"],
    ['bash', 'exec 2>/dev/null\nexec 3< file\nexec {fd}>x\nexec >>log\n'],
    ['bash', 'returned=1\nexit_code=2\nreturn=1\nexec=fish\n'],
    ['zsh', 'exec tmux && true\nexec fish || true\n'],
    ['fish', 'function f\nreturn\nend\nfor i in a\nexit\nend\n'],
    ['powershell', 'function f {\nreturn\n}\n@"\nexit\n"@\n'],
  ] as const)('%s, not for certain: %j', (shell, text) => {
    expect(earlyEnd(text, shell)).toBeUndefined();
  });
});

describe('--dry-run', () => {
  test.skipIf(!hasPrograms('patch'))('shows a diff that patch takes, and changes nothing', async () => {
    for (const text of [
      '',
      'a=1',
      'a=1\nb=2\n\nc=3\nd=4\n',
      'tab\there\n',
      'a\r\nb\r\n',
      'PS1="\u001b[1m\\w"\n',
    ]) {
      const { world, file, write, setup } = await installed();
      const path = write('.bashrc', text);
      const before = homeOf(world);
      const dry = await setup(['--dry-run']);
      expect(dry).toMatchObject({ status: 0, stderr: '' });
      expect(homeOf(world)).toEqual(before);
      await setup();
      const after = file('.bashrc');
      writeFileSync(path, text);
      const patched = spawnSync('patch', ['-s', '--binary', path], { input: dry.stdout, encoding: 'utf8' });
      expect(patched).toMatchObject({ status: 0, stdout: '' });
      expect(file('.bashrc')).toBe(after);
      const back = await setup(['--uninstall', '--dry-run']);
      spawnSync('patch', ['-s', '--binary', path], { input: back.stdout });
      expect(existsSync(path) ? file('.bashrc') : '').toBe(text);
    }
  });

  test.skipIf(!hasPrograms('patch')).each(['with blanks', `"it's" \\ $(id)`, 'new\nline'])(
    'names the file so that patch finds it: %j',
    async (name) => {
      const { world, write, setup } = await installed();
      const HOME = join(world.home, name);
      const path = write(join(name, '.bashrc'), 'a\n');
      const dry = await setup(['--dry-run', '--shell', 'bash'], { env: { HOME } });
      const patched = spawnSync('patch', ['-s', '-p1', '-d', '/'], { input: dry.stdout, encoding: 'utf8' });
      expect(patched).toMatchObject({ status: 0, stdout: '' });
      expect(readFileSync(path, 'utf8')).toContain(BEGIN);
    },
  );

  test.skipIf(!hasPrograms('patch'))('has the bytes of a file that is no UTF-8', async () => {
    const { world, write } = await installed();
    const path = write('.bashrc', Buffer.from('# caf\u00e9', 'latin1'));
    const input = execFileSync(process.execPath, [world.cli, 'setup', '--dry-run'], {
      env: world.env({ SHELL: '/bin/bash' }),
    });
    expect(spawnSync('patch', ['-s', path], { input, encoding: 'utf8' })).toMatchObject({
      status: 0,
      stdout: '',
    });
    expect(readFileSync(path, 'latin1')).toContain(`# caf\u00e9\n${BEGIN}`);
  });

  test.skipIf(!hasScript)('shows control characters at a terminal', async () => {
    const { world, write } = await installed();
    write('.bashrc', 'x\u001b[31m\n');
    const screen = await typeInto(`'${process.execPath}' '${world.cli}' setup --dry-run`, [], {
      env: world.env({ SHELL: '/bin/bash', TERM: 'xterm' }),
    });
    expect(screen).toContain(' x\\u{1b}[31m');
  });

  test('a file that is made or removed is /dev/null on the other side', async () => {
    const { world, setup } = await installed();
    const dry = await setup(['--dry-run']);
    expect(dry.stdout).toContain(`--- /dev/null\n+++ ${world.home}/.bashrc\n@@ -0,0 +1,`);
    await setup();
    expect((await setup(['--uninstall', '--dry-run'])).stdout).toContain(
      `--- ${world.home}/.bashrc\n+++ /dev/null\n`,
    );
  });
});

describe('which shells', () => {
  test('--shell wires just those, also where there is no file; their names are checked', async () => {
    const { world, write, setup } = await installed();
    write('.bashrc', '');
    const run = await setup(['--shell', 'fish', '--shell', 'pwsh']);
    expect(run.status).toBe(0);
    expect(
      Object.keys(homeOf(world))
        .filter((name) => /rc$|\.(fish|ps1)$/.test(name))
        .sort(),
    ).toEqual([
      '.bashrc',
      '.config/fish/conf.d/awsrole.fish',
      '.config/powershell/Microsoft.PowerShell_profile.ps1',
    ]);
    expect(readFileSync(join(world.home, '.bashrc'), 'utf8')).toBe('');
    await setup(['--uninstall', '--shell', 'fish']);
    expect(existsSync(join(world.home, '.config/fish'))).toBe(false);
    expect(existsSync(join(world.home, '.config/powershell'))).toBe(true);
    for (const wrong of [
      ['--shell', 'tcsh'],
      ['--shell'],
      ['--keep-sessions'],
      ['--demo', '--uninstall'],
      ['x'],
    ])
      expect((await setup(wrong)).status).toBe(2);
  });

  test('without a terminal the file of the own shell is made, and that is said', async () => {
    const { world, setup } = await installed();
    const run = await setup([], { env: { SHELL: '/bin/bash' } });
    expect(run.stdout).toContain('Added awsrole to ~/.bashrc (a new file, as there was none)\n');
    await setup(['--uninstall']);
    expect(homeOf(world)).toEqual({});
  });

  describe('at a terminal', needs(hasScript), () => {
    const type = (home: Installed, args: string, answer: string): Promise<string> =>
      typeInto(`'${process.execPath}' '${home.world.cli}' setup ${args}`, [['[Y/n] ', answer]], {
        env: home.world.env({ SHELL: '/bin/bash', TERM: 'xterm' }),
      });

    test.each([
      ['n\r', false],
      ['\r', true],
      ['y\r', true],
    ])('it asks before it makes one: %j', async (answer, isMade) => {
      const home = await installed();
      const screen = await type(home, '', answer);
      expect(screen).toContain(
        'There is no ~/.bashrc yet. Create it, so that every new bash has awsrole? [Y/n]',
      );
      expect(existsSync(join(home.world.home, '.bashrc'))).toBe(isMade);
      expect(screen).toContain(isMade ? 'New shells will have it.' : 'here and in its start-up file:');
    });

    test.each([
      ['n\r', 1],
      ['\r', 0],
    ])('it asks before it removes sessions: %j', async (answer, left) => {
      const home = await installed();
      await home.world.lines('plain');
      expect(home.world.keptSessions()).toHaveLength(1);
      const screen = await type(home, '--uninstall', answer);
      expect(screen).toContain("also those that awsrole has put into the AWS CLI's cache? [Y/n]");
      expect(home.world.keptSessions()).toHaveLength(left);
    });
  });

  test('without a terminal --uninstall removes the sessions, unless they are to be kept, and names what it leaves', async () => {
    const { world, setup, write } = await installed();
    await world.lines('plain');
    world.settings('');
    write(
      '.local/share/awsrole/keys/index.json',
      JSON.stringify({
        version: 1,
        users: [{ id: 'it', name: "it's", store: 'age', file: 'x', session: false, keys: [] }],
      }),
    );
    expect((await setup(['--uninstall', '--keep-sessions'])).status).toBe(0);
    expect(world.keptSessions()).toHaveLength(1);
    const run = await setup(['--uninstall']);
    expect(run.stderr).toContain('removed 1 kept session');
    expect(world.keptSessions()).toEqual([]);
    expect(run.stdout).toContain(`Your settings are still in ${world.home}/.config/awsrole.\n`);
    expect(run.stdout).toContain(`Your stored keys are still in ${world.home}/.local/share/awsrole/keys.\n`);
    expect(run.stdout).toContain(`rm -rf '${world.cache}'\n`);
  });

  test.each([
    'ZDOTDIR=~/.config/zsh',
    'export ZDOTDIR="$HOME/.config/zsh" # mine',
    `ZDOTDIR='/nowhere'\nexport ZDOTDIR=\${XDG_CONFIG_HOME:-$HOME/.config}/zsh`,
    'typeset -gx ZDOTDIR="$XDG_CONFIG_HOME/zsh"',
    `: \${ZDOTDIR:=$HOME/.config/zsh}`,
    `export ZDOTDIR=\${ZDOTDIR:-\${XDG_CONFIG_HOME:-$HOME/.config}/zsh}`,
    '[[ -d ~/.config/zsh ]] && export ZDOTDIR=~/.config/zsh',
    'export EDITOR=vi ZDOTDIR="$HOME"/.config/zsh',
    'ZDOTDIR=$HOME/.config/zsh\n# export ZDOTDIR=$HOME/.config',
  ])('.zshenv may move the files of zsh: %j', async (line) => {
    const { world, file, write, setup } = await installed();
    write('.zshenv', `${line}\n`);
    write('.config/zsh/.zshrc', '');
    const before = homeOf(world);
    await setup();
    expect(file('.config/zsh/.zshrc')).toContain('awsrole.zsh');
    expect(existsSync(join(world.home, '.zshrc'))).toBe(false);
    expect((await setup(['--uninstall'])).stdout).toContain('awsrole from ~/.config/zsh/.zshrc');
    expect(homeOf(world)).toEqual(before);
  });

  test('PowerShell is asked which file $PROFILE names', async () => {
    const { world, write, setup } = await installed();
    const moved = join(world.home, 'One Drive’s', 'Microsoft.PowerShell_profile.ps1');
    const script = write('bin/pwsh', `#!/bin/sh\necho '${Buffer.from(moved).toString('base64')}'\n`);
    chmodSync(script, 0o755);
    const env = { PATH: `${dirname(script)}:${process.env.PATH}`, SHELL: '/usr/bin/pwsh' };
    await setup([], { env });
    expect(readFileSync(moved, 'utf8')).toContain('awsrole.psm1');
    expect((await setup(['--uninstall'], { env })).stdout).toContain('Removed ~/One Drive');
    expect(existsSync(dirname(moved))).toBe(false);
    // One that says something else has it in the usual place.
    writeFileSync(script, '#!/bin/sh\necho rubbish; exit 1\n');
    await setup([], { env });
    expect(existsSync(join(world.home, '.config/powershell/Microsoft.PowerShell_profile.ps1'))).toBe(true);
  });
});

describe('on other systems', () => {
  const context = (home: string, platform: NodeJS.Platform, env = {}): Context =>
    ({ platform, env: { HOME: home, PATH: '/nowhere', ...env } }) as unknown as Context;
  const bash = SHELLS.find(({ name }) => name === 'bash');
  const installation = { kind: 'prefix', root: '/p/share/awsrole', prefix: '/p' } as const;

  test.each([
    ['darwin', ['.bashrc', '.bash_profile']],
    ['win32', ['.bashrc', '.bash_profile']],
    ['linux', ['.bashrc']],
  ] as const)(
    '%s: where terminals open login shells, one without a file gets one',
    async (platform, files) => {
      const { world, write } = await installed();
      if (bash === undefined) throw new Error('no bash');
      const place = { context: context(world.home, platform), home: world.home, installation };
      const person = { own: 'bash', here: 'bash' };
      const names = async (): Promise<string[]> =>
        (await targetsOf(bash, place, person)).map(({ file }) => file.slice(world.home.length + 1));
      expect(await names()).toEqual(files);
      write('.profile', 'B=1\n');
      expect(await names()).toEqual(['.bashrc', '.profile']);
      write('.profile', '. ~/.bashrc\n');
      expect(await names()).toEqual(['.bashrc']);
    },
  );

  test('Windows: PowerShell by its modules, Git Bash by MSYSTEM; drives are folders there', async () => {
    const seven = 'C:\\Users\\u\\Documents\\PowerShell\\Modules;c:\\program files\\powershell\\7\\Modules';
    expect(await personsShells(context('', 'win32', { PSModulePath: seven }))).toEqual({
      own: 'pwsh',
      here: 'pwsh',
    });
    expect((await personsShells(context('', 'win32'))).here).toBe('powershell');
    const gitBash = context('', 'win32', { MSYSTEM: 'MINGW64', SHELL: '/usr/bin/bash' });
    expect((await personsShells(gitBash)).here).toBe('bash');
    const place = { kind: 'prefix', root: 'C:\\Users\\u\\x', prefix: 'C:\\Users\\u' } as const;
    expect(loadingOf('bash', place, 'win32').typed).toMatch(/^\. '\/c\/Users\/u\/x\/shell\/awsrole\.bash'$/);
    expect(pathLine('powershell', { ...place, prefix: 'C:\\Üb' }, 'win32')).toContain(
      "'C:\\' + [char]220 + 'b",
    );
  });
});
