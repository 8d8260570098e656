import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, needs, section, USER101_KEYS } from './world.ts';

const FULL = '/dev/full';
const NO_SPACE = 'awsrole: standard output cannot be written: ENOSPC: no space left on device\n';

/** Every command that prints something. */
const PRINTING: readonly (readonly string[])[] = [
  ['list'],
  ['list', '--json'],
  ['explain', 'plain'],
  ['explain', 'plain', '--json'],
  ['plain', '--dry-run'],
  ['status'],
  ['whoami'],
  ['whoami', '--json'],
  ['session-lines', 'plain'],
  ['session-lines', 'plain', '--region', 'us-east-1'],
  ['index-lines'],
  ['complete', 'bash', ''],
  ['credential-process', 'plain'],
  ['demo'],
  ['--help'],
  ['exec', '--help'],
  ['--version'],
];

function redirected(to: string): { prefix: string[]; env: Record<string, string> } {
  return {
    prefix: ['sh', '-c', `exec "$@" ${to}`, 'sh'],
    // For whoami.
    env: {
      AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
      AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
      AWS_REGION: 'us-east-1',
    },
  };
}

describe('standard output on a full disk', needs(existsSync(FULL)), () => {
  it.each(PRINTING.map((args) => ({ args, words: args.join(' ') })))(
    'is said in one line, by $words',
    async ({ args }) => {
      const world = await makeWorld();
      const { prefix, env } = redirected(`>${FULL}`);
      const { status, signal, stdout, stderr } = await world.run(args, {
        prefix,
        env: { ...env, TMPDIR: world.home },
      });
      expect({ status, signal, stdout, stderr }).toEqual({
        status: 1,
        signal: null,
        stdout: '',
        stderr: NO_SPACE,
      });
      // The demo's home is cleared away a moment later.
      await expect.poll(() => readdirSync(world.home).filter((name) => name.includes('demo'))).toEqual([]);
    },
  );

  it('is no other status when standard error cannot be written either, nor without either', async () => {
    const world = await makeWorld();
    for (const [to, status] of [
      [`>${FULL} 2>${FULL}`, 1],
      [`2>${FULL}`, 0],
      ['2>&-', 0],
      ['>&- 2>&-', 0],
    ] as const) {
      for (const args of [['list'], ['status'], ['session-lines', 'plain'], ['--help']]) {
        const run = await world.run(args, redirected(to));
        expect([to, args, run.status, run.stderr]).toEqual([to, args, status, '']);
      }
    }
  });

  it('is noticed where the disk takes a part of what is written', async () => {
    const profiles = Array.from({ length: 100 }, (_, number) =>
      section(`profile a${number}`, { region: 'x' }),
    );
    const world = await makeWorld({ config: profiles.join('') });
    const whole = await world.run(['list']);
    const file = join(world.home, 'list');
    const run = await world.run(['list'], {
      // No file longer than 2 blocks, of 512 or 1024 bytes.
      prefix: ['sh', '-c', `trap '' XFSZ; ulimit -f 2; exec "$@" >'${file}'`, 'sh'],
    });
    expect(run).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^awsrole: standard output cannot be written: EFBIG: .*\n$/),
    });
    const written = readFileSync(file, 'utf8');
    expect([1024, 2048]).toContain(written.length);
    expect(whole.stdout.startsWith(written)).toBe(true);
  });
});

describe('a reader that has read enough', () => {
  it.each([['list'], ['explain', 'plain'], ['--help']])('ends %s without a word', async (...args) => {
    const world = await makeWorld();
    const run = await world.command(
      ['sh', '-c', '{ "$@"; echo "status $?" >&2; } | :', 'sh', process.execPath, world.cli, ...args],
      {},
    );
    expect(run).toMatchObject({ status: 0, stdout: '', stderr: 'status 0\n' });
  });
});
