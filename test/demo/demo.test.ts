import { exec, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { type StsServer, startStsServer } from '../../src/demo/sts-server.ts';

/** The built program and its shell functions. */
const ROOT = resolve('.');

function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

// Where a program is missing its tests are skipped for all to see; in CI that is a failure.
const onlyWith = (...programs: string[]) => (process.env.CI || programs.every(has) ? it : it.skip);

let folder: string;
/** Where the demo may put its things. */
let temporary: string;
/** The user's home, with things in it that must stay as they are. */
let home: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsrole-demo-test-'));
  temporary = join(folder, 'tmp');
  home = join(folder, 'home');
  mkdirSync(temporary);
  for (const path of ['.aws', '.cache/awsrole/sessions', '.config/awsrole']) {
    mkdirSync(join(home, path), { recursive: true });
  }
  for (const path of ['.aws/credentials', '.aws/config', '.cache/awsrole/sessions/x.json', '.bash_history']) {
    writeFileSync(join(home, path), `real ${path}\n`);
  }
  for (const path of ['.bashrc', '.zshrc', '.zshenv', '.profile']) {
    writeFileSync(join(home, path), 'echo the real start-up file was read\n');
  }
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** All that is in a folder: paths, modification times and texts. */
function contents(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .sort()
    .map((name) => {
      const path = join(root, name);
      const stat = statSync(path);
      return `${name} ${stat.mtimeMs} ${stat.isFile() ? readFileSync(path, 'utf8') : ''}`;
    });
}

/** A user who has switched, and has variables that lead to real things. */
function environment(more: Record<string, string> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    TMPDIR: temporary,
    TERM: 'xterm',
    LANG: 'C.UTF-8',
    XDG_CACHE_HOME: join(home, '.cache'),
    HISTFILE: join(home, '.bash_history'),
    BASH_ENV: join(home, '.bashrc'),
    AWS_PROFILE: 'real',
    AWS_CONFIG_FILE: join(home, '.aws/config'),
    AWS_ACCESS_KEY_ID: 'AKIAREAL000000000000',
    AWS_SECRET_ACCESS_KEY: 'real',
    AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1',
    AWSROLE_PROFILE: 'real',
    HTTP_PROXY: 'http://127.0.0.1:1',
    ...more,
  };
}

function awsrole(args: string[], { root = ROOT, env = environment(), input = '' } = {}) {
  return spawnSync(join(root, 'shell', 'awsrole'), args, { env, input, encoding: 'utf8' });
}

async function until<T>(what: () => T | undefined | false, why: string | (() => string)): Promise<T> {
  for (const end = performance.now() + 30_000; performance.now() < end; await sleep(50)) {
    const found = what();
    if (found) return found;
  }
  throw new Error(`waited in vain: ${typeof why === 'string' ? why : why()}`);
}

/** The processes below `pid`, and itself. */
function family(pid: number): number[] {
  const all = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number));
  const below = (parent: number): number[] =>
    all.flatMap(([id, of]) => (of === parent && id !== undefined ? [id, ...below(id)] : []));
  return [pid, ...below(pid)];
}

function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.trim().startsWith('Z');
}

describe('without a terminal', () => {
  onlyWith('bash', 'zsh')('plays every step in bash and zsh, and leaves nothing behind', () => {
    const before = contents(home);
    const { status, stdout, stderr } = awsrole(['demo']);
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(contents(home)).toEqual(before);
    expect(readdirSync(temporary)).toEqual([]);
    expect(stdout).not.toContain('the real start-up file');

    const [, bash = '', again = '', keys = '', zsh = '', zshAgain = '', zshKeys = ''] =
      stdout.split(/^# .*$/m);
    for (const first of [bash, zsh]) {
      expect(first).toContain(`mfa_serial = ${SAMPLE_MFA_SERIAL}\n`);
      expect(first).toMatch(
        /\$ awsrole --mfa-code - role101 < <\(awsrole demo code\)\n.*\nrole101: arn:aws:iam::123456789012:role\/role101, us-east-1, \d+m left/,
      );
      expect(first).toMatch(
        /\$ awsrole whoami\narn:aws:sts::123456789012:assumed-role\/role101\/.*\naccount 123456789012\n/,
      );
      expect(first).toMatch(
        /\$ awsrole exec plain -- awsrole whoami\narn:aws:sts::123456789012:assumed-role\/plain\//,
      );
      expect(first).toMatch(/\$ awsrole off\nleft role101: .*\n\$ awsrole\nno role is held in this shell\n/);
      expect(first).toMatch(/\$ awsrole -\nrole101: arn:/);
    }
    for (const second of [again, zshAgain]) {
      expect(second).toMatch(/\$ awsrole role101\nrole101: arn:/);
      expect(second).not.toContain('code');
    }
    for (const third of [keys, zshKeys]) {
      expect(third).toMatch(/\$ awsrole protect user101\nuser101's keys are in age files/);
      expect(third).toMatch(/\$ awsrole rotate user101\n[^$]*user101's keys are AKIA\w+ now/);
    }
    expect(stdout).toContain('# zsh:');
    expect(stdout).not.toContain('notARealSecret');
  });

  onlyWith('aws')('has the AWS CLI say who it is', () => {
    const { stdout } = awsrole(['demo']);
    expect(stdout).toMatch(
      /\$ aws sts get-caller-identity\n\{[^}]*"Arn": "arn:aws:sts::123456789012:assumed-role\/role101\//,
    );
  });

  it('runs a command with a role where sh is the only shell', () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    for (const program of ['sh', 'sed', 'node']) {
      const path = execFileSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).trim();
      execFileSync('ln', ['-s', path, join(bin, program)]);
    }
    const { status, stdout, stderr } = awsrole(['demo'], { env: environment({ PATH: bin }) });
    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(stdout).toMatch(/\$ awsrole exec role101 -- awsrole whoami\narn:aws:sts::.*\/role101\//);
  });

  /** Lines put in at the beginning of shell functions. */
  const faults: [string, Record<string, string>, string][] = [
    ['a command fails', { off: 'return 5' }, '"awsrole off": it ended with status 5'],
    [
      'an output is wrong',
      { say: 'set -- role999' },
      '"awsrole --mfa-code - role101 < <(awsrole demo code)": its output does not match',
    ],
    ['the shell ends', { off: 'kill -9 $$' }, '"awsrole off": the shell ended in it'],
    [
      'a second shell gets a session of its own',
      {
        kept: 'return 1',
        core: 'if [[ $* == "session-lines role101" ]]; then set -- session-lines --refresh --mfa-code - role101; exec < <("$__awsrole_root/shell/awsrole" demo code 2>/dev/null); fi',
      },
      '"the second switch": it asked the STS for a new session',
    ],
  ];
  it.each(faults)('ends with 1 and names the step when %s', (_what, lines, message) => {
    const root = join(folder, 'root');
    cpSync(join(ROOT, 'dist'), join(root, 'dist'), { recursive: true });
    cpSync(join(ROOT, 'shell'), join(root, 'shell'), { recursive: true });
    const files = ['awsrole.bash', 'awsrole-common.bash'].map((name) => join(root, 'shell', name));
    for (const [name, line] of Object.entries(lines)) {
      const head = `__awsrole_${name}() {`;
      const file = files.find((name) => readFileSync(name, 'utf8').includes(head)) ?? head;
      // By a function, as `$$` in a replacement is one dollar.
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(head, () => `${head}\n${line}\n`),
      );
    }
    const { status, stdout, stderr } = awsrole(['demo'], { root });
    expect(stderr).toContain(`the demo in bash failed at ${message}`);
    expect(status).toBe(1);
    expect(stdout).not.toContain('Every step');
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('leaves nothing behind when its output is cut off', async () => {
    const command = `"${join(ROOT, 'shell', 'awsrole')}" demo </dev/null | head -n 3`;
    const { stdout } = spawnSync('sh', ['-c', command], { env: environment(), encoding: 'utf8' });
    expect(stdout).toContain('# bash');
    await until(() => readdirSync(temporary).length === 0, 'the folder to go');
  });
});

it('leaves nothing behind when it is killed as it plays', async () => {
  const child = spawn(join(ROOT, 'shell', 'awsrole'), ['demo'], {
    env: environment(),
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await until(() => child.pid !== undefined && family(child.pid).length > 2, 'its shell');
  const pids = family(child.pid ?? 0);
  child.kill('SIGKILL');
  await until(() => !pids.some(isAlive), `the end of ${pids}`);
  await until(() => readdirSync(temporary).length === 0, 'the folder to go');
});

describe('demo code', () => {
  let server: StsServer;
  beforeEach(async () => {
    const now = Date.now();
    server = await startStsServer({ ...SAMPLE_WORLD, now: () => now });
  });
  afterEach(() => server.close());

  /** Runs it beside this process, whose event loop the server needs. */
  async function run(command: string): Promise<{ output: string; status: number }> {
    const env = environment({
      AWSROLE_DEMO: server.url,
      AWS_ENDPOINT_URL_STS: server.url,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
      PATH: `${join(ROOT, 'shell')}:${process.env.PATH}`,
    });
    return new Promise((done) => {
      exec(command, { env }, (error, stdout, stderr) =>
        done({ output: `${stdout}|${stderr}`, status: Number(error?.code ?? 0) }),
      );
    });
  }

  it('shows the code that is good now, then the next ones, and says when all are used', async () => {
    for (const [name, text] of Object.entries(sampleFiles())) writeFileSync(join(folder, name), text);
    const first = await run('awsrole demo code');
    const { code, secondsLeft } = server.mfaCode(SAMPLE_MFA_SERIAL) ?? {};
    expect(first).toEqual({ output: `${code}\n|shown for ${secondsLeft} s\n`, status: 0 });

    // One that an MFA session does not serve: every switch uses a code.
    const use = 'awsrole demo code | awsrole exec --refresh --mfa-code - long -- true';
    expect((await run(use)).status).toBe(0);
    const next = server.mfaCode(SAMPLE_MFA_SERIAL, { next: true })?.code;
    expect(next).not.toBe(code);
    const second = await run('awsrole demo code');
    expect(second.output).toBe(
      `${next}\n|this is the next code, as the current one has been used; it is shown in ${secondsLeft} s and already accepted\n`,
    );

    expect((await run(use)).status).toBe(0);
    expect((await run(use)).status).toBe(0);
    const last = await run('awsrole demo code');
    expect(last.status).toBe(4);
    expect(last.output).toMatch(/^\|awsrole: all codes that are valid now have been used\n {2}wait/);
  });

  it('says what to do outside of a demo, and when the demo has ended', async () => {
    const outside = awsrole(['demo', 'code']);
    expect(outside.stdout).toBe('');
    expect(outside.stderr).toBe(
      'awsrole: this shell is not in a demo, so there is no MFA device to read\n  start one: awsrole demo\n',
    );
    expect(outside.status).toBe(2);
    await server.close();
    const ended = await run('awsrole demo code');
    expect(ended.status).toBe(6);
    expect(ended.output).toContain('does not answer');
  });

  it('does not open a demo in a demo', () => {
    const { status, stderr } = awsrole(['demo'], { env: environment({ AWSROLE_DEMO: server.url }) });
    expect(stderr).toContain('already in a demo');
    expect(status).toBe(2);
  });
});

describe('at a terminal', () => {
  const socket = `awsrole-demo-${process.pid}`;
  const tmux = (...args: string[]): string =>
    execFileSync('tmux', ['-L', socket, '-f', '/dev/null', ...args], { encoding: 'utf8', stdio: 'pipe' });
  afterEach(() => {
    spawnSync('tmux', ['-L', socket, 'kill-server']);
  });

  const screen = (): string => tmux('capture-pane', '-p', '-J', '-t', 'demo');
  const type = (text: string): void => {
    tmux('send-keys', '-t', 'demo', '-l', text);
    tmux('send-keys', '-t', 'demo', 'Enter');
  };
  const see = (pattern: RegExp): Promise<RegExpExecArray> =>
    until(
      () => pattern.exec(screen()) ?? undefined,
      () => `${pattern} in\n${screen()}`,
    );

  /** A shell that waits for a line: what is typed before may be for the one that is just ending. */
  const PROMPT = /demo[$%>] *$/m;

  interface Demo {
    /** `awsrole demo`'s own process. */
    readonly pid: number;
    /** The shell that it opened. */
    readonly shell: number;
  }

  /** Opens a terminal with a shell that starts the demo, as a person would. */
  async function open(shell: string): Promise<Demo> {
    const file = execFileSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).trim();
    const variables = Object.entries(environment({ SHELL: file, PS1: 'outside$ ' }));
    const outside = ['env', '-i', ...variables.map(([name, value]) => `${name}=${value}`), 'bash', '--norc'];
    tmux('new-session', '-d', '-s', 'demo', '-x', '120', '-y', '50', ...outside, '--noprofile');
    type('set +o history');
    type(`'${join(ROOT, 'shell', 'awsrole')}' demo; echo "ended with $?"`);
    await see(PROMPT);
    type(
      `echo "pids:" ${shell === 'fish' ? '(ps -o ppid= -p $fish_pid | string trim) $fish_pid' : '$PPID $$'}`,
    );
    const [, pid, inside] = await see(/^pids: (\d+) (\d+)$/m);
    return { pid: Number(pid), shell: Number(inside) };
  }

  async function nothingLeft(pids: number[], before: string[]): Promise<void> {
    await until(() => !pids.some(isAlive), `the end of ${pids}`);
    await until(() => readdirSync(temporary).length === 0, `${readdirSync(temporary)} to go`);
    expect(contents(home)).toEqual(before);
  }

  onlyWith('tmux', 'bash', 'zsh', 'fish').each(['bash', 'zsh', 'fish'])(
    'opens %s with a guide, and switches in it',
    async (shell) => {
      const before = contents(home);
      const { pid } = await open(shell);
      expect(screen()).toMatch(/awsrole demo code {2,}\S.*\n.*awsrole role101 {2,}\S/);
      expect(screen()).not.toContain('the real start-up file was read');
      type('awsrole demo code');
      const [, code = ''] = await see(/^(\d{6})\n/m);
      type('awsrole role101');
      await see(/^MFA code for .*user101: $/m);
      type(code);
      await see(/^role101: arn:aws:iam::123456789012:role\/role101/m);
      type('awsrole whoami');
      await see(/^arn:aws:sts::123456789012:assumed-role\/role101\//m);
      await see(PROMPT);
      type(`clear; ${shell}`);
      await see(/^\S* ?\S* ?demo[$%>]\s*$/); // alone on the screen: the inner shell's
      type('awsrole off; awsrole role101; exit');
      await see(/^role101: arn:/m);
      await see(PROMPT);
      type('env | grep real; echo "home: $HOME"');
      const [, inside = ''] = await see(/^home: (.+)$/m);
      expect(screen()).not.toMatch(/^\w+=.*real/m);
      expect(inside.startsWith(temporary)).toBe(true);
      expect(statSync(inside).mode & 0o777).toBe(0o700);
      const pids = family(pid);
      await see(PROMPT);
      type('false; exit');
      await see(/^ended with 0$/m);
      await nothingLeft(pids, before);
    },
    120_000,
  );

  const endings: [string, (demo: Demo) => void][] = [
    ['Ctrl-D', () => tmux('send-keys', '-t', 'demo', 'C-d')],
    ['SIGTERM', ({ pid }) => process.kill(pid, 'SIGTERM')],
    ['SIGHUP', ({ pid }) => process.kill(pid, 'SIGHUP')],
    ['kill -9 of its shell', ({ shell }) => process.kill(shell, 'SIGKILL')],
    ['kill -9 of itself', ({ pid }) => process.kill(pid, 'SIGKILL')],
    ['the end of the terminal', () => tmux('kill-session', '-t', 'demo')],
  ];
  for (const [what, finish] of endings) {
    onlyWith('tmux', 'bash', 'zsh', 'fish').each(['bash', 'zsh', 'fish'])(
      `leaves nothing behind after ${what} in %s`,
      async (shell) => {
        const before = contents(home);
        const demo = await open(shell);
        const pids = family(demo.pid);
        expect(pids).toContain(demo.shell);
        expect(readdirSync(temporary)).toHaveLength(1);
        finish(demo);
        await until(() => !isAlive(demo.pid), 'its end');
        // It has cleared up itself; only after kill -9 is that left to its watcher.
        if (what !== 'kill -9 of itself') expect(readdirSync(temporary)).toEqual([]);
        await nothingLeft(pids, before);
      },
    );
  }

  onlyWith('tmux', 'bash')('leaves nothing behind when it is ended while a code is asked for', async () => {
    const before = contents(home);
    const demo = await open('bash');
    type('awsrole role101');
    await see(/^MFA code for/m);
    const pids = family(demo.pid);
    expect(pids.length).toBeGreaterThan(2);
    process.kill(demo.pid, 'SIGTERM');
    await until(() => !isAlive(demo.pid), 'its end');
    expect(readdirSync(temporary)).toEqual([]);
    await nothingLeft(pids, before);
    await see(/^ended with 143$/m);
    // The terminal shows again what is typed.
    type('stty -a | grep -o " echo "');
    await see(/^ ?echo/m);
  });

  onlyWith('tmux', 'bash')('is not ended by Ctrl-C', async () => {
    const { pid } = await open('bash');
    process.kill(pid, 'SIGINT');
    tmux('send-keys', '-t', 'demo', 'C-c');
    type('echo still $((1 + 1)) here');
    await see(/^still 2 here$/m);
    expect(isAlive(pid)).toBe(true);
  });
});
