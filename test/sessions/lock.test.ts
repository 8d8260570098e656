import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { hasScript, typeInto } from '../terminal/typing.ts';
import { killedAt, makeWorld, needs, type Run, roleArn, section, type World } from '../world.ts';

/** How long an answer is held back so that another process comes to wait for it, on a busy machine too. */
const HELD_MS = 15_000;

/** Ends when `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 50_000) throw new Error('waited for 50 s in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function locks(world: World): string[] {
  const folder = join(world.cache, 'locks');
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function accessKeys(runs: readonly Run[]): Set<string | undefined> {
  return new Set(runs.map(({ stdout }) => /^(?:set )?AWS_ACCESS_KEY_ID[ =](.*)$/m.exec(stdout)?.[1]));
}

/** A lock that is there, as its folder and the file in it that names the holder. */
function heldLock(world: World): { folder: string; holder: string } {
  const folder = locks(world).find((path) => path.endsWith('.lock')) ?? '';
  return { folder, holder: readdirSync(folder)[0] ?? '' };
}

/** Has a first start killed while it holds the lock: then the lock is there, and nobody has it. */
async function leaveLock(world: World, profile = 'plain'): Promise<{ folder: string; holder: string }> {
  world.sts.setFault({ action: 'AssumeRole', delayMs: 60_000, count: 1 });
  const killed = await world.run(['session-lines', profile], {
    onStart: (child) => void until(() => isHeld(world)).then(() => child.kill('SIGKILL')),
  });
  expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
  world.sts.clearFaults();
  return heldLock(world);
}

function isHeld(world: World): boolean {
  return locks(world).some((path) => path.endsWith('.owner'));
}

/** Says that another process holds a lock; gives the holder's file. */
function giveTo(
  lock: { folder: string; holder: string },
  { pid, start, machine }: { pid?: number; start?: string; machine?: string },
): string {
  const [oldPid, oldStart, boot, oldMachine, random] = lock.holder.split('-');
  const holder = [pid ?? oldPid, start ?? oldStart, boot, machine ?? oldMachine, random].join('-');
  renameSync(join(lock.folder, lock.holder), join(lock.folder, holder));
  const told = lock.folder.replace(/lock$/, 'owner');
  writeFileSync(told, readFileSync(told, 'utf8').replace(lock.holder, holder));
  return join(lock.folder, holder);
}

/** Starts a process that is stopped when its mfa_process is about to give a code; `goOn` continues it. */
async function startAndStop(world: World): Promise<{ goOn: () => Promise<Run> }> {
  const { credentials } = sampleFiles();
  const code = `sh -c 'echo >>asked; while ! [ -e ready ]; do sleep 0.1; done; echo ${world.code()}'`;
  world.write({ credentials: credentials.replace('[role101]', `[role101]\nmfa_process = ${code}`) });
  let child: ChildProcess | undefined;
  const run = world.run(['session-lines', 'role101'], {
    cwd: world.home,
    onStart: (started) => {
      child = started;
    },
  });
  await until(() => existsSync(join(world.home, 'asked')));
  child?.kill('SIGSTOP');
  return {
    goOn: () => {
      writeFileSync(join(world.home, 'ready'), '');
      child?.kill('SIGCONT');
      return run;
    },
  };
}

function waitingFor(profile: string): RegExp {
  return new RegExp(
    `^waiting: process (\\d+) is asking for the MFA code of ${SAMPLE_MFA_SERIAL} \\(profile ${profile}\\); Ctrl-C gives up\n` +
      `  it is awsrole ${profile}, since \\d\\d:\\d\\d: answer it there, or end it \\(kill \\1\\)$`,
    'm',
  );
}

// By itself: it leaves no processor to others.
describe('the lock of an MFA device', () => {
  it('lets one code serve 50 concurrent starts of a profile', async () => {
    const world = await makeWorld();
    const input = `${world.code()}\n`;
    const runs = await Promise.all(
      Array.from({ length: 50 }, () =>
        world.run(['exec', 'role101', '--mfa-code', '-', '--', 'env'], { input }),
      ),
    );
    expect(runs.map(({ status, stderr }) => [status, /refused|used/.test(stderr)])).toEqual(
      Array(50).fill([0, false]),
    );
    expect(accessKeys(runs).size).toBe(1);
    expect(world.sts.requests()).toMatchObject([
      { action: 'GetSessionToken', tokenCode: true, answer: 'OK' },
      { action: 'AssumeRole', tokenCode: false, answer: 'OK' },
    ]);
    expect(world.keptSessions()).toHaveLength(2);
  });
});

describe('a lock whose holders are killed again and again', () => {
  it('has one holder at a time', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'awsrole-lock-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const worker = join(folder, 'worker.mjs');
    await build({
      entryPoints: ['test/sessions/lock-worker.ts'],
      outfile: worker,
      bundle: true,
      format: 'esm',
      platform: 'node',
      logLevel: 'warning',
    });
    const run = async (end: 'killed' | 'done'): Promise<void> => {
      const args = [worker, join(folder, 'private', 'lock'), '4', end];
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'pipe'] });
      let said = '';
      child.stderr.setEncoding('utf8').on('data', (text) => {
        said += text;
      });
      const [, signal] = await once(child, 'close');
      expect([said, signal]).toEqual(['', end === 'killed' ? 'SIGKILL' : null]);
    };
    // Whoever is killed is followed by another: the lock is always wanted by 12.
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        for (const end of ['killed', 'killed', 'done'] as const) await run(end);
      }),
    );
    expect(readdirSync(join(folder, 'private'))).toEqual([]);
  });
});

describe.concurrent('a lock', () => {
  it('of a device serves one role after the other: who waits says for whom, and then needs no code of its own', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    world.sts.setFault({ action: 'GetSessionToken', delayMs: HELD_MS, count: 1 });
    const first = world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: `${world.code()}\n` });
    await until(() => isHeld(world));
    const next = world.run(['session-lines', 'role102']);
    const [one, two] = await Promise.all([first, next]);
    expect([one.status, two.status]).toEqual([0, 0]);
    expect(two.stderr).toMatch(waitingFor('role101'));
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
    expect(world.sts.answers()).toEqual({ OK: 3 });
  });

  it('of a device serves roles that last longer than 1 h one after the other, each with its own code', async ({
    onTestFinished,
  }) => {
    const { config } = sampleFiles();
    const settings = { role_arn: roleArn('long'), source_profile: 'user101', mfa_serial: SAMPLE_MFA_SERIAL };
    const world = await makeWorld({
      onFinished: onTestFinished,
      config: config + section('profile longer', { ...settings, duration_seconds: '7200' }),
    });
    world.sts.setFault({ action: 'AssumeRole', delayMs: HELD_MS, count: 1 });
    const first = world.run(['session-lines', 'long', '--mfa-code', '-'], { input: `${world.code()}\n` });
    await until(() => isHeld(world));
    const next = world.run(['session-lines', 'longer', '--mfa-code', '-'], {
      input: `${world.codeIn(30)}\n`,
    });
    const [one, two] = await Promise.all([first, next]);
    expect([one.status, two.status]).toEqual([0, 0]);
    expect(two.stderr).toMatch(waitingFor('long'));
    expect(world.sts.requests()).toMatchObject([
      { action: 'AssumeRole', tokenCode: true, durationSeconds: '43200', answer: 'OK' },
      { action: 'AssumeRole', tokenCode: true, durationSeconds: '7200', answer: 'OK' },
    ]);
  });

  it.for<[string, (lock: { folder: string; holder: string }) => void]>([
    ['as it was left', () => {}],
    [
      'with times in the future',
      ({ folder }) => {
        const future = Date.now() / 1000 + 86_400;
        for (const path of [folder, ...readdirSync(folder).map((name) => join(folder, name))])
          utimesSync(path, future, future);
      },
    ],
    // The test's own process is there, but was started at another time.
    ['whose number another process has got', (lock) => void giveTo(lock, { pid: process.pid })],
  ])("of a killed process is nobody's, and is not waited for: %s", async ([, change], { onTestFinished }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    change(await leaveLock(world));
    expect(await world.run(['session-lines', 'plain'])).toMatchObject({ status: 0, stderr: '' });
    expect(locks(world)).toEqual([]);
    expect(world.keptSessions()).toHaveLength(1);
  });

  it('of a process on another computer is waited for while that says that it is there', {
    timeout: 180_000,
  }, async ({ onTestFinished }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    const holder = giveTo(await leaveLock(world), { machine: '0123456789ab' });
    // Its clock is an hour ahead, and it goes silent after longer than silence would be borne.
    let time = Date.now() / 1000 + 3600;
    let beats = 0;
    const timer = setInterval(() => {
      time += 1;
      beats += 1;
      if (beats <= 20) utimesSync(holder, time, time);
    }, 1000);
    onTestFinished(async () => clearInterval(timer));
    const run = world.run(['session-lines', 'plain']);
    await until(() => beats > 18);
    expect(existsSync(holder)).toBe(true);
    const { status, stderr } = await run;
    clearInterval(timer);
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(
        /^waiting: process \d+ on another computer is getting a session .*\n {2}it is awsrole plain, since \d\d:\d\d: answer it there, or end it\n$/,
      ),
    ]);
    expect(locks(world).filter((path) => path.endsWith('.lock'))).toEqual([]);
  });

  it('goes from a killed process to one of 20 that wait: one code is sent', { timeout: 600_000 }, async ({
    onTestFinished,
  }) => {
    // By hand: AWSROLE_TEST_LOCK=100x10
    const [, starts = '20', rounds = '1'] = /^(\d+)x(\d+)$/.exec(process.env.AWSROLE_TEST_LOCK ?? '') ?? [];
    for (let round = 0; round < Number(rounds); round += 1) {
      const world = await makeWorld({ onFinished: onTestFinished });
      const input = `${world.code()}\n`;
      const start = (onStart?: (child: ChildProcess) => void): Promise<Run> =>
        world.run(['session-lines', 'role101', '--mfa-code', '-'], { input, ...(onStart && { onStart }) });
      world.sts.setFault({ action: 'GetSessionToken', delayMs: 300_000, count: 1 });
      let holder: ChildProcess | undefined;
      const killed = start((child) => {
        holder = child;
      });
      // It has sent its code, and is killed before that takes effect.
      await until(() => world.sts.heldBack() === 1);
      const waiting = Array.from({ length: Number(starts) }, () => start());
      // Some wait already, and others have not started yet.
      const delay = 500 + Math.random() * Number(starts) * 60;
      await new Promise((resolve) => setTimeout(resolve, delay));
      holder?.kill('SIGKILL');
      expect(await killed).toMatchObject({ signal: 'SIGKILL' });
      const runs = await Promise.all(waiting);
      expect(runs.map(({ status }) => status)).toEqual(runs.map(() => 0));
      expect(accessKeys(runs).size).toBe(1);
      expect(world.sts.requests()).toMatchObject([
        { action: 'GetSessionToken', tokenCode: true, answer: 'OK' },
        { action: 'AssumeRole', tokenCode: false, answer: 'OK' },
      ]);
      expect(locks(world)).toEqual([]);
    }
  });

  it('goes from a process that was killed when its code was used: one of 20 that wait finds that out', {
    timeout: 600_000,
  }, async ({ onTestFinished }) => {
    // By hand: AWSROLE_TEST_LOCK=100x10
    const [, starts = '20', rounds = '1'] = /^(\d+)x(\d+)$/.exec(process.env.AWSROLE_TEST_LOCK ?? '') ?? [];
    for (let round = 0; round < Number(rounds); round += 1) {
      const world = await makeWorld({ onFinished: onTestFinished });
      const input = `${world.code()}\n`;
      const args = ['session-lines', 'role101', '--mfa-code', '-'];
      world.sts.setFault({ action: 'GetSessionToken', delayMs: 1500, count: 1 });
      // When it notes that AWS has accepted the code; at first it notes that it sends it.
      const killed = world.run(args, { input, env: killedAt('/mfa/', 2) });
      await until(() => world.sts.heldBack() === 1);
      const runs = await Promise.all(
        Array.from({ length: Number(starts) }, () => world.run(args, { input })),
      );
      expect(await killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
      expect(runs.map(({ status, stdout }) => [status, stdout])).toEqual(runs.map(() => [4, '']));
      const said = runs.map(({ stderr }) => stderr).join('');
      expect(said.match(/an awsrole that was ended had sent it already/g)).toHaveLength(1);
      expect(said.match(/AWS has refused that code already: /g)).toHaveLength(runs.length - 1);
      expect(world.sts.requests()).toMatchObject([
        { action: 'GetSessionToken', tokenCode: true, answer: 'OK' },
        { action: 'GetSessionToken', tokenCode: true, answer: 'AccessDenied' },
      ]);
      expect(locks(world)).toEqual([]);
    }
  });

  it('of a killed process whose code arrives late: it is refused, and one other has sent the code', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    const input = `${world.code()}\n`;
    const args = ['session-lines', 'role101', '--mfa-code', '-'];
    world.sts.setFault({ action: 'GetSessionToken', delayMs: HELD_MS, count: 1 });
    const late = world.run(args, {
      input,
      onStart: (child) => void until(() => world.sts.heldBack() === 1).then(() => child.kill('SIGKILL')),
    });
    expect(await late).toMatchObject({ signal: 'SIGKILL' });
    const runs = await Promise.all(Array.from({ length: 3 }, () => world.run(args, { input })));
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    await until(() => world.sts.heldBack() === 0);
    expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toMatchObject([
      { answer: 'OK', hungUp: false },
      { answer: 'AccessDenied', hungUp: true },
    ]);
  });

  it('of a process that was stopped after it has sent its code goes to another, which does not send it again', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    const input = `${world.code()}\n`;
    const args = ['session-lines', 'role101', '--mfa-code', '-'];
    world.sts.setFault({ action: 'GetSessionToken', delayMs: 1000, count: 1 });
    let stopped: ChildProcess | undefined;
    const first = world.run(args, {
      input,
      onStart: (child) => {
        stopped = child;
      },
    });
    await until(() => world.sts.heldBack() === 1);
    stopped?.kill('SIGSTOP');
    const second = await world.run(args, { input });
    expect(second.status).toBe(4);
    expect(second.stderr).toContain('another awsrole has sent that code, wait for the next one');
    stopped?.kill('SIGCONT');
    expect((await first).status).toBe(0);
    expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toMatchObject([{ answer: 'OK' }]);
  });

  it('of a process that was stopped goes to another; once continued it takes what that got', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    const first = await startAndStop(world);
    const second = await world.run(['session-lines', 'role101', '--mfa-code', '-'], {
      input: `${world.codeIn(0)}\n`,
    });
    expect(second).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/, and is stopped: this one goes on in its place\n$/),
    });
    const run = await first.goOn();
    expect(run).toMatchObject({ status: 0, stderr: expect.not.stringMatching(/waiting: |code was/) });
    expect(accessKeys([run, second]).size).toBe(1);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
    expect(locks(world)).toEqual([]);
  });

  it('that a stopped process has lost is not believed to be its own: it waits for the one that has it', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    const first = await startAndStop(world);
    const { holder } = heldLock(world);
    world.sts.setFault({ action: 'GetSessionToken', delayMs: HELD_MS, count: 1 });
    const second = world.run(['session-lines', 'role102', '--mfa-code', '-'], {
      input: `${world.codeIn(0)}\n`,
    });
    await until(() => heldLock(world).holder !== holder);
    const [one, two] = await Promise.all([first.goOn(), second]);
    expect([one.status, two.status]).toEqual([0, 0]);
    expect(one.stderr).toMatch(waitingFor('role102'));
    expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toHaveLength(1);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
  });

  it('with an owner file full of nonsense is waited for all the same', async ({ onTestFinished }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    world.sts.setFault({ action: 'AssumeRole', delayMs: HELD_MS, count: 1 });
    const first = world.run(['session-lines', 'plain']);
    await until(() => isHeld(world));
    const owner = locks(world).find((path) => path.endsWith('.owner')) ?? '';
    writeFileSync(owner, '{"pid":"\u001b[31m"', { mode: 0o600 });
    const second = await world.run(['session-lines', 'plain']);
    expect(second).toMatchObject({
      status: 0,
      stderr: 'waiting: another awsrole is already doing this; Ctrl-C gives up\n',
    });
    expect((await first).status).toBe(0);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });
});

describe('a stopped process that asks on a terminal', needs(hasScript), () => {
  it('takes its question back when it is continued, as another has got the session meanwhile', async () => {
    const world = await makeWorld();
    const cli = `'${process.execPath}' '${world.cli}'`;
    let pid = 0;
    const asking = typeInto(
      `sh -c 'echo $$ >pid; exec ${cli.replaceAll("'", '"')} session-lines role101 >lines'`,
      [
        [
          'MFA code for ',
          () => {
            pid = Number(readFileSync(join(world.home, 'pid'), 'utf8'));
            process.kill(pid, 'SIGSTOP');
          },
        ],
      ],
      { cwd: world.home, env: world.env() },
    );
    await until(() => pid !== 0);
    await world.linesWithCode('role101');
    process.kill(pid, 'SIGCONT');
    const screen = await asking;
    expect(screen.replaceAll('\r', '')).toBe(`MFA code for ${SAMPLE_MFA_SERIAL}: \n`);
    expect(readFileSync(join(world.home, 'lines'), 'utf8')).toMatch(
      /^awsrole-session 2 role101\n.*\nend\n$/s,
    );
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });
});
