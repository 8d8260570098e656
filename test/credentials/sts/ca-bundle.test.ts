import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { request as send } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { aws, hasBoth } from '../../aws-tools.ts';
import { makeWorld, needs, roleArn, section, USER101_KEYS, type World } from '../../world.ts';

const CONFIGURATION = 3;
const NETWORK = 6;

/** A world whose STS is behind TLS, with a certificate (~/c.pem) that nobody else knows. Gives the URL. */
async function tlsWorld(): Promise<{ world: World; url: string }> {
  const world = await makeWorld();
  const make = `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout key.pem -out c.pem`;
  execFileSync('sh', ['-c', make], { cwd: world.home, stdio: 'ignore' });
  const sts = new URL(world.sts.url);
  const [cert, key] = ['c.pem', 'key.pem'].map((name) => readFileSync(join(world.home, name)));
  const tls = createServer({ cert, key }, (asked, answer) => {
    const { method, headers, url: path } = asked;
    const onward = send({ host: sts.hostname, port: sts.port, method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => tls.listen(0, resolve));
  onTestFinished(() => {
    tls.close();
  });
  return { world, url: `https://localhost:${(tls.address() as AddressInfo).port}` };
}

const role = { role_arn: roleArn('plain'), source_profile: 'user101', region: 'eu-west-1' };

describe('the certificates to trust', () => {
  it.each(['~/c.pem', '$HOME/c.pem', `\${HOME}/c.pem`, '$FOLDER/c.pem'])(
    'may be ca_bundle = %s',
    async (path) => {
      const { world, url } = await tlsWorld();
      world.write({ config: section('profile a', { ...role, ca_bundle: path }) });
      world.settle();
      const env = { AWS_ENDPOINT_URL_STS: url, FOLDER: world.home };
      const { set } = await world.lines('a', { env });
      // Not every SDK expands what the variable holds.
      expect(set.AWS_CA_BUNDLE).toBe(`${world.home}/c.pem`);
      const explain = await world.run(['explain', 'a'], { env });
      expect(explain.stdout).toMatch(new RegExp(`^ +AWS_CA_BUNDLE +${world.home}/c\\.pem +.*config:5$`, 'm'));
      // Another FOLDER would be another value, which the shell does not see.
      expect(existsSync(join(world.cache, 'shell', 's-a.session'))).toBe(!path.includes('FOLDER'));
    },
  );

  it.each([
    ['AWS_CA_BUNDLE', '~/c.pem'],
    ['AWS_CA_BUNDLE', '$HOME/c.pem'],
    ['REQUESTS_CA_BUNDLE', '~/c.pem'],
    ['REQUESTS_CA_BUNDLE', undefined],
  ])('may be named by %s=%s', async (variable, path) => {
    const { world, url } = await tlsWorld();
    const env = { AWS_ENDPOINT_URL_STS: url, AWS_CA_BUNDLE: '', [variable]: path ?? `${world.home}/c.pem` };
    await world.lines('plain', { env });
    const shell = { ...env, AWS_ACCESS_KEY_ID: USER101_KEYS.aws_access_key_id };
    const whoami = await world.run(['whoami'], {
      env: { ...shell, AWS_SECRET_ACCESS_KEY: USER101_KEYS.aws_secret_access_key },
    });
    expect(whoami).toMatchObject({ status: 0 });
    const without = await world.run(['session-lines', 'plain', '--refresh'], {
      env: { ...env, [variable]: '' },
    });
    expect(without).toMatchObject({ status: NETWORK, stdout: '' });
  });

  it.each([
    ['AWS_CA_BUNDLE', { AWS_CA_BUNDLE: '/no/a.pem', REQUESTS_CA_BUNDLE: '~/c.pem' }, '~/c.pem'],
    ['ca_bundle', { REQUESTS_CA_BUNDLE: '~/c.pem' }, '~/no.pem'],
    ['REQUESTS_CA_BUNDLE', { REQUESTS_CA_BUNDLE: '/no/r.pem' }, ''],
  ])(
    'are those of %s before others, which is named where it leads nowhere',
    async (named, env, ca_bundle) => {
      const { world, url } = await tlsWorld();
      world.write({ config: section('profile a', { ...role, ca_bundle }) });
      const run = await world.run(['session-lines', 'a'], { env: { AWS_ENDPOINT_URL_STS: url, ...env } });
      expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
      expect(run.stderr).toMatch(
        new RegExp(`the CA bundle /.*\\.pem cannot be read: .*\\n {2}correct ${named}\\n`),
      );
    },
  );

  it.each([
    [{ ca_bundle: '~/c.pem' }, {}],
    [{}, { AWS_CA_BUNDLE: '~/c.pem' }],
    [{}, { REQUESTS_CA_BUNDLE: '~/c.pem' }],
  ])('are found where the AWS CLI finds them: %j %j', needs(hasBoth), async (settings, more) => {
    const { world, url } = await tlsWorld();
    world.write({ config: section('profile a', { ...USER101_KEYS, region: 'eu-west-1', ...settings }) });
    const env = { AWS_ENDPOINT_URL_STS: url, ...more };
    const cli = await world.command([aws, '--profile', 'a', 'sts', 'get-caller-identity'], { env });
    expect(cli.stderr).toBe('');
    const switched = await world.execEnv('a', { env });
    expect((await world.command([aws, 'sts', 'get-caller-identity'], { env: switched })).stderr).toBe('');
  });
});
