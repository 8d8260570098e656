#!/usr/bin/env node
// `awsrole-windows setup` puts awsrole.cmd, for cmd and PowerShell, and awsrole, for Git Bash, beside npm's programs, as
// npm makes none for Windows of a shell script. Then `awsrole setup` wires the shells; all options are its own.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const MARK = 'awsrole, put here by awsrole-windows';
const [command, ...options] = process.argv.slice(2);

/** What stands in each of the files; the folder of awsrole is named from theirs, so that no letter of its path matters. */
function texts(below) {
  const windows = below.replaceAll('/', '\\');
  const posix = below.replaceAll('\\', '/');
  const core = `"%~dp0${windows}\\dist\\cli.mjs" %*`;
  const lines = [
    '@echo off',
    `rem ${MARK}`,
    'if not exist "%~dp0node.exe" goto path',
    `"%~dp0node.exe" ${core}`,
    'exit /b %errorlevel%',
    ':path',
    `node.exe ${core}`,
    'exit /b %errorlevel%',
  ];
  return {
    'awsrole.cmd': `${lines.join('\r\n')}\r\n`,
    awsrole: `#!/bin/sh\n# ${MARK}\ncase $0 in */*) set -- "\${0%/*}" "$@" ;; *) set -- . "$@" ;; esac\nroot=$1/${posix}\nshift\nexec "$root/shell/awsrole" "$@"\n`,
  };
}

function fail(message, hint) {
  console.error(`awsrole-windows: ${message}\n  ${hint}`);
  process.exit(1);
}

/** Runs `awsrole setup`; ends with its status where that is not 0. */
function setup(root) {
  const { status, error } = spawnSync(
    process.execPath,
    [join(root, 'dist', 'cli.mjs'), 'setup', ...options],
    {
      stdio: 'inherit',
    },
  );
  if (error !== undefined) fail(error.message, 'Install awsrole-windows again.');
  if (status !== 0) process.exit(status ?? 1);
}

if (command !== 'setup') {
  console.error(
    'Usage: awsrole-windows setup [--uninstall] [OPTIONS]\n  The options are those of: awsrole setup --help',
  );
  process.exit(command === '--help' || command === 'help' ? 0 : 2);
}
const here = dirname(fileURLToPath(import.meta.url));
// PREFIX\node_modules\awsrole-windows
const programs = dirname(dirname(here));
if (!existsSync(join(programs, 'awsrole-windows.cmd'))) {
  fail(
    `npm's programs are not in ${programs}`,
    'Install it for all projects: npm install --global awsrole-windows',
  );
}
const root = dirname(createRequire(import.meta.url).resolve('awsrole/package.json'));
const files = Object.entries(texts(relative(programs, root))).map(([name, text]) => ({
  path: join(programs, name),
  text,
}));
const isOurs = ({ path }) => readFileSync(path, 'utf8').includes(MARK);
if (options.includes('--help') || options.includes('--dry-run')) {
  setup(root);
} else if (options.includes('--uninstall')) {
  setup(root);
  for (const file of files) if (existsSync(file.path) && isOurs(file)) rmSync(file.path);
} else {
  for (const file of files) {
    if (existsSync(file.path) && !isOurs(file)) {
      fail(
        `${file.path} is another program, and was left alone`,
        'Remove it, such as by: npm uninstall --global awsrole',
      );
    }
  }
  for (const { path, text } of files) {
    writeFileSync(`${path}.new`, text, { mode: 0o755 });
    renameSync(`${path}.new`, path);
  }
  setup(root);
}
