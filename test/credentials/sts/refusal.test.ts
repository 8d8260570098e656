import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../../src/demo/sample-world.ts';
import type { StsFault } from '../../../src/demo/sts-faults.ts';
import {
  makeWorld,
  type Run,
  type RunOptions,
  roleArn,
  section,
  USER101_KEYS,
  type World,
} from '../../world.ts';

const MFA = 4;
const REFUSED = 5;
const NETWORK = 6;
// All that can be said is said, so that the search for secrets at the end of each world sees it too.
const DEBUG = { AWSROLE_DEBUG: '1' };
const plain = { role_arn: roleArn('plain'), source_profile: 'user101' };

function switchTo(world: World, profile: string, options: RunOptions = {}): Promise<Run> {
  return world.run(['session-lines', profile], { ...options, env: { ...DEBUG, ...options.env } });
}

function switchWithCode(world: World, profile: string, code: string, options: RunOptions = {}): Promise<Run> {
  return world.run(['session-lines', profile, '--mfa-code', '-'], {
    ...options,
    input: `${world.keepSecret(code)}\n`,
    env: { ...DEBUG, ...options.env },
  });
}

/** A refusal: its status, what it says, and that nothing is kept or printed. */
function expectRefusal(world: World, run: Run, status: number, ...says: RegExp[]): void {
  expect(run).toMatchObject({ status, signal: null, stdout: '' });
  for (const text of says) expect(run.stderr).toMatch(text);
  expect(run.stderr).toMatch(/\n {2}\S/);
  expect(run.stderr).not.toContain('unexpected');
  expect(world.keptSessions()).toEqual([]);
  expect(world.snapshot('.cache/awsrole/shell')).toEqual({});
}

/** A code of the right shape that is none of those that are accepted. */
function wrongCode(world: World): string {
  const good = [-60, -30, 0, 30, 60, 90].map((seconds) => world.codeIn(seconds));
  return (
    ['000000', '111111', '222222', '333333', '444444', '555555', '666666'].find(
      (code) => !good.includes(code),
    ) ?? ''
  );
}

describe('an MFA code', () => {
  it('that is wrong is refused, and the next one works', async () => {
    const world = await makeWorld();
    const run = await switchWithCode(world, 'role101', wrongCode(world));
    expectRefusal(
      world,
      run,
      MFA,
      /AWS refused the MFA code for .*mfa\/user101: mistyped, or used before/,
      /type what the device shows now; if that was used, the next one comes in \d+ s/,
    );
    expect(await switchWithCode(world, 'role101', world.code())).toMatchObject({ status: 0 });
  });

  it('that was used by another program is refused by AWS', async () => {
    const world = await makeWorld();
    const other = await makeWorld();
    const code = world.code();
    // Another home, the same AWS: as the AWS CLI would have used it.
    const env = { AWS_ENDPOINT_URL_STS: world.sts.url };
    expect(await switchWithCode(other, 'role102', code, { env })).toMatchObject({ status: 0 });
    expectRefusal(
      world,
      await switchWithCode(world, 'role101', code),
      MFA,
      /used before/,
      /each code works once/,
    );
  });

  it('that was used by awsrole is not sent again', async () => {
    const world = await makeWorld();
    const code = world.code();
    await switchWithCode(world, 'role101', code);
    // A role that an MFA session does not serve.
    const run = await switchWithCode(world, 'long', code);
    expect(run).toMatchObject({ status: MFA, stdout: '' });
    expect(run.stderr).toMatch(/that code was used, wait for the next one \(\d+ s\)/);
    expect(world.sts.counts()).toEqual({ GetSessionToken: 1, AssumeRole: 1 });
  });

  it.each(['', '54321', '7654321', 'abcdef', '１２３４５６'])(
    'of the wrong shape (%j) is not sent',
    async (code) => {
      const world = await makeWorld();
      const run = await world.run(['session-lines', 'role101', '--mfa-code', '-'], { input: `${code}\n` });
      expect(run).toMatchObject({ status: MFA, stdout: '' });
      expect(run.stderr).toContain('an MFA code has six digits; it was not sent');
      if (code !== '') expect(run.stderr).not.toContain(code);
      expect(world.sts.counts()).toEqual({});
    },
  );

  it('cannot be asked for without a terminal, and that is said with the way out', async () => {
    const world = await makeWorld();
    const run = await switchTo(world, 'role101');
    expectRefusal(
      world,
      run,
      MFA,
      /an MFA code for arn:aws:iam::123456789012:mfa\/user101 is needed for profile role101, and there is no terminal to ask on/,
      /awsrole --mfa-code - role101/,
    );
    expect(world.sts.counts()).toEqual({});
  });

  it('for a device of another user is refused for what it is', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...plain, mfa_serial: 'arn:aws:iam::123456789012:mfa/someone' }),
    });
    const run = await switchWithCode(world, 'a', world.code());
    expectRefusal(
      world,
      run,
      MFA,
      /unable to validate MFA code/,
      /mfa_serial \(.*config:4\) must be the ARN of the MFA device of the user/,
    );
  });

  const ways = [
    { profile: 'role101', action: 'GetSessionToken' },
    { profile: 'long', action: 'AssumeRole' },
  ];
  const lost: { answer: NonNullable<StsFault['answer']>; says: RegExp }[] = [
    { answer: 'internal-failure', says: /STS failed \(500 InternalFailure\)[\s\S]*next MFA code/ },
    { answer: 'reset-before', says: /the connection was cut[\s\S]*the MFA code may be used up/ },
    { answer: 'reset-after', says: /the connection was cut[\s\S]*the MFA code may be used up/ },
  ];
  it.each(ways.flatMap((way) => lost.map((fault) => ({ ...way, ...fault }))))(
    'is sent once where the answer of $action is lost ($answer)',
    async ({ profile, action, answer, says }) => {
      const world = await makeWorld();
      world.sts.setFault({ action, answer });
      const code = world.code();
      expectRefusal(world, await switchWithCode(world, profile, code), NETWORK, says);
      expect(world.sts.requests()).toMatchObject([{ action, tokenCode: true }]);
      // It may be used up, so it is not sent by the next start either.
      world.sts.clearFaults();
      const again = await switchWithCode(world, profile, code);
      expect(again.stderr).toContain('that code was used');
      expect(world.sts.requests()).toHaveLength(1);
    },
  );

  it.each([
    ['nothing listens', 'http://127.0.0.1:1'],
    ['there is no such name', 'http://sts.invalid'],
  ])('is good for another try where %s: it was not sent', async (_what, url) => {
    const world = await makeWorld();
    const code = world.code();
    const run = await switchWithCode(world, 'role101', code, { env: { AWS_ENDPOINT_URL_STS: url } });
    expectRefusal(world, run, NETWORK, /could not be reached/);
    expect(run.stderr).not.toMatch(/used up|next one/);
    expect(await switchWithCode(world, 'role101', code)).toMatchObject({ status: 0 });
  });

  it('is kept with the MFA session it was for, where the answer of AssumeRole is lost', async () => {
    const world = await makeWorld();
    world.sts.setFault({ action: 'AssumeRole', answer: 'reset-before' });
    const run = await switchWithCode(world, 'role101', world.code());
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
    expect(run.stderr).toContain('the connection was cut');
    expect(run.stderr).not.toContain('take the next one');
    world.sts.clearFaults();
    expect(await switchTo(world, 'role101')).toMatchObject({ status: 0 });
    expect(world.sts.counts().GetSessionToken).toBe(1);
  });

  it.each(ways)('is sent once where something else answers $action', async ({ profile, action }) => {
    const world = await makeWorld();
    world.sts.setFault({ answer: 'garbage' });
    expectRefusal(world, await switchWithCode(world, profile, world.code()), NETWORK, /no usable answer/);
    expect(world.sts.counts()).toEqual({ [action]: 1 });
  });

  it.each(ways)(
    'is sent again where AWS has not looked at it: $action throttled',
    async ({ profile, action }) => {
      const world = await makeWorld();
      world.sts.setFault({ action, answer: 'throttle', count: 1 });
      expect(await switchWithCode(world, profile, world.code())).toMatchObject({ status: 0 });
      const { Throttling, ...others } = world.sts.answers();
      expect(Throttling).toBe(1);
      expect(Object.keys(others)).toEqual(['OK']);
      expect(world.sts.requests().filter(({ tokenCode }) => tokenCode)).toMatchObject([
        { action, answer: 'Throttling' },
        { action, answer: 'OK' },
      ]);
    },
  );
});

describe('AWS refuses', () => {
  it('a role that is not trusted, and says whether MFA may be what is missing', async () => {
    const world = await makeWorld({
      config: section('profile nomfa', { role_arn: roleArn('role101'), source_profile: 'user101' }),
    });
    const run = await switchTo(world, 'nomfa');
    expectRefusal(
      world,
      run,
      REFUSED,
      /AWS denies arn:aws:iam::123456789012:role\/role101: User: .*user\/user101 is not authorized to perform: sts:AssumeRole/,
      /check that role_arn is right \(.*\.aws\/config:2\)/,
      /neither profile nomfa nor user101 has an mfa_serial, so no code was asked for/,
      /if the trust policy wants an external id, the profile needs it as external_id/,
    );
  });

  it('a role in spite of a good code', async () => {
    const world = await makeWorld({
      config: section('profile a', { ...plain, role_arn: roleArn('nobody'), mfa_serial: SAMPLE_MFA_SERIAL }),
    });
    const run = await switchWithCode(world, 'a', world.code());
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(/AWS denies .*role\/nobody[\s\S]*\n {2}.*the trust policy of the role/);
    expect(run.stderr).not.toContain('may want MFA');
    expect(world.snapshot('.cache/awsrole/shell')).toEqual({});
    // The code is not lost: other roles are served by its MFA session.
    expect(world.keptSessions()).toHaveLength(1);
    expect(await switchTo(world, 'role101')).toMatchObject({ status: 0 });
  });

  it('a role that lasts long in spite of a good code', async () => {
    const world = await makeWorld({
      config: section('profile a', {
        ...plain,
        role_arn: roleArn('nobody'),
        mfa_serial: SAMPLE_MFA_SERIAL,
        duration_seconds: '7200',
      }),
    });
    const run = await switchWithCode(world, 'a', world.code());
    expectRefusal(world, run, REFUSED, /AWS denies .*role\/nobody/, /the trust policy of the role/);
    expect(run.stderr).not.toContain('may want MFA');
  });

  it('a key that it does not know', async () => {
    const world = await makeWorld({
      config: '',
      credentials:
        section('user101', { ...USER101_KEYS, aws_access_key_id: 'AKIADELETED00EXAMPLE' }) +
        section('a', plain),
    });
    const run = await switchTo(world, 'a');
    expectRefusal(
      world,
      run,
      REFUSED,
      /AWS does not know the access key AKIADELETED00EXAMPLE of profile user101 \(.*credentials:2\)/,
      /deleted or disabled/,
    );
  });

  it('a wrong secret', async () => {
    const world = await makeWorld({
      config: '',
      credentials:
        section('user101', { ...USER101_KEYS, aws_secret_access_key: 'sandbox+wrong/secret' }) +
        section('a', plain),
    });
    world.keepSecret('sandbox+wrong/secret');
    const run = await switchTo(world, 'a');
    expectRefusal(
      world,
      run,
      REFUSED,
      /AWS refuses the signature made with the access key AKIAUSER10100EXAMPLE of profile user101/,
      /aws_secret_access_key does not belong to that key, or is incomplete \(.*credentials:2\); the clock is right/,
    );
  });

  it('keys of a session that has ended', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    const cache = { XDG_CACHE_HOME: `${world.home}/other` };
    world.write({
      config: section('profile a', { role_arn: roleArn('chained'), source_profile: 'ended' }),
      credentials: section('ended', {
        aws_access_key_id: set.AWS_ACCESS_KEY_ID ?? '',
        aws_secret_access_key: set.AWS_SECRET_ACCESS_KEY ?? '',
        aws_session_token: set.AWS_SESSION_TOKEN ?? '',
      }),
    });
    world.sts.expireAllSessions();
    const run = await switchTo(world, 'a', { env: cache });
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      /the session ASIA\w+ of profile ended has expired\n.*aws_session_token \(.*credentials:2\)/,
    );
  });

  it('a region in which STS is turned off', async () => {
    const world = await makeWorld({ disabledRegions: ['eu-west-1'] });
    expectRefusal(
      world,
      await switchTo(world, 'plain'),
      REFUSED,
      /STS is not enabled in eu-west-1/,
      /Account settings/,
    );
  });

  it('a session longer than the role allows', async () => {
    const world = await makeWorld({ config: section('profile a', { ...plain, duration_seconds: '7200' }) });
    expectRefusal(
      world,
      await switchTo(world, 'a'),
      REFUSED,
      /the role does not allow sessions that long/,
      /lower duration_seconds \(.*config:4\), or raise the maximum session duration/,
    );
  });

  it('what nobody has thought of, in its own words', async () => {
    const world = await makeWorld();
    const run = await switchTo(world, 'plain', { env: { AWS_ENDPOINT_URL_STS: `${world.sts.url}/path` } });
    expectRefusal(
      world,
      run,
      REFUSED,
      /AWS refuses .*role\/plain: UnknownOperationException: The requested resource could not be found/,
    );
  });

  it('more than an hour for a role behind a role whose keys somebody has written down', async () => {
    const world = await makeWorld({
      roles: [
        ...SAMPLE_WORLD.roles,
        { arn: roleArn('behind'), trust: { principals: [roleArn('plain')] }, maxSessionDuration: 43_200 },
      ],
      config:
        sampleFiles().config +
        section('profile behind', {
          role_arn: roleArn('behind'),
          source_profile: 'copied',
          duration_seconds: '7200',
        }),
    });
    const { set } = await world.lines('plain');
    const copied = section('copied', {
      aws_access_key_id: set.AWS_ACCESS_KEY_ID ?? '',
      aws_secret_access_key: set.AWS_SECRET_ACCESS_KEY ?? '',
      aws_session_token: set.AWS_SESSION_TOKEN ?? '',
    });
    world.write({ credentials: copied });
    const run = await switchTo(world, 'behind');
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect(run.stderr).toMatch(
      /lasts 1 h at most.*\n.*set duration_seconds to 3600 or less, or remove it \(.*config:\d+\)/,
    );
  });

  it('too many requests: they are sent again, and then it is said', async () => {
    const world = await makeWorld();
    world.sts.setFault({ answer: 'throttle', count: 2 });
    expect(await switchTo(world, 'plain')).toMatchObject({ status: 0 });
    expect(world.sts.answers()).toEqual({ Throttling: 2, OK: 1 });

    const busy = await makeWorld();
    busy.sts.setFault({ answer: 'throttle' });
    expectRefusal(busy, await switchTo(busy, 'plain'), REFUSED, /AWS is throttling/, /wait a little/);
    expect(busy.sts.answers()).toEqual({ Throttling: 3 });
  });
});

describe('a clock that is wrong', () => {
  it.each([
    { what: 'slow', hours: 5 },
    { what: 'fast', hours: -5 },
  ])('($what by 5 h) is put right for the request, told, and times are in ours', async ({ what, hours }) => {
    const world = await makeWorld();
    world.sts.advanceClock(hours * 3_600_000);
    const run = await switchTo(world, 'plain');
    expect(run.status).toBe(0);
    expect(run.stderr).toContain(`this computer's clock is 5 h ${what}; other AWS tools will be refused`);
    const expires = Number(/^times \d+ (\d+)$/m.exec(run.stdout)?.[1]);
    expect(Math.abs(expires - Date.now() / 1000 - 3600)).toBeLessThan(60);
    expect(await switchTo(world, 'plain')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('a kept session serves'),
    });
    expect(world.sts.answers().OK).toBe(1);
  });

  it('does not cost an MFA code', async () => {
    const world = await makeWorld();
    world.sts.advanceClock(2 * 3_600_000);
    expect(await switchWithCode(world, 'role101', world.code())).toMatchObject({ status: 0 });
    const withCode = world.sts.requests().filter(({ tokenCode }) => tokenCode);
    expect(withCode.map(({ answer }) => answer)).toEqual(['SignatureDoesNotMatch', 'OK']);
    // Its session is kept in our time, and serves the next role.
    const kept = world
      .keptSessions()
      .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { profile: string; expires: number })
      .find((session) => session.profile === 'user101');
    expect(Math.abs((kept?.expires ?? 0) - Date.now() / 1000 - 43_200)).toBeLessThan(60);
    expect(await switchTo(world, 'role102')).toMatchObject({ status: 0 });
    expect(world.sts.counts().GetSessionToken).toBe(2);
  });
});

describe('the network', () => {
  it.each<{ answer: NonNullable<StsFault['answer']> }>([
    { answer: 'internal-failure' },
    { answer: 'reset-before' },
    { answer: 'reset-after' },
  ])('is tried again after $answer, without a code', async ({ answer }) => {
    const world = await makeWorld();
    world.sts.setFault({ answer, count: 1 });
    expect(await switchTo(world, 'plain')).toMatchObject({ status: 0 });
    expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
  });

  it('fails in the end, with STS failing', async () => {
    const world = await makeWorld();
    world.sts.setFault({ answer: 'internal-failure' });
    expectRefusal(
      world,
      await switchTo(world, 'plain'),
      NETWORK,
      /STS failed \(500 InternalFailure\)/,
      /try again/,
    );
  });

  it('may have something else than STS in it', async () => {
    const world = await makeWorld();
    world.sts.setFault({ answer: 'garbage' });
    expectRefusal(
      world,
      await switchTo(world, 'plain'),
      NETWORK,
      /gave no usable answer \(HTTP 200\): .*XML/,
      /check the endpoint and the proxy/,
    );
  });

  it.each<{ what: string; url: (plainPort: number) => string; says: RegExp; status?: number }>([
    {
      what: 'nothing listens',
      url: () => 'http://127.0.0.1:1',
      says: /127\.0\.0\.1:1 could not be reached: nothing is listening there/,
    },
    {
      what: 'there is no such name',
      url: () => 'http://sts.invalid',
      says: /sts\.invalid could not be reached: .*DNS/,
    },
    {
      what: 'a plain port is asked for TLS',
      url: (port) => `https://127.0.0.1:${port}`,
      says: /https:\/\/127\.0\.0\.1:\d+ /,
    },
    { what: 'the URL is none', url: () => 'http://[::1', says: /\[::1/ },
    {
      what: 'the URL is of another protocol',
      url: () => 'ftp://127.0.0.1',
      says: /"ftp:\/\/127\.0\.0\.1" is not an http\(s\) URL/,
      status: 3,
    },
  ])('cannot be used when $what', async ({ url, says, status = NETWORK }) => {
    const world = await makeWorld();
    const env = { AWS_ENDPOINT_URL_STS: url(world.sts.port) };
    expectRefusal(world, await switchTo(world, 'plain', { env }), status, says, /endpoint/);
    expect(world.sts.counts()).toEqual({});
  });

  it('that hangs up at once is not what hides an answer', async () => {
    const world = await makeWorld();
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.end();
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const run = await switchWithCode(world, 'role101', world.code(), {
      env: { AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${port}` },
    });
    server.close();
    expectRefusal(world, run, NETWORK, /the connection was cut/, /take the next one/);
    expect(connections).toBe(1);
  });
});

describe('a failed switch', () => {
  it('leaves the session that is kept', async () => {
    const world = await makeWorld();
    const { set } = await world.lines('plain');
    world.sts.setFault({ answer: 'throttle' });
    const run = await world.run(['session-lines', 'plain', '--refresh']);
    expect(run).toMatchObject({ status: REFUSED, stdout: '' });
    expect((await world.lines('plain')).set).toEqual(set);
  });

  it('runs no command', async () => {
    const world = await makeWorld();
    world.sts.setFault({ answer: 'garbage' });
    const run = await world.run(['exec', 'plain', '--', 'echo', 'run']);
    expect(run).toMatchObject({ status: NETWORK, stdout: '' });
  });
});
