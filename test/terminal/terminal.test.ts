import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { needs } from '../world.ts';
import { hasScript, type Step, typeInto } from './typing.ts';

/** Asks on the built program's terminal, as if on the platform of the first word; the others are the questions. */
const DRIVER = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { openTerminal } from ${JSON.stringify(pathToFileURL('dist/terminal-terminal.mjs').href)};
const [platform, ...questions] = process.argv.slice(2);
const { env, stdin, stderr } = process;
for (const question of questions) {
  if (question === 'wait') {
    stderr.write('busy ');
    while (!existsSync('go')) await setTimeout(20);
    continue;
  }
  const terminal = openTerminal({ platform, env, stdin, stderr });
  if (terminal === undefined) {
    console.log('no terminal');
    continue;
  }
  const asked = question === 'ask' ? terminal.ask('ask? ') : terminal.confirm(question + '? ', question === 'confirm' ? 'yes' : 'no');
  const answer = await asked.catch((error) => error.kind);
  terminal.close();
  console.log(JSON.stringify(answer) ?? 'undefined');
}
process.once('exit', () => stderr.write('ended'));
`;

const PID = 'echo $$ >pid; exec ';

async function ask(
  platform: string,
  questions: string,
  steps: readonly Step[],
  { before = '', prefix = '', redirections = '', env = {} as Record<string, string> } = {},
) {
  const cwd = mkdtempSync(join(tmpdir(), 'awsrole-terminal-'));
  onTestFinished(() => rmSync(cwd, { recursive: true }));
  writeFileSync(join(cwd, 'driver.mjs'), DRIVER);
  // A process that leads a session of its own has no /dev/tty, as on Windows; its standard streams are still a terminal.
  const own = platform === 'win32' ? 'setsid -w ' : '';
  const command = `${before}stty -a >before; ${own}sh -c '${prefix}"${process.execPath}" driver.mjs ${platform} ${questions} ${redirections}' >answers; stty -a >after`;
  const screen = await typeInto(
    command,
    steps.map(([awaited, then]) => [
      awaited,
      then === 'SIGTERM'
        ? () => process.kill(Number(readFileSync(join(cwd, 'pid'), 'utf8')), 'SIGTERM')
        : then === 'go'
          ? () => writeFileSync(join(cwd, 'go'), '')
          : then,
    ]),
    { cwd, env: { PATH: process.env.PATH ?? '', ...env } },
  );
  const read = (name: string): string => readFileSync(join(cwd, name), 'utf8');
  expect(read('after')).toBe(read('before'));
  return { screen, answers: read('answers').trimEnd().split('\n') };
}

const LEFT = '\u001b[D';
const [BACKSPACE, CTRL_C, CTRL_D, CTRL_U] = ['\u007f', '\u0003', '\u0004', '\u0015'];

describe.each(['linux', 'win32'])('a question on the terminal, on %s', needs(hasScript), (platform) => {
  it('shows stars for a secret, on standard error, and lets it be mended', async () => {
    const { screen, answers } = await ask(platform, 'ask', [
      ['ask? ', '98'],
      ['**', `${CTRL_U}12x${BACKSPACE}3${LEFT}`],
      ['***\b \b*', ' 456\r'],
    ]);
    expect(answers).toEqual(['"123456"']);
    expect(screen).toContain('ask? **\b \b\b \b***\b \b****\r\nended');
    expect(screen).not.toMatch(/[0-9]/);
  });

  it.each([
    ['as keys', '123456\r'],
    ['as a bracketed paste', '\u001b[200~123 456\u001b[201~\r'],
    ['as more than a line', '123456\rrm\r'],
  ])('takes what is pasted %s', async (_how, pasted) => {
    const { screen, answers } = await ask(platform, 'ask', [['ask? ', pasted]]);
    expect(answers).toEqual(['"123456"']);
    expect(screen).toBe('ask? ******\r\nended');
  });

  it('takes what was typed before it was asked', async () => {
    const { screen, answers } = await ask(platform, 'wait ask', [
      ['busy ', '123'],
      ['123', 'go'],
      ['***', '456\r'],
    ]);
    expect(answers).toEqual(['"123456"']);
    expect(screen).toContain('ask? ******\r\nended');
  });

  it('asks again, and another kind of question', async () => {
    const { screen, answers } = await ask(platform, 'ask confirm confirm ask', [
      ['ask? ', '111111\r'],
      ['confirm? ', 'nx'],
      ['nx', `${BACKSPACE}\r`],
      ['confirm? ', 'Yes\r'],
      ['ask? ', '222222\r'],
    ]);
    expect(answers).toEqual(['"111111"', 'false', 'true', '"222222"']);
    expect(screen).toBe('ask? ******\r\nconfirm? nx\b \b\r\nconfirm? Yes\r\nask? ******\r\nended');
  });

  it('just Enter is yes, or no where that is meant, and the end of input is no', async () => {
    const { answers } = await ask(platform, 'confirm confirm doubt doubt', [
      ['confirm? ', '\r'],
      ['confirm? ', CTRL_D],
      ['doubt? ', '\r'],
      ['doubt? ', 'y\r'],
    ]);
    expect(answers).toEqual(['true', 'false', 'false', 'true']);
  });

  it.each([
    ['Ctrl-C', CTRL_C, '"interrupted"'],
    ['a signal', 'SIGTERM', '"interrupted"'],
    ['Ctrl-D when something was typed, which is nothing', `${CTRL_D}456\r`, '"123456"'],
  ])('leaves the terminal as it was on %s', async (_what, typed, answer) => {
    const { answers } = await ask(
      platform,
      'ask confirm',
      [
        ['ask? ', '123'],
        ['***', typed],
        ['confirm? ', `n${CTRL_C}`],
      ],
      { prefix: PID },
    );
    expect(answers).toEqual([answer, '"interrupted"']);
  });
});

/** Windows' names of a console; here they are ordinary ones, and lead to the terminal. */
const CONSOLE = String.raw`ln -s "$(tty)" '\\.\CONIN$'; ln -s "$(tty)" '\\.\CONOUT$'; `;

describe('on Windows with other streams than the console', needs(hasScript), () => {
  it.each(['</dev/null', '2>/dev/null', '</dev/null 2>/dev/null'])(
    'the console is asked all the same: %s',
    async (redirections) => {
      const typed: Step[] = [
        ['ask? ', '123456\r'],
        ['confirm? ', 'n\r'],
      ];
      const { answers } = await ask('win32', 'ask confirm', typed, { before: CONSOLE, redirections });
      expect(answers).toEqual(['"123456"', 'false']);
    },
  );

  it.each([
    ['there is no console', '', {}],
    ['mintty gives pipes, and a console that nobody sees', CONSOLE, { MSYSTEM: 'MINGW64' }],
  ])('nobody is asked where %s', async (_where, before, env) => {
    const { answers } = await ask('win32', 'ask', [['ask? ', '123456\r']], {
      before,
      redirections: '</dev/null',
      env,
    });
    expect(answers).toEqual(['no terminal']);
  });
});
