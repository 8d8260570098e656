import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hasControlCharacter } from '../src/profiles/printable.ts';
import { makeWorld, type Run, roleArn, section, USER101_KEYS, type World } from './world.ts';

// Whatever stands in files, variables and answers: no text of it reaches a terminal that could do more than be read.

/** A title of the window, a C1 control, a text turned round, and a line that seems to be ours. */
const EVIL = '\u001b]0;x\u0007\u009b31m\u202e\u007f\rawsrole: ok';

const COMMANDS = [
  ['list'],
  ['list', '--json'],
  ['status'],
  [],
  ['whoami'],
  ['whoami', '--json'],
  ['index-lines'],
  ['choice-line'],
  ['complete', 'bash', ''],
  ['complete', 'fish', 'explain', ''],
  ['complete', 'zsh', EVIL],
  ['clear'],
  ['clear', EVIL],
  ['credential-process', EVIL],
  ['--dry-run', EVIL],
  [EVIL],
  ['session-lines', EVIL],
  ['exec', EVIL, '--', 'true'],
  ['--mfa-code', EVIL, 'plain'],
  [`--${EVIL}`],
  ['demo', EVIL],
  ['exec', 'plain', '--', EVIL],
];
const OF_A_PROFILE = [['session-lines'], ['explain'], ['explain', '--json']];

function expectSafe(run: Run): void {
  const lines = `${run.stdout}${run.stderr}`.split(/[\n\t]/);
  expect([run.args, lines.filter(hasControlCharacter)]).toEqual([run.args, []]);
  expect(run.stderr).not.toMatch(/awsrole: unexpected|\n {4}at /);
}

async function runAll(
  world: World,
  profiles: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const words = [...COMMANDS, ...profiles.flatMap((name) => OF_A_PROFILE.map((some) => [...some, name]))];
  for (const args of words) expectSafe(await world.run(args, { env: { AWSROLE_DEBUG: '1', ...env } }));
}

describe('text that would move or recolour what a terminal shows', () => {
  it('in AWS files is never printed as it is', async () => {
    const config =
      section('profile plain', { role_arn: roleArn('plain'), source_profile: 'user101', region: EVIL }) +
      section(`profile ${EVIL}`, { role_arn: roleArn('plain'), source_profile: 'user101' }) +
      section('profile a', { role_arn: `${roleArn('plain')}${EVIL}`, source_profile: 'user101' }) +
      section('profile b', { role_arn: roleArn('plain'), source_profile: EVIL }) +
      section('profile c', { credential_process: `printf ${EVIL}` }) +
      section('profile d', {
        credential_process: 'printf {"Version":1,"AccessKeyId":"\\033[31m","SecretAccessKey":"x"}',
      }) +
      section('profile e', { ...USER101_KEYS, aws_access_key_id: EVIL }) +
      section('profile f', { role_arn: roleArn('plain'), source_profile: 'e', external_id: EVIL }) +
      section('profile g', { role_arn: roleArn('role101'), source_profile: 'user101', mfa_serial: EVIL }) +
      section('profile h', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        endpoint_url: `http://${EVIL}`,
      }) +
      section('profile i', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        output: EVIL,
        ca_bundle: EVIL,
      }) +
      section('profile j', { sso_session: EVIL, sso_account_id: EVIL, sso_role_name: EVIL }) +
      section('profile k', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        duration_seconds: EVIL,
        [EVIL]: EVIL,
      }) +
      section('profile l', { role_arn: roleArn('plain'), credential_source: EVIL }) +
      section('profile m', { role_arn: roleArn('plain'), web_identity_token_file: EVIL }) +
      section('profile n', { login_session: EVIL }) +
      section('profile o', {
        role_arn: roleArn('plain'),
        source_profile: 'user101',
        mfa_process: EVIL,
        mfa_serial: EVIL,
      }) +
      section(EVIL, { region: EVIL }) +
      `[default]\nendpoint_url = ${EVIL}\ns3 =\n  a = ${EVIL}\n${EVIL}\n`;
    const world = await makeWorld({ config });
    await runAll(world, ['plain', EVIL, ...'abcdefghijklmno']);
  }, 600_000);

  it('in variables and settings is never printed as it is', async () => {
    const world = await makeWorld();
    world.settings(`${EVIL} = ${EVIL}\naws_cli_cache = read\n`);
    const held = Object.fromEntries(
      [
        'AWSROLE_PROFILE',
        'AWSROLE_ROLE_ARN',
        'AWSROLE_ACCOUNT_ID',
        'AWS_REGION',
        'AWS_PROFILE',
        'AWS_ACCESS_KEY_ID',
        'AWS_SECRET_ACCESS_KEY',
        'AWS_SESSION_TOKEN',
        'AWSROLE_NAMES',
      ].map((name) => [name, EVIL]),
    );
    await runAll(world, ['plain'], held);
    await runAll(world, ['plain'], { AWS_ACCESS_KEY_ID: EVIL, AWS_REGION: EVIL });
    for (const name of [
      'AWS_CONFIG_FILE',
      'AWS_ENDPOINT_URL_STS',
      'HTTP_PROXY',
      'AWSROLE_TIMEOUT',
      'HOME',
      'XDG_CACHE_HOME',
      'AWS_CA_BUNDLE',
      'AWS_MAX_ATTEMPTS',
      'AWSROLE_EXPIRES',
      'PATH',
    ]) {
      for (const args of [
        ['session-lines', 'plain'],
        ['list'],
        ['status'],
        ['whoami'],
        ['explain', 'plain'],
        ['clear'],
      ]) {
        expectSafe(
          await world.run(args, {
            env: {
              [name]: name === 'HTTP_PROXY' ? `http://${EVIL}` : EVIL,
              AWSROLE_DEBUG: '1',
              ...USER101_ENV,
            },
          }),
        );
      }
    }
    world.settings(`aws_cli_cache = ${EVIL}\n`);
    expectSafe(await world.run(['session-lines', 'plain']));
  }, 600_000);

  it('in a session that was put into the cache is never printed, and the session not used', async () => {
    for (const field of [
      'accessKeyId',
      'secretAccessKey',
      'sessionToken',
      'profile',
      'roleArn',
      'awsCliKey',
    ]) {
      const world = await makeWorld();
      world.settings('aws_cli_cache = off\n');
      await world.lines('plain');
      const [file = ''] = world.keptSessions();
      const kept = JSON.parse(readFileSync(file, 'utf8'));
      writeFileSync(file, JSON.stringify({ ...kept, [field]: `A${EVIL}` }));
      for (const args of [
        ['list'],
        ['list', '--json'],
        ['explain', 'plain'],
        ['session-lines', 'plain'],
        ['credential-process', 'plain'],
        ['clear', 'plain'],
      ]) {
        expectSafe(await world.run(args, { env: { AWSROLE_DEBUG: '1' } }));
      }
    }
  }, 600_000);

  it('in what STS answers is never printed as it is', async () => {
    const world = await makeWorld();
    const c1 = '&#x9b;31m\u202e';
    const answers = [
      `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>a${c1}</Arn><UserId>u${c1}</UserId><Account>1${c1}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`,
      `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials><AccessKeyId>ASIA${c1}</AccessKeyId><SecretAccessKey>s${c1}</SecretAccessKey><SessionToken>t${c1}</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`,
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied${c1}</Code><Message>no${c1}</Message></Error><RequestId>r${c1}</RequestId></ErrorResponse>`,
      `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no${c1}</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
      `${EVIL} no XML`,
    ];
    for (const [index, answer] of answers.entries()) {
      const server = createServer((request, response) => {
        request
          .resume()
          .on('end', () =>
            response.writeHead(index < 2 ? 200 : 403, { 'content-type': 'text/xml' }).end(answer),
          );
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      const env = {
        AWS_ENDPOINT_URL_STS: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        ...USER101_ENV,
        AWSROLE_DEBUG: '1',
      };
      for (const args of [
        ['whoami'],
        ['whoami', '--json'],
        ['session-lines', 'plain', '--refresh'],
        ['credential-process', 'plain'],
        ['list'],
        ['explain', 'plain'],
      ]) {
        expectSafe(await world.run(args, { env }));
      }
    }
  }, 600_000);
});

const USER101_ENV = {
  AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id,
  AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key,
  AWS_REGION: 'us-east-1',
};
