import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, needs, roleArn, section, type World } from '../world.ts';
import { hasScript, type Step, typeInto } from './typing.ts';

const [CTRL_C, CTRL_D, CTRL_N, CTRL_P, CTRL_U, CTRL_W] = [
  '\u0003',
  '\u0004',
  '\u000e',
  '\u0010',
  '\u0015',
  '\u0017',
];
const [ESCAPE, ENTER, BACKSPACE, DOWN] = ['\u001b', '\r', '\u007f', '\u001b[B'];
const [END, HOME, PAGE_DOWN, PAGE_UP] = ['\u001b[F', '\u001b[H', '\u001b[6~', '\u001b[5~'];

/** A world with these profiles: of `NAME ROLE`, or of a name alone. */
async function worldOf(...profiles: readonly (readonly [name: string, arn?: string])[]): Promise<World> {
  const world = await makeWorld();
  world.write({
    config: profiles
      .map(([name, arn = roleArn('plain')]) =>
        section(`profile ${name}`, { role_arn: arn, source_profile: 'user101' }),
      )
      .join(''),
    credentials: undefined,
  });
  return world;
}

const PROFILES = [
  ['role101', roleArn('role101')],
  ['prod-admin', 'arn:aws:iam::999956789012:role/path/Administrator'],
  ['prod-read', 'arn:aws:iam::999956789012:role/ReadOnly'],
  ['dev', roleArn('Developer')],
] as const;

/** A screen as it is after all that was written to it: its lines, without colours. */
function shown(written: string): string[] {
  const lines: string[][] = [[]];
  let [row, column] = [0, 0];
  for (const [part, moves] of written.matchAll(/\u001b\[([?\d;]*[A-Za-z])|[\s\S]/gu)) {
    if (moves === 'K') lines[row]?.splice(column);
    else if (moves === 'J') {
      lines.splice(row + 1);
      lines[row]?.splice(column);
    } else if (moves?.endsWith('A')) row -= Number.parseInt(moves, 10);
    else if (moves !== undefined) continue;
    else if (part === '\r') column = 0;
    else if (part === '\n') {
      row += 1;
      lines[row] ??= [];
    } else {
      const line = lines[row] ?? [];
      line[column] = part;
      column += 1;
    }
  }
  return lines.map((line) => line.join('').trimEnd());
}

interface Chosen {
  /** What the shell would be told. */
  readonly answer: string;
  /** All that came to the screen. */
  readonly written: string;
  /** What the screen shows at the end. */
  readonly left: string[];
}

interface Options {
  readonly words?: string;
  readonly env?: Record<string, string>;
  readonly size?: string;
  readonly redirections?: string;
}

/** Types keys into the picker, each once its text is on the screen. */
async function choose(world: World, steps: readonly Step[], options: Options = {}): Promise<Chosen> {
  const { words = 'choice-line', env = {}, size = 'rows 24 columns 80', redirections = '>answer' } = options;
  const start = `sh -c 'echo $$ >pid; PATH=\${CORE_PATH:-$PATH}; exec "$NODE" "$CLI" ${words} ${redirections}'`;
  // The settings of the terminal but for its size, which is changed on purpose.
  const settings = `stty -a | sed 1d`;
  const waiting = `(until [ -e go ]; do sleep 0.02; done; [ ! -s go ] || stty $(cat go) </dev/tty) &`;
  const command = `stty ${size}; ${settings} >before; echo above; ${waiting} ${start}; echo "status $?"; ${settings} >after; cmp before after; touch go; wait`;
  const written = await typeInto(command, steps, {
    cwd: world.home,
    env: world.env({ TERM: 'xterm', NODE: process.execPath, CLI: world.cli, NO_COLOR: '1', ...env }),
  });
  const answer = join(world.home, 'answer');
  return { answer: existsSync(answer) ? readFileSync(answer, 'utf8') : '', written, left: shown(written) };
}

/** What the picker has on the screen when `mark` is written for the last time. */
function listAt({ written }: Chosen, mark: string): string[] {
  const end = written.lastIndexOf('\u001b[J', written.lastIndexOf('\u001b[?25h') - 3);
  const begin = written.lastIndexOf(mark);
  expect(begin).toBeGreaterThan(0);
  return shown(written.slice(0, end)).slice(1);
}

function uses(world: World, ...names: string[]): void {
  mkdirSync(world.cache, { recursive: true, mode: 0o700 });
  writeFileSync(join(world.cache, 'uses'), names.map((name) => `${name}\n`).join(''), { mode: 0o600 });
}

describe('choosing a profile', needs(hasScript), () => {
  it.each<[string, string, string]>([
    ['the first', ENTER, 'role101'],
    ['the next', DOWN + ENTER, 'prod-admin'],
    ['with Ctrl-N and Ctrl-P', CTRL_N + CTRL_N + CTRL_P + ENTER, 'prod-admin'],
    ['the last', END + ENTER, 'dev'],
    ['back to the first', END + HOME + ENTER, 'role101'],
    ['a page on, and no further', PAGE_DOWN + PAGE_DOWN + ENTER, 'dev'],
    ['a page back', PAGE_DOWN + PAGE_UP + ENTER, 'role101'],
    ['by letters of the name', `pdr${ENTER}`, 'prod-read'],
    ['by its role', `admini${ENTER}`, 'prod-admin'],
    ['by account and role', `9999 only${ENTER}`, 'prod-read'],
    ['by words in another order', `admin prod${ENTER}`, 'prod-admin'],
    ['after a mistake', `devx${BACKSPACE}${ENTER}`, 'dev'],
    ['after all was taken back', `xyz${CTRL_U}dev${ENTER}`, 'dev'],
    ['after a word was taken back', `prod admin${CTRL_W}read${ENTER}`, 'prod-read'],
    ['from what fits, when nothing did', `xyz${ENTER}${CTRL_U}${ENTER}`, 'role101'],
    [
      'with a paste whose line end chooses nothing',
      `\u001b[200~prod\nread\r\u001b[201~${ENTER}`,
      'prod-read',
    ],
    ['with keys that do nothing here', `\u001b[15~\u001bx\u0002\tdev${ENTER}`, 'dev'],
  ])('%s', async (_, keys, name) => {
    const { answer, left } = await choose(await worldOf(...PROFILES), [['> role101', keys]]);
    expect([answer, left]).toEqual([`awsrole-choice ${name}\n`, ['above', 'status 0', '']]);
  });

  it.each([
    ['Esc', ESCAPE],
    ['Esc with something typed', `prod${ESCAPE}`],
    ['Ctrl-C', CTRL_C],
    ['Ctrl-C in a paste', `\u001b[200~prod${CTRL_C}`],
    ['Ctrl-D', CTRL_D],
    ['SIGTERM', 'SIGTERM'],
    ['SIGHUP', 'SIGHUP'],
    ['SIGINT', 'SIGINT'],
  ])('ends with %s: nothing is chosen, and nothing stays on the screen', async (_, keys) => {
    const world = await worldOf(...PROFILES);
    const kill = (): void => {
      process.kill(Number(readFileSync(join(world.home, 'pid'), 'utf8')), keys);
    };
    const { answer, left, written } = await choose(world, [
      ['> role101', keys.startsWith('SIG') ? kill : keys],
    ]);
    expect([answer, left]).toEqual(['', ['above', 'status 130', '']]);
    // The cursor is back, and pasted text is no longer marked.
    expect(written.match(/\u001b\[\?(25|2004)[hl]/g)).toEqual(
      ['2004h', '25l', '25h', '2004l'].map((mode) => `\u001b[?${mode}`),
    );
  });

  it('shows what the shell holds, then the profiles, those that were used lately and often first', async () => {
    const world = await worldOf(...PROFILES);
    uses(world, 'dev', 'prod-read', 'dev', 'gone', 'prod-read', 'prod-read');
    const chosen = await choose(world, [['dev *', CTRL_C]], {
      env: {
        AWSROLE_PROFILE: 'dev',
        AWSROLE_ROLE_ARN: roleArn('Developer'),
        AWSROLE_EXPIRES: String(Math.floor(Date.now() / 1000) + 3500),
        AWSROLE_NAMES: 'AWSROLE_PROFILE AWSROLE_ROLE_ARN AWSROLE_EXPIRES',
      },
    });
    expect(listAt(chosen, '?25l')).toEqual([
      expect.stringMatching(/^dev: arn:aws:iam::123456789012:role\/Developer, until .*\(58 min\)$/),
      '? _  4/4',
      '> prod-read   999956789012:ReadOnly',
      '  dev *       123456789012:Developer',
      '  role101     123456789012:role101',
      '  prod-admin  999956789012:Administrator',
    ]);
  });

  it('knows accounts by the names that the settings give them', async () => {
    const world = await worldOf(...PROFILES);
    world.settings('[accounts]\n999956789012 = acme-live\n');
    const chosen = await choose(world, [
      ['> role101', 'acme read'],
      ['ReadOnly (acme-live)', ENTER],
    ]);
    expect(chosen.answer).toBe('awsrole-choice prod-read\n');
  });

  it('keeps the order of those that fit alike, but for use', async () => {
    const world = await worldOf(['role102'], ['role101'], ['role103']);
    expect((await choose(world, [['> role102', `role10${ENTER}`]])).answer).toBe('awsrole-choice role102\n');
    uses(world, 'role103');
    expect((await choose(world, [['> role103', `role10${ENTER}`]])).answer).toBe('awsrole-choice role103\n');
  });

  it('takes the names from the index while it fits the files, and else writes it', async () => {
    const world = await worldOf(...PROFILES);
    world.settle();
    const first = await choose(world, [['> role101', `dev${ENTER}`]]);
    expect(first.answer).toBe('awsrole-choice dev\n');
    const index = join(world.cache, 'completion', 'index');
    writeFileSync(index, readFileSync(index, 'utf8').replace('\ndev\t', '\nkept\t'), { mode: 0o600 });
    expect((await choose(world, [['> role101', END + ENTER]])).answer).toBe('awsrole-choice kept\n');
    world.write({
      config: section('profile fresh', { role_arn: roleArn('fresh'), source_profile: 'user101' }),
    });
    expect((await choose(world, [['> fresh', ENTER]])).answer).toBe('awsrole-choice fresh\n');
  });

  it('tells names that look like a command or an option apart', async () => {
    const world = await worldOf(['list'], ['-x'], ['"two  words $(touch x)"']);
    expect((await choose(world, [['> list', ENTER]])).answer).toBe('awsrole-choice -- list\n');
    expect((await choose(world, [['> list', DOWN + ENTER]])).answer).toBe('awsrole-choice -- -x\n');
    expect((await choose(world, [['> list', END + ENTER]])).answer).toBe(
      'awsrole-choice two  words $(touch x)\n',
    );
    // Of the launcher's `exec` it is the first word, where no name is a command's, and an option has no place.
    const command = await choose(world, [['> list', ENTER]], { words: 'choice-line exec' });
    expect(command.answer).toBe('awsrole-choice list\n');
    const { answer } = await choose(world, [['> list', DOWN + ENTER]], { words: 'choice-line exec' });
    expect(answer).toBe('awsrole-choice two  words $(touch x)\n');
  });

  it('sends no text of the files or the keyboard to the terminal that is more than text', async () => {
    const world = await worldOf(['role101'], ['"evil\u001b[31m"', `${roleArn('x')}\u009b31m`]);
    const { written } = await choose(world, [['> role101', `e\u009b31m\u202ev${CTRL_U}${ESCAPE}`]]);
    expect(written).not.toMatch(/\[31m|\u009b|\u202e/);
  });
});

describe('the list', needs(hasScript), () => {
  const wide = '日本語プロファイル';
  const combining = 'e\u0301te\u0301';

  it('fits a window of 20 columns, wide and combining characters too', async () => {
    const world = await worldOf(['role101'], [wide], [combining], ['a-name-that-is-longer-than-the-window']);
    const chosen = await choose(world, [['> role101', ESCAPE]], { size: 'rows 24 columns 20' });
    expect(listAt(chosen, '?25l')).toEqual([
      'no role is held in…',
      '? _  4/4',
      '> role101',
      '  日本語プ…ファイル',
      `  ${combining}`,
      '  a-name-t…e-window',
    ]);
  });

  it('takes a letter with its accents back at once', async () => {
    const world = await worldOf(['role101'], ['ete']);
    const { answer } = await choose(world, [['> role101', `et${combining.slice(0, 2)}${BACKSPACE}${ENTER}`]]);
    expect(answer).toBe('awsrole-choice ete\n');
  });

  it.each([
    ['rows 2 columns 80', ['? _  20/20', '> p1  123456789012:plain']],
    ['rows 5 columns 12', ['no role is…', '? _  20/20', '> p1', '  p2']],
  ])('fits a window of %s', async (size, lines) => {
    const world = await worldOf(...Array.from({ length: 20 }, (_, index) => [`p${index + 1}`] as const));
    const chosen = await choose(world, [['> p1', ESCAPE]], { size });
    expect(chosen.left).toEqual(['above', 'status 130', '']);
    expect(listAt(chosen, '?25l')).toEqual(lines);
  });

  it('follows the selection, and a window that changes', async () => {
    const world = await worldOf(...Array.from({ length: 20 }, (_, index) => [`p${index + 1}`] as const));
    const resize = (): void => writeFileSync(join(world.home, 'go'), 'rows 6 columns 30');
    const chosen = await choose(
      world,
      [
        ['> p1', END],
        ['> p20', resize],
        ['> p20', ESCAPE],
      ],
      { size: 'rows 8 columns 80' },
    );
    expect(listAt(chosen, '> p20')).toEqual([
      'no role is held in this shell',
      '? _  20/20',
      '  p18  123456789012:plain',
      '  p19  123456789012:plain',
      '> p20  123456789012:plain',
    ]);
  });

  it('has no colour with NO_COLOR, and else some', async () => {
    const world = await worldOf(['role101']);
    expect((await choose(world, [['> role101', ESCAPE]])).written).not.toMatch(/\u001b\[[\d;]*m/);
    const { written } = await choose(world, [['> role101', ESCAPE]], { env: { NO_COLOR: '' } });
    expect(written).toContain('\u001b[1m> role101');
  });
});

describe('without a way to choose', needs(hasScript), () => {
  it.each<[string, Options]>([
    ['TERM=dumb', { env: { TERM: 'dumb' } }],
    ['standard error elsewhere', { redirections: '>answer 2>errors' }],
  ])('what the shell holds is shown: %s', async (_, options) => {
    const { answer, left } = await choose(await worldOf(...PROFILES), [], options);
    expect(answer).toMatch(/^no role is held in this shell\n/);
    expect(left).toEqual(['above', 'status 0', '']);
  });

  it('nor without profiles', async () => {
    const { answer } = await choose(await worldOf(), []);
    expect(answer).toMatch(/^no role is held in this shell\n/);
  });

  it('nor without a terminal, even where the function has said that there is one', async () => {
    const world = await worldOf(...PROFILES);
    const env = { AWSROLE_CHOOSE: '1' };
    expect((await world.run(['choice-line'], { env })).stdout).toMatch(/^no role is held in this shell\n/);
    expect(await world.run(['session-lines', 'prod'], { env })).toMatchObject({ status: 3, stdout: '' });
    expect(await world.run(['explain'], { env })).toMatchObject({ status: 2, stdout: '' });
    expect(await world.run(['clear'], { env })).toMatchObject({ status: 0, stdout: '' });
  });
});

describe('a name that is no profile', needs(hasScript), () => {
  const choosing = { AWSROLE_CHOOSE: '1' };

  it('is typed in already, and what fits is offered, also where that is one', async () => {
    const world = await worldOf(...PROFILES);
    const chosen = await choose(world, [['> prod-read', ENTER]], {
      words: 'session-lines read',
      env: choosing,
    });
    expect(chosen.answer).toBe('awsrole-choice prod-read\n');
    expect(listAt(chosen, '? read')).toEqual([
      'there is no profile "read"; which one is it?',
      '? read_  1/4',
      '> prod-read  999956789012:ReadOnly',
    ]);
    expect(chosen.left).toEqual(['above', 'status 0', '']);
  });

  it.each<[string, string, Record<string, string>]>([
    ['in a script', 'prod', {}],
    ['where none fits', 'zzz', choosing],
    ['with a flag', '--region eu-west-1 prod', choosing],
  ])('is an error %s', async (_, words, env) => {
    const { answer, left } = await choose(await worldOf(...PROFILES), [], {
      words: `session-lines ${words}`,
      env,
    });
    expect([answer, left.at(-2)]).toEqual(['', 'status 3']);
    expect(left.join('\n')).toContain('there is no profile');
  });

  it('is an error of the profile where it is one', async () => {
    const world = await worldOf(['prod', 'no-arn'], ['prod-admin']);
    const { left } = await choose(world, [], { words: 'session-lines prod', env: choosing });
    expect(left.at(-2)).toBe('status 3');
  });
});

describe('a command without a profile', needs(hasScript), () => {
  const env = { AWSROLE_CHOOSE: '1' };

  it('explains the one that is chosen', async () => {
    const options = { words: 'explain --json', env };
    const world = await makeWorld();
    const { answer } = await choose(world, [['explain: which', `plain${ENTER}`]], options);
    expect(JSON.parse(answer)).toMatchObject({ profile: 'plain' });
    const { answer: none, left } = await choose(world, [['explain: which', ESCAPE]], options);
    expect([none, left]).toEqual(['', ['above', 'status 130', '']]);
  });

  it('runs a command with the one that is chosen', async () => {
    const options = { words: 'exec -- printenv AWSROLE_PROFILE AWSROLE_CHOOSE', env };
    const world = await makeWorld();
    const { answer, left } = await choose(world, [['exec: which', `plain${ENTER}`]], options);
    expect(answer).toBe('plain\n');
    expect(left).toEqual(['above', 'status 1', '']); // of printenv, for the other one
  });

  it('clears the kept sessions of the one that is chosen, or all', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    const none = await choose(world, [['clear: which', ESCAPE]], { words: 'clear', env });
    expect(none.left.at(-2)).toBe('status 130');
    expect(world.keptSessions()).toHaveLength(1);
    const one = await choose(world, [['> all of them', DOWN + ENTER]], { words: 'clear', env });
    expect(one.left).toContain('removed 1 kept session of plain; shells that hold one keep it until it ends');
    await world.lines('plain');
    const all = await choose(world, [['> all of them', ENTER]], { words: 'clear', env });
    expect(all.left).toContain('removed 1 kept session; shells that hold one keep it until it ends');
    // Nothing is kept, so there is nothing to choose.
    const nothing = await choose(world, [], { words: 'clear', env });
    expect(nothing.left).toContain('removed no kept session');
  });

  it('asks nobody in a script', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    expect((await choose(world, [], { words: 'explain' })).left.at(-2)).toBe('status 2');
    expect((await choose(world, [], { words: 'exec -- true' })).left.at(-2)).toBe('status 2');
    expect((await choose(world, [], { words: 'clear' })).left).toContain(
      'removed 1 kept session; shells that hold one keep it until it ends',
    );
  });
});

describe('picker = fzf', needs(hasScript), () => {
  /** A program in fzf's place, which writes down what it was given, and answers with a line of it. */
  function fakeFzf(world: World, body: string): Record<string, string> {
    const folder = join(world.home, 'bin');
    mkdirSync(folder);
    writeFileSync(join(folder, 'fzf'), `#!/bin/sh\nprintf '%s\\n' "$@" >args\ncat >list\n${body}\n`, {
      mode: 0o755,
    });
    world.settings('picker = fzf\n');
    return { PATH: `${folder}:${process.env.PATH}` };
  }

  it('hands fzf the profiles, and takes its answer', async () => {
    const world = await worldOf(...PROFILES);
    const env = fakeFzf(world, 'sed -n 3p list');
    expect((await choose(world, [], { env })).answer).toBe('awsrole-choice prod-read\n');
    expect(readFileSync(join(world.home, 'list'), 'utf8')).toBe(
      'role101\t123456789012:role101\nprod-admin\t999956789012:Administrator\nprod-read\t999956789012:ReadOnly\ndev\t123456789012:Developer\n',
    );
    expect(readFileSync(join(world.home, 'args'), 'utf8')).toContain(
      '--header=no role is held in this shell\n',
    );
  });

  it.each([
    ['is left', 'exit 130'],
    ['answers with what is no profile', 'echo prod'],
    ['has nothing that fits', 'exit 1'],
  ])('chooses nothing where fzf %s', async (_, body) => {
    const world = await worldOf(...PROFILES);
    const { answer, left } = await choose(world, [], { env: fakeFzf(world, body) });
    expect([answer, left]).toEqual(['', ['above', 'status 130', '']]);
  });

  it('shows our own list where there is no fzf', async () => {
    const world = await worldOf(...PROFILES);
    world.settings('picker = fzf\n');
    const { answer } = await choose(world, [['> role101', ENTER]], { env: { CORE_PATH: '/nowhere' } });
    expect(answer).toBe('awsrole-choice role101\n');
  });

  it('refuses what is no picker', async () => {
    const world = await worldOf(...PROFILES);
    const file = world.settings('picker = other\n');
    const { left } = await choose(world, []);
    expect(left.join('\n')).toContain(`${file}:1: picker is "other"`);
    expect(left).toContain('  write awsrole or fzf');
  });
});

describe('status --json', () => {
  it('says what the shell holds', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain', { env: { AWS_REGION: 'eu-west-1' } });
    const run = await world.run(['status', '--json'], { env: set });
    expect(JSON.parse(run.stdout)).toEqual({
      held: true,
      profile: 'plain',
      roleArn: roleArn('plain'),
      account: '123456789012',
      accessKeyId: set.AWS_ACCESS_KEY_ID,
      region: set.AWS_REGION,
      longLivedKeys: false,
      changed: false,
      expires: expect.stringMatching(/^\d{4}-.*Z$/),
      secondsLeft: expect.any(Number),
    });
    const changed = await world.run(['status', '--json'], { env: { ...set, AWS_PROFILE: 'other' } });
    expect(JSON.parse(changed.stdout)).toMatchObject({ changed: true, awsProfile: 'other' });
    expect(JSON.parse((await world.run(['status', '--json'])).stdout)).toEqual({ held: false });
  });
});
