import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { keyReference } from '../../src/keys/reference.ts';

// What protect writes into AWS files on Windows, by how awsrole came there. The separators are those of this machine.

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** The program that is named, without the folder of the test. */
function program(root: string, files: readonly string[], path = 'nowhere', name = 'w'): string {
  const top = join(mkdtempSync(join(tmpdir(), 'awsrole-')), name);
  made.push(dirname(top));
  for (const file of files) {
    mkdirSync(dirname(join(top, file)), { recursive: true });
    writeFileSync(join(top, file), '', { mode: 0o755 });
  }
  const env = { PATH: join(top, path), LOCALAPPDATA: top };
  const line = keyReference(
    { env, platform: 'win32' },
    { id: 'user101', session: false },
    { root: join(top, root) },
  );
  return line.replace(`${top}/`, '');
}

test.each([
  ['install.ps1', 'Programs/share/awsrole', 'Programs/bin/awsrole.cmd'],
  [
    'npm, with awsrole below awsrole-windows',
    'npm/node_modules/awsrole-windows/node_modules/awsrole',
    'npm/awsrole.cmd',
  ],
  ['npm, with awsrole beside awsrole-windows', 'npm/node_modules/awsrole', 'npm/awsrole.cmd'],
  ['Scoop', 'scoop/apps/awsrole/current', 'scoop/apps/awsrole/current/awsrole.cmd'],
])('where %s has put it', (_, root, placed) => {
  // What else is on PATH does not count.
  expect(program(root, [placed, 'other/awsrole'], 'other')).toBe(`${placed} key-process user101`);
});

test.each([
  [
    'Scoop',
    'scoop/apps/awsrole/0.1.0',
    'scoop/apps/awsrole/0.1.0/awsrole.cmd',
    'scoop/shims',
    'scoop/shims/awsrole',
  ],
  [
    'nvm for Windows',
    'nvm/v22.1.0/node_modules/awsrole-windows/node_modules/awsrole',
    'nvm/v22.1.0/awsrole.cmd',
    'nodejs',
    'nodejs/awsrole',
  ],
  // What is on PATH is gone with the terminal, the other one only with the next Node.js.
  [
    'fnm',
    'fnm/v22.1.0/installation/node_modules/awsrole',
    'fnm/v22.1.0/installation/awsrole.cmd',
    'fnm_multishells/12_34',
    'fnm/v22.1.0/installation/awsrole.cmd',
  ],
])('of two that %s has, the one that stays longer', (_, root, placed, path, named) => {
  expect(program(root, [placed, `${path}/awsrole`], path)).toBe(`${named} key-process user101`);
});

test('where it is nowhere else, what is on PATH; else it says what to do', () => {
  expect(program('clone', ['tools/awsrole'], 'tools')).toBe('tools/awsrole key-process user101');
  expect(() => program('clone', [])).toThrow(
    'awsrole.cmd, which AWS tools need to start awsrole, is missing',
  );
});

test('a name with a space is quoted, and one that cmd reads itself is refused', () => {
  const files = ['npm/awsrole.cmd'];
  const root = 'npm/node_modules/awsrole';
  expect(program(root, files, 'nowhere', 'Ann Lee')).toBe('"npm/awsrole.cmd" key-process user101');
  for (const name of ['R&D', '100%PATH%', 'a^b', "O'Neil", '$(x)', '`x`'])
    expect(() => program(root, files, 'nowhere', name)).toThrow('whose name some AWS tools cannot read');
});
