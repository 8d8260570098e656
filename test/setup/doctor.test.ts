import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity } from 'age-encryption';
import { expect, onTestFinished, test } from 'vitest';
import type { Diagnosis } from '../../src/setup/doctor.ts';
import {
  makeWorld,
  type Run,
  type RunOptions,
  roleArn,
  section,
  USER101_KEYS,
  type World,
} from '../world.ts';

const SHELL = fileURLToPath(new URL('../../shell', import.meta.url));
/** With awsrole on PATH, and nothing else that a machine may lack or have. */
const PATH = `${SHELL}:${process.env.PATH}`;

interface Examination {
  readonly run: Run;
  readonly found: readonly Diagnosis[];
  /** The findings of one check, each in a line: `state says -> todo`. */
  readonly of: (check: string) => string[];
}

async function examine(world: World, options: RunOptions = {}): Promise<Examination> {
  const env = { PATH, NODE_EXTRA_CA_CERTS: undefined, ...options.env };
  const run = await world.run(['doctor', '--json'], { ...options, env });
  expect(run.signal).toBeNull();
  const found: Diagnosis[] = JSON.parse(run.stdout);
  const faults = found.filter(({ state }) => state === 'wrong');
  expect(run.status).toBe(faults.length > 0 ? 3 : 0);
  const of = (check: string): string[] =>
    found
      .filter((one) => one.check === check)
      .map(({ state, says, todo }) => `${state} ${says}${todo === undefined ? '' : ` -> ${todo}`}`);
  return { run, found, of };
}

test('a home in order: nothing is wrong, keys in plain text are a note, and the status is 0', async () => {
  const world = await makeWorld();
  const { run, found, of } = await examine(world, { env: { AWS_ENDPOINT_URL_IAM: world.sts.url } });
  expect(found.filter(({ state }) => state === 'wrong')).toEqual([]);
  expect(run.status).toBe(0);
  for (const one of found) {
    expect(Object.keys(one)).toEqual(
      one.todo === undefined ? ['check', 'state', 'says'] : ['check', 'state', 'says', 'todo'],
    );
  }
  expect(of('files')).toEqual(['ok all 12 profiles in ~/.aws/config and ~/.aws/credentials can be used']);
  expect(of('sts')).toEqual([`ok STS answers: ${new URL(world.sts.url).origin}`]);
  expect(of('clock')).toEqual(["ok this computer's clock agrees with that of STS"]);
  expect(of('cache')).toEqual(['ok no session is kept yet (~/.cache/awsrole will be made)']);
  expect(of('launcher')[0]).toMatch(/^ok awsrole is on PATH/);
  // user101 may list its keys, the others may not.
  expect(of('keys')).toEqual([
    expect.stringMatching(
      /^note the keys of "user101" are in plain text \(~\/\.aws\/credentials:2\), \d+ days? old -> awsrole protect user101/,
    ),
    expect.stringMatching(/^note the keys of "user-gov" .*, of unknown age -> awsrole protect user-gov$/),
    expect.stringMatching(/^note the keys of "user-cn" /),
  ]);
  expect(of('default')).toEqual(['ok [default] has neither credentials nor endpoints']);
  expect(run.stdout).not.toContain(world.home);
});

test('for a person: a mark, what is found, and what to do; no escape sequence in a file', async () => {
  const world = await makeWorld();
  chmodSync(join(world.home, '.aws', 'credentials'), 0o644);
  const run = await world.run(['doctor'], { env: { PATH, NO_COLOR: '1' } });
  expect(run.status).toBe(3);
  expect(run.stdout).toContain(
    '✗ files      other users can read the keys in ~/.aws/credentials (mode 0644)\n' +
      '             chmod 600 ~/.aws/credentials\n',
  );
  expect(run.stdout).toMatch(/\n\n1 thing is wrong; 3 notes\.\n$/);
  expect(run.stdout).not.toContain('\u001b');
});

test.each([
  [-100_000, 'note', 'fast: an MFA code'],
  [200_000, 'note', 'slow: an MFA code'],
  [600_000, 'wrong', 'slow: AWS refuses'],
])('a clock that is %d ms off', async (milliseconds, state, words) => {
  const world = await makeWorld();
  world.sts.advanceClock(milliseconds);
  const [found = ''] = (await examine(world)).of('clock');
  expect(found.startsWith(state)).toBe(true);
  expect(found).toContain(words);
});

test('without a network what needs it is not known, and nothing of that is wrong', async () => {
  const world = await makeWorld();
  const nobody = await closedPort();
  const { run, of } = await examine(world, { env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${nobody}` } });
  expect(of('sts')).toEqual([expect.stringMatching(/^unknown STS .* could not be reached/)]);
  expect(of('clock')).toEqual([expect.stringMatching(/^unknown /)]);
  expect(run.status).toBe(0);
});

test('an STS that does not answer where another does is wrong', async () => {
  const nobody = await closedPort();
  const world = await makeWorld();
  const role = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'us-east-1' };
  world.write({
    credentials: section('user101', USER101_KEYS),
    config:
      section('profile user101', { endpoint_url: world.sts.url, region: 'us-east-1' }) +
      section('profile good', { ...role, endpoint_url: world.sts.url }) +
      section('profile bad', { ...role, endpoint_url: `http://127.0.0.1:${nobody}` }),
  });
  const { of } = await examine(world, { env: { AWS_ENDPOINT_URL_STS: undefined } });
  expect(of('sts')).toEqual([
    `ok STS answers: ${new URL(world.sts.url).origin}`,
    expect.stringContaining(`wrong STS (http://127.0.0.1:${nobody}) could not be reached`),
  ]);
});

test('a web page in the place of STS is named', async () => {
  const world = await makeWorld();
  const portal = createServer((_, answer) => answer.end('<html>Please sign in</html>')).listen(
    0,
    '127.0.0.1',
  );
  onTestFinished(() => void portal.close());
  await new Promise((resolve) => portal.once('listening', resolve));
  const { port } = portal.address() as AddressInfo;
  const { of } = await examine(world, { env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` } });
  expect(of('sts')[0]).toMatch(/^wrong what answers for STS .* is not STS \(HTTP 200\)/);
});

test('every mistake in the AWS files is named with its line, also those of profiles that no switch needs', async () => {
  const world = await makeWorld({
    config:
      `${section('profile good', { role_arn: roleArn('plain'), source_profile: 'user101' })}` +
      `${section('profile lost', { role_arn: roleArn('plain'), source_profile: 'nobody' })}` +
      `[prod]\nregion = us-east-1\n\n[profile odd]\nno equals sign\n\n` +
      section('profile key', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        mfa_serial: 'arn:aws:iam::123456789012:u2f/user/user101/key',
      }),
    credentials: section('user101', USER101_KEYS),
  });
  const { run, of } = await examine(world);
  const files = of('files').join('\n');
  expect(files).toMatch(/wrong ~\/\.aws\/config:7: .*nobody/);
  expect(files).toMatch(/note ~\/\.aws\/config:9: "\[prod\]" is ignored/);
  expect(files).toMatch(/wrong ~\/\.aws\/config:13: /);
  expect(files).not.toContain('good');
  expect(files).toContain('arn:aws:iam::…:u2f/user/user101/key');
  // Fit for a ticket: no account's number.
  expect(run.stdout).not.toContain('123456789012');
});

test('a profile of settings alone is no mistake', async () => {
  const world = await makeWorld({ config: section('default', { region: 'eu-west-1' }), credentials: '' });
  expect((await examine(world)).of('files').filter((line) => !line.startsWith('ok'))).toEqual([]);
});

test('an AWS file that cannot be read stops no other check', async () => {
  const world = await makeWorld();
  chmodSync(join(world.home, '.aws', 'credentials'), 0);
  const { of, found } = await examine(world, { ordinary: true });
  expect(of('files')).toEqual([
    expect.stringMatching(/^wrong ~\/\.aws\/credentials cannot be read: .* -> check its owner and mode/),
  ]);
  expect(of('sts')).toEqual([`ok STS answers: ${new URL(world.sts.url).origin}`]);
  expect(found.length).toBeGreaterThan(8);
});

test('others who may write to the AWS files or their folder, and read no secret', async () => {
  const world = await makeWorld();
  chmodSync(join(world.home, '.aws', 'config'), 0o666);
  chmodSync(join(world.home, '.aws'), 0o777);
  const files = (await examine(world)).of('files').join('\n');
  expect(files).toContain('wrong ~/.aws/config can be written by other users (mode 0666)');
  expect(files).toContain('wrong ~/.aws can be written by other users (mode 0777)');
  chmodSync(join(world.home, '.aws'), 0o755);
  chmodSync(join(world.home, '.aws', 'config'), 0o644);
  expect((await examine(world)).of('files')).toEqual([expect.stringMatching(/^ok /)]);
});

test('without AWS files a note leads to the first profile', async () => {
  const world = await makeWorld({ config: undefined, credentials: undefined });
  rmSync(join(world.home, '.aws'), { recursive: true });
  const { of, run } = await examine(world);
  expect(of('files')).toEqual([
    'note there are no AWS files: neither ~/.aws/config nor ~/.aws/credentials -> for a first profile: awsrole new',
  ]);
  expect(run.status).toBe(0);
});

test('a variable that names a file that is not there', async () => {
  const world = await makeWorld();
  const { of } = await examine(world, { env: { AWS_CONFIG_FILE: join(world.home, 'gone') } });
  expect(of('variables')).toEqual([expect.stringMatching(/^wrong AWS_CONFIG_FILE names a file/)]);
});

test('the cache: of others, and where a home can only be read', async () => {
  const world = await makeWorld();
  mkdirSync(world.cache, { recursive: true });
  chmodSync(world.cache, 0o777);
  expect((await examine(world)).of('cache')).toEqual([
    'wrong ~/.cache/awsrole can be written by other users (mode 0777), so nothing in it is trusted -> chmod 700 ~/.cache/awsrole',
  ]);
  rmSync(join(world.home, '.cache'), { recursive: true });
  chmodSync(world.home, 0o555);
  const { of } = await examine(world, { ordinary: true });
  expect(of('cache')).toEqual([
    expect.stringMatching(/^note ~\/\.cache\/awsrole is not there and cannot be made/),
  ]);
  chmodSync(world.home, 0o755);
});

test.each<[Record<string, string>, RegExp]>([
  [
    {
      AWS_PROFILE: 'plain',
      AWS_ACCESS_KEY_ID: 'AKIAOTHER000EXAMPLE0',
      AWS_SECRET_ACCESS_KEY: 'x'.repeat(40),
    },
    /wrong AWS_PROFILE and keys are both set/,
  ],
  [{ AWS_PROFILE: 'plain' }, /note AWS_PROFILE is "plain"/],
  [{ AWS_PROFILE: 'nobody' }, /wrong AWS_PROFILE names "nobody"/],
  [{ AWS_ACCESS_KEY_ID: 'AKIAOTHER000EXAMPLE0' }, /wrong AWS_ACCESS_KEY_ID is set in this shell without/],
  [{ AWS_SESSION_TOKEN: 'by-hand' }, /wrong AWS_SESSION_TOKEN is set in this shell without keys/],
  [
    { AWS_VAULT: 'x', AWSUME_PROFILE: 'y', GRANTED_SSO: 'z', SAML2AWS_USERNAME: 'me' },
    /note set in this shell, and taken out by a switch: AWS_VAULT\nnote left by another tool in this shell: AWSUME_PROFILE, GRANTED_SSO$/,
  ],
  [
    {
      AWSROLE_PROFILE: 'plain',
      AWSROLE_ACCESS_KEY_ID: 'ASIA1',
      AWS_ACCESS_KEY_ID: 'ASIA2',
      AWS_SECRET_ACCESS_KEY: 'x',
    },
    /wrong this shell was switched to "plain", and holds other keys now/,
  ],
])('variables of this shell: %o', async (env, expected) => {
  const world = await makeWorld();
  world.keepSecret('by-hand');
  expect((await examine(world, { env })).of('variables').join('\n')).toMatch(expected);
});

test('the proxy and the certificates that the environment and the profiles name', async () => {
  const world = await makeWorld();
  const password = world.keepSecret('hunter2secret');
  const good = await examine(world, { env: { HTTPS_PROXY: `http://me:${password}@proxy.example:3128` } });
  expect(good.of('network')).toEqual(['ok HTTPS_PROXY names the proxy http://proxy.example:3128']);
  const bad = await examine(world, { env: { HTTPS_PROXY: `http://me:${password}#@proxy.example:3128` } });
  expect(bad.of('network')[0]).toMatch(/^wrong the proxy that the environment names is not an http\(s\) URL/);

  writeFileSync(join(world.home, 'empty.pem'), 'nothing\n');
  writeFileSync(
    join(world.home, 'broken.pem'),
    '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  );
  world.write({ config: section('profile a', { region: 'us-east-1', ca_bundle: '~/broken.pem' }) });
  const { of } = await examine(world, {
    env: { AWS_CA_BUNDLE: join(world.home, 'gone.pem'), REQUESTS_CA_BUNDLE: '~/empty.pem' },
  });
  expect(of('network')).toEqual([
    expect.stringMatching(/^wrong the certificates that AWS_CA_BUNDLE names cannot be read: ENOENT/),
    expect.stringMatching(/^wrong ~\/empty\.pem, which REQUESTS_CA_BUNDLE names, has no certificate/),
    expect.stringMatching(
      /^wrong ~\/broken\.pem, which ca_bundle \(~\/\.aws\/config:3\) names, has a certificate/,
    ),
  ]);
});

test('start-up files of the shells that are there, and of no other', async () => {
  const world = await makeWorld();
  const bin = join(world.home, 'bin');
  mkdirSync(bin);
  for (const name of ['bash', 'fish']) symlinkSync('/bin/true', join(bin, name));
  const env = { PATH: `${bin}:${SHELL}:${dirname(process.execPath)}`, SHELL: '/usr/bin/fish' };
  // The folder of node may hold shells, too.
  symlinkSync(process.execPath, join(bin, 'node'));
  env.PATH = `${bin}:${SHELL}`;
  writeFileSync(
    join(world.home, '.bashrc'),
    '# eval "$(awsrole init bash)"\n\neval "$(awsrole init bash)"\n',
  );
  writeFileSync(join(world.home, '.profile'), 'PATH=x\n');
  expect((await examine(world, { env })).of('shells')).toEqual([
    'ok ~/.bashrc:3 loads awsrole into bash',
    'note login shells of bash read ~/.profile, which neither loads awsrole nor reads .bashrc -> add to it: . ~/.bashrc',
    'wrong no start-up file of fish, your shell, loads awsrole -> run awsrole setup, or add to ~/.config/fish/config.fish: awsrole init fish | source',
  ]);
  const conf = join(world.home, '.config', 'fish', 'conf.d');
  mkdirSync(conf, { recursive: true });
  writeFileSync(
    join(conf, 'awsrole.fish'),
    "if test -r '/gone/shell/awsrole.fish'; source '/gone/shell/awsrole.fish'; end\n",
  );
  writeFileSync(join(world.home, '.profile'), '. ~/.bashrc\n');
  expect((await examine(world, { env })).of('shells')).toEqual([
    'ok ~/.bashrc:3 loads awsrole into bash',
    'wrong ~/.config/fish/conf.d/awsrole.fish:1 loads awsrole into fish from /gone/shell/awsrole.fish, which is not there -> run awsrole setup, or correct the line',
  ]);
});

test('the shell that has awsrole loaded, in this version or another', async () => {
  const world = await makeWorld();
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const env = { SHELL: '/bin/bash' };
  const good = await examine(world, { env: { ...env, AWSROLE_LOADED: `bash ${version}` } });
  expect(good.of('shells')[0]).toBe(`ok this shell (bash) has loaded awsrole ${version}`);
  expect(good.of('shells')[1]).toMatch(/^note no start-up file of bash, your shell, loads awsrole/);
  const old = await examine(world, { env: { ...env, AWSROLE_LOADED: 'bash 0.0.9' } });
  expect(old.of('shells')[0]).toMatch(
    /^wrong this shell \(bash\) has loaded awsrole 0\.0\.9, .* -> open a new shell$/,
  );
  const odd = await examine(world, { env: { AWSROLE_LOADED: 'x\u001b[31m' } });
  expect(odd.of('shells').join()).not.toContain('this shell');
});

test('pipes in the place of files are not waited for', async () => {
  const world = await makeWorld();
  const pipe = join(world.home, '.bashrc');
  expect((await world.command(['mkfifo', pipe])).status).toBe(0);
  const { of } = await examine(world, {
    env: { NODE_EXTRA_CA_CERTS: undefined, REQUESTS_CA_BUNDLE: '/dev/null' },
  });
  expect(of('network')).toEqual([expect.stringMatching(/^unknown \/dev\/null, .* is not an ordinary file/)]);
  expect(of('shells').join()).toContain('no start-up file of bash loads awsrole');
});

test('the launcher: none, another program, another installation', async () => {
  const world = await makeWorld();
  const bin = join(world.home, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, join(bin, 'node'));
  expect((await examine(world, { env: { PATH: bin } })).of('launcher')[0]).toMatch(
    /^wrong there is no awsrole on PATH/,
  );
  for (const line of ['echo something else', 'echo not awsrole: the program on PATH']) {
    writeFileSync(join(bin, 'awsrole'), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
    expect((await examine(world, { env: { PATH: bin } })).of('launcher')[0]).toMatch(
      /^wrong awsrole on PATH is another program \(~\/bin\/awsrole\)/,
    );
  }
  cpSync(join(SHELL, 'awsrole'), join(bin, 'awsrole'));
  mkdirSync(join(world.home, 'share', 'awsrole'), { recursive: true });
  expect((await examine(world, { env: { PATH: bin } })).of('launcher')[0]).toMatch(
    /^note awsrole on PATH \(~\/bin\/awsrole\) belongs to another installation/,
  );
});

test('Node.js: too old on PATH, and a recorded one that is gone', async () => {
  const world = await makeWorld();
  const bin = join(world.home, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'node'), '#!/bin/sh\necho v18.19.0\n', { mode: 0o755 });
  const env = { PATH: `${bin}:/usr/bin:/bin` };
  expect((await examine(world, { env })).of('node')[1]).toMatch(
    /^wrong node on PATH is 18\.19\.0, which is too old \(~\/bin\/node\)/,
  );
  const root = join(world.home, 'root');
  cpSync(dirname(world.cli), join(root, 'dist'), { recursive: true });
  world.cli = join(root, 'dist', 'cli.mjs');
  writeFileSync(join(root, 'node-path'), '/gone/node\n');
  expect((await examine(world, { env })).of('node')[0]).toMatch(
    /^note .*the one that the installation has recorded is gone: \/gone\/node -> run install\.sh again/,
  );
  writeFileSync(join(root, 'node-path'), `${process.execPath}\n`);
  expect((await examine(world, { env })).of('node')[1]).toMatch(/^note .*awsrole uses its own$/);
});

test('stored keys: given, lost, and a damaged list', async () => {
  const world = await makeWorld();
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`);
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  expect(await world.run(['protect', 'user101'])).toMatchObject({ status: 0 });
  const good = await examine(world);
  expect(good.of('stores')).toEqual(['ok the keys of one user are where they are stored (age files)']);
  expect(good.of('keys')).toContain('ok the keys of "user101" are stored, and not in plain text');
  const written = readFileSync(join(world.home, '.aws', 'credentials'), 'utf8');
  world.write({ credentials: `${written}\n${section('user101', USER101_KEYS)}` });
  const shadowed = (await examine(world)).of('keys').join('\n');
  expect(shadowed).toMatch(/"user101" are in plain text/);
  expect(shadowed).not.toMatch(/"user101" are stored, and not in plain text/);
  world.write({ credentials: written });
  const folder = join(world.home, '.local', 'share', 'awsrole', 'keys');
  rmSync(join(folder, `user101.${USER101_KEYS.aws_access_key_id}.age`));
  world.write({ config: '' });
  expect((await examine(world)).of('stores')).toEqual([
    'wrong the keys of "user101" are not where they were stored (age files) -> awsrole add user101',
    expect.stringMatching(/^note the keys of "user101" are stored, but no profile/),
  ]);
  writeFileSync(join(folder, 'index.json'), '{');
  expect((await examine(world)).of('stores')).toEqual([
    expect.stringMatching(/^wrong .*index\.json is damaged/),
  ]);
});

test("awsrole's own settings: a value that is none, and a word that is no setting", async () => {
  const world = await makeWorld();
  world.settings('aws_cli_cach = off\n');
  expect((await examine(world)).of('settings')).toEqual([
    expect.stringMatching(/^note ~\/\.config\/awsrole\/config:1: awsrole has no setting "aws_cli_cach"/),
  ]);
  world.settings('\naws_cli_cache = perhaps\n');
  expect((await examine(world)).of('settings')).toEqual([
    expect.stringMatching(/^wrong ~\/\.config\/awsrole\/config:2: aws_cli_cache is "perhaps" -> write off/),
  ]);
});

test('credentials and endpoints of [default]', async () => {
  const world = await makeWorld({
    config: section('default', { endpoint_url: 'http://localhost:4566' }),
    credentials: section('default', USER101_KEYS),
  });
  expect((await examine(world)).of('default')).toEqual([
    expect.stringMatching(/^note \[default\] has credentials \(~\/\.aws\/credentials:2\): version 3/),
    expect.stringMatching(/^note \[default\] has endpoints \(~\/\.aws\/config:2\)/),
  ]);
});

async function closedPort(): Promise<number> {
  const server = createTcpServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
