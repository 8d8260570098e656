import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, needs, parseLines, type Run, section, type World } from '../world.ts';
import { has, hasKeyring, onDesktop, plainShell } from './desktop.ts';

const keyring = 'keep_sessions = keyring\n';

/** A world whose sessions are kept in the keyring. */
async function keyringWorld(more = ''): Promise<World> {
  const world = await makeWorld();
  world.settle();
  world.settings(`${keyring}${more}`);
  return world;
}

/** Runs a script on a desktop: `switch_to NAME [OPTION...]` gives session lines, `items` the keyring's items of ours. */
function run(world: World, script: string, env: Record<string, string> = {}): Promise<Run> {
  const functions = `
switch_to() { $CLI session-lines "$@"; }
items() { secret-tool search --all service awsrole 2>&1 | grep -c 'attribute.username = session/'; }
`;
  return onDesktop(world, functions + script, { AWSROLE_SHELL: world.shellKey(), ...env });
}

/** The session lines in an output. */
function linesIn(stdout: string): ReturnType<typeof parseLines>[] {
  return [...stdout.matchAll(/^awsrole-session [\s\S]*?^end\n/gm)].map(([text]) => parseLines(text));
}

/** The files below the home that hold a text. */
function filesWith(world: World, ...texts: string[]): string[] {
  return Object.entries(world.snapshot('.')).flatMap(([path, content]) =>
    texts.some((text) => text !== '' && content.includes(text)) ? [path] : [],
  );
}

function secretsOf({ set }: ReturnType<typeof parseLines>): string[] {
  const secrets = [set.AWS_SECRET_ACCESS_KEY ?? '', set.AWS_SESSION_TOKEN ?? ''];
  expect(secrets.every((secret) => secret.length > 20)).toBe(true);
  return secrets;
}

const cards = (world: World): string[] => readdirSync(join(world.cache, 'sessions'));
const noted = (world: World): string[] => {
  const folder = join(world.cache, 'items');
  return existsSync(folder) ? readdirSync(folder) : [];
};

describe.skipIf(needs(hasKeyring).skip)('sessions in the keyring', () => {
  it('serve the next switch and every program, and are in no file', async () => {
    const world = await keyringWorld();
    const done = await run(
      world,
      `printf '%s\\n' $CODE | switch_to role101 --mfa-code -; switch_to role101; switch_to role102
       $CLI credential-process role101; $CLI exec role101 -- env; $CLI list --json; $CLI explain role102; items`,
      { CODE: world.code() },
    );
    expect(done.status).toBe(0);
    expect(done.stderr).not.toMatch(/^awsrole:/m);
    const [first, second, other] = linesIn(done.stdout);
    if (first === undefined || other === undefined) throw new Error(done.stdout);
    expect(second).toEqual(first);
    // One code for both roles: the MFA session was kept, too.
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 2 });
    const { AWS_ACCESS_KEY_ID: id, AWS_SESSION_TOKEN: token } = first.set;
    expect(done.stdout).toContain(`"AccessKeyId":"${id}"`);
    expect(done.stdout).toContain(`\nAWS_SESSION_TOKEN=${token}\n`);
    expect(done.stdout).toMatch(/"profile": "role101",[^}]*"secondsLeft": \d+/);
    expect(done.stdout).toContain('a kept session is used');
    expect(done.stdout).toMatch(/^3$/m);
    expect(filesWith(world, ...secretsOf(first), ...secretsOf(other))).toEqual([]);
    expect(existsSync(join(world.home, '.aws', 'cli'))).toBe(false);
    expect(existsSync(join(world.cache, 'shell'))).toBe(false);
  });

  it('are never on the way in a file either', needs(has('strace')), async () => {
    const world = await keyringWorld();
    const trace = join(world.home, 'trace');
    const done = await run(
      world,
      `strace -f -qq -y -s 100000 -e trace=write,writev,pwrite64,pwritev,execve -o ${trace} $CLI session-lines plain`,
    );
    const [lines] = linesIn(done.stdout);
    if (lines === undefined) throw new Error(done.stderr);
    const secrets = secretsOf(lines);
    const calls = readFileSync(trace, 'latin1').split('\n');
    rmSync(trace);
    const holding = calls.filter((call) => secrets.some((secret) => call.includes(secret)));
    expect(holding.length).toBeGreaterThan(1);
    // Pipes and sockets: to the process that asks the keyring, from it, and to the shell.
    expect(holding.filter((call) => !/^\d+ +writev?\(\d+<(pipe|socket|UNIX)/.test(call))).toEqual([]);
  });

  it('are removed by clear, all of them or those of a profile', async () => {
    const world = await keyringWorld();
    const done = await run(
      world,
      `switch_to plain; printf '%s\\n' $CODE | switch_to role101 --mfa-code -
       items; $CLI clear plain; items; $CLI clear; items`,
      { CODE: world.code() },
    );
    expect(done.stdout.match(/^\d$/gm)).toEqual(['3', '2', '0']);
    expect(done.stderr).toContain('removed 1 kept session of plain');
    expect(done.stderr).toContain('removed 2 kept sessions');
    expect([cards(world), noted(world)]).toEqual([[], []]);
  });

  it('do not pile up: a renewed one and one that has ended are removed', async () => {
    const world = await keyringWorld();
    const before = await run(world, 'switch_to plain; switch_to plain --refresh; items');
    expect(before.stdout).toMatch(/^1$/m);
    const [card = ''] = cards(world);
    const path = join(world.cache, 'sessions', card);
    const past = Math.floor(Date.now() / 1000) - 3_600;
    writeFileSync(
      path,
      readFileSync(path, 'utf8').replace(/("expires"|"obtained"):\d+/g, (_, name) => `${name}:${past}`),
    );
    utimesSync(path, past, past);
    for (const name of noted(world)) utimesSync(join(world.cache, 'items', name), past, past);
    const after = await run(world, `printf '%s\\n' $CODE | switch_to role101 --mfa-code -; items`, {
      CODE: world.code(),
    });
    expect(after.stdout).toMatch(/^2$/m);
    expect(noted(world)).toHaveLength(2);
  });

  it('got by two terminals at once are one', async () => {
    const world = await keyringWorld();
    const done = await run(
      world,
      'for i in 1 2 3 4; do switch_to plain >$HOME/out$i & done; wait; cat $HOME/out*; rm $HOME/out*; items',
    );
    const ids = linesIn(done.stdout).map(({ set }) => set.AWS_ACCESS_KEY_ID);
    expect(ids).toHaveLength(4);
    expect(new Set(ids).size).toBe(1);
    expect(done.stdout).toMatch(/^1$/m);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('take the place of those in files when the setting is changed, and the other way round', async () => {
    const world = await makeWorld();
    world.settle();
    const first = await run(world, `printf '%s\\n' $CODE | switch_to role101 --mfa-code -; switch_to plain`, {
      CODE: world.code(),
    });
    const secrets = linesIn(first.stdout).flatMap(secretsOf);
    expect(secrets).toHaveLength(4);
    const kept = filesWith(world, ...secrets);
    expect(kept.some((path) => path.endsWith('.session'))).toBe(true);
    expect(kept.some((path) => path.includes('.aws/cli/cache'))).toBe(true);

    world.settings(keyring);
    const second = await run(world, 'switch_to plain; items');
    expect(second.stdout).toMatch(/^1$/m);
    expect(filesWith(world, ...secrets)).toEqual([]);
    // That of the AWS CLI's own is not ours to remove; it was ours.
    expect(readdirSync(join(world.home, '.aws', 'cli', 'cache'))).toEqual([]);

    world.settings('keep_sessions = files\n');
    const past = Date.now() / 1000 - 120;
    for (const name of noted(world)) utimesSync(join(world.cache, 'items', name), past, past);
    const third = await run(world, 'switch_to plain; switch_to plain; items');
    expect(third.stdout).toMatch(/^0$/m);
    const [again] = linesIn(third.stdout);
    if (again === undefined) throw new Error(third.stderr);
    expect(filesWith(world, ...secretsOf(again)).length).toBeGreaterThan(0);
    expect(world.sts.counts()).toMatchObject({ AssumeRole: 4 });
  });

  it("read the AWS CLI's own sessions, and leave them where they are", async () => {
    const world = await makeWorld();
    world.settle();
    // What the AWS CLI has got: as we would write it.
    const first = await run(world, 'switch_to plain');
    const [lines] = linesIn(first.stdout);
    if (lines === undefined) throw new Error(first.stderr);
    rmSync(world.cache, { recursive: true });
    world.settings(`${keyring}aws_cli_cache = read-write\n`);
    const second = await run(world, 'switch_to plain; items');
    expect(linesIn(second.stdout)[0]?.set).toEqual(lines.set);
    expect(second.stdout).toMatch(/^1$/m);
    expect(filesWith(world, ...secretsOf(lines)).map((path) => path.replace(/[0-9a-f]{40}/, 'KEY'))).toEqual([
      '.aws/cli/cache/KEY.json',
    ]);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it.each([
    ['is gone', 'secret-tool clear service awsrole username $NAME'],
    ['is another text', 'printf hostile | secret-tool store --label x service awsrole username $NAME'],
    [
      'is another session',
      `printf '%s' '{"accessKeyId":"ASIAEVIL","secretAccessKey":"evil","sessionToken":"evil"}' | secret-tool store --label x service awsrole username $NAME`,
    ],
  ])('are got again where the item %s', async (_what, damage) => {
    const world = await keyringWorld();
    const done = await run(
      world,
      `switch_to plain; NAME=session/$(ls $HOME/.cache/awsrole/items | sed s/-.*//)/1; ${damage}; switch_to plain; switch_to plain`,
    );
    expect(done.status).toBe(0);
    expect(done.stderr).not.toMatch(/^awsrole:/m);
    const [first, second, third] = linesIn(done.stdout);
    expect(second?.set.AWS_SESSION_TOKEN).not.toBe(first?.set.AWS_SESSION_TOKEN);
    expect(third).toEqual(second);
    expect(done.stdout).not.toContain('evil');
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('are split where they are long, and count only as a whole', async () => {
    const world = await keyringWorld();
    const token = world.keepSecret('long'.repeat(1_500));
    const answer = {
      Version: 1,
      AccessKeyId: 'ASIALONG0000EXAMPLE0',
      SecretAccessKey: 'sandbox+long/notARealSecret00EXAMPLEKEY',
      SessionToken: token,
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    };
    writeFileSync(
      join(world.home, 'program'),
      `#!/bin/sh\necho run >>"$HOME/runs"\ncat <<'X'\n${JSON.stringify(answer)}\nX\n`,
      { mode: 0o755 },
    );
    world.write({
      config: section('profile long', { credential_process: join(world.home, 'program') }),
    });
    world.settle();
    const done = await run(
      world,
      `switch_to long; items; switch_to long; wc -l <$HOME/runs
       secret-tool clear service awsrole username session/$(ls $HOME/.cache/awsrole/items | sed s/-.*//)/3
       switch_to long; wc -l <$HOME/runs; $CLI clear; items`,
    );
    for (const { set } of linesIn(done.stdout)) expect(set.AWS_SESSION_TOKEN).toBe(token);
    expect(linesIn(done.stdout)).toHaveLength(3);
    expect(done.stdout.match(/^\d+$/gm)).toEqual(['6', '1', '2', '0']);
  });

  it('cannot be read from a locked keyring, which a program is told', async () => {
    const world = await keyringWorld();
    expect(
      (await run(world, `printf '%s\\n' $CODE | switch_to role101 --mfa-code -`, { CODE: world.code() }))
        .status,
    ).toBe(0);
    const locked = await run(
      world,
      '$CLI credential-process role101; echo "status $?"; $CLI clear; echo "status $?"',
      { LOCKED: '1' },
    );
    expect(locked.stdout).toBe('status 4\nstatus 7\n');
    expect(locked.stderr).toContain('is locked');
    expect(cards(world)).toEqual([]);
    // The next clear that finds it open removes them.
    expect(noted(world)).toHaveLength(2);
    const open = await run(world, 'items; $CLI clear; items');
    expect(open.stdout).toBe('2\n0\n');
    expect(noted(world)).toEqual([]);
  });
});

it('sessions are not kept, but had, where there is no keyring', async () => {
  const world = await keyringWorld();
  const env = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent', AWSROLE_SHELL: world.shellKey() };
  const done = await plainShell(
    world,
    `printf '%s\\n' $CODE | $CLI session-lines role101 --mfa-code - && $CLI session-lines plain && $CLI session-lines plain`,
    { ...env, CODE: world.code() },
  );
  expect(done.status).toBe(0);
  const found = linesIn(done.stdout);
  expect(found).toHaveLength(3);
  expect(
    done.stderr.match(/warning: .*(no keyring answers here|is not installed).*; sessions are not kept/g),
  ).toHaveLength(3);
  expect(filesWith(world, ...found.flatMap(secretsOf))).toEqual([]);
  expect(noted(world)).toEqual([]);
});

it('nothing is put into the keyring from a cache that others can write to', needs(hasKeyring), async () => {
  const world = await keyringWorld();
  mkdirSync(world.cache, { recursive: true });
  chmodSync(world.cache, 0o777);
  const done = await run(world, 'switch_to plain; items');
  expect(linesIn(done.stdout)).toHaveLength(1);
  expect(done.stdout).toMatch(/^0$/m);
  expect(done.stderr).toContain('sessions are not kept: ');
});

it('an unknown place for sessions is an error, and nothing is kept anywhere', async () => {
  const world = await makeWorld();
  world.settle();
  const file = world.settings('keep_sessions = keyrng\n');
  for (const command of [
    ['session-lines', 'plain'],
    ['exec', 'plain', '--', 'true'],
    ['credential-process', 'plain'],
  ]) {
    const failed = await world.run(command);
    expect(failed.status).not.toBe(0);
    expect(failed.stderr).toContain(`${file}:1: keep_sessions is "keyrng"`);
    expect(failed.stderr).toContain('write files or keyring');
  }
  expect(world.keptSessions()).toEqual([]);
});

it('GNOME Keyring is installed', needs(hasKeyring), () => {
  expect(hasKeyring).toBe(true);
});
