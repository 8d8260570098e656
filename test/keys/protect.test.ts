import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { typeInto } from '../terminal/typing.ts';
import { makeWorld, needs, type Run, section, USER101_KEYS, type World } from '../world.ts';
import { plainShell } from './desktop.ts';
import { STORES } from './key-stores.ts';

const ID = USER101_KEYS.aws_access_key_id;
const SECRET = USER101_KEYS.aws_secret_access_key;
const OTHER_KEYS = {
  aws_access_key_id: 'AKIAOTHERUSER0EXAMPL',
  aws_secret_access_key: 'sandbox+other/notARealSecret000EXAMPLEKE',
};

async function ageWorld(files: { config?: string; credentials?: string }): Promise<World> {
  const world = await makeWorld({ config: undefined, credentials: undefined, ...files });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`, { mode: 0o600 });
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  return world;
}

const read = (world: World, name: string): string => readFileSync(join(world.home, '.aws', name), 'utf8');
const keysOf = (world: World): string => join(world.home, '.local', 'share', 'awsrole', 'keys');

async function handedOut(world: World, user: string): Promise<Record<string, string>> {
  const run = await world.command([
    'sh',
    '-c',
    '"$0" "$1" key-process "$2"',
    process.execPath,
    world.cli,
    user,
  ]);
  expect([run.stderr, run.status]).toEqual(['', 0]);
  return JSON.parse(run.stdout);
}

const ELSEWHERE = [
  {
    what: 'in the other file',
    files: { config: section('profile u', OTHER_KEYS), credentials: section('u', USER101_KEYS) },
  },
  {
    what: 'in a second section',
    files: { credentials: `${section('u', OTHER_KEYS)}${section('u', USER101_KEYS)}` },
  },
  {
    what: 'with another secret',
    files: {
      config: section('profile u', {
        ...USER101_KEYS,
        aws_secret_access_key: OTHER_KEYS.aws_secret_access_key,
      }),
      credentials: section('u', USER101_KEYS),
    },
  },
  {
    what: 'twice in a section',
    files: {
      credentials: `[u]\naws_access_key_id = ${OTHER_KEYS.aws_access_key_id}\n${section('u', USER101_KEYS).slice(4)}`,
    },
  },
];

test.each(ELSEWHERE)('other keys of the profile, $what, are not lost', async ({ files }) => {
  const world = await ageWorld(files);
  const run = await world.run(['protect', 'u']);
  expect([run.stderr, run.status]).toEqual([
    expect.stringContaining('has other keys here, which are not stored'),
    3,
  ]);
  for (const [name, text] of Object.entries(files)) expect(read(world, name)).toBe(text);
});

test('the same keys in both files are taken out of both, line ends kept', async () => {
  const world = await ageWorld({
    config: section('profile u', { ...USER101_KEYS, region: 'us-east-1' }).replaceAll('\n', '\r\n'),
    credentials: `${section('u', USER101_KEYS)}${section('v', OTHER_KEYS)}`.replaceAll('\n', '\r\n'),
  });
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  expect(read(world, 'config')).toMatch(
    /^\[profile u\]\r\ncredential_process = \S+ key-process u\r\nregion = us-east-1\r\n\r\n$/,
  );
  expect(read(world, 'credentials')).toBe(`[u]\r\n\r\n${section('v', OTHER_KEYS).replaceAll('\n', '\r\n')}`);
  expect(await handedOut(world, 'u')).toMatchObject({ AccessKeyId: ID, SecretAccessKey: SECRET });
});

test('keys that aws configure has written meanwhile are stored by the next protect, and the ones before kept', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  world.write({ credentials: section('u', OTHER_KEYS) });
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  expect(await handedOut(world, 'u')).toMatchObject({ AccessKeyId: OTHER_KEYS.aws_access_key_id });
  expect(readdirSync(keysOf(world)).filter((name) => name.endsWith('.age'))).toHaveLength(2);
});

test('names that differ in capital letters only have items that a store tells apart', async () => {
  const world = await ageWorld({
    credentials: `${section('dev', USER101_KEYS)}${section('Dev', USER101_KEYS)}`,
  });
  for (const name of ['dev', 'Dev']) expect(await world.run(['protect', name])).toMatchObject({ status: 0 });
  const items = readdirSync(keysOf(world)).filter((name) => name.endsWith('.age'));
  expect(new Set(items.map((name) => name.toLowerCase())).size).toBe(2);
  expect(await world.run(['unprotect', 'Dev'])).toMatchObject({ status: 0 });
  expect(await handedOut(world, 'dev')).toMatchObject({ SecretAccessKey: SECRET });
});

test('a name that no AWS file can have is refused before anything is stored', async () => {
  const world = await ageWorld({});
  for (const name of ['a\nb', ' ']) {
    const run = await world.run(['add', '--stdin', '--', name], { input: `${ID}\n${SECRET}\n` });
    expect([run.stderr, run.status]).toEqual([expect.stringContaining('cannot be the name of a profile'), 7]);
  }
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
  expect(readdirSync(keysOf(world))).toEqual([]);
});

test('a symbolic link to a file that is not there is not replaced', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  const link = join(world.home, '.aws', 'config');
  symlinkSync(join(world.home, 'dotfiles'), link);
  const run = await world.run(['protect', 'u']);
  expect([run.stderr, run.status]).toEqual([
    expect.stringContaining('a symbolic link to a file that is not there'),
    7,
  ]);
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(read(world, 'credentials')).toContain(SECRET);
  expect(existsSync(join(keysOf(world), 'index.json'))).toBe(false);
});

test('a hard link is refused before anything is changed', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  linkSync(join(world.home, '.aws', 'credentials'), join(world.home, 'second'));
  const run = await world.run(['protect', 'u']);
  expect([run.stderr, run.status]).toEqual([expect.stringContaining('has 2 names (hard links)'), 7]);
  // With the line and the keys in one profile, some tools would find none.
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
  expect(existsSync(join(keysOf(world), 'index.json'))).toBe(false);
});

test('where the folder of the AWS files cannot be written, nothing is changed', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  chmodSync(join(world.home, '.aws'), 0o500);
  const run = await world.run(['protect', 'u'], { ordinary: true });
  chmodSync(join(world.home, '.aws'), 0o700);
  expect(run).toMatchObject({ status: 7 });
  expect(run.stderr).toMatch(/\.aws\/credentials cannot be replaced: EACCES/);
  expect(read(world, 'credentials')).toBe(section('u', USER101_KEYS));
  expect(await world.run(['protect', 'u'], { ordinary: true })).toMatchObject({ status: 0 });
});

test('unprotect leaves a credential_process that is not ours', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  world.write({ config: section('profile u', { credential_process: '/opt/vault u' }) });
  expect(await world.run(['unprotect', 'u'])).toMatchObject({ status: 0 });
  expect(read(world, 'config')).toContain('/opt/vault u');
});

const [, pass] = STORES;

test(
  'an item of pass that a killed run has left empty is written again',
  needs(pass?.there ?? false),
  async () => {
    const world = await makeWorld();
    pass?.prepare(world);
    for (const left of [
      'printf "" | pass insert -m',
      'cd ~/.password-store && mkdir -p awsrole/user101 && : > ./',
    ]) {
      const item = `awsrole/user101/${ID}`;
      const made = left.endsWith('/') ? `${left}${item}.gpg` : `${left} ${item}`;
      const run = await plainShell(
        world,
        `${made} && $CLI protect user101 --store pass && $CLI unprotect user101`,
      );
      expect([run.stderr, run.status]).toEqual([expect.stringContaining('keys are in pass'), 0]);
    }
  },
);

/** A user whose keys were rotated some days ago. */
async function rotated(days: number): Promise<World> {
  const world = await ageWorld({
    config: section('profile plain', {
      role_arn: 'arn:aws:iam::123456789012:role/plain',
      source_profile: 'user101',
    }),
    credentials: section('user101', { ...USER101_KEYS, region: 'us-east-1' }),
  });
  for (const word of ['protect', 'rotate'])
    expect(await rotateRun(world, word, 'user101')).toMatchObject({ status: 0 });
  const file = join(keysOf(world), 'index.json');
  const then = new Date(Date.now() - days * 86_400_000).toISOString();
  writeFileSync(file, readFileSync(file, 'utf8').replace(/("since": )"[^"]*"/g, `$1"${then}"`));
  return world;
}

function rotateRun(world: World, ...words: string[]): Promise<Run> {
  return world.run(words, { env: { AWS_ENDPOINT_URL_IAM: world.sts.url } });
}

test('a key that was replaced a week ago is asked about at a terminal, and nowhere else', {
  timeout: 240_000,
}, async () => {
  const world = await rotated(8);
  const env = world.env({ AWS_ENDPOINT_URL_IAM: world.sts.url });
  const command = `"${process.execPath}" "${world.cli}"`;
  const question = 'was replaced 8 days ago, and is in the way. Delete it for good? [y/N] ';

  const script = await rotateRun(world, 'rotate', 'user101');
  expect(script).toMatchObject({ status: 7 });
  expect(script.stderr).not.toContain('[y/N]');
  expect((await rotateRun(world, 'keys')).stderr).toContain(
    `user101's earlier key ${ID} was replaced 8 days ago; to delete it at AWS: awsrole rotate --finish user101`,
  );

  // Just Enter deletes nothing.
  const no = await typeInto(`${command} rotate user101`, [[question, '\r']], { env });
  expect(no).toContain('has 2 keys at AWS, which is the maximum');
  const yes = await typeInto(`${command} rotate user101`, [[question, 'y\r']], { env });
  expect(yes).toContain(`user101's old key ${ID} is deleted.`);
  expect(yes).toContain('they work, and every AWS tool gets them.');
  const { stdout } = await rotateRun(world, 'keys', '--json');
  expect(JSON.parse(stdout).map(({ state }: { state: string }) => state)).toEqual(['current', 'previous']);
  expect(stdout).not.toContain(ID);
});

test('a switch says once a week that a replaced key can be deleted', async () => {
  const world = await rotated(9);
  const command = `"${process.execPath}" "${world.cli}" session-lines plain --refresh >/dev/null`;
  const env = world.env({ AWSROLE_SHELL: world.shellKey() });
  const line = `${ID} was replaced 9 days ago; to delete it at AWS: awsrole rotate --finish user101`;
  expect(await typeInto(command, [], { env })).toContain(line);
  expect(await typeInto(command, [], { env })).not.toContain(line);
  const script = await world.run(['session-lines', 'plain', '--refresh']);
  expect(script.stderr).not.toContain(line);
});

test('what is left to do for a profile of another set of AWS files is not done to the one of that name here', async () => {
  const world = await rotated(9);
  const other = join(world.home, 'other config');
  writeFileSync(other, section('profile user101', { region: 'us-east-1' }));
  const { stderr } = await world.run(['keys'], { env: { AWS_CONFIG_FILE: other } });
  expect(stderr).toBe(
    `user101 (~/.aws/config)'s earlier key ${ID} was replaced 9 days ago; to delete it at AWS: ` +
      `AWS_CONFIG_FILE=${join(world.home, '.aws', 'config')} awsrole rotate --finish user101\n`,
  );
});

test('a profile of one name in two sets of AWS files is two users', async () => {
  const world = await ageWorld({ credentials: section('user101', USER101_KEYS) });
  const folder = join(world.home, 'work');
  mkdirSync(folder);
  const env = {
    AWS_CONFIG_FILE: join(folder, 'config'),
    AWS_SHARED_CREDENTIALS_FILE: join(folder, 'credentials'),
  };
  writeFileSync(env.AWS_SHARED_CREDENTIALS_FILE, section('user101', OTHER_KEYS), { mode: 0o600 });
  expect(await world.run(['protect', 'user101'])).toMatchObject({ status: 0 });
  // Nothing is done to the one for want of the other.
  const refused = await world.run(['unprotect', 'user101'], { env });
  expect(refused).toMatchObject({ status: 7 });
  expect(refused.stderr).toContain(
    `the stored keys belong to the profile in "${join(world.home, '.aws', 'config')}"`,
  );

  expect(await world.run(['protect', 'user101'], { env })).toMatchObject({ status: 0 });
  const [, theirs = ''] = /key-process (\S+)/.exec(readFileSync(env.AWS_CONFIG_FILE, 'utf8')) ?? [];
  expect(read(world, 'config')).toMatch(/key-process user101$/m);
  expect(await handedOut(world, 'user101')).toMatchObject({ SecretAccessKey: SECRET });
  expect(await handedOut(world, theirs)).toMatchObject({ SecretAccessKey: OTHER_KEYS.aws_secret_access_key });

  // The list tells them apart, from either side.
  const here = await world.run(['keys']);
  expect(here.stdout).toMatch(/^profile +config file +key id/);
  expect(here.stdout).toMatch(new RegExp(`^user101 +${ID} `, 'm'));
  expect(here.stdout).toMatch(new RegExp(`^user101 +~/work/config +${OTHER_KEYS.aws_access_key_id} `, 'm'));
  const rows = JSON.parse((await world.run(['keys', '--json'], { env })).stdout);
  expect(
    rows.map(({ accessKeyId, file }: { accessKeyId: string; file?: string }) => [accessKeyId, file]),
  ).toEqual(
    expect.arrayContaining([
      [ID, join(world.home, '.aws', 'config')],
      [OTHER_KEYS.aws_access_key_id, undefined],
    ]),
  );

  // A file that was moved takes its line with it.
  const moved = { ...env, AWS_CONFIG_FILE: join(folder, 'moved') };
  renameSync(env.AWS_CONFIG_FILE, moved.AWS_CONFIG_FILE);
  expect(await world.run(['unprotect', 'user101'], { env: moved })).toMatchObject({ status: 0 });
  expect(readFileSync(env.AWS_SHARED_CREDENTIALS_FILE, 'utf8')).toBe(section('user101', OTHER_KEYS));
  expect(await world.run(['unprotect', 'user101'])).toMatchObject({ status: 0 });
  expect(read(world, 'credentials')).toBe(section('user101', USER101_KEYS));
});

// Such an entry could not be read again, and with it nobody's keys.
test.each([`"${ID}"`, 'test', '../../../escaped', 'ASIAUSER10100EXAMPLE'])(
  'a key id that is none of AWS’s long-lived ones is refused before anything is stored: %s',
  async (id) => {
    const credentials = section('u', { ...USER101_KEYS, aws_access_key_id: id });
    const world = await ageWorld({ credentials });
    const run = await world.run(['protect', 'u']);
    expect([run.stderr, run.status]).toEqual([
      expect.stringMatching(/credentials:2: the key id of profile "u" /),
      3,
    ]);
    expect(read(world, 'credentials')).toBe(credentials);
    expect(existsSync(keysOf(world)) ? readdirSync(keysOf(world)) : []).toEqual([]);
  },
);

test('a profile that does not exist is a mistake in the name, and close ones are named', async () => {
  const world = await ageWorld({ credentials: section('user101', USER101_KEYS) });
  const run = await world.run(['protect', 'user10']);
  expect([run.stderr, run.status]).toEqual([expect.stringContaining('did you mean "user101"?'), 3]);
});

test('a secret in a comment is named', async () => {
  const world = await ageWorld({ credentials: `${section('u', USER101_KEYS)}# was ${SECRET}\n` });
  const run = await world.run(['protect', 'u']);
  expect(run.stderr).toMatch(/^The secret is still in \S+credentials:3\.$/m);
});

test('one config file of two credentials files hands out the keys of the first, and the second is told', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  const other = join(world.home, '.aws', 'other');
  writeFileSync(other, section('u', OTHER_KEYS), { mode: 0o600 });
  const env = { AWS_SHARED_CREDENTIALS_FILE: other };
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  const refused = await world.run(['protect', 'u'], { env });
  expect([refused.stderr, refused.status]).toEqual([expect.stringContaining('both files share'), 3]);
  expect(read(world, 'other')).toBe(section('u', OTHER_KEYS));
  expect(await handedOut(world, 'u')).toMatchObject({ SecretAccessKey: SECRET });
  writeFileSync(other, '', { mode: 0o600 });
  const back = await world.run(['unprotect', 'u'], { env });
  expect([back.stderr, back.status]).toEqual([expect.stringContaining('set AWS_SHARED_CREDENTIALS_FILE'), 7]);
  expect(await world.run(['unprotect', 'u'])).toMatchObject({ status: 0 });
  expect(read(world, 'credentials')).toBe(section('u', USER101_KEYS));
});

test('doctor tells users of one name in two sets of AWS files apart', async () => {
  const world = await ageWorld({ credentials: section('u', USER101_KEYS) });
  const config = join(world.home, 'config');
  const credentials = join(world.home, 'credentials');
  writeFileSync(credentials, section('u', OTHER_KEYS), { mode: 0o600 });
  const env = { AWS_CONFIG_FILE: config, AWS_SHARED_CREDENTIALS_FILE: credentials };
  expect(await world.run(['protect', 'u'])).toMatchObject({ status: 0 });
  expect(await world.run(['protect', 'u'], { env })).toMatchObject({ status: 0 });
  writeFileSync(config, '');
  const said = await world.run(['doctor']);
  expect(said.stdout).toContain('no profile of that name in "~/config" refers to them');
  expect(said.stdout).toContain('AWS_CONFIG_FILE=~/config awsrole protect u writes the line');
});

test('a time to unlock for that is none is a mistake in what was typed', async () => {
  const world = await ageWorld({});
  expect(await world.run(['unlock', 'soon'])).toMatchObject({ status: 2 });
});
