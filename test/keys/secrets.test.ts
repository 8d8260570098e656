import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processContext, withEnvironment } from '../../src/context.ts';
import { ageStore } from '../../src/keys/age.ts';
import { currentKey, readIndex, userWithId } from '../../src/keys/key-index.ts';
import { UNATTENDED } from '../../src/keys/key-store.ts';
import { storedPair } from '../../src/keys/stored-pair.ts';
import { typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { CLI, environment, plainShell } from './desktop.ts';
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

/** How the age files are open without a question. */
const OPEN = {
  'an identity of the user’s own': async (world: World) => {
    STORES.find(({ kind }) => kind === 'age')?.prepare(world);
    return plainShell(world, '$CLI protect user101');
  },
  unlock: async (world: World) => {
    world.settings('key_store = age\n');
    mkdirSync(join(world.home, 'run'), { mode: 0o700 });
    const steps = ['New passphrase: ', 'passphrase again: ', 'Passphrase of your age files: '];
    await typeInto(
      `${process.execPath} ${CLI} protect user101 && ${process.execPath} ${CLI} unlock 1h`,
      steps.map((awaited) => [awaited, 'correct horse\r'] as const),
      { env: { ...world.env(), ...environment(world) } },
    );
    return plainShell(world, '$CLI key-process user101');
  },
};

test.each(Object.entries(OPEN))(
  `age, open by %s: ${AT_ONCE} programs at once get a whole pair while the keys are rotated`,
  { timeout: 600_000 },
  async (_, open) => {
    const world = await makeWorld({ config: CONFIG, credentials: section('user101', USER101_KEYS) });
    expect(await open(world)).toMatchObject({ status: 0 });
    const done = await plainShell(
      world,
      `(for n in 1 2; do $CLI rotate --delete-now user101; done) >&2 & rotation=$!
      for i in $(seq ${AT_ONCE}); do $CLI key-process user101 & sleep 0.1; done; wait $rotation; rotated=$?
      wait; $CLI key-process user101; exit $rotated`,
      { AWS_ENDPOINT_URL_IAM: world.sts.url },
    );
    expect([done.status, done.stderr]).toEqual([0, expect.not.stringContaining('awsrole:')]);
    const pairs = new Map<string, Set<string>>();
    const lines = done.stdout.trim().split('\n');
    expect(lines).toHaveLength(AT_ONCE + 1);
    for (const line of lines) {
      const { AccessKeyId, SecretAccessKey } = JSON.parse(line);
      pairs.set(AccessKeyId, (pairs.get(AccessKeyId) ?? new Set()).add(SecretAccessKey));
    }
    // Those before, between and after, each with the one secret that it has.
    expect(pairs.size).toBeGreaterThan(1);
    for (const secrets of pairs.values()) expect(secrets.size).toBe(1);
    const [last = ''] = [...pairs.keys()].slice(-1);
    expect(JSON.parse((await plainShell(world, '$CLI keys --json')).stdout)).toMatchObject([
      { accessKeyId: last, state: 'current' },
    ]);
  },
);

test('keys that a rotation replaces between the look into the index and the store are followed', async () => {
  const world = await makeWorld({ config: CONFIG, credentials: section('user101', USER101_KEYS) });
  STORES.find(({ kind }) => kind === 'age')?.prepare(world);
  expect(await plainShell(world, '$CLI protect user101')).toMatchObject({ status: 0 });
  const context = withEnvironment(processContext(false), world.env());
  const before = userWithId(readIndex(context), 'user101');
  const store = ageStore(context, join(world.home, 'identity'));
  const rotated = await plainShell(world, '$CLI rotate --delete-now user101', {
    AWS_ENDPOINT_URL_IAM: world.sts.url,
  });
  expect(rotated).toMatchObject({ status: 0 });
  const now = currentKey(userWithId(readIndex(context), 'user101'))?.accessKeyId;
  expect((await storedPair(context, store, before, UNATTENDED)).accessKeyId).toBe(now);
  // And what is in no store is still an error, with the place.
  rmSync(join(world.home, '.local', 'share', 'awsrole', 'keys', `user101.${now}.age`));
  await expect(storedPair(context, store, before, UNATTENDED)).rejects.toThrow(
    `age files in ${join(world.home, '.local', 'share', 'awsrole', 'keys')} does not have the keys`,
  );
});
