import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { createAccessKey, iamClient, setAccessKeyActive } from '../../src/credentials/iam/client.ts';
import { getCallerIdentity } from '../../src/credentials/sts/client.ts';
import { environmentStsSettings } from '../../src/credentials/sts/settings.ts';
import { SAMPLE_WORLD } from '../../src/demo/sample-world.ts';
import type { KeyPair } from '../../src/keys/key-store.ts';
import { typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, type Run, section, USER101_KEYS, type World } from '../world.ts';
import { STORES } from './key-stores.ts';

const OLD = USER101_KEYS.aws_access_key_id;
const CONFIG = section('profile plain', {
  role_arn: 'arn:aws:iam::123456789012:role/plain',
  source_profile: 'user101',
  region: 'us-east-1',
});

/** A world whose user101 is protected by an age file, which needs no passphrase. */
async function protectedWorld(options: Parameters<typeof makeWorld>[0] = {}): Promise<World> {
  const world = await makeWorld({
    config: CONFIG,
    credentials: section('user101', { ...USER101_KEYS, region: 'us-east-1' }),
    ...options,
  });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`);
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  expect(await awsrole(world, 'protect', 'user101')).toMatchObject({ status: 0 });
  return world;
}

function awsrole(world: World, ...words: string[]): Promise<Run> {
  return world.run(words, { env: { AWS_ENDPOINT_URL_IAM: world.sts.url } });
}

/** The stored keys: their state, by id. */
async function states(world: World): Promise<Record<string, string>> {
  const { stdout } = await awsrole(world, 'keys', '--json');
  return Object.fromEntries(
    JSON.parse(stdout).map((row: { accessKeyId: string; state: string }) => [row.accessKeyId, row.state]),
  );
}

/** The id of the key that every AWS tool gets. */
async function handedOut(world: World): Promise<string> {
  return (await handedOutPair(world)).accessKeyId;
}

async function handedOutPair(world: World): Promise<KeyPair> {
  const { stdout } = await world.command([
    'sh',
    '-c',
    `"${process.execPath}" "${world.cli}" key-process user101`,
  ]);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = JSON.parse(stdout);
  return { accessKeyId, secretAccessKey };
}

test('a rotation makes a new pair, waits until it works, and keeps the old one inactive', async () => {
  const world = await protectedWorld({ ...SAMPLE_WORLD, newKeySeconds: 2 });
  const run = await awsrole(world, 'rotate', 'user101');
  expect(run).toMatchObject({ status: 0 });
  expect(run.stderr).toContain('other computers that hold the old ones will stop working');
  const current = await handedOut(world);
  expect(current).not.toBe(OLD);
  expect(await states(world)).toEqual({ [current]: 'current', [OLD]: 'previous' });
  // The role is reached with the new keys, and the old ones are refused.
  expect((await world.lines('plain')).set.AWSROLE_PROFILE).toBe('plain');
  expect(world.sts.requests().at(-1)).toMatchObject({ action: 'AssumeRole', accessKeyId: current });
  // A third pair IAM does not give.
  const again = await awsrole(world, 'rotate', 'user101');
  expect(again).toMatchObject({ status: 7 });
  expect(again.stderr).toContain(`${OLD} (inactive)`);
  expect(again.stderr).toContain('awsrole rotate --finish user101');

  expect(await awsrole(world, 'rotate', '--undo', 'user101')).toMatchObject({ status: 0 });
  expect(await handedOut(world)).toBe(OLD);
  expect(await states(world)).toEqual({ [OLD]: 'current', [current]: 'previous' });
  expect(await awsrole(world, 'rotate', '--finish', 'user101')).toMatchObject({ status: 0 });
  expect(await states(world)).toEqual({ [OLD]: 'current' });

  expect(await awsrole(world, 'rotate', '--delete-now', 'user101')).toMatchObject({ status: 0 });
  const last = await handedOut(world);
  expect(await states(world)).toEqual({ [last]: 'current' });
  const folder = join(world.home, '.local', 'share', 'awsrole', 'keys');
  expect(readdirSync(folder).filter((name) => name.endsWith('.age'))).toEqual([`user101.${last}.age`]);
});

test('other profiles here that hold the same key are named before anything is done', async () => {
  const world = await protectedWorld({
    credentials: ['user101', 'two', 'st$(id)ored'].map((name) => section(name, USER101_KEYS)).join(''),
  });
  expect(await awsrole(world, 'protect', 'st$(id)ored')).toMatchObject({ status: 0 });
  const file = join(world.home, 'work');
  writeFileSync(file, section('user101', USER101_KEYS), { mode: 0o600 });
  const env = { AWS_CONFIG_FILE: `${file}-config`, AWS_SHARED_CREDENTIALS_FILE: file };
  expect(await world.run(['protect', 'user101'], { env })).toMatchObject({ status: 0 });
  world.sts.setFault({ action: 'CreateAccessKey', answer: 'reset-before', count: 9 });
  const { stderr } = await awsrole(world, 'rotate', 'user101');
  world.sts.clearFaults();
  const named = (of: string): string =>
    `Profile ${of} holds the same key and will stop working when the old one is inactive: change it too.\n`;
  expect(stderr.slice(0, stderr.indexOf('awsrole: '))).toBe(
    `New keys for user101: other computers that hold the old ones will stop working.\n${[
      'two (~/.aws/credentials:4)',
      'user101 (~/work-config)',
      'st$(id)ored (~/.aws/config)',
    ]
      .map(named)
      .join('')}`,
  );
  // Those that aws configure has written again as well, and no other key's.
  world.write({ credentials: section('user101', USER101_KEYS) });
  expect((await awsrole(world, 'rotate', 'user101')).stderr).toContain(
    named('user101 (~/.aws/credentials:2)'),
  );
});

test('a name that looks like an option is one in the commands that are proposed', async () => {
  const world = await protectedWorld({
    credentials: section('user101', USER101_KEYS) + section('-h', { ...USER101_KEYS, region: 'us-east-1' }),
  });
  const protect = await awsrole(world, 'protect', '--', '-h');
  expect(protect.stderr).toContain('run awsrole rotate -- -h.\n');
  const rotate = await awsrole(world, 'rotate', '--', '-h');
  expect([rotate.stderr, rotate.status]).toEqual([
    expect.stringContaining('awsrole rotate --undo -- -h goes back to it.\n'),
    0,
  ]);
  expect(rotate.stderr).toContain('awsrole rotate --finish -- -h\n');
  expect(await awsrole(world, 'rotate', '--undo', '--', '-h')).toMatchObject({ status: 0 });
});

const STEPS = ['ListAccessKeys', 'CreateAccessKey', 'GetCallerIdentity', 'UpdateAccessKey'];

for (const { kind, there, prepare, run } of STORES)
  test.each(STEPS)(
    `${kind}: where %s fails, the next run goes on, and the keys work all the time`,
    { ...needs(there), timeout: 240_000 },
    async (action) => {
      const world = await makeWorld({
        config: CONFIG,
        credentials: section('user101', { ...USER101_KEYS, region: 'us-east-1' }),
      });
      prepare(world);
      const env = { AWS_ENDPOINT_URL_IAM: world.sts.url };
      const works = async (): Promise<string> => {
        const given = await run(world, '$CLI session-lines plain --refresh && $CLI key-process user101', env);
        expect(given).toMatchObject({ status: 0 });
        return JSON.parse(given.stdout.trim().split('\n').at(-1) ?? '').AccessKeyId;
      };
      expect(await run(world, `$CLI protect user101 --store ${kind}`, env)).toMatchObject({ status: 0 });
      world.sts.setFault({ action, answer: 'reset-after', count: 3 });
      const first = await run(world, '$CLI rotate user101', env);
      expect(first.stderr).not.toContain('unexpected');
      world.sts.clearFaults();
      await works();
      // Some of these are only asked again.
      const isDone = first.status === 0 && !first.stderr.includes('still active');
      let next = isDone ? first : await run(world, '$CLI rotate user101', env);
      if (next.status !== 0 && next.stderr.includes('--finish')) {
        // The secret of a key whose answer was lost nobody has: it is named, and can be deleted.
        expect(await run(world, '$CLI rotate --finish --yes user101', env)).toMatchObject({ status: 0 });
        next = await run(world, '$CLI rotate user101', env);
      }
      expect(next).toMatchObject({ status: 0 });
      expect(await works()).not.toBe(OLD);

      // The way back, and the end, stopped alike.
      for (const [words, call] of [
        ['rotate --undo', 'UpdateAccessKey'],
        ['rotate --finish', 'DeleteAccessKey'],
      ] as const) {
        world.sts.setFault({ action: call, answer: 'reset-after', count: 9 });
        expect((await run(world, `$CLI ${words} user101`, env)).status).toBeGreaterThan(1);
        world.sts.clearFaults();
        await works();
        expect(await run(world, `$CLI ${words} user101`, env)).toMatchObject({ status: 0 });
      }
      expect(await works()).toBe(OLD);
      const left = JSON.parse((await run(world, '$CLI keys --json', env)).stdout);
      expect(left.map(({ accessKeyId }: { accessKeyId: string }) => accessKeyId)).toEqual([OLD]);
      expect(await run(world, '$CLI unprotect user101', env)).toMatchObject({ status: 0 });
      expect(readFileSync(join(world.home, '.aws', 'credentials'), 'utf8')).toContain(OLD);
    },
  );

test.each([3_600_000, -3_600_000])(
  'where the clock is wrong by %i ms, keys are rotated all the same',
  async (offset) => {
    const world = await protectedWorld();
    world.sts.advanceClock(offset);
    expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
    expect(await handedOut(world)).not.toBe(OLD);
  },
);

test('keys that AWS does not know any more are named, and what to do', async () => {
  const world = await protectedWorld();
  const client = await iamClient(environmentStsSettings(world.env()), await handedOutPair(world));
  await setAccessKeyActive(client, OLD, false);
  client.destroy();
  const run = await awsrole(world, 'rotate', 'user101');
  expect(run).toMatchObject({ status: 5 });
  expect(run.stderr).toContain(`AWS does not know the keys ${OLD}: they were deleted or made inactive there`);
  expect(run.stderr).toContain('awsrole add');
});

test('a user who may not list keys can rotate all the same', async () => {
  const [user, ...others] = SAMPLE_WORLD.users;
  if (user === undefined) throw new Error('no user');
  const allow = ['iam:CreateAccessKey', 'iam:UpdateAccessKey'];
  const world = await protectedWorld({ users: [{ ...user, allow }, ...others] });
  expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
  expect(Object.values(await states(world)).sort()).toEqual(['current', 'previous']);
});

test('where keys cannot be listed, one that is still active is deleted only after a question', {
  timeout: 120_000,
}, async () => {
  const [user, ...others] = SAMPLE_WORLD.users;
  if (user === undefined) throw new Error('no user');
  const allow = ['iam:CreateAccessKey', 'iam:UpdateAccessKey', 'iam:DeleteAccessKey'];
  const world = await protectedWorld({ users: [{ ...user, allow }, ...others] });
  expect((await awsrole(world, 'rotate', '--finish', 'user101')).stderr).toContain(
    'the user is not allowed to list keys (iam:ListAccessKeys)',
  );
  world.sts.setFault({ action: 'UpdateAccessKey', answer: 'reset-before', count: 9 });
  expect((await awsrole(world, 'rotate', 'user101')).stderr).toContain('is still active');
  world.sts.clearFaults();
  const refused = await awsrole(world, 'rotate', '--finish', 'user101');
  expect([refused.stderr, refused.status]).toEqual([
    expect.stringContaining(`${OLD} is user101's earlier key, and still active.`),
    8,
  ]);
  expect(await states(world)).toMatchObject({ [OLD]: 'previous' });
  expect(await awsrole(world, 'rotate', '--finish', '--yes', 'user101')).toMatchObject({ status: 0 });
});

test('a user who may not make keys is told what is missing, and nothing has changed', async () => {
  const [user, ...others] = SAMPLE_WORLD.users;
  if (user === undefined) throw new Error('no user');
  const world = await protectedWorld({ users: [{ ...user, allow: ['iam:ListAccessKeys'] }, ...others] });
  const run = await awsrole(world, 'rotate', 'user101');
  expect(run).toMatchObject({ status: 5 });
  expect(run.stderr).toContain('iam:CreateAccessKey');
  expect(await states(world)).toEqual({ [OLD]: 'current' });
});

/** Has IAM make another key for user101, which awsrole never sees. Returns its id. */
async function madeElsewhere(world: World): Promise<string> {
  const settings = environmentStsSettings(world.env());
  const client = await iamClient(settings, {
    accessKeyId: OLD,
    secretAccessKey: USER101_KEYS.aws_secret_access_key,
  });
  const pair = await createAccessKey(client);
  client.destroy();
  // The program that has it uses it.
  await getCallerIdentity(settings, pair);
  return pair.accessKeyId;
}

test('a key that awsrole has never stored is deleted only after a question, which says what uses it', {
  timeout: 120_000,
}, async () => {
  const world = await protectedWorld();
  const other = await madeElsewhere(world);
  const today = new Date().toISOString().slice(0, 10);
  const said = [
    `${other} is a key of the IAM user user101 that awsrole has never stored: another program or computer may use it.`,
    `It is active, made ${today}, last used ${today} (sts, us-east-1).`,
  ];
  const script = await awsrole(world, 'rotate', '--finish', 'user101');
  expect(script).toMatchObject({ status: 8 });
  for (const line of said) expect(script.stderr).toContain(`${line}\n`);
  expect(script.stderr).toContain('there is no terminal to ask on');
  expect(script.stderr).toContain('awsrole rotate --finish --yes user101');
  const full = await awsrole(world, 'rotate', 'user101');
  expect(full.stderr).toContain(`${other} (last used ${today} (sts, us-east-1))`);

  // Just Enter deletes nothing.
  const env = world.env({ AWS_ENDPOINT_URL_IAM: world.sts.url });
  const command = `"${process.execPath}" "${world.cli}" rotate --finish user101`;
  const question = `Delete ${other} for good? [y/N] `;
  const no = await typeInto(command, [[question, '\r']], { env });
  expect(no).toContain('nothing was deleted');
  expect(world.sts.requests().map(({ action }) => action)).not.toContain('DeleteAccessKey');
  const yes = await typeInto(command, [[question, 'y\r']], { env });
  expect(yes).toContain(`user101's old key ${other} is deleted.`);
  expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
});

test('an earlier key that is still active is deleted only after a question', async () => {
  const world = await protectedWorld();
  expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
  // Somebody has made it active again, as something has stopped.
  const { accessKeyId, secretAccessKey } = await handedOutPair(world);
  const client = await iamClient(environmentStsSettings(world.env()), { accessKeyId, secretAccessKey });
  await setAccessKeyActive(client, OLD, true);
  client.destroy();
  const refused = await awsrole(world, 'rotate', '--finish', 'user101');
  expect(refused).toMatchObject({ status: 8 });
  expect(refused.stderr).toContain(`${OLD} is user101's earlier key, and still active.`);
  expect(await states(world)).toMatchObject({ [OLD]: 'previous' });
  expect(await awsrole(world, 'rotate', '--finish', '--yes', 'user101')).toMatchObject({ status: 0 });
  expect(await states(world)).toEqual({ [accessKeyId]: 'current' });
});

test('of a key whose last use IAM does not tell, awsrole does not say that it was never used', async () => {
  const [user, ...others] = SAMPLE_WORLD.users;
  if (user === undefined) throw new Error('no user');
  const allow = ['iam:ListAccessKeys', 'iam:CreateAccessKey', 'iam:DeleteAccessKey'];
  const world = await protectedWorld({ users: [{ ...user, allow }, ...others] });
  const other = await madeElsewhere(world);
  const full = await awsrole(world, 'rotate', 'user101');
  expect(full.stderr).toContain(`${other} (active; IAM does not say when it was last used)`);
  const script = await awsrole(world, 'rotate', '--finish', 'user101');
  expect(script.stderr).toContain('IAM does not say when it was last used.');
});

const pass = STORES.find(({ kind }) => kind === 'pass');

test('new keys that the store does not take do not stay at AWS', needs(pass?.there ?? false), async () => {
  const world = await makeWorld({
    config: CONFIG,
    credentials: section('user101', { ...USER101_KEYS, region: 'us-east-1' }),
  });
  pass?.prepare(world);
  expect(await pass?.run(world, '$CLI protect user101 --store pass')).toMatchObject({ status: 0 });
  // A full disk, say.
  const env = { AWS_ENDPOINT_URL_IAM: world.sts.url };
  mkdirSync(join(world.home, 'bin'));
  writeFileSync(
    join(world.home, 'bin', 'pass'),
    '#!/bin/sh\n[ "$1" != insert ] || exit 1\nPATH=$REST exec pass "$@"\n',
    { mode: 0o755 },
  );
  const rotate = 'REST=$PATH PATH=$HOME/bin:$PATH $CLI rotate user101';
  const failed = await pass?.run(world, rotate, env);
  expect(failed).toMatchObject({ status: 7 });
  // Where they cannot be deleted either, that is said.
  world.sts.setFault({ action: 'DeleteAccessKey', answer: 'reset-before', count: 9 });
  const twice = await pass?.run(world, rotate, env);
  world.sts.clearFaults();
  expect(twice).toMatchObject({ status: 7 });
  expect(twice?.stderr).toMatch(
    /the new keys AKIA\w+ could not be stored, but AWS still has them: .*delete them: awsrole rotate --finish user101/,
  );
  expect(await pass?.run(world, '$CLI rotate --finish --yes user101', env)).toMatchObject({ status: 0 });
  expect(await pass?.run(world, '$CLI rotate user101', env)).toMatchObject({ status: 0 });
});

test('new keys of which a killed run has left an empty item are deleted, and the next are made', {
  ...needs(pass?.there ?? false),
  timeout: 120_000,
}, async () => {
  const world = await makeWorld({
    config: CONFIG,
    credentials: section('user101', { ...USER101_KEYS, region: 'us-east-1' }),
  });
  pass?.prepare(world);
  const other = await madeElsewhere(world);
  const left = `$CLI protect user101 --store pass && printf "" | pass insert -m awsrole/user101/${other}`;
  expect(await pass?.run(world, left)).toMatchObject({ status: 0 });
  const env = { AWS_ENDPOINT_URL_IAM: world.sts.url };
  const refused = await pass?.run(world, '$CLI rotate user101', env);
  expect(refused).toMatchObject({ status: 7 });
  expect(refused?.stderr).toContain('delete it: awsrole rotate --finish user101');
  expect(await pass?.run(world, '$CLI rotate --finish --yes user101', env)).toMatchObject({ status: 0 });
  expect(await pass?.run(world, '$CLI rotate user101', env)).toMatchObject({ status: 0 });
});

test('unprotect names a key that stays behind at AWS', async () => {
  const world = await protectedWorld();
  expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
  const run = await awsrole(world, 'unprotect', 'user101');
  expect([run.status, run.stderr]).toEqual([0, expect.stringContaining(`other key ${OLD} is still at AWS`)]);
});

test('a change that AWS has stopped half-way is named, finished, or taken back', {
  timeout: 120_000,
}, async () => {
  const world = await protectedWorld();
  world.sts.setFault({ action: 'UpdateAccessKey', answer: 'reset-after', count: 9 });
  const first = await awsrole(world, 'rotate', 'user101');
  expect(first.stderr).toContain(`The other key ${OLD} is still active: `);
  expect(first.stderr).toContain('To try that once more: awsrole rotate user101');
  expect((await awsrole(world, 'keys')).stderr).toContain(
    `user101's earlier key ${OLD} is not inactive yet; to finish that: awsrole rotate user101`,
  );
  world.sts.clearFaults();
  const current = await handedOut(world);
  const second = await awsrole(world, 'rotate', 'user101');
  expect(second.stderr).toContain(`${OLD} is inactive, and kept`);
  expect(await handedOut(world)).toBe(current);

  // The way back, stopped as well, does not turn round once more.
  world.sts.setFault({ action: 'UpdateAccessKey', count: 1 }); // that the old one is active again
  world.sts.setFault({ action: 'UpdateAccessKey', answer: 'reset-before', count: 9 });
  await awsrole(world, 'rotate', '--undo', 'user101');
  world.sts.clearFaults();
  expect(await awsrole(world, 'rotate', '--undo', 'user101')).toMatchObject({ status: 0 });
  expect(await handedOut(world)).toBe(OLD);
});

test('unprotect writes the rotated keys back, and removes them from the store', async () => {
  const world = await protectedWorld();
  expect(await awsrole(world, 'rotate', '--delete-now', 'user101')).toMatchObject({ status: 0 });
  const current = await handedOut(world);
  expect(await awsrole(world, 'unprotect', 'user101')).toMatchObject({ status: 0 });
  expect(readFileSync(join(world.home, '.aws', 'credentials'), 'utf8')).toContain(
    `aws_access_key_id = ${current}`,
  );
  expect(existsSync(join(world.home, '.local', 'share', 'awsrole', 'keys', `user101.${current}.age`))).toBe(
    false,
  );
  expect((await world.lines('plain', { more: ['--refresh'] })).set.AWSROLE_PROFILE).toBe('plain');
});
