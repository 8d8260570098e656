import { execFileSync, spawn } from 'node:child_process';
import { existsSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeWorld, type RunOptions, type World } from '../world.ts';

const CONFIGURATION = 3;

/** A world whose AWS files lie elsewhere, and are given as pipes by bash: `<(command)`. */
async function pipedWorld(): Promise<{ world: World; piped: (command: string) => RunOptions }> {
  const world = await makeWorld();
  for (const name of ['config', 'credentials']) {
    renameSync(join(world.home, '.aws', name), join(world.home, name));
  }
  const piped = (command: string): RunOptions => ({
    prefix: [
      'bash',
      '-c',
      `AWS_CONFIG_FILE=<(${command} "$HOME/config") AWS_SHARED_CREDENTIALS_FILE=<(${command} "$HOME/credentials") "$@"`,
      'bash',
    ],
    env: { AWSROLE_TIMEOUT: '30', AWSROLE_SHELL: world.shellKey({ AWS_CONFIG_FILE: '/dev/fd/63' }) },
  });
  return { world, piped };
}

/** A named pipe in a world, to which this shell command writes; nobody does without one. */
function namedPipe(world: World, name: string, writer?: string): string {
  const path = join(world.home, name);
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', path]);
  if (writer !== undefined) {
    const child = spawn('sh', ['-c', writer, 'sh', path], {
      env: world.env(),
      stdio: 'ignore',
      detached: true,
    });
    onTestFinished(() => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid);
    });
  }
  return path;
}

describe('AWS files that are pipes', () => {
  it.each(['cat', 'sleep 1; cat', 'slowly() { head -c 300 "$1"; sleep 1; tail -c +301 "$1"; }; slowly'])(
    'of bash are read once, also where %s writes',
    async (command) => {
      const { world, piped } = await pipedWorld();
      const run = await world.run(['session-lines', 'plain'], piped(command));
      expect(run).toMatchObject({ status: 0, stderr: '' });
      expect(run.stdout).toMatch(/^awsrole-session 2 plain\nfor -\nstates - - -\n/);
      expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
    },
  );

  it('serve every other command', async () => {
    const { world, piped } = await pipedWorld();
    expect((await world.run(['list'], piped('cat'))).stdout).toContain('role101');
    expect((await world.run(['explain', 'plain'], piped('cat'))).stdout).toContain('/dev/fd/');
    expect((await world.run(['exec', 'plain', '--', 'env'], piped('cat'))).stdout).toContain(
      'AWSROLE_PROFILE=plain',
    );
    expect((await world.run(['index-lines'], piped('cat'))).stdout).toContain('role101');
  });

  it('leave nothing for the shells, nor for the AWS CLI', async () => {
    const { world, piped } = await pipedWorld();
    await world.run(['session-lines', 'plain'], piped('cat'));
    await world.run(['index-lines'], piped('cat'));
    expect(existsSync(join(world.cache, 'shell'))).toBe(false);
    expect(existsSync(join(world.cache, 'completion'))).toBe(false);
    expect(existsSync(join(world.home, '.aws', 'cli'))).toBe(false);
  });

  it('may be empty', async () => {
    const { world, piped } = await pipedWorld();
    const run = await world.run(['session-lines', 'plain'], piped('true'));
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toMatch(/there is no profile "plain".* in \/dev\/fd\/\d+ and \/dev\/fd\/\d+\n/);
  });

  it('with a name are waited for until somebody writes', async () => {
    const { world } = await pipedWorld();
    const env = {
      AWS_CONFIG_FILE: namedPipe(world, 'c', 'sleep 1; cat "$HOME/config" >"$1"'),
      AWS_SHARED_CREDENTIALS_FILE: join(world.home, 'link'),
      AWSROLE_TIMEOUT: '30',
    };
    symlinkSync(namedPipe(world, 'k', 'sleep 1; cat "$HOME/credentials" >"$1"'), join(world.home, 'link'));
    expect((await world.lines('plain', { env })).key).toBe('-');
  });

  it.each([
    ['nobody writes to', undefined, 'nothing was written to this pipe in 1 s'],
    ['somebody has opened and is silent', 'exec 3>"$1"; sleep 60', 'nothing was written to this pipe in 1 s'],
    ['has no end', 'exec 3>"$1"; echo "[default]" >&3; sleep 60', 'this pipe did not end in 1 s'],
    ['never stops', 'yes >"$1"', '(it has more than 16 MB|this pipe did not end in 20 s)'],
  ])('that %s are an error that names them', async (_what, writer, says) => {
    const { world } = await pipedWorld();
    const file = namedPipe(world, 'c', writer);
    const timeout = writer?.startsWith('yes') ? '20' : '1';
    const run = await world.run(['session-lines', 'plain'], {
      env: { AWS_CONFIG_FILE: file, AWSROLE_TIMEOUT: timeout },
    });
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`^awsrole: ${file} cannot be read: ${says}\n`));
  });

  it('are not read by the command that asks who the shell is', async () => {
    const { world } = await pipedWorld();
    const env = await world.execEnv('plain', {
      env: {
        AWS_CONFIG_FILE: join(world.home, 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(world.home, 'credentials'),
      },
    });
    const whoami = await world.run(['whoami'], { env: { ...env, AWS_CONFIG_FILE: namedPipe(world, 'c') } });
    expect(whoami).toMatchObject({ status: 0, stderr: '' });
  });

  it('are not what /dev/null is', async () => {
    const world = await makeWorld({ config: undefined });
    const env = { AWS_CONFIG_FILE: '/dev/null' };
    expect((await world.run(['list'], { env })).stdout).toContain('user101');
  });
});
