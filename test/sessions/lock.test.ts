import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { makeWorld, type Run, roleArn, section, type World } from '../world.ts';

/** Ends when `condition` holds. */
async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 20_000) throw new Error('waited for 20 s in vain');
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

/** A lock that a process left behind: its folder, last touched a minute ago. */
function leaveStaleLock(lock: string): void {
  mkdirSync(lock, { recursive: true, mode: 0o700 });
  const minuteAgo = Date.now() / 1000 - 60;
  utimesSync(lock, minuteAgo, minuteAgo);
}

function waitingFor(profile: string): RegExp {
  return new RegExp(
    `waiting: process \\d+ asks for the MFA code of ${SAMPLE_MFA_SERIAL} \\(profile ${profile}\\); Ctrl-C gives up`,
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

describe.concurrent('a lock', () => {
  it('of a device serves one role after the other: who waits says for whom, and then needs no code of its own', async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    world.sts.setFault({ action: 'GetSessionToken', delayMs: 4000, count: 1 });
    const first = world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: `${world.code()}\n` });
    await until(() => locks(world).some((path) => path.endsWith('.owner')));
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
    world.sts.setFault({ action: 'AssumeRole', delayMs: 4000, count: 1 });
    const first = world.run(['session-lines', 'long', '--mfa-code', '-'], { input: `${world.code()}\n` });
    await until(() => locks(world).some((path) => path.endsWith('.owner')));
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

  it('left behind by a killed process is taken over within 20 s', { timeout: 60_000 }, async ({
    onTestFinished,
  }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    world.sts.setFault({ action: 'AssumeRole', delayMs: 5000, count: 1 });
    const killed = await world.run(['session-lines', 'plain'], {
      onStart: (child) =>
        void until(() => locks(world).some((path) => path.endsWith('.owner'))).then(() =>
          child.kill('SIGKILL'),
        ),
    });
    expect(killed).toMatchObject({ signal: 'SIGKILL', stdout: '' });
    expect(locks(world).some((path) => path.endsWith('.lock'))).toBe(true);
    world.sts.clearFaults();
    const started = Date.now();
    const next = await world.run(['session-lines', 'plain']);
    expect(next).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/^waiting: process \d+ gets a session/),
    });
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(locks(world)).toEqual([]);
    expect(world.keptSessions()).toHaveLength(1);
  });

  it('that is stale gives no wrong result to 20 concurrent starts', async ({ onTestFinished }) => {
    const world = await makeWorld({
      onFinished: onTestFinished,
      config: section('profile a', { role_arn: roleArn('plain'), source_profile: 'user101' }),
    });
    // The lock's name is found out from a first start, which is ended before it has a session.
    world.sts.setFault({ action: 'AssumeRole', delayMs: 20_000, count: 1 });
    await world.run(['session-lines', 'a'], {
      onStart: (child) =>
        void until(() => locks(world).some((path) => path.endsWith('.owner'))).then(() =>
          child.kill('SIGKILL'),
        ),
    });
    const lock = locks(world).find((path) => path.endsWith('.lock')) ?? '';
    leaveStaleLock(lock);
    world.sts.clearFaults();
    const runs = await Promise.all(Array.from({ length: 20 }, () => world.run(['exec', 'a', '--', 'env'])));
    expect(runs.map(({ status }) => status)).toEqual(Array(20).fill(0));
    const issued = world.sts.answers().OK ?? 0;
    // A stale lock may be handed out twice; each session is good all the same, and the kept file is whole.
    expect(issued).toBeGreaterThan(0);
    expect(accessKeys(runs).size).toBeLessThanOrEqual(issued);
    for (const { stdout } of runs) {
      expect(stdout).toMatch(/^AWS_ACCESS_KEY_ID=ASIA/m);
      expect(stdout).toMatch(/^AWSROLE_PROFILE=a$/m);
    }
    expect(world.keptSessions()).toHaveLength(1);
    const before = world.sts.counts();
    const after = await world.run(['exec', 'a', '--', 'env']);
    expect(accessKeys(runs)).toContain([...accessKeys([after])][0]);
    expect(world.sts.counts()).toEqual(before);
    expect(locks(world).filter((path) => !path.endsWith('.owner'))).toEqual([]);
  });

  it('with an owner file full of nonsense is waited for all the same', async ({ onTestFinished }) => {
    const world = await makeWorld({ onFinished: onTestFinished });
    world.sts.setFault({ action: 'AssumeRole', delayMs: 4000, count: 1 });
    const first = world.run(['session-lines', 'plain']);
    await until(() => locks(world).some((path) => path.endsWith('.owner')));
    const owner = locks(world).find((path) => path.endsWith('.owner')) ?? '';
    writeFileSync(owner, '{"pid":"\u001b[31m"', { mode: 0o600 });
    const second = await world.run(['session-lines', 'plain']);
    expect(second).toMatchObject({
      status: 0,
      stderr: 'waiting: another awsrole is at it; Ctrl-C gives up\n',
    });
    expect((await first).status).toBe(0);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });
});
