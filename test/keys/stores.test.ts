import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, type Run, USER101_KEYS, type World } from '../world.ts';

const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.mjs');

function has(...programs: string[]): boolean {
  return programs.every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
}

/** A desktop session of its own, whose GNOME Keyring is unlocked; then runs a shell script, in which $CLI is the program. */
const DESKTOP = [
  'dbus-run-session',
  '--',
  'bash',
  '-c',
  'mkdir -p -m 700 "$XDG_RUNTIME_DIR"; [ -n "$LOCKED" ] || printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sh -c "$1"',
  'bash',
];

interface Store {
  readonly kind: 'keyring' | 'pass' | 'age';
  readonly there: boolean;
  prepare(world: World): void;
  run(world: World, script: string, env?: Record<string, string>): Promise<Run>;
}

const environment = (world: World): Record<string, string> => ({
  CLI: `${process.execPath} ${CLI}`,
  XDG_RUNTIME_DIR: join(world.home, 'run'),
  GNUPGHOME: join(world.home, '.gnupg'),
});

const plainShell = (world: World, script: string, env = {}): Promise<Run> =>
  world.command(['sh', '-c', script], { env: { ...environment(world), ...env } });

const STORES: readonly Store[] = [
  {
    kind: 'keyring',
    there: has('dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'),
    prepare: () => {},
    run: (world, script, env = {}) =>
      world.command([...DESKTOP, script], { env: { ...environment(world), ...env } }),
  },
  {
    kind: 'pass',
    there: has('pass', 'gpg'),
    prepare: (world) => {
      const env = { ...world.env(), GNUPGHOME: join(world.home, '.gnupg') };
      mkdirSync(env.GNUPGHOME, { mode: 0o700 });
      const made = spawnSync(
        'sh',
        ['-c', 'gpg -q --batch --passphrase "" --quick-gen-key test default default never && pass init test'],
        { env },
      );
      expect(String(made.stderr)).not.toMatch(/error/i);
    },
    run: plainShell,
  },
  {
    kind: 'age',
    there: has('age', 'age-keygen'),
    prepare: (world) => {
      spawnSync('age-keygen', ['-o', join(world.home, 'identity')]);
      world.settings(`key_store = age\nkey_store_identity = ~/identity\n`);
    },
    run: plainShell,
  },
];

const SECRET = USER101_KEYS.aws_secret_access_key;
const awsFile = (world: World, name: string): string => {
  const path = join(world.home, '.aws', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '';
};

test.each(STORES)('$kind: keys go in, come out for every AWS tool, and go back', async (store) => {
  const { kind, run } = store;
  const world = await makeWorld();
  store.prepare(world);
  const before = [awsFile(world, 'credentials'), awsFile(world, 'config')];
  const done = await run(
    world,
    `$CLI protect user101 --store ${kind} && $CLI keys && $CLI key-process user101 && PYENV_VERSION=3.11.7 aws --region us-east-1 --endpoint-url "$AWS_ENDPOINT_URL_STS" sts get-caller-identity --profile user101 --query Arn --output text; echo "files:"; cat ~/.aws/*; $CLI unprotect user101`,
    { PYENV_VERSION: '3.11.7' },
  );
  expect(done).toMatchObject({ status: 0 });
  const [out = '', files = ''] = done.stdout.split('files:\n');
  expect(out).toMatch(
    new RegExp(`^user101 +${USER101_KEYS.aws_access_key_id} +(keyring|pass|age files) +current +today$`, 'm'),
  );
  expect(out).toContain('arn:aws:iam::123456789012:user/user101');
  expect(JSON.parse(out.split('\n').find((line) => line.startsWith('{')) ?? '')).toMatchObject({
    Version: 1,
    AccessKeyId: USER101_KEYS.aws_access_key_id,
    SecretAccessKey: SECRET,
    Expiration: expect.stringMatching(/^\d{4}-.*Z$/),
  });
  expect(files).not.toContain(SECRET);
  expect(files).not.toContain('aws_access_key_id = AKIAUSER101');
  expect(done.stderr).not.toContain(SECRET);
  expect([awsFile(world, 'credentials'), awsFile(world, 'config')]).toEqual(before);
});

for (const { kind, there } of STORES)
  test(`${kind} is installed`, needs(there), () => expect(there).toBe(true));

test('an unknown setting is warned of once where stored keys are read', async () => {
  const [, , age] = STORES;
  const world = await makeWorld();
  age?.prepare(world);
  expect(await plainShell(world, '$CLI protect user101')).toMatchObject({ status: 0 });
  const file = world.settings('key_store = age\nkey_store_identity = ~/identity\nno_such_setting = 1\n');
  const run = await world.run(['session-lines', 'plain']);
  expect(run.status).toBe(0);
  expect(run.stderr.split(`${file}:3: awsrole has no setting "no_such_setting"`)).toHaveLength(2);
});

test('no store gets keys that it already has under the same id, but with another secret', async () => {
  const [, , age] = STORES;
  const world = await makeWorld();
  age?.prepare(world);
  expect(await plainShell(world, '$CLI protect user101')).toMatchObject({ status: 0 });
  const folder = join(world.home, '.local', 'share', 'awsrole', 'keys');
  const [file = ''] = readdirSync(folder).filter((name) => name.endsWith('.age'));
  const damaged = readFileSync(join(folder, file));
  // The key file of another identity.
  writeFileSync(join(world.home, 'other'), '');
  spawnSync('sh', ['-c', `cd ${world.home} && rm other && age-keygen -o other`]);
  world.settings('key_store = age\nkey_store_identity = ~/other\n');
  const run = await plainShell(world, '$CLI key-process user101 | cat; $CLI keys');
  expect(run.stderr).toMatch(/cannot be opened/);
  expect(readFileSync(join(folder, file))).toEqual(damaged);
});

test('age files are protected by a passphrase, and unlock keeps them open', {
  timeout: 240_000,
}, async () => {
  const world = await makeWorld();
  world.settings('key_store = age\n');
  mkdirSync(join(world.home, 'run'), { mode: 0o700 });
  const env = { ...world.env(), ...environment(world) };
  const passphrase = 'correct horse  battery';
  const made = await typeInto(
    `${process.execPath} ${CLI} protect user101`,
    [
      ['New passphrase: ', `${passphrase}\r`],
      ['once more: ', `${passphrase}\r`],
    ],
    { env },
  );
  expect(made).toContain("user101's keys are in age files");
  expect(made).not.toContain('battery');
  const folder = join(world.home, '.local', 'share', 'awsrole', 'keys');
  for (const name of ['identity.age', 'index.json', 'recipient']) {
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
  }
  // Locked: nobody is asked by a program that hides what we write.
  const locked = await plainShell(world, '$CLI key-process user101');
  expect(locked).toMatchObject({ status: 7, stdout: '' });
  expect(locked.stderr).toContain('awsrole unlock');

  const unlocked = await typeInto(
    `${process.execPath} ${CLI} unlock 1h`,
    [
      ['Passphrase of your age files: ', 'wrong\r'],
      ['Passphrase of your age files: ', `${passphrase}\r`],
    ],
    { env },
  );
  expect(unlocked).toContain('does not open it');
  expect(unlocked).toContain('open for 1 h');
  expect((await plainShell(world, '$CLI key-process user101')).stdout).toContain(SECRET);
  expect(await plainShell(world, '$CLI lock')).toMatchObject({ status: 0 });
  expect(await plainShell(world, '$CLI key-process user101')).toMatchObject({ status: 7 });

  // Debian's age opens both files.
  const opened = await typeInto(
    `age -d -i ${folder}/identity.age ${folder}/user101.*.age`,
    [['passphrase', `${passphrase}\r`]],
    { env },
  );
  expect(opened).toContain(SECRET);
});

test('without any keyring, the message says so and names what works', async () => {
  const world = await makeWorld();
  const run = await plainShell(world, '$CLI protect user101 --store keyring', {
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent',
  });
  expect(run).toMatchObject({ status: 7 });
  expect(run.stderr).toMatch(/no keyring answers here|is not installed/);
  expect(run.stderr).toContain('--store pass or --store age');
  expect(awsFile(world, 'credentials')).toContain(SECRET);
});

beforeAll(() => {
  expect(existsSync(CLI), 'built').toBe(true);
});
