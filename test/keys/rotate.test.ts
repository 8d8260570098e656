import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { SAMPLE_WORLD } from '../../src/demo/sample-world.ts';
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
  const { stdout } = await world.command([
    'sh',
    '-c',
    `"${process.execPath}" "${world.cli}" key-process user101`,
  ]);
  return JSON.parse(stdout).AccessKeyId;
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

test.each(['ListAccessKeys', 'CreateAccessKey', 'GetCallerIdentity', 'UpdateAccessKey'])(
  'where %s fails, the next run goes on, and the keys work all the time',
  async (action) => {
    const world = await protectedWorld();
    world.sts.setFault({ action, answer: 'reset-after', count: 3 });
    const first = await awsrole(world, 'rotate', 'user101');
    expect(first.stderr).not.toContain('unexpected');
    world.sts.clearFaults();
    expect((await world.lines('plain')).set.AWSROLE_PROFILE).toBe('plain');
    let run = await awsrole(world, 'rotate', 'user101');
    if (run.stderr.includes('--finish')) {
      // The secret of a key whose answer was lost nobody has: it is named, and can be deleted.
      expect(await awsrole(world, 'rotate', '--finish', 'user101')).toMatchObject({ status: 0 });
      run = await awsrole(world, 'rotate', 'user101');
    }
    expect(run).toMatchObject({ status: 0 });
    const current = await handedOut(world);
    expect(current).not.toBe(OLD);
    expect((await world.lines('plain', { more: ['--refresh'] })).set.AWSROLE_PROFILE).toBe('plain');
  },
);

test('a user who may not list keys can rotate all the same', async () => {
  const [user, ...others] = SAMPLE_WORLD.users;
  if (user === undefined) throw new Error('no user');
  const allow = ['iam:CreateAccessKey', 'iam:UpdateAccessKey'];
  const world = await protectedWorld({ users: [{ ...user, allow }, ...others] });
  expect(await awsrole(world, 'rotate', 'user101')).toMatchObject({ status: 0 });
  expect(Object.values(await states(world)).sort()).toEqual(['current', 'previous']);
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
  const failed = await pass?.run(world, 'REST=$PATH PATH=$HOME/bin:$PATH $CLI rotate user101', env);
  expect(failed).toMatchObject({ status: 7 });
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
