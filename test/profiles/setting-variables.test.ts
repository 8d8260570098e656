import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  settingsWithoutVariable,
  settingVariables,
  variablesOf,
} from '../../src/profiles/setting-variables.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, roleArn, section } from '../world.ts';
import { storeOf } from './files.ts';

const role = { role_arn: roleArn('plain'), source_profile: 'user101' };

/** A value other than the default for every setting that has a variable; botocore's own names. */
const SETTINGS = {
  region: 'eu-west-3',
  output: 'text',
  endpoint_url: 'http://127.0.0.1:1/all',
  ignore_configured_endpoint_urls: 'false',
  retry_mode: 'adaptive',
  max_attempts: '7',
  use_fips_endpoint: 'true',
  use_dualstack_endpoint: 'true',
  ca_bundle: '/etc/company.pem',
  defaults_mode: 'in-region',
  sts_regional_endpoints: 'legacy',
  ec2_metadata_service_endpoint: 'http://127.0.0.1:1/imds',
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
const CONFIG = [
  section('profile a', { ...role, ...SETTINGS, services: 'mine' }),
  section('profile nested', { ...role, region: 'eu-west-3' }).trimEnd(),
  '\ns3 =\n  use_arn_region = true\n  us_east_1_regional_endpoint = regional\n',
  '  s3_disable_multiregion_access_points = true\n  addressing_style = path\n',
  '[services mine]\nsts =\n  endpoint_url = STS\n',
  's3 =\n  endpoint_url = http://127.0.0.1:1/s3\nelastic_beanstalk =\n  endpoint_url = http://127.0.0.1:1/eb\n',
].join('\n');

/** Settings of the SDKs that botocore does not know. */
const SDK_SETTINGS = [...Object.keys(SETTINGS), 'disable_clock_skew_correction'];
/** Variables of the SDKs that no setting of a profile stands for: of credentials, places, the region, and the platform. */
const NO_SETTINGS =
  /^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_(EXPIRATION|SCOPE)|ACCOUNT_ID|PROFILE|CONFIG_FILE|SHARED_CREDENTIALS_FILE|LOGIN_CACHE_DIRECTORY|ROLE_(ARN|SESSION_NAME)|WEB_IDENTITY_TOKEN_FILE|CONTAINER_.*|BEARER_TOKEN.*|REGION(_ENV)?|DEFAULT_REGION(_ENV)?|DEFAULTS_MODE_(ENV|CONFIG)|EC2_METADATA_(DISABLED|TOKEN.*)|EXECUTION_ENV|LAMBDA_.*|MANAGED|SDK_JS_.*|ENABLE_DEFAULT_SOCKET_TIMEOUT_2026)$/;

interface Selector {
  readonly environmentVariableSelector: (env: Record<string, string>) => unknown;
  readonly configFileSelector: (profile: Record<string, string>) => unknown;
}

function isSelector(value: unknown): value is Selector {
  return (
    typeof value === 'object' &&
    value !== null &&
    'configFileSelector' in value &&
    'environmentVariableSelector' in value
  );
}

/** Every setting that botocore knows a variable for, as it resolves them for a profile or for the environment. */
const RESOLVED = `import botocore.configprovider as c, botocore.session, json, sys
def environment(value):
    return value[1] if isinstance(value[1], (str, type(None))) else None
session = botocore.session.Session(profile=sys.argv[1] or None)
names = [n for n, v in c.BOTOCORE_DEFAUT_SESSION_VARIABLES.items() if environment(v) and v[0]]
found = {n: session.get_config_variable(n) for n in names}
found['s3'] = {n: session.get_config_variable('s3').get(n) for n, v in c.DEFAULT_S3_CONFIG_VARS.items() if v[1]}
print(json.dumps(found))`;
const ENDPOINTS = `import botocore.session, json, sys
session = botocore.session.Session(profile=sys.argv[1] or None)
make = lambda name: session.create_client(name, verify=False, aws_access_key_id='x', aws_secret_access_key='y')
print(json.dumps({n: make(n).meta.endpoint_url for n in ('sts', 's3', 'elasticbeanstalk', 'dynamodb')}))`;

describe('the settings of a profile, with botocore as judge', needs(hasBoth), () => {
  it.each(['a', 'nested'])('resolve in exec as with --profile %s', async (profile) => {
    const world = await makeWorld();
    world.write({ config: CONFIG.replace('STS', world.sts.url) });
    const [asked, inside] = await Promise.all([
      world.command([python, '-c', RESOLVED, profile]),
      world.run(['exec', profile, '--', python, '-c', RESOLVED, '']),
    ]);
    expect([asked, inside].map(({ status }) => status)).toEqual([0, 0]);
    const expected = JSON.parse(asked.stdout) as Record<string, unknown>;
    // Of botocore's own variable: its name is not AWS's.
    delete expected.tcp_keepalive;
    expect(JSON.parse(inside.stdout)).toMatchObject(expected);
    // Without it the two could agree on defaults.
    if (profile === 'a') {
      const left = Object.entries(expected).filter(([name]) => !(name in SETTINGS) && name !== 's3');
      expect(left.map(([name]) => name)).toEqual(['user_agent_appid']);
    }
    expect(expected.s3).toMatchObject({ use_arn_region: true, us_east_1_regional_endpoint: 'regional' });
  });

  it('send each service to the endpoint that the profile names', async () => {
    const world = await makeWorld();
    world.write({ config: CONFIG.replace('STS', world.sts.url).replace(/ca_bundle.*\n|data_path.*\n/g, '') });
    const env = { AWS_ENDPOINT_URL_STS: undefined };
    const [asked, inside] = await Promise.all([
      world.command([python, '-c', ENDPOINTS, 'a'], { env }),
      world.run(['exec', 'a', '--', python, '-c', ENDPOINTS, ''], { env }),
    ]);
    const expected = {
      sts: world.sts.url,
      s3: 'http://127.0.0.1:1/s3',
      elasticbeanstalk: 'http://127.0.0.1:1/eb',
      dynamodb: 'http://127.0.0.1:1/all',
    };
    expect([asked, inside].map(({ stdout }) => JSON.parse(stdout))).toEqual([expected, expected]);
  });

  it('are listed by the AWS CLI as from the environment', async () => {
    const world = await makeWorld({ config: section('profile a', { ...role, region: 'eu-west-3' }) });
    const run = await world.run(['exec', 'a', '--', aws, 'configure', 'list']);
    expect(run.stdout).toMatch(/region +(?::)? ?eu-west-3 +(?::)? ?env/);
  });
});

describe('the settings of the AWS CLI', () => {
  it('become its variables, an empty pager too', async () => {
    const cli = { cli_auto_prompt: 'on-partial', cli_error_format: 'json', cli_pager: '' };
    const world = await makeWorld({ config: section('profile a', { ...role, ...cli }) });
    const { set } = await world.lines('a');
    expect(set).toMatchObject({
      AWS_CLI_AUTO_PROMPT: 'on-partial',
      AWS_CLI_ERROR_FORMAT: 'json',
      AWS_PAGER: '',
    });
    expect(await world.execEnv('a')).toMatchObject({ AWS_PAGER: '' });
  });
});

/** The names that botocore and the AWS CLI read a setting by in a profile (a dot leads into a section), and its variable. */
const TABLES = `import botocore.configprovider as c, json
pairs, tables = [], [c.BOTOCORE_DEFAUT_SESSION_VARIABLES, c.DEFAULT_S3_CONFIG_VARS]
try:
    import awscli; tables.append(awscli.EnvironmentVariables) # version 1, which may be elsewhere
except ImportError: pass
for table in tables:
    for names, variable, *_ in table.values():
        for name in names if isinstance(names, list) else [names]:
            if name and isinstance(variable, str): pairs.append(['.'.join(name) if isinstance(name, tuple) else name, variable])
print(json.dumps(pairs))`;

describe('the table of settings', () => {
  it('is that of botocore and the AWS CLI, as far as they go', needs(hasBoth), () => {
    const pairs = JSON.parse(execFileSync(python, ['-c', TABLES], { encoding: 'utf8' })) as [
      string,
      string,
    ][];
    expect(pairs.length).toBeGreaterThan(35);
    const wanting = pairs.filter(([name, variable]) => {
      const config = name.includes('.')
        ? `[profile a]\n${name.replace('.', ' =\n  ')} = x\n`
        : section('profile a', { [name]: 'x' });
      const isRegion = name === 'region'; // of the chain: see region.ts
      return !isRegion && variable.startsWith('AWS') && !settingVariables(storeOf(config), 'a').has(variable);
    });
    expect(wanting).toEqual([]);
    // Nor does a setting that they do not read become a variable that they do.
    const known = new Set(pairs.map(([, variable]) => variable));
    const names = Object.keys({ ...SETTINGS, s3_disable_multiregion_access_points: '' });
    const extra = names.filter((name) => {
      const set = settingVariables(storeOf(section('profile a', { [name]: 'x' })), 'a');
      return [...set.keys()].some(
        (variable) => known.has(variable) && !pairs.some((pair) => pair.join() === [name, variable].join()),
      );
    });
    expect(extra).toEqual([]);
  });

  it('knows every variable that the AWS SDKs here read a setting of a profile from', () => {
    const found = new Set<string>();
    for (const scope of ['@aws-sdk', '@smithy']) {
      for (const name of readdirSync(`node_modules/${scope}`)) {
        for (const file of readdirSync(`node_modules/${scope}/${name}/dist-cjs`, {
          recursive: true,
          encoding: 'utf8',
        })) {
          if (!file.endsWith('.js') || file.endsWith('.browser.js')) continue;
          const text = readFileSync(`node_modules/${scope}/${name}/dist-cjs/${file}`, 'utf8');
          for (const [, variable = ''] of text.matchAll(/\b(AWS_[A-Z0-9_]+[A-Z0-9])\b/g)) found.add(variable);
        }
      }
    }
    const ours = new Set(SDK_SETTINGS.flatMap((name) => variablesOf(name) ?? []));
    expect([...found].filter((name) => !ours.has(name) && !NO_SETTINGS.test(name)).sort()).toEqual([]);
    expect(found).toContain('AWS_DISABLE_CLOCK_SKEW_CORRECTION');
  });

  it('says to the AWS SDK what the profile would say', async () => {
    const modules = [
      '@smithy/core/config',
      '@smithy/core/endpoints',
      '@smithy/core/retry',
      '@aws-sdk/core/client',
      '@aws-sdk/core/httpAuthSchemes',
      '@aws-sdk/core/account-id-endpoint',
    ];
    const exported = (await Promise.all(modules.map((name) => import(name)))).flatMap((module) =>
      Object.values(module as object),
    );
    const selectors = exported.filter(isSelector);
    expect(selectors.length).toBeGreaterThan(10);
    const profile = { ...SETTINGS, disable_clock_skew_correction: 'true', defaults_mode: 'in-region' };
    const variables = settingVariables(storeOf(section('profile a', profile)), 'a');
    const env = Object.fromEntries([...variables].map(([name, { value }]) => [name, value]));
    for (const { environmentVariableSelector, configFileSelector } of selectors) {
      const asked = configFileSelector(profile);
      if (asked !== undefined && asked !== SETTINGS.region)
        expect(environmentVariableSelector(env)).toEqual(asked);
    }
    expect(env.AWS_DISABLE_CLOCK_SKEW_CORRECTION).toBe('true');
  });

  it('leaves out, and names, what botocore does not read where it stands', () => {
    const store = storeOf(section('profile a', { s3_disable_multiregion_access_points: 'true' }));
    expect([...settingVariables(store, 'a')]).toEqual([]);
    expect(settingsWithoutVariable(store, 'a').map(({ key }) => key)).toEqual([
      's3_disable_multiregion_access_points',
    ]);
  });
});
