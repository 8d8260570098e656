import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILES, withVersion } from '../../packaging/versions.ts';

// What can be tried of the files of package managers without those.

const { version, name, description, license, homepage, engines, optionalDependencies } = JSON.parse(
  readFileSync('package.json', 'utf8'),
);
const text = (file: string): string => readFileSync(join('packaging', file), 'utf8');
const temporary = mkdtempSync(join(tmpdir(), 'awsrole-packages-'));
const tarball = join(temporary, `awsrole-${version}.tgz`);

beforeAll(() => {
  execFileSync('npm', ['pack', '--pack-destination', temporary], { stdio: 'ignore' });
});
afterAll(() => rmSync(temporary, { recursive: true }));

describe('versions', () => {
  it.each(FILES)('%s has that of package.json', (file) => {
    expect(withVersion(text(file), version), 'run: npm run build').toBe(text(file));
    const next = withVersion(text(file), '12.34.56');
    expect(next).toContain('12.34.56');
    expect(next).not.toContain(version);
  });

  it('a new one has no checksum yet, and the same one keeps it', () => {
    const sum = createHash('sha256').update(readFileSync(tarball)).digest('hex');
    for (const file of FILES.filter((file) => !file.startsWith('windows/'))) {
      const released = withVersion(text(file), version, sum);
      expect(released).toContain(sum);
      expect(withVersion(released, version)).toBe(released);
      expect(withVersion(released, '12.34.56')).not.toContain(sum);
    }
  });

  it('all files that could have one are looked at', () => {
    const found = readdirSync('packaging', { recursive: true, encoding: 'utf8' }).filter(
      (file) => /\.\w+$|PKGBUILD$/.test(file) && text(file).includes(version),
    );
    expect(found.map((file) => file.replaceAll('\\', '/')).sort()).toEqual([...FILES].sort());
  });
});

it('the package for Windows is of the same kind, and needs exactly this version', () => {
  const windows = JSON.parse(text('windows/package.json'));
  expect(windows).toMatchObject({ version, license, homepage, engines, dependencies: { [name]: version } });
  expect(text('windows/LICENSE')).toBe(readFileSync('LICENSE', 'utf8'));
  const [{ files }] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json'], { cwd: 'packaging/windows', encoding: 'utf8' }),
  );
  expect(files.map(({ path }: { path: string }) => path).sort()).toEqual([
    'LICENSE',
    'README.md',
    'awsrole-windows.mjs',
    'package.json',
  ]);
});

it('the manifest of Scoop says what package.json says', () => {
  const manifest = JSON.parse(text('scoop/awsrole.json'));
  expect(manifest).toMatchObject({ version, description, license });
  expect(manifest.url).toBe(manifest.autoupdate.url.replace('$version', version));
  expect(manifest.hash).toMatch(/^[0-9a-f]{64}$/);
});

it('.SRCINFO is that of PKGBUILD', () => {
  const print = `
    source "$1"
    printf 'pkgbase = %s\\n\\tpkgdesc = %s\\n\\tpkgver = %s\\n\\tpkgrel = %s\\n\\turl = %s\\n' "$pkgname" "$pkgdesc" "$pkgver" "$pkgrel" "$url"
    for list in arch license makedepends depends optdepends noextract source sha256sums; do
      values=$list[@]
      for value in "\${!values}"; do printf '\\t%s = %s\\n' "$list" "$value"; done
    done
    printf '\\npkgname = %s\\n' "$pkgname"`;
  const file = 'packaging/aur/PKGBUILD';
  expect(execFileSync('bash', ['-c', print, 'bash', file], { encoding: 'utf8' })).toBe(text('aur/.SRCINFO'));
});

it('what PKGBUILD packages runs, and has its manual page and completions where shells look', () => {
  const package_ = `
    set -e
    chown() { :; }
    source "$PWD/packaging/aur/PKGBUILD"
    srcdir=$1 pkgdir=$1/pkg
    mkdir "$pkgdir"
    package`;
  const env = { ...process.env, npm_config_offline: 'true' };
  execFileSync('bash', ['-c', package_, 'bash', temporary], { env, stdio: 'ignore' });
  const usr = join(temporary, 'pkg/usr');
  for (const file of [
    'share/man/man1/awsrole.1',
    'share/bash-completion/completions/awsrole',
    'share/zsh/site-functions/_awsrole',
    'share/fish/vendor_completions.d/awsrole.fish',
    'share/licenses/awsrole/LICENSE',
  ]) {
    expect(readFileSync(join(usr, file), 'utf8'), file).not.toBe('');
  }
  const run = execFileSync(join(usr, 'bin/awsrole'), ['--version'], { encoding: 'utf8' });
  expect(run).toBe(`${version}\n`);
  expect(Object.keys(optionalDependencies)).toEqual(['@napi-rs/keyring']);
});

describe('awsrole-windows', () => {
  // npm's folders as on Windows, and a core that tells what it was asked.
  let folders = 0;
  const install = (): { programs: string; run: (...words: string[]) => ReturnType<typeof spawnSync> } => {
    folders += 1;
    const programs = join(temporary, `npm's 100% ${folders}`);
    const own = join(programs, 'node_modules/awsrole-windows');
    const core = join(own, 'node_modules/awsrole');
    mkdirSync(join(core, 'dist'), { recursive: true });
    mkdirSync(join(core, 'shell'));
    cpSync('package.json', join(core, 'package.json'));
    const says =
      'console.log(JSON.stringify(process.argv.slice(2))); process.exit(+(process.env.STATUS ?? 0));';
    writeFileSync(join(core, 'dist/cli.mjs'), says);
    writeFileSync(join(core, 'shell/awsrole'), '#!/bin/sh\nprintf "%s|" launcher "$@"\n', { mode: 0o755 });
    cpSync('packaging/windows', own, { recursive: true });
    writeFileSync(join(programs, 'awsrole-windows.cmd'), '');
    return {
      programs,
      run: (...words) =>
        spawnSync(process.execPath, [join(own, 'awsrole-windows.mjs'), ...words], { encoding: 'utf8' }),
    };
  };

  it('puts awsrole beside the programs of npm, wires by `awsrole setup`, and takes all of it back', () => {
    const { programs, run } = install();
    expect(run('setup', '--shell', 'a b')).toMatchObject({
      status: 0,
      stdout: '["setup","--shell","a b"]\n',
      stderr: '',
    });
    const cmd = readFileSync(join(programs, 'awsrole.cmd'), 'utf8');
    expect(cmd).toContain(
      '\r\nnode.exe "%~dp0node_modules\\awsrole-windows\\node_modules\\awsrole\\dist\\cli.mjs" %*\r\n',
    );
    expect(cmd).toMatch(/^@echo off\r\n([ -~]+\r\n)+$/);
    const launcher = join(programs, 'awsrole');
    expect(execFileSync(launcher, ['exec', '$x y'], { encoding: 'utf8' })).toBe('launcher|exec|$x y|');
    const here = { cwd: programs, encoding: 'utf8' } as const;
    expect(execFileSync('sh', ['awsrole', '', '*'], here)).toBe('launcher||*|');
    // Again is nothing new.
    expect(run('setup')).toMatchObject({ status: 0 });
    expect(run('setup', '--uninstall')).toMatchObject({ status: 0, stdout: '["setup","--uninstall"]\n' });
    expect(readdirSync(programs).sort()).toEqual(['awsrole-windows.cmd', 'node_modules']);
  });

  it.each(['awsrole.cmd', 'awsrole'])('leaves %s of somebody else alone', (file) => {
    const { programs, run } = install();
    writeFileSync(join(programs, file), 'another program');
    const { status, stdout, stderr } = run('setup');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toContain(`${file} is another program, and was left alone`);
    run('setup', '--uninstall');
    expect(readFileSync(join(programs, file), 'utf8')).toBe('another program');
    expect(readdirSync(programs)).toHaveLength(3);
  });

  it('changes nothing where it shows only, or is not where npm installs for all', () => {
    const { programs, run } = install();
    for (const option of ['--help', '--dry-run']) expect(run('setup', option)).toMatchObject({ status: 0 });
    rmSync(join(programs, 'awsrole-windows.cmd'));
    expect(run('setup')).toMatchObject({ status: 1, stdout: '' });
    expect(run('setup').stderr).toContain('npm install --global awsrole-windows');
    expect(run()).toMatchObject({ status: 2 });
    expect(readdirSync(programs)).toEqual(['node_modules']);
    expect(existsSync(join(dirname(programs), 'awsrole.cmd'))).toBe(false);
  });
});

it('a clone by Git for Windows, which writes CR into text, has none in scripts', () => {
  const clone = join(temporary, 'clone');
  const git = (...args: string[]): unknown =>
    execFileSync('git', ['-c', 'core.autocrlf=true', '-c', 'core.safecrlf=false', '-C', clone, ...args], {
      stdio: 'ignore',
    });
  mkdirSync(clone);
  for (const file of ['.gitattributes', 'install.sh', 'shell/awsrole', 'shell/awsrole.bash']) {
    if (existsSync(file)) cpSync(file, join(clone, file));
  }
  git('init');
  git('add', '.');
  for (const file of ['install.sh', 'shell/awsrole', 'shell/awsrole.bash']) rmSync(join(clone, file));
  git('checkout', '--', '.');
  for (const file of ['install.sh', 'shell/awsrole', 'shell/awsrole.bash'])
    expect(readFileSync(join(clone, file)).includes('\r'), file).toBe(false);
});
