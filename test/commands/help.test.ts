import { expect, test } from 'vitest';
import { COMMAND_HELP, EXAMPLES } from '../../src/commands/help-texts.ts';
import { hasScript } from '../terminal/typing.ts';
import { makeWorld, needs } from '../world.ts';

const COMMANDS = Object.keys(COMMAND_HELP);

test('help, --help and -h are one', async () => {
  const world = await makeWorld();
  const whole = await world.run(['help']);
  expect(whole).toMatchObject({ status: 0, stderr: '' });
  for (const args of [['--help'], ['-h'], ['session-lines', '--help'], ['role101', '--help']]) {
    expect(await world.run(args)).toMatchObject({ status: 0, stderr: '', stdout: whole.stdout });
  }
});

test.concurrent.each(COMMANDS)('help %s says how it is used', async (command) => {
  const world = await makeWorld({ onFinished: () => {} });
  const run = await world.run(['help', command]);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  const { usage, about } = COMMAND_HELP[command as keyof typeof COMMAND_HELP];
  expect(run.stdout.split('\n').slice(0, 3)).toEqual([`awsrole ${usage}`, '', `${about}.`]);
  for (const args of [
    [command, '--help'],
    [command, '-h'],
    [command, 'role101', '--help', '--', '-x'],
  ]) {
    expect((await world.run(args)).stdout).toBe(run.stdout);
  }
  await world.close();
});

test('examples come first, the environment last; required words are no options, and no type is named', async () => {
  const world = await makeWorld();
  const { stdout } = await world.run(['help']);
  const headings = [...stdout.matchAll(/^(\S.*):$/gm)].map(([, heading]) => heading);
  expect(headings[1]).toBe('Examples');
  expect(headings.at(-1)).toBe('Environment');
  for (const command of COMMANDS) {
    const text = (await world.run(['help', command])).stdout;
    expect(text).not.toMatch(/\[(string|boolean|array|default|required|choices)|undefined/);
    expect(stdout).toContain(
      `\n  awsrole ${text.split('\n', 1)[0]?.replace(/^awsrole | \[ARGUMENT...\]/g, '')}`,
    );
  }
  expect(stdout).toMatch(/^ {2}awsrole explain PROFILE /m);
  expect(stdout).toMatch(/^ {2}awsrole clear \[PROFILE\] /m);
  expect(stdout).toMatch(/^ {2}--region REGION {2}/m);
});

test('the options that a command takes stand in its help, and no others', async () => {
  const world = await makeWorld();
  for (const command of COMMANDS.filter((name) => name !== '-')) {
    const offered = await world.run(['complete', 'fish', command, '--']);
    const taken = [...offered.stdout.matchAll(/^(--[a-z-]+)/gm)].map(([, option]) => option);
    const { stdout } = await world.run(['help', command]);
    const shown = [...stdout.matchAll(/^ {2}(?:-h, )?(--[a-z-]+)/gm)].map(([, option]) => option);
    expect([command, shown.sort()]).toEqual([
      command,
      taken.filter((option) => option !== '--version').sort(),
    ]);
  }
});

test.skipIf(needs(hasScript).skip).each([40, 80, 200])(
  'no line is wider than a terminal of %i columns, but what is typed',
  async (columns) => {
    const world = await makeWorld();
    for (const command of ['', ...COMMANDS]) {
      const run = await world.command(
        [
          'sh',
          '-c',
          `script -qec "stty columns ${columns} rows 500; '${process.execPath}' '${world.cli}' help ${command}" /dev/null`,
        ],
        { env: { TERM: 'dumb' } },
      );
      expect(run.status).toBe(0);
      const lines = run.stdout.split('\r\n');
      const typed = /^ {2}(awsrole|my-|eval|AWS|HTTPS|--)|credential_process =|^awsrole/;
      for (const line of lines) if (!typed.test(line)) expect(line.length).toBeLessThanOrEqual(columns);
    }
  },
);

test('every example is one that awsrole understands', async () => {
  const world = await makeWorld();
  for (const [example] of EXAMPLES) {
    const words = example.split(' ').slice(1);
    const run = await world.run(words[0] === '-' || words[0] === 'off' ? [] : words);
    // No usage error but that this is not a shell.
    expect(run.stderr).not.toMatch(/no option|one profile|does not/);
  }
});
