import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { awsCliKey } from '../../src/sessions/aws-cli-cache.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, type Run, roleArn, section, USER101_KEYS, type World } from '../world.ts';

const isRoot = process.geteuid?.() === 0;
const behindDevice = { source_profile: 'user101', mfa_serial: SAMPLE_MFA_SERIAL, region: 'us-east-1' };
const plain = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'us-east-1' };
/** A second user, who may assume `plain` as every user of the account may. */
const OTHER = {
  arn: 'arn:aws:iam::123456789012:user/other',
  accessKeyId: 'AKIAOTHERUSER0EXAMPL',
  secretAccessKey: 'sandbox+other/notARealSecret000EXAMPLEKE',
};
const OTHER_KEYS = { aws_access_key_id: OTHER.accessKeyId, aws_secret_access_key: OTHER.secretAccessKey };
const withOther = { users: [...SAMPLE_WORLD.users, OTHER] };

interface CliCredentials {
  readonly AccessKeyId: string;
}

/** Longer than the file system's clock ticks. */
function pastTheTick(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 20));
}

function folderOf(world: World): string {
  return join(world.home, '.aws', 'cli', 'cache');
}

function filesOf(world: World): string[] {
  return existsSync(folderOf(world))
    ? readdirSync(folderOf(world)).filter((name) => name.endsWith('.json'))
    : [];
}

function fileOf(world: World, request: Parameters<typeof awsCliKey>[0]): string {
  return join(folderOf(world), `${awsCliKey(request)}.json`);
}

/** Puts a session of a role into the AWS CLI's cache, as version 1 would. */
async function cached(
  world: World,
  profile: string,
  change: (text: string) => string = (text) => text,
): Promise<string> {
  const { set } = await sessionFrom(world, profile);
  const file = fileOf(world, { RoleArn: roleArn(profile) });
  mkdirSync(folderOf(world), { recursive: true });
  const [AccessKeyId, SecretAccessKey, SessionToken] = [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
  ].map((name) => set[name]);
  const Credentials = {
    AccessKeyId,
    SecretAccessKey,
    SessionToken,
    Expiration: set.AWS_CREDENTIAL_EXPIRATION,
  };
  const text = JSON.stringify({ Credentials, AssumedRoleUser: {}, ResponseMetadata: {} });
  writeFileSync(file, change(text), { mode: 0o600 });
  world.sts.reset();
  return AccessKeyId ?? '';
}

/** A session that awsrole has nowhere kept. */
async function sessionFrom(world: World, profile: string) {
  const env = { XDG_CACHE_HOME: join(world.home, 'elsewhere'), XDG_CONFIG_HOME: join(world.home, 'off') };
  mkdirSync(join(world.home, 'off', 'awsrole'), { recursive: true });
  writeFileSync(join(world.home, 'off', 'awsrole', 'config'), 'aws_cli_cache = off\n');
  return world.lines(profile, { env });
}

function identityByCli(world: World, profile: string, input = ''): Promise<Run> {
  const env = { AWS_EC2_METADATA_DISABLED: 'true' };
  return world.command([aws, '--output', 'json', 'sts', 'get-caller-identity', '--profile', profile], {
    env,
    input,
  });
}

/** The key ids that asked who they are, as the STS saw them. */
function askers(world: World): (string | undefined)[] {
  return world.sts
    .requests()
    .filter(({ action }) => action === 'GetCallerIdentity')
    .map(({ accessKeyId }) => accessKeyId);
}

describe("the AWS CLI's key of a request", needs(hasBoth), () => {
  it('is the one that botocore makes', () => {
    const requests = [
      { RoleArn: roleArn('role101') },
      { RoleArn: roleArn('role101'), SerialNumber: SAMPLE_MFA_SERIAL },
      { RoleArn: roleArn('a'), RoleSessionName: 'me@corp.com', ExternalId: 'x:/y', DurationSeconds: 7200 },
      { RoleArn: roleArn('a'), ExternalId: 'zażółć-😂 "\\\u007f\n' },
    ];
    const script = `import json, sys
from botocore.credentials import AssumeRoleCredentialFetcher as F
for r in json.load(sys.stdin):
    arn = r.pop('RoleArn')
    print(F(None, None, arn, extra_args=r)._cache_key)`;
    const out = execFileSync(python, ['-c', script], { input: JSON.stringify(requests), encoding: 'utf8' });
    expect(requests.map(awsCliKey)).toEqual(out.trim().split('\n'));
    expect(awsCliKey({ RoleArn: roleArn('role101') })).toBe('3926033bb3b3d7a4d9e43cf2b6c09845f0da9c58');
  });
});

describe('what a switch leaves for the AWS CLI', () => {
  it('is whole, private, and the session that the shell holds', async () => {
    const world = await makeWorld();
    const { set } = await world.linesWithCode('role101');
    const file = fileOf(world, { RoleArn: roleArn('role101'), SerialNumber: SAMPLE_MFA_SERIAL });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({
      Credentials: {
        AccessKeyId: set.AWS_ACCESS_KEY_ID,
        SecretAccessKey: set.AWS_SECRET_ACCESS_KEY,
        SessionToken: set.AWS_SESSION_TOKEN,
        Expiration: set.AWS_CREDENTIAL_EXPIRATION,
        AccountId: '123456789012',
      },
    });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folderOf(world)).mode & 0o777).toBe(0o700);
    expect(filesOf(world)).toHaveLength(1);
  });

  it('leaves the modes of its folders, and other files in it, alone', async () => {
    const world = await makeWorld();
    mkdirSync(folderOf(world), { recursive: true, mode: 0o755 });
    chmodSync(folderOf(world), 0o755);
    writeFileSync(join(folderOf(world), 'session.db'), 'SQLite');
    writeFileSync(join(folderOf(world), 'other.json'), '{}');
    await world.lines('plain');
    expect(filesOf(world)).toHaveLength(2);
    await world.run(['clear']);
    expect(readdirSync(folderOf(world)).sort()).toEqual(['other.json', 'session.db']);
    expect(statSync(folderOf(world)).mode & 0o777).toBe(0o755);
  });

  it.each([
    { what: 'off', settings: 'aws_cli_cache = off\n' },
    { what: 'read', settings: 'aws_cli_cache=read\n' },
  ])('is nothing with aws_cli_cache = $what', async ({ settings }) => {
    const world = await makeWorld();
    world.settings(settings);
    await world.lines('plain');
    expect(existsSync(join(world.home, '.aws', 'cli'))).toBe(false);
  });

  it('is nothing for a session with less than 15 minutes', async () => {
    const world = await makeWorld({ config: section('profile a', { ...plain, duration_seconds: '900' }) });
    await world.lines('a');
    expect(filesOf(world)).toEqual([]);
  });

  it('is there under a umask of 002, which leaves folders to the group as well', async () => {
    const world = await makeWorld();
    mkdirSync(folderOf(world), { recursive: true });
    for (const folder of ['.aws', '.aws/cli', '.aws/cli/cache']) chmodSync(join(world.home, folder), 0o775);
    await world.lines('plain');
    expect(filesOf(world)).toHaveLength(1);
  });

  it('is nothing where a folder can be written by others, or is a file; the switch works', async () => {
    const open = await makeWorld();
    mkdirSync(folderOf(open), { recursive: true });
    chmodSync(folderOf(open), 0o777);
    await open.lines('plain');
    expect(filesOf(open)).toEqual([]);
    const file = await makeWorld();
    writeFileSync(join(file.home, '.aws', 'cli'), '');
    const run = await file.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
  });

  it.runIf(isRoot)('is nothing in the home of another user, as under sudo -E', async () => {
    const world = await makeWorld();
    chownSync(join(world.home, '.aws'), 65_534, 65_534);
    await world.lines('plain');
    expect(filesOf(world)).toEqual([]);
    // With the AWS files elsewhere, not even the folder is there.
    renameSync(join(world.home, '.aws'), join(world.home, 'aws'));
    chownSync(world.home, 65_534, 65_534);
    await world.lines('external', {
      env: {
        AWS_CONFIG_FILE: join(world.home, 'aws', 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(world.home, 'aws', 'credentials'),
        XDG_CACHE_HOME: join(world.home, '.cache'),
      },
    });
    expect(world.keptSessions()).toHaveLength(2);
    expect(existsSync(join(world.home, '.aws'))).toBe(false);
  });

  it('is nothing when another profile has the same key and another source', async () => {
    const config = section('profile a', plain) + section('profile b', { ...plain, source_profile: 'other' });
    const credentials = sampleFiles().credentials + section('other', OTHER_KEYS);
    const world = await makeWorld({ ...withOther, config, credentials });
    await world.lines('a');
    expect(filesOf(world)).toEqual([]);
    // An external_id more, and the keys differ.
    world.write({
      config:
        section('profile a', plain) +
        section('profile b', { ...plain, source_profile: 'other', external_id: 'x2' }),
    });
    await world.lines('a', { more: ['--refresh'] });
    expect(filesOf(world)).toHaveLength(1);
  });

  it('is nothing when the other profile goes to another STS, or takes a web identity', async () => {
    for (const other of [
      { ...plain, endpoint_url: 'http://127.0.0.1:1' },
      { role_arn: roleArn('plain'), web_identity_token_file: '/token' },
    ]) {
      const world = await makeWorld();
      world.write({
        config: section('profile a', { ...plain, endpoint_url: world.sts.url }) + section('profile b', other),
      });
      await world.lines('a', { env: { AWS_ENDPOINT_URL_STS: undefined } });
      expect(filesOf(world)).toEqual([]);
    }
  });

  it('is nothing when the source depends on the shell that asks', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...plain, source_profile: '' }).replace(
        'source_profile = ',
        'credential_source = Environment',
      ),
    });
    const { aws_access_key_id: AWS_ACCESS_KEY_ID, aws_secret_access_key: AWS_SECRET_ACCESS_KEY } =
      USER101_KEYS;
    await world.lines('a', { env: { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } });
    expect(filesOf(world)).toEqual([]);
  });

  it.each([
    // The AWS CLI drops what is no number, and has the key of `a`.
    { other: { ...plain, source_profile: 'other', duration_seconds: 'abc' }, shared: 0 },
    { other: { ...plain, source_profile: 'nobody' }, shared: 1 },
    { other: { role_arn: plain.role_arn }, shared: 1 },
    { other: { ...plain, credential_source: 'Environment' }, shared: 1 },
  ])('is $shared beside a broken profile $other', async ({ other, shared }) => {
    const world = await makeWorld({
      config: section('profile a', plain) + section('profile b', other),
      credentials: sampleFiles().credentials + section('other', OTHER_KEYS),
    });
    await world.lines('a');
    expect(filesOf(world)).toHaveLength(shared);
  });

  it('is written for a kept session too, where it is missing, and cleared with it', async () => {
    const world = await makeWorld();
    world.settings('aws_cli_cache = off\n');
    const { set } = await world.lines('plain');
    expect(filesOf(world)).toEqual([]);
    world.settings('aws_cli_cache = read-write\n');
    await world.lines('plain');
    expect(readFileSync(fileOf(world, { RoleArn: roleArn('plain') }), 'utf8')).toContain(
      set.AWS_ACCESS_KEY_ID,
    );
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
    await world.run(['clear', 'plain']);
    expect(filesOf(world)).toEqual([]);
  });

  it('is of the source that the files name, also after an edit and back', async () => {
    const world = await makeWorld({ ...withOther, config: section('profile plain', plain) });
    const users = [sampleFiles().credentials, section('user101', OTHER_KEYS), sampleFiles().credentials];
    const file = fileOf(world, { RoleArn: roleArn('plain') });
    const held: (string | undefined)[] = [];
    for (const credentials of users) {
      await pastTheTick();
      world.write({ credentials });
      await pastTheTick();
      held.push((await world.lines('plain')).set.AWS_ACCESS_KEY_ID);
      expect(readFileSync(file, 'utf8')).toContain(held.at(-1));
    }
    expect(held[2]).toBe(held[0]);
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('serves every profile that asks for the same from the same source', async () => {
    const config = section('profile a', plain) + section('profile b', { ...plain, region: 'eu-west-1' });
    const world = await makeWorld({ config });
    const { set } = await world.lines('a');
    expect((await world.lines('b')).set.AWS_ACCESS_KEY_ID).toBe(set.AWS_ACCESS_KEY_ID);
    expect(filesOf(world)).toHaveLength(1);
  });

  it('is not what a flag has changed, unless a profile says the same', async () => {
    const world = await makeWorld({
      ...withOther,
      config: section('profile a', plain),
      credentials: sampleFiles().credentials + section('other', OTHER_KEYS),
    });
    await world.lines('a', { more: ['--source-profile', 'other'] });
    await world.lines('a', { more: ['--duration', '30m'] });
    await world.lines('a', { more: ['--tag', 'team=blue'] });
    await world.lines(roleArn('external'), {
      more: ['--source-profile', 'user101', '--external-id', 'partner-7/east'],
    });
    expect(filesOf(world)).toEqual([]);
    world.write({
      config: section('profile a', plain) + section('profile b', { ...plain, duration_seconds: '1800' }),
    });
    await world.lines('a', { more: ['--duration', '30m', '--region', 'eu-west-1'] });
    expect(filesOf(world)).toHaveLength(1);
  });

  it('is nothing without a home', async () => {
    const world = await makeWorld();
    await world.lines('plain', {
      env: {
        HOME: undefined,
        AWS_CONFIG_FILE: join(world.home, '.aws', 'config'),
        AWS_SHARED_CREDENTIALS_FILE: join(world.home, '.aws', 'credentials'),
        XDG_CACHE_HOME: join(world.home, '.cache'),
      },
    });
    expect(world.keptSessions()).toHaveLength(1);
    expect(filesOf(world)).toEqual([]);
  });

  it('never takes the place of a link or a folder', async () => {
    const world = await makeWorld();
    const file = fileOf(world, { RoleArn: roleArn('plain') });
    mkdirSync(folderOf(world), { recursive: true });
    symlinkSync(join(world.home, 'kept-elsewhere.json'), file);
    mkdirSync(fileOf(world, { RoleArn: roleArn('external'), ExternalId: 'partner-7/east' }));
    await world.lines('plain');
    await world.lines('external');
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(existsSync(join(world.home, 'kept-elsewhere.json'))).toBe(false);
    expect(filesOf(world)).toHaveLength(2);
  });

  it('is whole at every moment', async () => {
    const world = await makeWorld();
    const file = fileOf(world, { RoleArn: roleArn('plain') });
    await world.lines('plain');
    let writing = true;
    const writers = Promise.all(
      Array.from({ length: 4 }, () => world.lines('plain', { more: ['--refresh'] })),
    ).finally(() => {
      writing = false;
    });
    const seen = new Set<string>();
    while (writing) {
      for (let look = 0; look < 200; look += 1) {
        const { Credentials } = JSON.parse(readFileSync(file, 'utf8')) as { Credentials: CliCredentials };
        seen.add(Credentials.AccessKeyId);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await writers;
    expect(seen.size).toBeGreaterThan(1);
    expect(readdirSync(folderOf(world))).toHaveLength(1);
  });

  it('is removed by clear, by name and without, unless somebody has replaced it', async () => {
    const world = await makeWorld();
    await world.lines('plain');
    await world.lines('external');
    await world.lines('cn');
    expect(filesOf(world)).toHaveLength(3);
    await world.run(['clear', 'external']);
    expect(filesOf(world)).toHaveLength(2);
    const file = fileOf(world, { RoleArn: roleArn('plain') });
    writeFileSync(file, readFileSync(file, 'utf8').replace(/ASIA\w+/, 'ASIASOMEBODYELSES000'));
    await world.run(['clear']);
    expect(filesOf(world)).toHaveLength(1);
  });
});

describe("a session in the AWS CLI's cache", () => {
  it('serves a switch, is kept, listed and explained, and not removed by clear', async () => {
    const world = await makeWorld();
    const keyId = await cached(world, 'plain');
    const explained = await world.run(['explain', 'plain', '--json']);
    expect(JSON.parse(explained.stdout)).toMatchObject({
      calls: [{ needed: false, session: { from: 'aws-cli' } }],
    });
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).toBe(keyId);
    expect(world.sts.counts()).toEqual({});
    expect(world.keptSessions()).toHaveLength(1);
    expect((await world.run(['list', '--json'])).stdout).toContain('"secondsLeft"');
    await world.run(['clear']);
    expect(filesOf(world)).toHaveLength(1);
    world.settings('aws_cli_cache = off\n');
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).not.toBe(keyId);
  });

  it.each(['Z', '+00:00', 'UTC'])('is read with its time written as ...%s', async (zone) => {
    const world = await makeWorld();
    const keyId = await cached(world, 'plain', (text) => text.replace(/(:\d\d)Z"/, `$1${zone}"`));
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).toBe(keyId);
  });

  const hostile: { what: string; spoil: (text: string) => string }[] = [
    { what: 'torn', spoil: (text) => text.slice(0, 60) },
    { what: 'empty', spoil: () => '' },
    { what: 'null', spoil: () => 'null' },
    { what: 'a list', spoil: (text) => `[${text}]` },
    { what: 'without a token', spoil: (text) => text.replace('"SessionToken"', '"Token"') },
    {
      what: 'with numbers for texts',
      spoil: (text) => text.replace(/"AccessKeyId":"\w+"/, '"AccessKeyId":1'),
    },
    {
      what: 'with a newline in the key',
      spoil: (text) => text.replace('"AccessKeyId":"', '"AccessKeyId":"A\\n'),
    },
    { what: 'without a zone in the time', spoil: (text) => text.replace(/(:\d\d)Z"/, '$1"') },
    {
      what: 'of words for the time',
      spoil: (text) => text.replace(/"Expiration":"[^"]+"/, '"Expiration":"tomorrow"'),
    },
    {
      what: 'that has ended',
      spoil: (text) => text.replace(/"Expiration":"[^"]+"/, '"Expiration":"2020-01-01T00:00:00Z"'),
    },
    { what: 'huge', spoil: (text) => text + ' '.repeat(100_000) },
  ];
  it.each(hostile)('in a file $what counts as absent', async ({ spoil }) => {
    const world = await makeWorld();
    const keyId = await cached(world, 'plain', spoil);
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).not.toContain(`${keyId}\n`);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('that others may write, behind a link or in a pipe counts as absent', async () => {
    const spoilers: ((file: string) => void)[] = [
      (file) => chmodSync(file, 0o622),
      (file) => {
        renameSync(file, `${file}.aside`);
        symlinkSync(`${file}.aside`, file);
      },
      (file) => {
        renameSync(file, `${file}.aside`);
        execFileSync('sh', ['-c', 'mkfifo "$0"', file]);
      },
    ];
    for (const spoil of spoilers) {
      const world = await makeWorld();
      await cached(world, 'plain');
      spoil(fileOf(world, { RoleArn: roleArn('plain') }));
      await world.lines('plain');
      expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
    }
  });

  it('is not used by --refresh, nor by a profile that shares its key with another source', async () => {
    const world = await makeWorld({
      ...withOther,
      config: section('profile plain', plain),
      credentials: sampleFiles().credentials + section('other', OTHER_KEYS),
    });
    const keyId = await cached(world, 'plain');
    const fresh = await world.lines('plain', { more: ['--refresh'] });
    expect(fresh.set.AWS_ACCESS_KEY_ID).not.toBe(keyId);
    await world.run(['clear']);
    await cached(world, 'plain');
    world.write({
      config: section('profile plain', plain) + section('profile b', { ...plain, source_profile: 'other' }),
    });
    utimesSync(fileOf(world, { RoleArn: roleArn('plain') }), new Date(), new Date(Date.now() + 5000));
    await world.lines('b');
    await world.lines('plain');
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('is not used when the source was edited after it was got', async () => {
    const world = await makeWorld({ ...withOther, config: section('profile plain', plain) });
    const keyId = await cached(world, 'plain');
    await pastTheTick();
    world.write({ credentials: section('user101', OTHER_KEYS) });
    const { set } = await world.lines('plain');
    expect(set.AWS_ACCESS_KEY_ID).not.toBe(keyId);
    expect(world.sts.requests()).toMatchObject([{ accessKeyId: OTHER.accessKeyId }]);
  });

  it('is not used when an older file was moved into place after it was got', async () => {
    const world = await makeWorld({ ...withOther, config: section('profile plain', plain) });
    const credentials = join(world.home, '.aws', 'credentials');
    writeFileSync(`${credentials}.old`, section('user101', OTHER_KEYS), { mode: 0o600 });
    const keyId = await cached(world, 'plain');
    await pastTheTick();
    renameSync(`${credentials}.old`, credentials);
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).not.toBe(keyId);
  });

  it('is not used when the file that came before was removed after it was got', async () => {
    const world = await makeWorld({
      ...withOther,
      config: section('profile plain', plain) + section('profile user101', OTHER_KEYS),
    });
    const keyId = await cached(world, 'plain');
    await pastTheTick();
    world.write({ credentials: undefined });
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).not.toBe(keyId);
    expect(world.sts.requests()).toMatchObject([{ accessKeyId: OTHER.accessKeyId }]);
  });

  it('that awsrole has got for another STS, or before an edit, is not used', async () => {
    const world = await makeWorld();
    const elsewhere = await makeWorld();
    const first = await world.lines('plain');
    const env = { AWS_ENDPOINT_URL_STS: elsewhere.sts.url };
    const second = await world.lines('plain', { env });
    expect(second.set.AWS_ACCESS_KEY_ID).not.toBe(first.set.AWS_ACCESS_KEY_ID);
    expect(elsewhere.sts.counts()).toEqual({ AssumeRole: 1 });
  });
});

describe('awsrole and the AWS CLI', needs(hasBoth), () => {
  it('need one code for five roles behind one device, and then for each by --profile', async () => {
    const names = ['r1', 'r2', 'r3', 'r4', 'r5'];
    const trust = { principals: ['arn:aws:iam::123456789012:user/user101'], mfa: true };
    const world = await makeWorld({
      roles: names.map((name) => ({ arn: roleArn(name), trust })),
      config: names
        .map((name) => section(`profile ${name}`, { role_arn: roleArn(name), ...behindDevice }))
        .join(''),
    });
    const held = [(await world.linesWithCode('r1')).set.AWS_ACCESS_KEY_ID];
    for (const name of names.slice(1)) held.push((await world.lines(name)).set.AWS_ACCESS_KEY_ID);
    for (const name of names) expect(await identityByCli(world, name)).toMatchObject({ status: 0 });
    expect(askers(world)).toEqual(held);
    expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toHaveLength(1);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 5, GetCallerIdentity: 5 });
  });

  const external = { ...plain, role_arn: roleArn('external'), external_id: 'partner-7/east' };
  const MATRIX: Record<string, { settings: Record<string, string>; serial?: string }> = {
    plain: { settings: plain },
    external: { settings: external },
    named: { settings: { ...plain, role_session_name: 'me@corp.com' } },
    timed: { settings: { ...plain, duration_seconds: '1800' } },
    role101: { settings: { ...behindDevice, role_arn: roleArn('role101') }, serial: SAMPLE_MFA_SERIAL },
    chained: {
      settings: { role_arn: roleArn('chained'), source_profile: 'role101', region: 'us-east-1' },
      serial: SAMPLE_MFA_SERIAL,
    },
    'my prod': { settings: plain },
    'me@corp.com': { settings: plain },
    gov: {
      settings: {
        role_arn: roleArn('gov', 'aws-us-gov'),
        source_profile: 'user-gov',
        mfa_serial: 'arn:aws-us-gov:iam::123456789012:mfa/user-gov',
        region: 'us-gov-west-1',
      },
      serial: 'arn:aws-us-gov:iam::123456789012:mfa/user-gov',
    },
    cn: { settings: { role_arn: roleArn('cn', 'aws-cn'), source_profile: 'user-cn', region: 'cn-north-1' } },
  };
  const worldOf = (name: string): Promise<World> => {
    const profile = section(`profile "${name}"`, MATRIX[name]?.settings ?? {});
    // The role that `chained` goes through stands in the credentials file.
    const credentials = sampleFiles().credentials.replace(
      /(mfa_serial = .*user101\n)/,
      '$1region = us-east-1\n',
    );
    return makeWorld({
      config: name === 'role101' ? section('profile role101', { region: 'us-east-1' }) : profile,
      credentials,
    });
  };

  it.each(Object.keys(MATRIX))('share a session of %s, whoever got it', async (name) => {
    const serial = MATRIX[name]?.serial;
    const ours = await worldOf(name);
    const { set } = serial ? await ours.linesWithCode(name, { serial }) : await ours.lines(name);
    const calls = ours.sts.counts().AssumeRole;
    expect(await identityByCli(ours, name)).toMatchObject({ status: 0 });
    expect(askers(ours)).toEqual([set.AWS_ACCESS_KEY_ID]);
    expect(ours.sts.counts().AssumeRole).toBe(calls);

    const theirs = await worldOf(name);
    const run = await identityByCli(theirs, name, serial ? `${theirs.code(serial)}\n` : '');
    expect(run).toMatchObject({ status: 0 });
    const made = theirs.sts.counts();
    const taken = await theirs.lines(name);
    expect(theirs.sts.counts()).toEqual(made);
    expect([taken.set.AWS_ACCESS_KEY_ID]).toEqual(askers(theirs));
    expect(theirs.keptSessions()).toHaveLength(1);
  });

  it('where the source profile names the device: ours serves the AWS CLI, its own without MFA does not us', async () => {
    const user = section('user101', { ...USER101_KEYS, region: 'us-east-1', mfa_serial: SAMPLE_MFA_SERIAL });
    const role = (name: string, more = {}) =>
      section(`profile ${name}`, { ...plain, role_arn: roleArn(name), ...more });
    const roles = role('role101') + role('plain') + role('chained', { source_profile: 'role101' });
    const ours = await makeWorld({ credentials: user, config: roles });
    // The AWS CLI alone asks without a code.
    expect((await identityByCli(ours, 'role101')).stderr).toContain('AccessDenied');
    const held = [(await ours.linesWithCode('role101')).set.AWS_ACCESS_KEY_ID];
    for (const name of ['plain', 'chained']) held.push((await ours.lines(name)).set.AWS_ACCESS_KEY_ID);
    for (const name of ['role101', 'plain', 'chained'])
      expect(await identityByCli(ours, name), name).toMatchObject({ status: 0 });
    expect(askers(ours)).toEqual(held);

    const theirs = await makeWorld({ credentials: user, config: roles });
    expect(await identityByCli(theirs, 'plain')).toMatchObject({ status: 0 });
    const taken = await theirs.linesWithCode('plain');
    expect([taken.set.AWS_ACCESS_KEY_ID]).not.toEqual(askers(theirs));
    expect(theirs.sts.requests().at(-1)).toMatchObject({
      action: 'AssumeRole',
      tokenCode: false,
      answer: 'OK',
    });
    expect(theirs.sts.counts().GetSessionToken).toBe(1);
  });

  it('leave each other’s sessions of a role with --no-mfa alone', async () => {
    const world = await makeWorld({
      credentials: section('user101', {
        ...USER101_KEYS,
        region: 'us-east-1',
        mfa_serial: SAMPLE_MFA_SERIAL,
      }),
      config: section('profile plain', plain),
    });
    const { set } = await world.lines('plain', { more: ['--no-mfa'] });
    expect(filesOf(world)).toEqual([]);
    expect(await identityByCli(world, 'plain')).toMatchObject({ status: 0 });
    expect(askers(world)).not.toEqual([set.AWS_ACCESS_KEY_ID]);
  });

  it('share it with boto3, where it is told to use that cache', async () => {
    const script = `import boto3, botocore.session, os
from botocore.credentials import JSONFileCache
session = botocore.session.Session(profile='plain')
cache = JSONFileCache(os.path.expanduser('~/.aws/cli/cache'))
session.get_component('credential_provider').get_provider('assume-role').cache = cache
print(boto3.Session(botocore_session=session).client('sts').get_caller_identity()['Arn'])`;
    const boto3 = (world: World) =>
      world.command([python, '-c', script], { env: { AWS_EC2_METADATA_DISABLED: 'true' } });
    const ours = await makeWorld();
    const { set } = await ours.lines('plain');
    expect(await boto3(ours)).toMatchObject({ status: 0 });
    expect(askers(ours)).toEqual([set.AWS_ACCESS_KEY_ID]);

    const theirs = await makeWorld();
    expect(await boto3(theirs)).toMatchObject({ status: 0 });
    expect([(await theirs.lines('plain')).set.AWS_ACCESS_KEY_ID]).toEqual(askers(theirs));
    expect(theirs.sts.counts().AssumeRole).toBe(1);
  });

  it('agree after the profile was edited between two calls', async () => {
    const world = await makeWorld({ config: section('profile a', plain) });
    await world.lines('a');
    world.write({ config: section('profile a', { ...plain, external_id: 'new-one' }) });
    const run = await identityByCli(world, 'a');
    expect(run).toMatchObject({ status: 0 });
    const { set } = await world.lines('a');
    expect(askers(world)).toEqual([set.AWS_ACCESS_KEY_ID]);
    expect(world.sts.counts().AssumeRole).toBe(2);
  });

  it('get the session by credential_process', async () => {
    const world = await makeWorld();
    const command = [process.execPath, world.cli, 'credential-process', 'role101']
      .map((word) => `"${word}"`)
      .join(' ');
    world.write({ config: section('profile kept', { credential_process: command, region: 'us-east-1' }) });
    const { set } = await world.linesWithCode('role101');
    expect(await identityByCli(world, 'kept')).toMatchObject({ status: 0 });
    expect(askers(world)).toEqual([set.AWS_ACCESS_KEY_ID]);
  });
});
