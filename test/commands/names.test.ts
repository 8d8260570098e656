import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { withNames, withVersion, writeNames } from '../../shell-names.ts';
import { COMMAND_HELP } from '../../src/commands/help-texts.ts';
import { COMMANDS, OFFERED_COMMANDS } from '../../src/commands/names.ts';
import { makeWorld } from '../world.ts';

const COMMENT = '# The build writes this line (src/commands/names.ts).';
const LIST = ` ${COMMANDS.join(' ')} `;
const OFFERED_COMMENT = '# The build writes what people are offered (src/commands/names.ts).';
const OFFERED = OFFERED_COMMANDS.map((name) => `${name}:${COMMAND_HELP[name].about}`).join('|');

test.each(['', '.bash', '.zsh', '.fish', '-shell.ps1', '.sh', '.nu', '.elv', '.xsh'])(
  'shell/awsrole%s holds the commands, where it has them',
  (extension) => {
    const lines = readFileSync(`shell/awsrole${extension}`, 'utf8').split('\n');
    const written = lines.filter((_, index) => lines[index - 1]?.trim() === COMMENT);
    for (const line of written) expect(line.split("'")).toEqual([expect.any(String), LIST, '']);
  },
);

test.each(['.zsh', '.fish'])('shell/awsrole%s says what each command does', (extension) => {
  const lines = readFileSync(`shell/awsrole${extension}`, 'utf8').split('\n');
  const written = lines.filter((_, index) => lines[index - 1] === OFFERED_COMMENT);
  expect(written.map((line) => line.split("'").slice(1))).toEqual([[OFFERED, '']]);
  for (const { about } of Object.values(COMMAND_HELP)) expect(about).toMatch(/^[A-Z][^'|:\n]{5,60}$/);
});

test.each([
  ['sh', "_awsrole_commands=' off old '\n"],
  ['fish', "    set -l commands ' off '\n"],
  ['PowerShell', "  $commands = ''\n"],
])('the build writes the names into a line of %s', (_, line) => {
  const [before] = line.split("'");
  const text = (line: string): string => `it='s'\n\t${COMMENT}\n${line}more='left'\n`;
  expect(withNames(text(line))).toBe(text(`${before}'${LIST}'\n`));
  const other = (line: string): string => text(line).replace(COMMENT, OFFERED_COMMENT);
  expect(withNames(other(line))).toBe(other(`${before}'${OFFERED}'\n`));
});

test('the build leaves a file alone that holds the names, or no line for them', () => {
  const folder = mkdtempSync(join(tmpdir(), 'awsrole-names-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'reader');
  for (const [names, changed] of [
    [' off ', true],
    [LIST, false],
  ] as const) {
    writeFileSync(file, `${COMMENT}\nx='${names}'\n`, { mode: 0o755 });
    utimesSync(file, 1, 1);
    writeNames([file]);
    expect(readFileSync(file, 'utf8')).toBe(`${COMMENT}\nx='${LIST}'\n`);
    expect(statSync(file).mtimeMs !== 1000).toBe(changed);
    expect(statSync(file).mode & 0o777).toBe(0o755);
  }
});

test("the build writes the version into the manifest of PowerShell's module", () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const manifest = readFileSync('shell/awsrole.psd1', 'utf8');
  expect(manifest).toContain(`ModuleVersion = '${version}'`);
  expect(withVersion(manifest, version)).toBe(manifest);
  expect(withVersion(manifest, '1.22.3-beta.4')).toBe(manifest.replace(version, '1.22.3'));
});

test('the command line has exactly these commands', () => {
  const source = readFileSync('src/commands/command-line.ts', 'utf8');
  const calls = source.match(/\.command\(/g) ?? [];
  const names = [...source.matchAll(/\.command\(\s*\[?'([^' ]+)[^']*'/g)].map(([, name]) => name);
  expect(names).toHaveLength(calls.length);
  // `session-lines` is no command there: what stands behind it is read as if it were not.
  // `key-process` is for the line that protect writes, which names the program by its path.
  const others = COMMANDS.filter((name) => name !== 'session-lines');
  expect(names.filter((name) => name !== '$0').sort()).toEqual([...others, 'key-process'].sort());
});

test('people are offered all but the last five, which work all the same', async () => {
  expect(COMMANDS.slice(0, -5)).toEqual(OFFERED_COMMANDS);
  const world = await makeWorld();
  const { stdout } = await world.run(['complete', 'fish', '']);
  const offered = stdout.split('\n').slice(1, -1).slice(-OFFERED_COMMANDS.length); // profiles come first
  expect(offered.map((line) => line.split('\t')[0]).sort()).toEqual([...OFFERED_COMMANDS].sort());
  const forShells = ['complete', 'session-lines', 'index-lines', 'choice-line'];
  for (const name of COMMANDS.filter((name) => !forShells.includes(name))) {
    const help = await world.run([name, '--help']);
    expect(help.stdout).toMatch(new RegExp(`^awsrole ${name}( |$)`, 'm'));
  }
});
