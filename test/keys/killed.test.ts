import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { getCallerIdentity } from '../../src/credentials/sts/client.ts';
import { environmentStsSettings } from '../../src/credentials/sts/settings.ts';
import { decrypt } from '../../src/keys/age-crypt.ts';
import type { KeyPair } from '../../src/keys/key-store.ts';
import { parseSharedConfigFile } from '../../src/profiles/shared-config-file.ts';
import { makeWorld, needs, section, USER101_KEYS, type World } from '../world.ts';
import { STORES } from './key-stores.ts';
import { canTrace, changes, type KillPoint, killPoints, runKilled, type Traced } from './killing.ts';

// Whenever a command is killed, the keys are in one place at least, and the next run finishes the work.

/** Also where a call changes nothing, which takes some minutes. */
const EVERY_CALL = Boolean(process.env.AWSROLE_TEST_EVERY_CALL);
const ID = USER101_KEYS.aws_access_key_id;
const SECRET = USER101_KEYS.aws_secret_access_key;
const OTHER = '# mine\n[other]\naws_access_key_id = AKIAOTHER00000EXAMPLE\naws_secret_access_key = others\n';
const CONFIG = `${section('profile plain', { role_arn: 'arn:aws:iam::123456789012:role/plain', source_profile: 'user101' })}; end\n`;

const identity = await generateX25519Identity();

/** Those whose state is in files; the keyring's own process keeps its. */
const [, pass, age] = STORES;
const IN_FILES = [age, pass].filter((store) => store !== undefined);
type Kind = (typeof STORES)[number]['kind'];

interface Home {
  readonly kind: Kind;
  readonly world: World;
  readonly env: Readonly<Record<string, string>>;
  readonly keys: string;
  readonly traced: Traced;
  path(name: string): string;
  aws(name: string): string;
  command(...words: string[]): string[];
}

async function makeHome(kind: Kind): Promise<Home> {
  const world = await makeWorld({ config: CONFIG });
  const env = { AWS_ENDPOINT_URL_IAM: world.sts.url, GNUPGHOME: join(world.home, '.gnupg') };
  if (kind === 'pass') pass?.prepare(world);
  const path = (name: string): string => join(world.home, '.aws', name);
  return {
    kind,
    world,
    env,
    path,
    keys: join(world.home, '.local', 'share', 'awsrole', 'keys'),
    traced: { env: world.env(env), folder: world.home },
    aws: (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : ''),
    command: (...words) => [process.execPath, world.cli, ...words],
  };
}

/** Puts everything back to how it is before `protect`. */
function reset({ kind, world, keys, path }: Home): void {
  rmSync(keys, { recursive: true, force: true });
  rmSync(join(world.home, '.password-store', 'awsrole'), { recursive: true, force: true });
  rmSync(join(world.home, '.aws'), { recursive: true, force: true });
  mkdirSync(join(world.home, '.aws'));
  world.write({ config: CONFIG, credentials: `${OTHER}\n${section('user101', USER101_KEYS)}` });
  chmodSync(path('credentials'), 0o640);
  world.settle();
  writeFileSync(join(world.home, 'identity'), `${identity}\n`, { mode: 0o600 });
  world.settings(`key_store = ${kind}\nkey_store_identity = ~/identity\n`);
}

/** The pair that a tool gets through the index and the store; undefined where it gets none. */
async function storedSecret({ kind, world, env, keys }: Home): Promise<string | undefined> {
  const index = join(keys, 'index.json');
  if (!existsSync(index)) return undefined;
  const [user] = JSON.parse(readFileSync(index, 'utf8')).users;
  const current = user?.keys.find((key: { state: string }) => key.state === 'current');
  if (kind === 'pass') {
    const item = `awsrole/${user?.id}/${current?.accessKeyId}`;
    const { status, stdout } = spawnSync('sh', ['-c', 'exec pass show "$0"', item], {
      env: world.env(env),
      encoding: 'utf8',
    });
    return status === 0 ? JSON.parse(stdout).SecretAccessKey : undefined;
  }
  const file = join(keys, `${user?.id}.${current?.accessKeyId}.age`);
  if (!existsSync(file)) return undefined;
  return JSON.parse(await decrypt(readFileSync(file, 'utf8'), { identity })).SecretAccessKey;
}

/** What holds at every moment. */
async function expectNothingLost(home: Home, hasKeys = false): Promise<void> {
  const { aws, path } = home;
  const isInFile = aws('credentials').includes(ID) && aws('credentials').includes(SECRET);
  const isReferredTo = /^credential_process = \S+ key-process user101$/m.test(aws('config'));
  if (!isInFile && !hasKeys) expect([isReferredTo, await storedSecret(home)]).toEqual([true, SECRET]);
  expect(aws('credentials')).toContain(OTHER);
  expect(statSync(path('credentials')).mode & 0o777).toBe(0o640);
  expect(statSync(path('config')).mode & 0o777).toBe(0o600);
  expect(aws('config')).toContain(CONFIG.trimEnd());
  for (const name of ['config', 'credentials'] as const) {
    expect(parseSharedConfigFile(readFileSync(path(name)), path(name), name).problems).toEqual([]);
  }
}

/** What killed runs leave is gone after the next. */
function expectTidy({ world, keys }: Home): void {
  const names = [join(world.home, '.aws'), keys].flatMap((folder) => readdirSync(folder));
  expect(names.filter((name) => /tmp|lock|owner/.test(name))).toEqual([]);
}

/**
 * Has a run killed at one of the calls of `points`. Where it had fewer of that name this time, the calls are listed anew,
 * for its number now: those that wake threads count too, and are more on a busy machine.
 */
async function killedAt<T extends { readonly killed: boolean }>(
  points: readonly KillPoint[],
  point: KillPoint,
  list: () => Promise<KillPoint[]>,
  attempt: (at: KillPoint) => Promise<T>,
): Promise<T> {
  const alike = (all: readonly KillPoint[]): KillPoint[] => all.filter(({ call }) => call === point.call);
  const which = alike(points).indexOf(point);
  let run = await attempt(point);
  for (let left = 4; left > 0 && !run.killed; left -= 1) {
    run = await attempt(alike(await list())[which] ?? point);
  }
  return run;
}

async function sweep(
  home: Home,
  words: string[],
  before: () => Promise<void>,
  after: () => Promise<void>,
  { input = '', hasKeys = false } = {},
): Promise<void> {
  const { world, traced, command, env } = home;
  await before();
  const below = [join(world.home, '.aws'), home.keys];
  const isWanted = (line: string): boolean =>
    (EVERY_CALL || (home.kind === 'pass' ? isStep(line) : changes(line))) &&
    (below.some((folder) => line.includes(folder)) || isForPass(home, line));
  const list = (): Promise<KillPoint[]> => killPoints(command(...words), traced, isWanted);
  const points = await list();
  await after();
  expect(points.length).toBeGreaterThan(10);
  let kills = 0;
  for (const point of points) {
    const listAgain = async (): Promise<KillPoint[]> => {
      await before();
      return list();
    };
    const { killed, said } = await killedAt(points, point, listAgain, async (found) => {
      await before();
      return runKilled(command(...words), traced, found);
    });
    if (killed) kills += 1;
    await at(
      point,
      () => said,
      () => expectNothingLost(home, hasKeys),
    );
    const next = await world.run(words, { input, env });
    await at(
      point,
      () => next.stderr,
      async () => {
        // It had been done, and only its end was not.
        if (!/no keys of "user101" are stored/.test(next.stderr)) expect(next).toMatchObject({ status: 0 });
        expect(next.stderr).not.toContain('waiting');
        await expectNothingLost(home);
        expectTidy(home);
        await after();
      },
    );
  }
  // The last ones of a run may not be there in another.
  expect(kills).toBeGreaterThan(points.length * 0.9);
}

/** Where the state changes. */
function isStep(line: string): boolean {
  return /^(rename|unlink|write|sendto)/.test(line);
}

/** What goes to a program that was started. */
function isForPass({ kind }: Home, line: string): boolean {
  return kind === 'pass' && /^(write|writev|sendto)\(\d+<(socket|UNIX)/.test(line);
}

async function at(point: KillPoint, said: () => string, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    (error as Error).message += `\nkilled at ${point.call} ${point.count}: ${point.line}\n${said()}`;
    throw error;
  }
}

const sweeping = (there: boolean) => ({
  ...needs(canTrace && there),
  timeout: EVERY_CALL ? 3_600_000 : 600_000,
});

for (const { kind, there } of IN_FILES) {
  test(`${kind}: protect can be killed at every system call`, sweeping(there), async () => {
    const home = await makeHome(kind);
    await sweep(
      home,
      ['protect', 'user101'],
      async () => reset(home),
      async () => {
        expect(home.aws('credentials')).not.toContain(SECRET);
        expect(await storedSecret(home)).toBe(SECRET);
      },
    );
  });

  test(`${kind}: unprotect can be killed at every system call`, sweeping(there), async () => {
    const home = await makeHome(kind);
    await sweep(
      home,
      ['unprotect', 'user101'],
      async () => {
        reset(home);
        expect(await home.world.run(['protect', 'user101'], home)).toMatchObject({ status: 0 });
      },
      async () => {
        expect(home.aws('credentials')).toContain(SECRET);
        expect(home.aws('config')).not.toContain('credential_process');
        expect(readdirSync(home.keys)).toEqual(['index.json']);
        expect(readFileSync(join(home.keys, 'index.json'), 'utf8')).not.toContain('user101');
      },
    );
  });

  test(`${kind}: add can be killed at every system call`, sweeping(there), async () => {
    const home = await makeHome(kind);
    const input = `${ID}\n${SECRET}\n`;
    const { world } = home;
    const bare = `${OTHER}\n`;
    await sweep(
      { ...home, traced: { ...home.traced, input } },
      ['add', 'user101', '--stdin'],
      async () => {
        reset(home);
        world.write({ credentials: bare });
        chmodSync(home.path('credentials'), 0o640);
      },
      async () => {
        expect(home.aws('credentials')).toBe(bare);
        expect(await storedSecret(home)).toBe(SECRET);
      },
      // Who adds keys has them still.
      { input, hasKeys: true },
    );
  });
}

/** The pair that is handed out now works at AWS. */
async function expectWorking(home: Home): Promise<string> {
  const { stdout } = await home.world.command(
    ['sh', '-c', `"${process.execPath}" "${home.world.cli}" key-process user101`],
    home,
  );
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = JSON.parse(stdout);
  expect(await works(home, { accessKeyId, secretAccessKey })).toBe(true);
  return accessKeyId;
}

async function works({ world }: Home, pair: KeyPair): Promise<boolean> {
  return getCallerIdentity(environmentStsSettings(world.env()), pair).then(
    () => true,
    () => false,
  );
}

/** Its calls that change what is stored, and its requests. */
const isRotationStep =
  (home: Home) =>
  (line: string): boolean =>
    /"POST \S+ HTTP\/1/.test(line) ||
    (line.includes(home.keys) && (EVERY_CALL ? changes(line) : line.startsWith('rename'))) ||
    isForPass(home, line);

for (const { kind, there } of IN_FILES) {
  test(`${kind}: rotate can be killed at every step`, sweeping(there), async () => {
    const protectedHome = async (): Promise<Home> => {
      const home = await makeHome(kind);
      reset(home);
      expect(await home.world.run(['protect', 'user101'], home)).toMatchObject({ status: 0 });
      return home;
    };
    const list = async (): Promise<KillPoint[]> => {
      const home = await protectedHome();
      return killPoints(home.command('rotate', 'user101'), home.traced, isRotationStep(home));
    };
    const points = await list();
    expect(points.length).toBeGreaterThan(8);
    let kills = 0;
    const check = async (point: KillPoint): Promise<void> => {
      const { home, killed, said } = await killedAt(points, point, list, async (found) => {
        const fresh = await protectedHome();
        return { home: fresh, ...(await runKilled(fresh.command('rotate', 'user101'), fresh.traced, found)) };
      });
      if (killed) kills += 1;
      let told = said;
      await at(
        point,
        () => told,
        async () => {
          await expectWorking(home);
          let next = await home.world.run(['rotate', 'user101'], home);
          told += next.stderr;
          if (next.status !== 0 && next.stderr.includes('awsrole rotate --finish')) {
            // The secret of a key whose answer did not arrive nobody has; or all had been done, and this is one more.
            expect(await home.world.run(['rotate', '--finish', '--yes', 'user101'], home)).toMatchObject({
              status: 0,
            });
            next = await home.world.run(['rotate', 'user101'], home);
            told += next.stderr;
          }
          expect(next).toMatchObject({ status: 0 });
          const current = await expectWorking(home);
          expect(current).not.toBe(ID);
          expect(await works(home, { accessKeyId: ID, secretAccessKey: SECRET })).toBe(false);
          expectTidy(home);
        },
      );
    };
    // They wait most of the time.
    const left = [...points];
    const worker = async (): Promise<void> => {
      for (let point = left.shift(); point !== undefined; point = left.shift()) await check(point);
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(kills).toBeGreaterThan(points.length * 0.9);
  });
}
