import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld } from '../world.ts';

describe('exec', () => {
  it.each([0, 1, 7, 255])('gives the status of its command: %i', async (status) => {
    const world = await makeWorld();
    expect(await world.run(['exec', 'plain', '--', 'sh', '-c', `exit ${status}`])).toMatchObject({
      status,
      signal: null,
      stderr: '',
    });
  });

  it('passes arguments as they are', async () => {
    const world = await makeWorld();
    const args = [
      '-v',
      '--help',
      '',
      'a b',
      '$HOME',
      '*',
      '--',
      '"',
      "'",
      '--debug',
      '--mfa-code',
      '-',
      'ä\n',
    ];
    const run = await world.run(['exec', 'plain', '--', 'printf', '[%s]', ...args]);
    expect(run).toMatchObject({ status: 0, stdout: args.map((arg) => `[${arg}]`).join(''), stderr: '' });
  });

  it('lets a command have options that are ours elsewhere', async () => {
    const world = await makeWorld();
    expect(await world.run(['exec', 'plain', '--', 'printf', '%s\\n', '--version'])).toMatchObject({
      stdout: '--version\n',
    });
    // Ours, before the separator.
    const debug = await world.run(['exec', '--debug', 'plain', '--', 'true']);
    expect(debug).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('a kept session serves plain'),
    });
  });

  it('passes standard input, output and error, whole', async () => {
    const world = await makeWorld();
    const input = `${'0123456789abcdef'.repeat(65_536)}\n`;
    const run = await world.run(['exec', 'plain', '--', 'sh', '-c', 'cat; echo problem >&2'], { input });
    expect(run.stdout === input).toBe(true);
    expect(run.stderr).toBe('problem\n');
  });

  it('runs in the same folder', async () => {
    const world = await makeWorld();
    mkdirSync(join(world.home, 'here'));
    const run = await world.run(['exec', 'plain', '--', 'pwd'], { cwd: join(world.home, 'here') });
    expect(run.stdout).toBe(`${join(world.home, 'here')}\n`);
  });

  it('gives 127 for a command that is not there', async () => {
    const world = await makeWorld();
    expect(await world.run(['exec', 'plain', '--', 'no-such-command'])).toMatchObject({
      status: 127,
      stdout: '',
      stderr: 'awsrole: no-such-command: command not found\n',
    });
    expect((await world.run(['exec', 'plain', '--', ''])).status).toBe(127);
  });

  it('gives 126 for a command that cannot be run', async () => {
    const world = await makeWorld();
    const file = join(world.home, 'text');
    writeFileSync(file, 'no program');
    chmodSync(file, 0o644);
    expect(await world.run(['exec', 'plain', '--', file])).toMatchObject({
      status: 126,
      stderr: `awsrole: ${file}: cannot be run (EACCES)\n`,
    });
    expect((await world.run(['exec', 'plain', '--', world.home])).status).toBe(126);
  });

  it.each(['SIGTERM', 'SIGKILL', 'SIGINT', 'SIGUSR1'] as const)(
    'ends by the %s that ended its command',
    async (signal) => {
      const world = await makeWorld();
      const run = await world.run(['exec', 'plain', '--', 'sh', '-c', `kill -${signal.slice(3)} $$`]);
      expect(run).toMatchObject({ status: null, signal });
      // As a shell sees it.
      const inShell = await world.run(['exec', 'plain', '--', 'sh', '-c', 'kill -TERM $$'], {
        prefix: ['sh', '-c', '"$@"; exit $?', 'sh'],
      });
      expect(inShell.status).toBe(143);
    },
  );

  it.each(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const)(
    'passes %s on, and waits for its command',
    async (signal) => {
      const world = await makeWorld();
      await world.lines('plain');
      const name = signal.slice(3);
      const script = `trap 'echo got ${name}; exit 9' ${name}; echo ready; while :; do sleep 0.05; done`;
      const run = await world.run(['exec', 'plain', '--', 'sh', '-c', script], {
        onStart: (child) => void child.stdout?.once('data', () => child.kill(signal)),
      });
      expect(run).toMatchObject({ status: 9, signal: null, stdout: `ready\ngot ${name}\n` });
    },
  );

  it('leaves Ctrl-C to its command', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    const script = `trap 'echo cleaned up; exit 0' INT; echo ready; while :; do sleep 0.05; done`;
    const run = await world.run(['exec', 'plain', '--', 'sh', '-c', script], {
      // A terminal sends it to the whole group.
      onStart: (child) => void child.stdout?.once('data', () => process.kill(-(child.pid ?? 0), 'SIGINT')),
    });
    expect(run).toMatchObject({ status: 0, stdout: 'ready\ncleaned up\n' });
  });

  it('hands the line of the code to AWS, and the rest to the command', async () => {
    const world = await makeWorld();
    const words = ['exec', 'role101', '--mfa-code', '-', '--', 'sh', '-c', 'echo "$AWSROLE_PROFILE"; cat'];
    for (const line of [world.code(), 'not needed any more']) {
      const run = await world.run(words, { input: `${line}\r\nits\nown` });
      expect(run).toMatchObject({ status: 0, stdout: 'role101\nits\nown', stderr: '' });
    }
  });

  it('does not hand on the key of the shell that called', async () => {
    const world = await makeWorld();
    const run = await world.run(['exec', 'plain', '--', 'env'], { env: { AWSROLE_SHELL: 'key' } });
    expect(run.stdout).not.toContain('AWSROLE_SHELL');
  });

  it('works within itself', async () => {
    const world = await makeWorld();
    const inner = ['exec', 'external', '--', 'sh', '-c', 'echo "$AWSROLE_PROFILE $AWSROLE_ROLE_ARN"'];
    const run = await world.run(['exec', 'plain', '--', process.execPath, world.cli, ...inner]);
    expect(run).toMatchObject({ status: 0, stdout: 'external arn:aws:iam::123456789012:role/external\n' });
    // Not from the role it runs in.
    expect(world.sts.requests().map(({ accessKeyId }) => accessKeyId)).toEqual(
      Array(2).fill('AKIAUSER10100EXAMPLE'),
    );
  });
});
