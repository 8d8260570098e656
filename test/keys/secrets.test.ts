import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { STORES } from './key-stores.ts';
import { canTrace } from './killing.ts';

// Where a secret goes: through pipes and sockets, and into no argument, variable, message or plain file.

const SECRET = USER101_KEYS.aws_secret_access_key;
const CONFIG = section('profile plain', {
  role_arn: 'arn:aws:iam::123456789012:role/plain',
  source_profile: 'user101',
  region: 'us-east-1',
});
const TRACE =
  'strace -f -y -v -qq -s 100000 -e signal=none -e trace=execve,write,writev,pwrite64,pwritev,sendto,sendmsg,sendmmsg,memfd_create';

/** The calls that pass a secret on, by the step that made them. */
function passesOn(world: World, step: string, secret: string): string[] {
  return readFileSync(join(world.home, `trace.${step}`), 'utf8')
    .split('\n')
    .filter((line) => line.includes(secret))
    .map((line) => line.replace(/^\d+ +/, ''));
}

const INTO_A_PIPE = /^(write|writev|sendto|sendmsg)\(\d+<(pipe|socket|UNIX)[:[-]/;
/** Where its messages go. */
const TO_A_PERSON = /^\w+\([12]</;

for (const { kind, there, prepare, run } of STORES) {
  test(`${kind}: a secret is in no argument, variable, message or plain file`, {
    ...needs(canTrace && there),
    timeout: 240_000,
  }, async () => {
    const world = await makeWorld({ config: CONFIG, credentials: section('user101', USER101_KEYS) });
    prepare(world);
    const steps = {
      protect: `protect user101 --store ${kind}`,
      'key-process': 'key-process user101',
      switch: 'session-lines plain',
      rotate: 'rotate user101',
      'new-key-process': 'key-process user101',
      unprotect: 'unprotect user101',
    };
    const script = Object.entries(steps)
      .map(
        ([step, words]) =>
          `${TRACE} -o "$HOME/trace.${step}" $CLI ${words} >"$HOME/out.${step}" 2>"$HOME/err.${step}"`,
      )
      .join(' && ');
    const done = await run(world, script, {
      AWSROLE_DEBUG: '1',
      AWS_ENDPOINT_URL_IAM: world.sts.url,
      AWS_REGION: 'us-east-1',
    });
    const said = readdirSync(world.home)
      .filter((name) => name.startsWith('err.'))
      .map((name) => readFileSync(join(world.home, name), 'utf8'));
    expect([done.status, said.join('')]).toEqual([0, expect.not.stringContaining(SECRET)]);
    const after = readFileSync(join(world.home, '.aws', 'credentials'), 'utf8');
    const [, made = ''] = /^aws_secret_access_key = (.*)$/m.exec(after) ?? [];
    expect(made).not.toBe(SECRET);
    // The trace shows them where they do go.
    expect(passesOn(world, 'key-process', SECRET)).not.toEqual([]);
    expect(passesOn(world, 'unprotect', made)).not.toEqual([]);
    for (const secret of [SECRET, made]) {
      expect(said.join('')).not.toContain(secret);
      for (const step of Object.keys(steps)) {
        const calls = passesOn(world, step, secret);
        const written =
          step === 'unprotect'
            ? calls.filter((call) => !/^write\(\d+<[^>]*\/\.aws\/awsrole-\S+\.tmp>/.test(call))
            : calls;
        const given = step.endsWith('key-process')
          ? written.filter((call) => !/^write\(1</.test(call))
          : written;
        for (const call of given) {
          expect([step, call]).toEqual([step, expect.stringMatching(INTO_A_PIPE)]);
          // Those of programs that are run go to us.
          if (!call.startsWith('write(1<pipe') && !call.startsWith('write(1<socket'))
            expect([step, call]).toEqual([step, expect.not.stringMatching(TO_A_PERSON)]);
        }
      }
    }
    for (const name of readdirSync(world.home, { recursive: true, encoding: 'utf8' })) {
      const path = join(world.home, name);
      if (/(^|\/)(trace|out)\.|\.aws\/credentials$/.test(name) || !statSync(path).isFile()) continue;
      for (const secret of [SECRET, made])
        expect([name, readFileSync(path).includes(secret)]).toEqual([name, false]);
    }
  });
}

const AT_ONCE = 50;

for (const { kind, there, prepare, run } of STORES) {
  test(`${kind}: ${AT_ONCE} programs at once all get the keys`, {
    ...needs(there),
    timeout: 240_000,
  }, async () => {
    const world = await makeWorld();
    prepare(world);
    const done = await run(
      world,
      `$CLI protect user101 --store ${kind} >&2 && for i in $(seq ${AT_ONCE}); do $CLI key-process user101 & done; wait`,
    );
    expect(done.stderr).not.toContain('awsrole:');
    const answers = done.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).SecretAccessKey);
    expect(answers).toEqual(Array(AT_ONCE).fill(SECRET));
  });
}
