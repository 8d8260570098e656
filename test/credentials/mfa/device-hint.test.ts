import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../../src/demo/sample-world.ts';
import type { StsUser } from '../../../src/demo/sts-server.ts';
import { makeWorld, type Run, roleArn, section, USER101_KEYS, type World } from '../../world.ts';

const REFUSED = 5;
const MFA = 4;
const SECURITY_KEY = 'arn:aws:iam::123456789012:u2f/user/user101/key-ABCDEF';

/** A world in which user101 is as said, and profile `needs` has a role that wants MFA, without an mfa_serial. */
function worldOf(user: Partial<StsUser>): Promise<World> {
  const users = SAMPLE_WORLD.users.map((one) =>
    one.accessKeyId === USER101_KEYS.aws_access_key_id
      ? { ...one, allow: ['iam:ListMFADevices'], ...user }
      : one,
  );
  const needs = section('profile needs', { role_arn: roleArn('role101'), source_profile: 'user101' });
  return makeWorld({ users, config: sampleFiles().config + needs });
}

/** A switch whose IAM is the sandbox, too. */
function switchTo(
  world: World,
  profile: string,
  more: Record<string, string | undefined> = {},
): Promise<Run> {
  return world.run(['session-lines', profile], { env: { AWS_ENDPOINT_URL_IAM: world.sts.url, ...more } });
}

describe('where AWS denies a role without an mfa_serial, the hint', () => {
  it('names the device to write down', async () => {
    const world = await worldOf({});
    const run = await switchTo(world, 'needs');
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      /neither profile needs nor user101 has an mfa_serial, so no code was asked for\n {2}the MFA device of the user is arn:\S+:mfa\/user101: write mfa_serial = arn:\S+:mfa\/user101 into profile user101 \(\S+credentials:2\), for all of its roles\n/,
    );
    expect(world.sts.counts()).toEqual({ AssumeRole: 1, ListMFADevices: 1 });
    // And so it is.
    world.write({
      credentials: sampleFiles().credentials.replace(
        '[user101]\n',
        `[user101]\nmfa_serial = ${SAMPLE_MFA_SERIAL}\n`,
      ),
    });
    await world.linesWithCode('needs');
  });

  it('names several', async () => {
    const world = await worldOf({ otherDevices: [SECURITY_KEY, 'arn:aws:iam::123456789012:mfa/phone'] });
    const { stderr } = await switchTo(world, 'needs');
    expect(stderr).toContain(
      'the MFA devices of the user are arn:aws:iam::123456789012:mfa/user101, arn:aws:iam::123456789012:mfa/phone: write one of them as mfa_serial into profile user101',
    );
    expect(stderr).not.toContain('u2f');
  });

  it('says that a security key will not do, or that there is none', async () => {
    // exactOptionalPropertyTypes: the device is left out.
    const without = (otherDevices: string[]): Partial<StsUser> =>
      ({ mfa: undefined, otherDevices }) as unknown as Partial<StsUser>;
    const key = await switchTo(await worldOf(without([SECURITY_KEY])), 'needs');
    expect(key.stderr).toContain(
      `the user has only security keys or passkeys (${SECURITY_KEY}), which give no code: add an authenticator app in IAM`,
    );
    const none = await switchTo(await worldOf(without([])), 'needs');
    expect(none.stderr).toContain('the user has no MFA device: add one in IAM, such as an authenticator app');
  });

  it('is as it was where the user may not list them', async () => {
    const world = await worldOf({ allow: [] });
    const run = await switchTo(world, 'needs');
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/has an mfa_serial, so no code was asked for\n$/);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1, ListMFADevices: 1 });
  });

  it('does not wait long for it', async () => {
    const world = await worldOf({});
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void silent.close());
    const { port } = silent.address() as { port: number };
    const run = await switchTo(world, 'needs', {
      AWS_ENDPOINT_URL_IAM: `http://127.0.0.1:${port}`,
      AWSROLE_TIMEOUT: '1',
    });
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/so no code was asked for\n$/);
  });

  it('takes IAM’s endpoint from where STS’s comes from, and else does not ask', async () => {
    const world = await worldOf({});
    await switchTo(world, 'needs', { AWS_ENDPOINT_URL_IAM: undefined });
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
    world.sts.reset();
    await switchTo(world, 'needs', {
      AWS_ENDPOINT_URL_IAM: undefined,
      AWS_ENDPOINT_URL_STS: undefined,
      AWS_ENDPOINT_URL: world.sts.url,
    });
    expect(world.sts.counts()).toEqual({ AssumeRole: 1, ListMFADevices: 1 });
    world.sts.reset();
    // A wrong one does not hide the refusal.
    const run = await switchTo(world, 'needs', { AWS_ENDPOINT_URL_IAM: 'nonsense' });
    expect(run).toMatchObject({ status: REFUSED });
    expect(run.stderr).toContain('AWS denies');
  });

  it('is not asked for with --no-mfa, by a program, or behind a role', async () => {
    const world = await worldOf({});
    const env = { AWS_ENDPOINT_URL_IAM: world.sts.url };
    await world.run(['session-lines', 'needs', '--no-mfa'], { env });
    await world.run(['credential-process', 'needs'], { env });
    world.write({
      config:
        section('profile first', { role_arn: roleArn('plain'), source_profile: 'user101' }) +
        section('profile needs', { role_arn: roleArn('role102'), source_profile: 'first' }),
    });
    const run = await switchTo(world, 'needs');
    expect(run.stderr).toContain('AWS takes no code from it');
    expect(run.stderr).not.toContain('of no use');
    expect(world.sts.counts()).not.toHaveProperty('ListMFADevices');
  });
});

it('the devices are named too where AWS does not accept the one that is written', async () => {
  const world = await worldOf({});
  world.write({
    config: section('profile a', {
      role_arn: roleArn('role101'),
      source_profile: 'user101',
      mfa_serial: 'arn:aws:iam::123456789012:mfa/someone',
    }),
  });
  const run = await world.run(['session-lines', 'a', '--mfa-code', '-'], {
    env: { AWS_ENDPOINT_URL_IAM: world.sts.url },
    input: `${world.code()}\n`,
  });
  expect(run).toMatchObject({ status: MFA, stdout: '' });
  expect(run.stderr).toMatch(
    /mfa_serial \(\S+config:4\) must be .*\n {2}the MFA device of the user is arn:\S+:mfa\/user101: /,
  );
});

describe('the hint at a denied role names external_id', () => {
  const external = { role_arn: roleArn('external'), source_profile: 'user101' };

  it('where none is set', async () => {
    const world = await makeWorld({ config: section('profile a', external) });
    const run = await world.run(['session-lines', 'a']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain(
      'if the trust policy wants an external id, the profile needs it as external_id',
    );
  });

  it('where it is wrong, with its line or flag', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...external, external_id: 'partner-7/East' }),
    });
    const run = await world.run(['session-lines', 'a']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      /the trust policy must want this external_id \(\S+config:4\), upper and lower case included/,
    );
    const flag = await world.run(['session-lines', 'a', '--external-id', 'other']);
    expect(flag.stderr).toContain('this external_id (--external-id)');
  });

  it('and says nothing of a missing mfa_serial where there is one, with or without the code', async () => {
    const world = await makeWorld({
      credentials: section('user101', { ...USER101_KEYS, mfa_serial: SAMPLE_MFA_SERIAL }),
      config: section('profile a', external) + section('profile none', { ...external, mfa_serial: '' }),
    });
    const run = await world.run(['session-lines', 'a', '--mfa-code', '-'], { input: `${world.code()}\n` });
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toContain('external_id');
    expect(run.stderr).not.toContain('MFA may');
    expect(run.stderr).not.toContain('mfa_serial');
    const none = await world.run(['session-lines', 'none']);
    expect(none.stderr).toMatch(/no code was asked for because of the empty mfa_serial \(\S+config:8\)/);
  });
});
