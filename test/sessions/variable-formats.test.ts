import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../src/find-program.ts';
import {
  dockerText,
  fishText,
  githubMask,
  githubText,
  nodeText,
  powershellText,
  shText,
  systemdText,
} from '../../src/sessions/variable-formats.ts';
import { needs } from '../world.ts';

const folder = mkdtempSync(join(tmpdir(), 'awsrole-formats-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Values with what some reader takes for more than a letter. */
const VALUES = [
  'plain',
  ' blanks  around ',
  "it's",
  '"quoted"',
  '`touch x`',
  ['$HOME $', '{HOME} $(touch x) $1'].join(''),
  '# no comment # ',
  'a#b ;c',
  'back\\slash \\n \\t \\\\ \\',
  'ends with \\',
  "\\'",
  '%HOME% ^ & | < > * ? [a] {a,b} ~ !x !!',
  'a=b==',
  'é ü 日本 🙂 ‘’‚‛“”',
  '-n',
  '@x',
  'export X=1',
  'x'.repeat(5000),
];
const VARIABLES = new Map(VALUES.map((value, index) => [`AWS_TEST_${index}`, value]));
/** Set before, and to be taken away. */
const BEFORE = { AWS_PROFILE: 'x', AWS_ROLE_ARN: 'y' };
const UNSET = [...Object.keys(BEFORE), 'AWS_NEVER_SET'];

function written(text: string, name = 'file'): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
}

/** The variables that a command prints, each ended by a NUL; its status and errors must be none. */
function printedBy([file = '', ...args]: readonly string[], status = 0): Map<string, string> {
  const run = spawnSync(file, args, {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: folder, LANG: 'C.UTF-8', ...BEFORE },
    cwd: folder,
    // bash reads ~/.bashrc where its standard input is a socket.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect({ status: run.status, stderr: run.stderr }).toEqual({ status, stderr: '' });
  return new Map(
    run.stdout
      .split('\0')
      .filter((line) => line.startsWith('AWS_'))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

describe('variables for a shell', () => {
  for (const words of [['sh'], ['dash'], ['bash'], ['zsh'], ['mksh'], ['busybox', 'sh']]) {
    const [program = ''] = words;
    it.skipIf(needs(findProgram(program, process.env) !== undefined).skip)(words.join(' '), () => {
      const file = written(shText({ set: VARIABLES, unset: UNSET }));
      const script = 'eval "$(cat "$1")"; exec env -0';
      expect(printedBy([...words, '-euc', script, 'sh', file])).toEqual(VARIABLES);
      expect(printedBy([...words, '-c', `IFS=a; ${script}`, 'sh', file])).toEqual(VARIABLES);
    });
  }

  it.skipIf(needs(findProgram('fish', process.env) !== undefined).skip)('fish', () => {
    const file = written(fishText({ set: VARIABLES, unset: UNSET }));
    expect(printedBy(['fish', '--no-config', '-c', `source ${file}; exec env -0`])).toEqual(VARIABLES);
  });

  it.skipIf(needs(findProgram('pwsh', process.env) !== undefined).skip)('PowerShell', () => {
    const text = powershellText({ set: VARIABLES, unset: UNSET });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    const file = written(text);
    const script = `$ErrorActionPreference = 'Stop'; Set-StrictMode -Version 3; Get-Content '${file}' | Out-String | Invoke-Expression; & env -0`;
    const given = spawnSync('pwsh', ['-NoProfile', '-NonInteractive', '-Command', script], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder, ...BEFORE },
    });
    expect({ status: given.status, stderr: given.stderr }).toEqual({ status: 0, stderr: '' });
    for (const [name, value] of VARIABLES) expect(given.stdout, name).toContain(`${name}=${value}\0`);
    for (const name of UNSET) expect(given.stdout).not.toContain(`${name}=`);
  });
});

describe('variables in a file', () => {
  /** Those in which a value has three kinds of quotes, or two and what counts between double ones. */
  const sayable = new Map([...VARIABLES].filter(([, value]) => !/'/.test(value) || !/`/.test(value)));

  it('are what node --env-file reads', () => {
    const file = written(nodeText(sayable));
    const print =
      "for (const [k, v] of Object.entries(process.env)) process.stdout.write(k + '=' + v + '\\0')";
    const read = printedBy([process.execPath, `--env-file=${file}`, '-e', print]);
    for (const name of Object.keys(BEFORE)) read.delete(name);
    expect(read).toEqual(sayable);
    for (const value of ['\'`"', "'`\\n"]) {
      expect(() => nodeText([['AWS_X', value]])).toThrow('--format node cannot express AWS_X');
    }
    const odd = new Map([
      ['AWS_A', "'`$x #"],
      ['AWS_B', '\'"\\n'],
      ['AWS_C', '"`\\n'],
    ]);
    const again = printedBy([process.execPath, `--env-file=${written(nodeText(odd))}`, '-e', print]);
    for (const name of Object.keys(BEFORE)) again.delete(name);
    expect(again).toEqual(odd);
  });

  it('are what docker reads', async () => {
    const text = dockerText(VARIABLES);
    expect(readByDocker(text)).toEqual(VARIABLES);
    if (findProgram('docker', process.env) !== undefined) {
      expect(await sentByDocker(written(text))).toEqual(VARIABLES);
    }
    expect(() => dockerText([['AWS_X', 'x'.repeat(65_536)]])).toThrow('--format docker cannot express AWS_X');
  });

  it('are what systemd reads', () => {
    expect(readBySystemd(systemdText(VARIABLES))).toEqual(VARIABLES);
  });

  it('are lines for GitHub, and what is masked is escaped', () => {
    const text = githubText(VARIABLES);
    expect(
      new Map(
        text
          .split('\n')
          .slice(0, -1)
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      ),
    ).toEqual(VARIABLES);
    expect(githubMask('a%0Ab')).toBe('::add-mask::a%250Ab\n');
  });
});

/** By the rules of docker/cli, pkg/kvfile: blanks in front go, `#` begins a comment only there, the rest is the value. */
function readByDocker(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^[ \t]+/, '');
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at > 0) found.set(line.slice(0, at), line.slice(at + 1));
  }
  return found;
}

/** What docker's own client asks its daemon for; there is none behind this one. */
async function sentByDocker(file: string): Promise<Map<string, string>> {
  let asked = '';
  const daemon = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      if (request.url?.endsWith('/_ping')) {
        response.writeHead(200, { 'Api-Version': '1.43', OSType: 'linux' }).end('OK');
        return;
      }
      if (request.url?.includes('/containers/create')) asked = body;
      response.writeHead(500, { 'content-type': 'application/json' }).end('{"message":"no"}');
    });
  });
  await new Promise<void>((resolve) => {
    daemon.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    daemon.closeAllConnections();
    daemon.close();
  });
  const { port } = daemon.address() as AddressInfo;
  const child = spawn('docker', ['run', '--env-file', file, 'image'], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, HOME: folder, DOCKER_HOST: `tcp://127.0.0.1:${port}` },
  });
  await once(child, 'close');
  const { Env } = JSON.parse(asked) as { Env: string[] };
  return new Map(Env.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}

/** By the rules of systemd, basic/env-file.c, for a value between double quotes: `\` keeps only these four. */
function readBySystemd(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n').slice(0, -1)) {
    const [, name = '', quoted = ''] = /^([A-Z0-9_]+)="((?:[^"\\]|\\.)*)"$/u.exec(line) ?? [];
    expect(name, line).not.toBe('');
    found.set(
      name,
      quoted.replace(/\\(.)/gu, (both, letter) => ('"\\`$'.includes(letter) ? letter : both)),
    );
  }
  return found;
}
