import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { beforeAll, expect, test } from 'vitest';
import { temporaryName } from '../../src/files/temporary-file.ts';
import { typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { CLI, environment, plainShell } from './desktop.ts';
import { STORES } from './key-stores.ts';

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
  const where = { keyring: 'your keyring now (GNOME Keyring)', pass: 'pass now', age: 'age files now' }[kind];
  expect(done.stderr).toContain(`user101's keys are in ${where}; ~/.aws/credentials no longer has them.\n`);
  expect(done.stderr).toContain("user101's keys are in ~/.aws/credentials again, in plain text");
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
      ['passphrase again: ', `${passphrase}\r`],
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
  expect(unlocked).toContain('is not the right passphrase');
  expect(unlocked).toContain('open for 1 h');
  expect((await plainShell(world, '$CLI key-process user101')).stdout).toContain(SECRET);
  // As an unlock leaves it that is killed before it renames it.
  const left = join(world.home, 'run', 'awsrole', temporaryName('').replace(/-\d+-/, '-999999999-'));
  writeFileSync(left, 'identity', { mode: 0o600 });
  expect(await plainShell(world, '$CLI lock')).toMatchObject({ status: 0 });
  expect(readdirSync(join(world.home, 'run', 'awsrole'))).toEqual([]);
  expect(await plainShell(world, '$CLI key-process user101')).toMatchObject({ status: 7 });

  // Debian's age opens both files.
  const opened = await typeInto(
    `age -d -i ${folder}/identity.age ${folder}/user101.*.age`,
    [['passphrase', `${passphrase}\r`]],
    { env },
  );
  expect(opened).toContain(SECRET);
});

const [keyring] = STORES;

test(
  'a locked keyring is said at once where nobody can unlock it, and what to do',
  needs(keyring?.there ?? false),
  async () => {
    const world = await makeWorld({
      config: section('profile plain', {
        role_arn: 'arn:aws:iam::123456789012:role/plain',
        source_profile: 'user101',
        region: 'us-east-1',
      }),
    });
    expect(await keyring?.run(world, '$CLI protect user101 --store keyring')).toMatchObject({ status: 0 });
    const locked = { LOCKED: '1' };
    for (const words of [
      'key-process user101',
      'session-lines plain',
      'protect user101',
      'unprotect user101',
      'rotate user101',
    ]) {
      const run = await keyring?.run(world, `$CLI ${words} 2>&1 >"$HOME/out" | grep -A1 ^awsrole:`, locked);
      expect([words, run?.stdout]).toEqual([
        words,
        'awsrole: GNOME Keyring is locked, and was not unlocked\n' +
          '  unlock it in your desktop session; where there is no desktop, keep keys with --store pass or --store age\n',
      ]);
      expect(readFileSync(join(world.home, 'out'), 'utf8')).toBe('');
    }
    // Unlocked again, all is there.
    expect((await keyring?.run(world, '$CLI key-process user101'))?.stdout).toContain(SECRET);
  },
);

/** Has GNOME Keyring ask for its password by a program that shows nothing, as where nobody looks at the screen. */
function askNobody(world: World): Record<string, string> {
  const data = join(world.home, '.local', 'share');
  mkdirSync(join(data, 'dbus-1', 'services'), { recursive: true });
  writeFileSync(join(world.home, 'prompter'), '#!/bin/sh\necho $$ >"$HOME/prompter.pid"; exec sleep 300\n', {
    mode: 0o755,
  });
  const name = 'org.gnome.keyring.SystemPrompter';
  writeFileSync(
    join(data, 'dbus-1', 'services', `${name}.service`),
    `[D-BUS Service]\nName=${name}\nExec=${join(world.home, 'prompter')}\n`,
  );
  return { LOCKED: '1', XDG_DATA_HOME: data };
}

/**
 * Starts what asks a locked keyring; then that asks nobody, and is stopped, as it would give up by itself. $core and $child
 * are the two processes of ours.
 */
const ASKED = `
wait_for() { for i in $(seq 600); do "$@" && return; sleep .1; done; }
is_there() { [ -s "$1" ]; }
is_gone() { ! grep -qs '^State:.[^Z]' "/proc/$1/status"; }
$CLI key-process user101 2>"$HOME/err" & core=$!
wait_for is_there "$HOME/prompter.pid"
who='org.freedesktop.DBus.GetConnectionUnixProcessID string:org.freedesktop.secrets'
keyring=$(dbus-send --print-reply=literal --dest=org.freedesktop.DBus / $who | sed 's/.* //')
kill -STOP $keyring
child=$(cat /proc/$core/task/$core/children)
`;
const SAY_WHETHER_GONE = `
wait_for is_gone $child; is_gone $child && echo gone
kill -KILL $child $keyring $(cat "$HOME/prompter.pid")
`;

test.each(['KILL', 'TERM', 'INT'])(
  'a run that asks a locked keyring and is ended by SIG%s leaves no process behind',
  needs(keyring?.there ?? false),
  async (signal) => {
    const world = await makeWorld();
    expect(await keyring?.run(world, '$CLI protect user101 --store keyring')).toMatchObject({ status: 0 });
    // In the background a shell has its commands ignore SIGINT, which Node does not.
    const script = `${ASKED} kill -${signal} $core; wait $core; echo "status $?"; ${SAY_WHETHER_GONE}`;
    const run = await keyring?.run(world, script, askNobody(world));
    expect(run?.stdout).toMatch(/^status (137|143|130)\ngone\n$/);
  },
);

/** A window that asks for the keyring's password, and never comes. */
const NO_WINDOW =
  '[D-BUS Service]\nName=org.gnome.keyring.SystemPrompter\nExec=/bin/sh -c "exec sleep 30 >/dev/null 2>&1"\n';
/** Reads an item by the built module: it says what it may take, which no setting does. */
const READ = `const { keyring } = await import(process.env.MODULE);
  const context = { env: process.env, platform: 'linux', stderr: process.stderr, debug() {}, warn() {}, now: Date.now };
  const patience = { seconds: 4, person: process.env.PERSON === '1' };
  await keyring(context).read({ user: 'user101', accessKeyId: process.env.ID }, patience).catch(({ kind, message, hint }) =>
    console.log(JSON.stringify({ kind, message, hint })));`;

/** Processes of a world whose command line has a word. */
function running(world: World, word: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const [words, env] = ['cmdline', 'environ'].map((file) =>
          readFileSync(`/proc/${pid}/${file}`, 'utf8'),
        );
        return words?.includes(word) && env?.includes(`HOME=${world.home}\0`) ? [words] : [];
      } catch {
        return []; // it has ended
      }
    });
}

test.each([true, false])(
  'a keyring whose question is never answered ends at the deadline, with nothing left behind (a person sits there: %s)',
  { ...needs(keyring?.there ?? false), timeout: 240_000 },
  async (person) => {
    const world = await makeWorld();
    expect(await keyring?.run(world, '$CLI protect user101 --store keyring')).toMatchObject({ status: 0 });
    const services = join(world.home, '.local', 'share', 'dbus-1', 'services');
    mkdirSync(services, { recursive: true });
    writeFileSync(join(services, 'org.gnome.keyring.SystemPrompter.service'), NO_WINDOW);
    const run = await keyring?.run(world, `${process.execPath} --input-type=module -e "$READ"`, {
      READ,
      MODULE: pathToFileURL(join(CLI, '..', 'keys-keyring.mjs')).href,
      ID: USER101_KEYS.aws_access_key_id,
      PERSON: person ? '1' : '',
      LOCKED: '1',
      XDG_DATA_HOME: join(world.home, '.local', 'share'),
    });
    expect(JSON.parse(run?.stdout ?? '')).toEqual({
      kind: 'keys',
      message: 'GNOME Keyring did not answer in 4 s; it is probably locked',
      hint: expect.stringContaining('unlock it in your desktop session'),
    });
    expect(running(world, 'keyring-child')).toEqual([]);
    const waiting = 'waiting for GNOME Keyring; it may be asking you to unlock it';
    expect(run?.stderr.includes(waiting)).toBe(person);
  },
);

test('without the module of the keyring, other stores work, and the message says so', async () => {
  const world = await makeWorld();
  STORES.find(({ kind }) => kind === 'age')?.prepare(world);
  world.settings('key_store_identity = ~/identity\n');
  const program = join(world.home, 'program');
  for (const part of ['dist', 'shell'])
    cpSync(join(CLI, '..', '..', part), join(program, part), {
      recursive: true,
      filter: (path) => !path.endsWith('keyring.node'),
    });
  const env = { CLI: `${process.execPath} ${join(program, 'dist', 'cli.mjs')}` };
  const asked = await plainShell(world, '$CLI protect user101 --store keyring', env);
  expect(asked).toMatchObject({ status: 7 });
  expect(asked.stderr).toContain('its module, the optional package @napi-rs/keyring, is not installed');
  expect(asked.stderr).toContain('choose another store: --store pass or --store age');
  const chosen = await plainShell(world, '$CLI protect user101 && $CLI key-process user101', env);
  expect(chosen.stderr).toMatch(
    /the optional package @napi-rs\/keyring, is not installed; pass .*: so the keys go into age files\./,
  );
  expect(chosen.stdout).toContain(SECRET);
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
