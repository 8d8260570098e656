import { existsSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Explanation } from '../../src/credentials/explanation.ts';
import { sampleFiles } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, type RunOptions, roleArn, section, type World } from '../world.ts';

const ELSEWHERE = 'http://127.0.0.1:1';
/** No STS is asked for it, so that the shell need not name an endpoint. */
const TOOL = { credential_process: '/bin/cat tool.json', region: 'eu-west-3' };
const NO_ENDPOINT = { AWS_ENDPOINT_URL_STS: undefined };

interface Case {
  readonly byDefault: Record<string, string>;
  readonly more?: string;
  readonly tool?: Record<string, string>;
  readonly env?: Record<string, string>;
  readonly inCredentials?: boolean;
}

/** A world with a profile `tool`, and a [default] beside it. */
async function worldWith({ byDefault, more = '', tool = {}, inCredentials = false }: Case): Promise<World> {
  const other = section('default', byDefault);
  const world = await makeWorld({
    config: `${inCredentials ? '' : `${other.trimEnd()}\n`}${more}\n${section('profile tool', { ...TOOL, ...tool })}`,
    credentials: inCredentials ? other : undefined,
  });
  const expires = new Date(Date.now() + 3_000_000).toISOString().replace(/\.\d+/, '');
  const keys = { AccessKeyId: 'ASIATOOL100000000000', SecretAccessKey: 'x', SessionToken: 'y' };
  for (const folder of [world.home, join(world.home, '..')]) {
    writeFileSync(join(folder, 'tool.json'), JSON.stringify({ Version: 1, ...keys, Expiration: expires }));
  }
  return world;
}

async function explain(world: World, options: RunOptions = {}): Promise<Explanation> {
  const run = await world.run(['explain', 'tool', '--json'], options);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  return JSON.parse(run.stdout) as Explanation;
}

const names = (values: readonly { readonly name: string }[]): string[] => values.map(({ name }) => name);

/** What botocore resolves, with --profile and in exec, and what awsrole says of it. */
async function both(
  world: World,
  script: string,
  more: Record<string, string> = {},
): Promise<[string, string, string]> {
  const env = { ...NO_ENDPOINT, ...more };
  const [asked, inside] = await Promise.all([
    world.command([python, '-c', script, 'tool'], { env }),
    world.run(['exec', 'tool', '--', python, '-c', script, ''], { env }),
  ]);
  expect([asked, inside].map(({ status }) => status)).toEqual([0, 0]);
  return [asked.stdout, inside.stdout, inside.stderr];
}

const ENDPOINTS = `import botocore.session, json, sys
session = botocore.session.Session(profile=sys.argv[1] or None)
make = lambda name: session.create_client(name, aws_access_key_id='x', aws_secret_access_key='y')
print(json.dumps({n: make(n).meta.endpoint_url for n in ('sts', 's3', 'elasticbeanstalk')}))`;

const SERVICES = `[services local]\ns3 =\n  endpoint_url = ${ELSEWHERE}/s3\nelastic_beanstalk =\n  endpoint_url = ${ELSEWHERE}/eb\n`;
const OWN = '[services own]\nsts =\n  endpoint_url = http://127.0.0.1:2/sts\n';
const all = { endpoint_url: `${ELSEWHERE}/all` };

describe('endpoints of [default], with botocore as judge', needs(hasBoth), () => {
  it.each<Case & { what: string }>([
    { what: 'endpoint_url', byDefault: all },
    { what: 'services', byDefault: { services: 'local' }, more: SERVICES },
    { what: 'both', byDefault: { ...all, services: 'local' }, more: SERVICES },
    { what: 'services that do not exist', byDefault: { services: 'gone' } },
    { what: 'FIPS', byDefault: { use_fips_endpoint: 'true' } },
    { what: 'dual stack', byDefault: { use_dualstack_endpoint: 'true' } },
    { what: 'STS at one place', byDefault: { sts_regional_endpoints: 'legacy' } },
    { what: 'the credentials file', byDefault: all, inCredentials: true },
    {
      what: 'a profile that wants no others',
      byDefault: all,
      tool: { ignore_configured_endpoint_urls: 'true' },
    },
    {
      what: 'a profile that allows them',
      byDefault: all,
      tool: { ignore_configured_endpoint_urls: 'false' },
    },
    {
      what: 'none, where the profile has its own',
      byDefault: { ignore_configured_endpoint_urls: 'true' },
      tool: { endpoint_url: 'http://127.0.0.1:2', services: 'own' },
      more: OWN,
    },
    {
      what: 'none, where the shell has one',
      byDefault: { ignore_configured_endpoint_urls: 'true' },
      env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3' },
    },
    {
      what: 'the same, where the profile has its own',
      byDefault: all,
      tool: { endpoint_url: 'http://127.0.0.1:2' },
    },
    {
      what: 'the same, where the shell has one',
      byDefault: { ...all, services: 'local' },
      more: SERVICES,
      env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:3' },
    },
    {
      what: 'an endpoint, where the one of the shell is empty',
      byDefault: all,
      env: { AWS_ENDPOINT_URL: '' },
    },
  ])('count in exec as with --profile: $what', async ({ env, ...files }) => {
    const world = await worldWith(files);
    const [asked, inside, said] = await both(world, ENDPOINTS, env);
    expect(JSON.parse(inside)).toEqual(JSON.parse(asked));
    expect(said).toBe('');
  });

  it('are named where a variable would hide the endpoints of the profile or the shell as well', async () => {
    const world = await worldWith({
      byDefault: { ...all, services: 'local' },
      more: SERVICES + OWN,
      tool: { services: 'own' },
    });
    const env = { ...NO_ENDPOINT, AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3' };
    const file = join(world.home, '.aws', 'config');
    const run = await world.run(['exec', 'tool', '--', python, '-c', ENDPOINTS, ''], { env });
    expect(JSON.parse(run.stdout)).toMatchObject({
      s3: 'http://127.0.0.1:3',
      sts: 'http://127.0.0.1:2/sts',
    });
    const named = `endpoint_url (${file}:2), local elastic_beanstalk.endpoint_url (${file}:8)`;
    const line = `awsrole: warning: some settings of [default] apply here too, as no variable can override them: ${named}\n`;
    expect(run.stderr).toBe(line);
    expect(await world.run(['session-lines', 'tool'], { env })).toMatchObject({ status: 0, stderr: line });
    expect(names((await explain(world, { env })).reachesIn)).toEqual([
      'endpoint_url',
      'local elastic_beanstalk.endpoint_url',
    ]);
  });

  it('get no request of aws s3 ls', async () => {
    const asked: string[] = [];
    const listen = async (what: string): Promise<string> => {
      const server = createServer((_request, response) => {
        asked.push(what);
        response.writeHead(403).end();
      });
      server.on('connect', (request: IncomingMessage, socket) => {
        asked.push(`${what}: ${request.url}`);
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      onTestFinished(() => void server.close());
      return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    };
    const world = await worldWith({ byDefault: { endpoint_url: await listen('LocalStack') } });
    const env = {
      ...NO_ENDPOINT,
      HTTPS_PROXY: await listen('proxy'),
      NO_PROXY: '127.0.0.1',
      AWS_MAX_ATTEMPTS: '1',
    };
    await world.run(['exec', 'tool', '--', aws, 's3', 'ls'], { env });
    expect(asked).toEqual(['proxy: s3.eu-west-3.amazonaws.com:443']);
    // That it would get one, or the test could not fail.
    const keys = { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'y', AWS_DEFAULT_REGION: 'eu-west-3' };
    await world.command([aws, 's3', 'ls'], { env: { ...env, ...keys } });
    expect(asked.slice(1)).toEqual(['LocalStack']);
  });
});

/** Something else than the usual for every setting; botocore's own names. */
const SETTINGS = {
  output: 'text',
  retry_mode: 'adaptive',
  max_attempts: '7',
  use_fips_endpoint: 'true',
  use_dualstack_endpoint: 'true',
  ca_bundle: '/etc/company.pem',
  defaults_mode: 'in-region',
  sts_regional_endpoints: 'legacy',
  ec2_metadata_service_endpoint: `${ELSEWHERE}/imds`,
  ec2_metadata_service_endpoint_mode: 'IPv6',
  ec2_metadata_v1_disabled: 'true',
  metadata_service_timeout: '9',
  metadata_service_num_attempts: '8',
  imds_use_ipv6: 'true',
  endpoint_discovery_enabled: 'true',
  account_id_endpoint_mode: 'disabled',
  auth_scheme_preference: 'sigv4a,sigv4',
  sigv4a_signing_region_set: 'eu-west-1,eu-west-2',
  disable_host_prefix_injection: 'true',
  disable_request_compression: 'true',
  request_min_compression_size_bytes: '77',
  request_checksum_calculation: 'when_required',
  response_checksum_validation: 'when_required',
  sdk_ua_app_id: 'an-app',
  data_path: '/etc/models',
  csm_enabled: 'true',
  csm_host: '127.0.0.2',
  csm_port: '31001',
  csm_client_id: 'someone',
  s3_use_arn_region: 'true',
  s3_us_east_1_regional_endpoint: 'regional',
  s3_disable_express_session_auth: 'true',
};
const S3 = 's3 =\n  s3_disable_multiregion_access_points = true\n  addressing_style = path\n';
/** No word stands for these everywhere. */
const NAMED = [
  'retry_mode',
  'max_attempts',
  'ca_bundle',
  'ec2_metadata_service_endpoint',
  'endpoint_discovery_enabled',
  'auth_scheme_preference',
  'sigv4a_signing_region_set',
  'sdk_ua_app_id',
  'data_path',
  'csm_client_id',
  's3_use_arn_region',
  's3_us_east_1_regional_endpoint',
];

/** Every setting with a variable as botocore resolves it; to say nothing, no, or the usual version of IP is the same. */
const RESOLVED = `import botocore.configprovider as c, botocore.session, json, sys
session = botocore.session.Session(profile=sys.argv[1] or None)
found = {v[0]: session.get_config_variable(n) for n, v in c.BOTOCORE_DEFAUT_SESSION_VARIABLES.items() if v[0] and v[1]}
s3 = session.get_config_variable('s3') or {}
for name in 'use_arn_region', 'us_east_1_regional_endpoint': found['s3_' + name] = s3.get(name)
found['s3.s3_disable_multiregion_access_points'] = s3.get('s3_disable_multiregion_access_points')
print(json.dumps({n: None if v in (False, 'false', 'IPv4') else v for n, v in found.items() if n != 'region'}))`;

describe('settings of [default], with botocore as judge', needs(hasBoth), () => {
  it('count in exec as with --profile, but for those that the switch and explain name', async () => {
    const world = await worldWith({ byDefault: SETTINGS, more: S3 });
    const [asked, inside] = (await both(world, RESOLVED)).slice(0, 2).map((text) => JSON.parse(text)) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    const reaching = Object.keys(asked).filter((name) => `${asked[name]}` !== `${inside[name]}`);
    expect(reaching.sort()).toEqual([...NAMED].sort());
    const { reachesIn, variables } = await explain(world, { env: NO_ENDPOINT });
    expect(names(reachesIn)).toEqual([...NAMED, 's3.addressing_style']);
    const kept = variables.flatMap(({ keepsOut }) => keepsOut?.name ?? []);
    const settings = [...Object.keys(SETTINGS), 's3.s3_disable_multiregion_access_points'];
    // The AWS CLI's own, which botocore does not resolve.
    const botocores = settings.filter((name) => name !== 'output');
    expect(kept.sort()).toEqual(settings.filter((name) => !NAMED.includes(name)).sort());
    // Or the two could agree because [default] says what is usual.
    const alone = await world.command([python, '-c', RESOLVED, ''], { env: NO_ENDPOINT });
    const byDefault = JSON.parse(alone.stdout) as Record<string, unknown>;
    expect(
      Object.keys(byDefault)
        .filter((name) => byDefault[name] !== asked[name])
        .sort(),
    ).toEqual(botocores.sort());
  });

  it('do not change what the AWS CLI prints', async () => {
    const world = await worldWith({ byDefault: { output: 'text' } });
    const { config, credentials } = sampleFiles();
    world.write({ config: section('default', { output: 'text' }) + config, credentials });
    const run = await world.run(['exec', 'plain', '--', aws, 'sts', 'get-caller-identity']);
    expect(JSON.parse(run.stdout)).toMatchObject({ Account: '123456789012' });
  });

  it('give way to those of the profile and of the shell', async () => {
    const world = await worldWith({
      byDefault: { output: 'text', retry_mode: 'standard', account_id_endpoint_mode: 'disabled' },
      tool: { output: 'yaml', retry_mode: 'adaptive' },
    });
    const env = { ...NO_ENDPOINT, AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required' };
    expect(await world.execEnv('tool', { env })).toMatchObject({
      AWS_DEFAULT_OUTPUT: 'yaml',
      AWS_RETRY_MODE: 'adaptive',
      AWS_ACCOUNT_ID_ENDPOINT_MODE: 'required',
    });
    expect((await explain(world, { env })).reachesIn).toEqual([]);
  });

  it('that say what is usual, and what no program reads, cost nothing', async () => {
    const usual = {
      output: 'json',
      use_fips_endpoint: 'False',
      max_attempts: '',
      note: 'mine',
    };
    const world = await worldWith({ byDefault: { ...usual, aws_access_key_id: 'AKIADEFAULT1EXAMPLE0' } });
    const { variables, reachesIn } = await explain(world, { env: NO_ENDPOINT });
    expect(variables.filter(({ keepsOut }) => keepsOut)).toEqual([]);
    expect(reachesIn).toEqual([]);
  });

  it('are kept out for the AWS SDKs too, where botocore does not read them', async () => {
    const byDefault = { disable_clock_skew_correction: 'true', s3_disable_multiregion_access_points: 'true' };
    const world = await worldWith({ byDefault });
    expect(await world.execEnv('tool', { env: NO_ENDPOINT })).toMatchObject({
      AWS_DISABLE_CLOCK_SKEW_CORRECTION: 'false',
      AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS: 'false',
    });
    expect((await explain(world, { env: NO_ENDPOINT })).reachesIn).toEqual([]);
  });

  it('keep the pager that the shell has without them', async () => {
    const world = await worldWith({ byDefault: { cli_pager: '' } });
    expect(await world.execEnv('tool', { env: NO_ENDPOINT })).toMatchObject({ AWS_PAGER: 'less' });
    const env = { ...NO_ENDPOINT, PAGER: 'most' };
    expect(await world.execEnv('tool', { env })).toMatchObject({ AWS_PAGER: 'most' });
  });

  it('name a region only where there is no other', async () => {
    const world = await worldWith({ byDefault: { region: 'eu-west-2' }, tool: { region: '' } });
    const named = async (env: Record<string, string>): Promise<string[]> =>
      names((await explain(world, { env: { ...NO_ENDPOINT, ...env } })).reachesIn);
    expect(await named({})).toEqual(['region']);
    expect(await named({ AWS_REGION: 'eu-west-1' })).toEqual([]);
    world.write({ config: section('default', { region: 'eu-west-2' }) + section('profile tool', TOOL) });
    expect(await named({})).toEqual([]);
  });

  it('are those of the switch itself when it is to default', async () => {
    const world = await worldWith({ byDefault: { ...TOOL, ...SETTINGS, ...all }, more: S3 });
    const run = await world.run(['session-lines', 'default'], { env: NO_ENDPOINT });
    expect(run).toMatchObject({ status: 0, stderr: '' });
    expect(run.stdout).toContain(`\nAWS_ENDPOINT_URL=${all.endpoint_url}\n`);
    expect(run.stdout).not.toContain('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS');
  });
});

describe('what is said of [default]', () => {
  it('is one line of a switch, and all of it by explain', async () => {
    const byDefault = { cli_history: 'enabled', cli_timestamp_format: 'wire', retry_mode: 'standard' };
    const world = await worldWith({ byDefault: { ...byDefault, output: 'text', ...all }, more: S3 });
    const file = join(world.home, '.aws', 'config');
    const run = await world.run(['session-lines', 'tool'], { env: NO_ENDPOINT });
    expect(run.stderr).toBe(
      'awsrole: warning: some settings of [default] apply here too, as no variable can override them: ' +
        `cli_history (${file}:2), cli_timestamp_format (${file}:3), retry_mode (${file}:4) ` +
        'and 1 more; to see them all: awsrole explain tool\n',
    );
    const text = (await world.run(['explain', 'tool'], { env: NO_ENDPOINT })).stdout;
    expect(text).toMatch(
      /From \[default\] these would apply too(.*\n){4} {3}s3\.addressing_style +path +\S+:9\n/,
    );
    expect(text).toContain(`overrides output of [default], ${file}:5\n`);
    expect(text).toContain(`overrides endpoint_url of [default], ${file}:6\n`);
  });

  it('is by explain whose credentials one SDK would take, without a secret', async () => {
    const keys = { aws_access_key_id: 'AKIADEFAULT1EXAMPLE0', aws_secret_access_key: 'notARealSecret1' };
    const world = await worldWith({ byDefault: keys, inCredentials: true });
    world.keepSecret('notARealSecret1');
    const file = join(world.home, '.aws', 'credentials');
    const value = { name: 'aws_access_key_id', value: 'AKIA…PLE0', file, line: 2 };
    expect((await explain(world)).defaultCredentials).toEqual(value);
    expect((await world.run(['explain', 'tool'])).stdout).toContain(
      'version 3 of the AWS SDK for .NET prefers to the variables',
    );
    world.write({ credentials: section('default', { credential_process: 'tool --secret hunter2' }) });
    expect((await explain(world)).defaultCredentials).toMatchObject({ value: 'tool …' });
    world.write({ credentials: section('default', { region: 'eu-west-1' }) });
    expect(await explain(world)).not.toHaveProperty('defaultCredentials');
  });
});

describe('the lines of a switch beside a [default]', () => {
  const isKept = (world: World): boolean => existsSync(join(world.cache, 'shell', 's-tool.session'));

  it.each<Case & { kept: boolean }>([
    { byDefault: all, kept: false },
    { byDefault: all, env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3' }, kept: false },
    { byDefault: {}, env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3' }, kept: true },
    { byDefault: all, tool: all, env: { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:3' }, kept: true },
    { byDefault: { output: 'text' }, kept: true },
    { byDefault: { output: 'text' }, env: { AWS_DEFAULT_OUTPUT: 'yaml' }, kept: false },
    { byDefault: { output: 'json' }, env: { AWS_DEFAULT_OUTPUT: 'yaml' }, kept: true },
    { byDefault: { cli_pager: '' }, env: { PAGER: 'less' }, kept: true },
    { byDefault: { cli_pager: '' }, env: { PAGER: 'most' }, kept: false },
  ])('are kept unless they hang on the shell: %o', async ({ env, kept, ...files }) => {
    const world = await worldWith(files);
    const past = new Date(Date.now() - 60_000);
    utimesSync(join(world.home, '.aws', 'config'), past, past);
    await world.lines('tool', { env: { ...NO_ENDPOINT, ...env } });
    expect(isKept(world)).toBe(kept);
  });

  it('do not mislead the core in a child shell', async () => {
    const plain = { role_arn: roleArn('plain'), source_profile: 'user101' };
    const world = await worldWith({ byDefault: all });
    const user = section('user101', {
      aws_access_key_id: 'AKIAUSER10100EXAMPLE',
      aws_secret_access_key: 'sandbox+user101/notARealSecret0EXAMPLEKE',
    });
    world.write({
      config:
        section('default', all) +
        section('profile tool', TOOL) +
        section('profile a', { ...plain, endpoint_url: world.sts.url }),
      credentials: user,
    });
    const inChild = (words: string[]): string[] => [process.execPath, world.cli, ...words];
    const run = await world.run(['exec', 'tool', '--', ...inChild(['exec', 'a', '--', 'env'])], {
      env: NO_ENDPOINT,
    });
    expect(run).toMatchObject({ status: 0 });
    expect(run.stdout).toContain('AWSROLE_PROFILE=a\n');
    expect(run.stdout).toContain(`AWS_ENDPOINT_URL=${world.sts.url}\n`);
    expect(run.stdout).not.toContain('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=');
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });
});
