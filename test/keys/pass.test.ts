import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { processContext, withEnvironment } from '../../src/context.ts';
import { passStore } from '../../src/keys/pass.ts';
import { isGone, ourMachine } from '../../src/processes/process-id.ts';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { has, plainShell } from './desktop.ts';
import { STORES } from './key-stores.ts';

// What pass and GnuPG do where not all is well.

const [, pass] = STORES;
const THERE = needs(pass?.there ?? false);
const ID = USER101_KEYS.aws_access_key_id;
const SECRET = USER101_KEYS.aws_secret_access_key;
const ITEM = `awsrole/user101/${ID}`;
const CONFIG = section('profile plain', {
  role_arn: 'arn:aws:iam::123456789012:role/plain',
  source_profile: 'user101',
});

async function passWorld(): Promise<World> {
  const world = await makeWorld({ config: CONFIG, credentials: section('user101', USER101_KEYS) });
  pass?.prepare(world);
  world.settings('key_store = pass\n');
  return world;
}

const shell = (world: World, script: string, env = {}) =>
  plainShell(world, script, { AWS_ENDPOINT_URL_IAM: world.sts.url, ...env });

test('a key with a passphrase that nobody can give is called locked, and not missing', THERE, async () => {
  const world = await makeWorld({ config: CONFIG, credentials: section('user101', USER101_KEYS) });
  world.settings('key_store = pass\n');
  writeFileSync(join(world.home, 'passphrase'), 'correct horse', { mode: 0o600 });
  mkdirSync(join(world.home, '.gnupg'), { mode: 0o700 });
  const open = '--batch --pinentry-mode loopback --passphrase-file passphrase';
  const made = await shell(
    world,
    `cd && gpg -q ${open} --quick-gen-key test default default never && pass init test && $CLI protect user101`,
    { PASSWORD_STORE_GPG_OPTS: open },
  );
  expect(made).toMatchObject({ status: 0 });
  const said =
    'awsrole: pass is locked: GnuPG did not get its passphrase\n' +
    `  enter it in a terminal, and GnuPG remembers it for a while: GPG_TTY=$(tty) pass show ${ITEM} >/dev/null\n`;
  for (const words of ['key-process user101', 'session-lines plain', 'rotate user101', 'unprotect user101']) {
    const run = await shell(world, `gpgconf --kill gpg-agent; $CLI ${words} 2>&1 | cat`);
    expect([words, run.stdout]).toEqual([words, expect.stringContaining(said)]);
  }
  const elsewhere = await shell(world, 'mkdir -m 700 other && GNUPGHOME=$PWD/other $CLI key-process user101');
  expect(elsewhere).toMatchObject({ status: 7, stdout: '' });
  expect(elsewhere.stderr).toContain(`GnuPG has no secret key here that can decrypt ${ITEM} of pass`);
});

test(
  'a store that is not there, or is elsewhere, is said plainly, and no key is made for it',
  THERE,
  async () => {
    const world = await passWorld();
    const store = join(world.home, '.password-store');
    renameSync(join(store, '.gpg-id'), join(world.home, 'gpg-id'));
    const missing = `pass has no store in ${store} (pass init makes one)`;
    const first = await shell(world, '$CLI protect user101');
    expect([first.status, first.stderr]).toEqual([7, expect.stringContaining(missing)]);
    renameSync(join(world.home, 'gpg-id'), join(store, '.gpg-id'));
    expect(await shell(world, '$CLI protect user101')).toMatchObject({ status: 0 });

    const nowhere = await shell(world, '$CLI key-process user101', { PASSWORD_STORE_DIR: '/nowhere' });
    expect(nowhere).toMatchObject({ status: 7 });
    expect(nowhere.stderr).toContain('pass has no store in /nowhere');
    expect(nowhere.stderr).toContain('PASSWORD_STORE_DIR');
    renameSync(join(store, '.gpg-id'), join(world.home, 'gpg-id'));
    const rotated = await shell(world, '$CLI rotate user101');
    expect([rotated.status, rotated.stderr]).toEqual([7, expect.stringContaining(missing)]);
    renameSync(join(world.home, 'gpg-id'), join(store, '.gpg-id'));
    expect(await shell(world, '$CLI rotate user101')).toMatchObject({ status: 0 });
  },
);

test('a part of an item, as a full disk leaves it, is written again', THERE, async () => {
  const world = await passWorld();
  const file = join(world.home, '.password-store', `${ITEM}.gpg`);
  const length = async (): Promise<number> => {
    expect(await shell(world, `echo '{}' | pass insert -m -f ${ITEM}`)).toMatchObject({ status: 0 });
    return statSync(file).size;
  };
  for (const part of [1, 0.1, 0.5]) {
    const size = await length();
    truncateSync(file, part === 1 ? size - 1 : Math.floor(size * part));
    const run = await shell(
      world,
      '$CLI protect user101 && $CLI key-process user101 && $CLI unprotect user101',
    );
    expect([part, run.status, run.stderr]).toEqual([part, 0, expect.any(String)]);
    expect(run.stdout).toContain(SECRET);
  }
});

test(
  'who else can read the keys is said, and that git keeps them; names and folders may be odd',
  THERE,
  async () => {
    const world = await passWorld();
    const name = "my user/2's $(x)";
    world.write({ config: section(`profile "${name}"`, USER101_KEYS), credentials: undefined });
    const env = { PASSWORD_STORE_DIR: join(world.home, "a store's $(place)"), NAME: name };
    const git = ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'me'],
      [`GIT_${who}_EMAIL`, 'me@example.com'],
    ]);
    const run = await shell(
      world,
      'gpg -q --batch --passphrase "" --quick-gen-key other default default never && pass init test other && pass git init && $CLI protect "$NAME" && cat ~/.aws/config && $CLI key-process "$NAME" && $CLI unprotect "$NAME" && pass git log -p --text --no-textconv && pass git status --short',
      { ...env, ...Object.fromEntries(git) },
    );
    expect(run).toMatchObject({ status: 0 });
    expect(run.stderr).toContain(
      'pass encrypts them for 2 GnuPG keys (test, other): whoever has one of those can read them.\n',
    );
    expect(run.stderr).toContain('The git history of pass still has them, encrypted.\n');
    expect(run.stdout).toMatch(/credential_process = \S+ key-process u-[0-9a-f]{12}$/m);
    // Git has the whole way, and the secret stands where key-process printed it only.
    expect(run.stdout).toMatch(/Add given password for awsrole\/u-[0-9a-f]{12}\/AKIA/);
    expect(run.stdout.split(SECRET)).toHaveLength(2);
  },
);

test('a question of GnuPG’s that outlives its deadline is ended', needs(has('setsid')), async () => {
  const world = await makeWorld();
  const bin = join(world.home, 'bin');
  mkdirSync(bin);
  const store = join(world.home, '.password-store', 'awsrole', 'u');
  mkdirSync(store, { recursive: true });
  writeFileSync(join(world.home, '.password-store', '.gpg-id'), 'me\n');
  writeFileSync(join(store, 'AKIA.gpg'), 'something');
  // GnuPG's agent starts it, in a session of its own, so it is no child of pass.
  expect(spawnSync('sh', ['-c', `cp "$(command -v sleep)" ${bin}/pinentry-test`]).status).toBe(0);
  writeFileSync(
    join(bin, 'pass'),
    '#!/bin/sh\n(setsid pinentry-test 60 </dev/null >/dev/null 2>&1 & echo $! >$HOME/pid)\necho "[GNUPG:] PINENTRY_LAUNCHED $(cat $HOME/pid) curses" >&2\nsleep 60\n',
    { mode: 0o755 },
  );
  const env = world.env({ PATH: `${bin}:${process.env.PATH}` });
  const read = passStore(withEnvironment(processContext(false), env)).read(
    { user: 'u', accessKeyId: 'AKIA' },
    { seconds: 1, person: false },
  );
  await expect(read).rejects.toThrow('pass did not answer within 1 s');
  const pid = Number(readFileSync(join(world.home, 'pid'), 'utf8'));
  await expect.poll(() => isGone({ pid, machine: ourMachine() }), { timeout: 50_000 }).toBe(true);
  expect(readdirSync(store)).toEqual(['AKIA.gpg']);
});
