import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, sampleFiles } from '../../src/demo/sample-world.ts';
import { awsCliKey } from '../../src/sessions/aws-cli-cache.ts';
import { makeWorld, type Run, roleArn, section, USER101_KEYS, type World } from '../world.ts';
import { type Fake, fakeContainer, inSeconds, serve } from './sources/fakes.ts';

const CONFIGURATION = 3;
const MFA = 4;
const NETWORK = 6;
const FIELDS = ['AccessKeyId', 'SecretAccessKey', 'SessionToken'] as const;
/** As XML can say them, and as they are. */
const CHARACTERS = [
  ['a line end', '&#10;', '\n'],
  ['a tab', '&#9;', '\t'],
  ['an escape of C1', '&#x9b;', '\u009b'],
  ['an override of the direction of text', '&#x202e;', '\u202e'],
] as const;

/** An STS whose sessions have something in one field. */
function oddSts(field: (typeof FIELDS)[number], character: string): Promise<Fake> {
  return serve(({ body }) => {
    const action = new URLSearchParams(body).get('Action') ?? '';
    const text = (name: string, value: string): string =>
      `<${name}>${value}${name === field ? `${character}x` : ''}</${name}>`;
    const credentials =
      text('AccessKeyId', 'ASIAODDODDODDEXAMPLE') +
      text('SecretAccessKey', 'notARealSecretOfAnOddSts') +
      text('SessionToken', 'notARealTokenOfAnOddSts') +
      `<Expiration>${inSeconds(3600)}</Expiration>`;
    return {
      headers: { 'content-type': 'text/xml' },
      body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result><Credentials>${credentials}</Credentials></${action}Result></${action}Response>`,
    };
  });
}

/** Nothing is kept, for us or for the AWS CLI, nor printed. */
function expectNothing(world: World, run: Run, status: number): void {
  expect(run).toMatchObject({ status, signal: null, stdout: '' });
  expect(world.keptSessions()).toEqual([]);
  expect(existsSync(join(world.home, '.aws', 'cli'))).toBe(false);
  expect(world.snapshot('.cache/awsrole/shell')).toEqual({});
}

describe('a control character in what STS gives', () => {
  it.each(FIELDS.flatMap((field) => CHARACTERS.map(([what, xml]) => [field, what, xml] as const)))(
    'as %s (%s) is refused before anything is kept',
    async (field, _what, xml) => {
      const world = await makeWorld();
      const { url } = await oddSts(field, xml);
      const run = await world.run(['session-lines', 'plain'], { env: { AWS_ENDPOINT_URL_STS: url } });
      expectNothing(world, run, NETWORK);
      expect(run.stderr).toContain('the credentials in the answer of STS have a control character in them');
    },
  );

  it('is refused in exec, credential-process, a web identity and a user’s session too', async () => {
    const world = await makeWorld({
      config:
        sampleFiles().config +
        section('profile web', {
          role_arn: roleArn('plain'),
          web_identity_token_file: '/dev/null',
        }),
      credentials: sampleFiles().credentials.replace(
        '[user101]\n',
        `[user101]\nmfa_serial = ${SAMPLE_MFA_SERIAL}\n`,
      ),
    });
    const token = join(world.home, 'token');
    writeFileSync(token, 'a.token.of.the.web');
    world.write({
      config: `${sampleFiles().config}${section('profile web', { role_arn: roleArn('plain'), web_identity_token_file: token })}`,
    });
    const { url, asked } = await oddSts('SessionToken', '&#10;');
    const env = { AWS_ENDPOINT_URL_STS: url };
    expectNothing(
      world,
      await world.run(['exec', 'external', '--no-mfa', '--', 'touch', join(world.home, 'ran')], { env }),
      NETWORK,
    );
    expect(existsSync(join(world.home, 'ran'))).toBe(false);
    expectNothing(world, await world.run(['credential-process', 'cn'], { env }), NETWORK);
    expectNothing(world, await world.run(['session-lines', 'web'], { env }), NETWORK);
    const input = `${world.code()}\n`;
    const user = ['session-lines', 'user101', '--mfa-code', '-'];
    expectNothing(world, await world.run(user, { env, input }), NETWORK);
    // AWS has accepted that code.
    const calls = asked.length;
    const again = await world.run(user, { env, input });
    expect(again.status).toBe(MFA);
    expect(again.stderr).toContain('that code was used');
    expect(asked).toHaveLength(calls);
  });
});

describe('a control character', () => {
  it("in the AWS CLI's cache: its session is not taken", async () => {
    const world = await makeWorld();
    world.settle();
    const folder = join(world.home, '.aws', 'cli', 'cache');
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${awsCliKey({ RoleArn: roleArn('plain') })}.json`);
    const Credentials = {
      AccessKeyId: 'ASIATHEIRS0000EXAMPLE',
      SecretAccessKey: 'notARealSecretOfTheirs',
      SessionToken: 'notARealToken\nOfTheirs',
      Expiration: inSeconds(3600),
    };
    writeFileSync(file, JSON.stringify({ Credentials }), { mode: 0o600 });
    expect((await world.lines('plain')).set.AWS_ACCESS_KEY_ID).not.toBe(Credentials.AccessKeyId);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it.each(['accessKeyId', 'secretAccessKey', 'sessionToken'])(
    'in a kept session (%s): it is not served, but got anew',
    async (field) => {
      const world = await makeWorld();
      world.settings('aws_cli_cache = off\n');
      await world.lines('plain');
      const [file = ''] = world.keptSessions();
      const kept = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
      writeFileSync(file, JSON.stringify({ ...kept, [field]: `${kept[field]}\u001b[31m` }));
      const lines = await world.lines('plain');
      expect(JSON.stringify(lines)).not.toContain('\u001b');
      expect(world.sts.counts()).toEqual({ AssumeRole: 2 });
    },
  );

  it.each(CHARACTERS.slice(1))(
    'in keys of a file (%s) is refused with its line',
    async (_what, _xml, character) => {
      const world = await makeWorld({
        credentials: section('user101', {
          aws_access_key_id: USER101_KEYS.aws_access_key_id,
          aws_secret_access_key: `${USER101_KEYS.aws_secret_access_key.slice(0, 20)}${character}x`,
        }),
      });
      for (const profile of ['user101', 'plain']) {
        const run = await world.run(['session-lines', profile]);
        expectNothing(world, run, CONFIGURATION);
        expect(run.stderr).toMatch(/credentials:3: a key of profile "user101" has a control character in it/);
        expect((await world.run(['exec', profile, '--', 'true'])).status).toBe(CONFIGURATION);
      }
      expect(world.sts.counts()).toEqual({});
    },
  );

  it('in keys that go on in the next line is explained as that', async () => {
    const world = await makeWorld({
      credentials: `[user101]\naws_access_key_id = ${USER101_KEYS.aws_access_key_id}\naws_secret_access_key = ${USER101_KEYS.aws_secret_access_key}\n  region = us-east-1\n`,
    });
    const run = await world.run(['session-lines', 'plain']);
    expectNothing(world, run, CONFIGURATION);
    expect(run.stderr).toContain('the next line is indented');
  });

  it('in keys of the environment, and of a container, is refused', async () => {
    const world = await makeWorld({
      config:
        section('profile ambient', { role_arn: roleArn('plain'), credential_source: 'Environment' }) +
        section('profile ecs', { role_arn: roleArn('plain'), credential_source: 'EcsContainer' }),
    });
    const env = { AWS_ACCESS_KEY_ID: 'AKIAX', AWS_SECRET_ACCESS_KEY: 'notAReal\u0085Secret' };
    const run = await world.run(['session-lines', 'ambient'], { env });
    expectNothing(world, run, CONFIGURATION);
    expect(run.stderr).toMatch(
      /config:3: .*takes its keys from the environment, and one of them has a control character/,
    );

    const given = { accessKeyId: 'ASIAX', secretAccessKey: 'notARealSecret', sessionToken: 'notA\tReal' };
    const { url } = await fakeContainer(() => given, 'Bearer x');
    const container = await world.run(['session-lines', 'ecs'], {
      env: {
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}/v1/credentials`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Bearer x',
      },
    });
    expect(container).toMatchObject({ stdout: '' });
    expect(container.status).not.toBe(0);
    expect(container.stderr).toContain('control character');
    expect(world.sts.counts()).toEqual({});
  });
});
