import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { makeWorld, needs } from '../world.ts';

const USAGE = 2;

async function onScreen(shell: string, variables: Record<string, string>, onPath = false): Promise<string> {
  const world = await makeWorld();
  const folder = join(world.home, 'a folder');
  mkdirSync(folder);
  if (onPath) writeFileSync(join(folder, 'awsrole'), '', { mode: 0o755 });
  const env = world.env({ TERM: 'xterm', ...variables });
  const screen = await typeInto(`'${process.execPath}' '${world.cli}' init ${shell}`, [], {
    cwd: world.home,
    env: { ...env, PATH: `${folder}:/usr/bin:/bin` },
  });
  return screen.replaceAll('\r\n', '\n');
}

describe('init on a terminal', needs(hasScript), () => {
  it.each([
    ['bash', /into ~\/\.bashrc:\n {2}eval "\$\(\/\S+\/shell\/awsrole init bash\)"\n$/],
    ['fish', /into ~\/\.config\/fish\/config\.fish:\n {2}\/\S+\/shell\/awsrole init fish \| source\n$/],
    [
      'elvish',
      /into ~\/\.config\/elvish\/rc\.elv:\n {2}eval \(\/\S+\/shell\/awsrole init elvish \| slurp\)\n$/,
    ],
    ['xonsh', /into ~\/\.config\/xonsh\/rc\.xsh:\n {2}execx\(\$\(\/\S+\/shell\/awsrole init xonsh\)\)\n$/],
    [
      'nushell',
      /into ~\/\.config\/nushell\/config\.nu:\n {2}mkdir .*; \^\/\S+\/shell\/awsrole init nushell \| save /,
    ],
    ['posix', /~\/\.kshrc, .*:\n {2}eval "\$\(\/\S+\/shell\/awsrole init posix\)"\n$/],
    ['powershell', /into the file that \$PROFILE names:\n {2}\. '\/\S+\/shell\/awsrole\.ps1'\n$/],
  ])('says which line belongs into which file of %s', async (shell, says) => {
    expect(await onScreen(shell, {})).toMatch(says);
  });

  it('is short where awsrole is on PATH, and knows where zsh looks', async () => {
    expect(await onScreen('zsh', { ZDOTDIR: '/z' }, true)).toMatch(
      /into \/z\/\.zshrc:\n {2}eval "\$\(awsrole init zsh\)"\n$/,
    );
  });
});

it.each(['powershell', 'pwsh'])('init %s prints a line, as PowerShell reads a file', async (shell) => {
  const world = await makeWorld();
  const folder = join(world.home, "a'b‘c’d‚e‛f$g`h");
  mkdirSync(folder);
  cpSync(dirname(world.cli), join(folder, 'dist'), { recursive: true });
  const env = world.env();
  const program = join(folder, 'dist', 'cli.mjs');
  const { stdout } = spawnSync(process.execPath, [program, 'init', shell], { env, encoding: 'utf8' });
  expect(stdout).toBe(`. '${world.home}/a''b‘‘c’’d‚‚e‛‛f$g\`h/shell/awsrole.ps1'\n`);
});

it('init of the core alone prints no function', async () => {
  const world = await makeWorld();
  expect(await world.run(['init', 'bash'])).toMatchObject({ status: USAGE, stdout: '' });
});
