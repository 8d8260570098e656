import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL } from '../../../src/demo/sample-world.ts';
import { makeWorld, roleArn, section, USER101_KEYS, type World } from '../../world.ts';

const MFA = 4;
const role = { role_arn: roleArn('role101'), source_profile: 'user', mfa_serial: SAMPLE_MFA_SERIAL };

/** A world whose role has an mfa_process, or whose source profile has it. */
async function worldWith(command: string, inSource = false): Promise<World> {
  const mine = { mfa_process: command };
  return makeWorld({
    config: section('profile a', { ...role, ...(inSource ? {} : mine) }),
    credentials: section('user', { ...USER101_KEYS, ...(inSource ? mine : {}), region: 'us-east-1' }),
  });
}

/** A program in the world that runs these lines of sh. */
function program(world: World, lines: string): string {
  const file = join(world.home, 'give code');
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o700);
  return file;
}

describe('mfa_process', () => {
  it.each([false, true])(
    'gives the code, and nobody is asked (in the source profile: %s)',
    async (inSource) => {
      const world = await worldWith('"~/give code" --account "a b" \'$HOME\'', inSource);
      const file = program(
        world,
        `printf '%s\\n' "$@" >"$HOME/words"; echo "touch it" >&2; echo ' ${world.code()} '`,
      );
      for (const name of ['config', 'credentials']) {
        const path = join(world.home, '.aws', name);
        writeFileSync(path, readFileSync(path, 'utf8').replace('~/give code', file));
      }
      const run = await world.run(['session-lines', 'a']);
      expect(run).toMatchObject({ status: 0, stderr: 'touch it\n' });
      expect(readFileSync(join(world.home, 'words'), 'utf8')).toBe('--account\na b\n$HOME\n');
      expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
    },
  );

  it('is not run for a kept session, nor when the code comes from standard input', async () => {
    const world = await worldWith('sh -c "touch ran"');
    const cwd = world.home;
    await world.linesWithCode('a', { cwd });
    await world.lines('a', { cwd });
    expect(existsSync(join(cwd, 'ran'))).toBe(false);
  });

  it('does not run itself without end, nor waits for itself', async () => {
    const world = await worldWith('sh -c "echo >>ran; $CORE exec b -- true"');
    const path = join(world.home, '.aws', 'config');
    const b = section('profile b', { ...role, role_arn: roleArn('role102') });
    writeFileSync(path, readFileSync(path, 'utf8') + b);
    const env = { CORE: `${process.execPath} ${world.cli}` };
    const run = await world.run(['session-lines', 'a'], { cwd: world.home, env });
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toContain(
      `config:10: the mfa_process for ${SAMPLE_MFA_SERIAL} asks awsrole for a session that needs an MFA code of that device`,
    );
    expect(run.stderr).not.toContain('waiting: ');
    expect(readFileSync(join(world.home, 'ran'), 'utf8')).toBe('\n');
    expect(world.sts.counts()).toEqual({});
  });

  it('is asked again, after the next code has come, when AWS refuses the first', async () => {
    const world = await worldWith('sh -c "cat code; cp next code"');
    // Five seconds of patience are enough: the code that is good then is asked for.
    const left = 30 - (Math.floor(Date.now() / 1000) % 30);
    writeFileSync(join(world.home, 'code'), '000000');
    writeFileSync(join(world.home, 'next'), world.codeIn(left + 1));
    const run = await world.run(['session-lines', 'a'], { cwd: world.home });
    expect(run).toMatchObject({ status: 0 });
    expect(run.stderr).toMatch(/AWS refused that code[\s\S]*waiting \d+ s for the next code of mfa_process/);
  }, 60_000);

  it.each([
    { what: 'prints nothing', command: 'true', says: 'printed nothing' },
    {
      what: 'prints words',
      command: 'echo sorry: Hunter2',
      says: 'printed something that is not an MFA code',
    },
    {
      what: 'prints seven digits',
      command: 'echo 1234567',
      says: 'printed something that is not an MFA code',
    },
    {
      what: 'prints two codes',
      command: "printf '123456\\n654321\\n'",
      says: 'printed something that is not an MFA code',
    },
    { what: 'fails', command: 'sh -c "echo 123456; exit 7"', says: 'ended with status 7 ("sh")' },
    { what: 'is not there', command: 'no-such-program --otp', says: 'was not found ("no-such-program")' },
    { what: 'has an open quotation', command: 'echo "1', says: 'has a quote that is not closed' },
    { what: 'is killed', command: "sh -c 'kill -9 $$'", says: 'was killed by SIGKILL' },
  ])('that $what is refused with its line, before STS sees anything', async ({ command, says }) => {
    const world = await worldWith(command);
    world.keepSecret('Hunter2');
    const run = await world.run(['session-lines', 'a']);
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toContain(
      `${join(world.home, '.aws', 'config')}:5: mfa_process of profile "a" ${says}`,
    );
    expect(world.sts.counts()).toEqual({});
  });
});
