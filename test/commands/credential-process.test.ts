import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import {
  makeWorld,
  needs,
  type Run,
  type RunOptions,
  roleArn,
  section,
  USER101_KEYS,
  type World,
} from '../world.ts';

const MFA = 4;
const NETWORK = 6;

function credentialProcess(world: World, profile: string, options: RunOptions = {}): Promise<Run> {
  return world.run(['credential-process', profile], options);
}

/** What it printed, which has to be JSON and nothing more. */
function credentialsIn(run: Run): Record<string, unknown> {
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(run.stdout) as Record<string, unknown>;
}

describe('credential-process', () => {
  it('gets a session of a role without MFA, and prints that one until it has to be renewed', async () => {
    const world = await makeWorld();
    const first = credentialsIn(await credentialProcess(world, 'plain'));
    expect(first).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^ASIA\w+$/),
      SecretAccessKey: expect.any(String),
      SessionToken: expect.any(String),
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(credentialsIn(await credentialProcess(world, 'plain'))).toEqual(first);
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).toBe(first.AccessKeyId);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
    endIn(world, 60);
    const renewed = credentialsIn(await credentialProcess(world, 'plain'));
    expect(renewed.AccessKeyId).not.toBe(first.AccessKeyId);
  });

  it('prints the kept session to its end when no new one is to be had', async () => {
    const world = await makeWorld();
    world.settings('aws_cli_cache = off\n');
    const first = credentialsIn(await credentialProcess(world, 'plain'));
    endIn(world, 60);
    world.sts.setFault({ action: 'AssumeRole', answer: 'reset-before' });
    expect(credentialsIn(await credentialProcess(world, 'plain')).AccessKeyId).toBe(first.AccessKeyId);
    endIn(world, -1);
    world.sts.setFault({ action: 'AssumeRole', answer: 'reset-before' });
    const run = await credentialProcess(world, 'plain');
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
  });

  it("prints a user's own keys, which have no end", async () => {
    const world = await makeWorld();
    expect(credentialsIn(await credentialProcess(world, 'user101'))).toEqual({
      Version: 1,
      AccessKeyId: USER101_KEYS.aws_access_key_id,
      SecretAccessKey: USER101_KEYS.aws_secret_access_key,
    });
    expect(world.keptSessions()).toEqual([]);
  });

  it.each(['role101', 'chained', 'long'])('asks for no code: %s', async (profile) => {
    const world = await makeWorld();
    const run = await credentialProcess(world, profile, { input: `${world.code()}\n` });
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    const behind = profile === 'chained' ? 'role101' : profile;
    expect(run.stderr).toBe(`awsrole: no session is kept for profile ${behind}\n  run: awsrole ${behind}\n`);
    expect(world.sts.counts()).toEqual({});
  });

  it('does not wait for a person who is asked for a code', async () => {
    const world = await makeWorld();
    const locks = join(world.cache, 'locks');
    let stop = (): void => {};
    const asking = { role_arn: roleArn('role101'), source_profile: 'user101', mfa_serial: SAMPLE_MFA_SERIAL };
    world.write({
      config: sampleFiles().config + section('profile asking', { ...asking, mfa_process: 'sleep 60' }),
    });
    const waiting = world.run(['session-lines', 'asking'], {
      onStart: ({ pid = 0 }) => {
        stop = () => process.kill(-pid);
      },
    });
    try {
      while (!existsSync(locks) || !readdirSync(locks).some((name) => name.endsWith('.owner'))) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      expect(await credentialProcess(world, 'role101')).toMatchObject({ status: MFA });
      expect(world.sts.counts()).toEqual({});
    } finally {
      stop();
      await waiting;
    }
  });

  it('takes a kept MFA session for another role behind the device', async () => {
    const world = await makeWorld();
    await world.linesWithCode('role101');
    credentialsIn(await credentialProcess(world, 'role102'));
    credentialsIn(await credentialProcess(world, 'chained'));
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 3 });
    expect((await credentialProcess(world, 'long')).status).toBe(MFA);
  });

  it("takes a session from the AWS CLI's cache", async () => {
    const world = await makeWorld();
    const { set } = await world.linesWithCode('role101');
    const env = { XDG_CACHE_HOME: join(world.home, 'empty') };
    const { AccessKeyId } = credentialsIn(await credentialProcess(world, 'role101', { env }));
    expect(AccessKeyId).toBe(set.AWS_ACCESS_KEY_ID);
    world.settings('aws_cli_cache = off\n');
    const other = { XDG_CACHE_HOME: join(world.home, 'empty2') };
    expect((await credentialProcess(world, 'role101', { env: other })).status).toBe(MFA);
  });

  it('lets many at once make one call', async () => {
    const world = await makeWorld();
    const runs = await Promise.all(Array.from({ length: 8 }, () => credentialProcess(world, 'plain')));
    expect(new Set(runs.map(({ stdout }) => stdout)).size).toBe(1);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });
});

describe('as the credential_process of a profile', needs(hasBoth), () => {
  const JS_SDK = `
    import { fromProcess } from '@aws-sdk/credential-provider-process';
    const { accessKeyId, expiration } = await fromProcess({ profile: process.argv[1] })();
    if (expiration && !(expiration > new Date())) throw new Error('over');
    console.log(accessKeyId);`;
  const tools: Record<string, readonly string[]> = {
    'the AWS CLI': [aws, 'sts', 'get-caller-identity', '--profile'],
    boto3: [
      python,
      '-c',
      `import boto3, sys
print(boto3.Session(profile_name=sys.argv[1]).get_credentials().get_frozen_credentials().access_key)`,
    ],
    'the JavaScript SDK': [process.execPath, '--input-type=module', '-e', JS_SDK],
  };
  it.each(Object.keys(tools))('%s takes a new session, a kept one, and keys', async (tool) => {
    const world = await makeWorld();
    const commandOf = (profile: string): string =>
      [process.execPath, world.cli, 'credential-process', profile].map((word) => `"${word}"`).join(' ');
    const by = (profile: string): string =>
      section(`profile by-${profile}`, { credential_process: commandOf(profile), region: 'us-east-1' });
    world.write({
      config: [
        section('profile plain', { role_arn: roleArn('plain'), source_profile: 'user101' }),
        ...['plain', 'role101', 'user101'].map(by),
      ].join(''),
    });
    const env = { AWS_ENDPOINT_URL_STS: world.sts.url, AWS_EC2_METADATA_DISABLED: 'true' };
    const ask = (profile: string): Promise<Run> =>
      world.command([...(tools[tool] ?? []), `by-${profile}`], { env, cwd: process.cwd() });
    /** The access key id that the tool has, which the AWS CLI shows to nobody but the STS. */
    const keyIdBy = async (profile: string): Promise<string | undefined> => {
      const run = await ask(profile);
      expect(run).toMatchObject({ status: 0 });
      return tool === 'the AWS CLI' ? world.sts.requests().at(-1)?.accessKeyId : run.stdout.trim();
    };

    expect((await ask('role101')).status).not.toBe(0);
    const { set } = await world.linesWithCode('role101');
    expect(await keyIdBy('role101')).toBe(set.AWS_ACCESS_KEY_ID);
    const made = await keyIdBy('plain');
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).toBe(made);
    expect(await keyIdBy('user101')).toBe(USER101_KEYS.aws_access_key_id);
    expect(world.sts.counts()).toMatchObject({ GetSessionToken: 1, AssumeRole: 2 });
    expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toHaveLength(1);
  });
});

/** Lets the one kept session end in so many seconds. */
function endIn(world: World, seconds: number): void {
  const [file = ''] = world.keptSessions();
  const session = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  const expires = Math.floor(Date.now() / 1000) + seconds;
  writeFileSync(file, JSON.stringify({ ...session, expires, obtained: expires - 3_600 }));
}
