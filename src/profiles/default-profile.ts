import type { Context } from '../context.ts';
import { hasControlCharacter } from './printable.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import { endpointVariable } from './role-chain.ts';
import {
  ENDPOINT,
  IGNORE_ENDPOINTS,
  type NamedSetting,
  settingsOf,
  settingVariables,
  variablesOf,
} from './setting-variables.ts';
import type { Property } from './shared-config-file.ts';

// A switched shell has no AWS_PROFILE. So for every setting without a variable programs read [default], which they
// would not do with `--profile NAME`.

const DEFAULT = 'default';

/**
 * The values that mean the same as no setting, in words that all programs take (AWS SDKs and Tools Reference Guide;
 * botocore's configprovider.py, clidriver.py of version 2 of the AWS CLI). Settings on whose default they do not agree
 * are not here (retry_mode: `legacy` to boto3, `standard` to the AWS CLI, and Go's SDK refuses to start with `legacy`),
 * nor those where no value means none (ca_bundle).
 */
const NEUTRAL: ReadonlyMap<string, string> = new Map([
  ['output', 'json'],
  ['cli_auto_prompt', 'off'],
  ['cli_error_format', 'enhanced'],
  ['use_fips_endpoint', 'false'],
  ['use_dualstack_endpoint', 'false'],
  ['defaults_mode', 'legacy'],
  ['sts_regional_endpoints', 'regional'],
  ['ec2_metadata_service_endpoint_mode', 'IPv4'],
  ['ec2_metadata_v1_disabled', 'false'],
  ['metadata_service_timeout', '1'],
  ['metadata_service_num_attempts', '1'],
  ['imds_use_ipv6', 'false'],
  ['account_id_endpoint_mode', 'preferred'],
  ['disable_clock_skew_correction', 'false'],
  ['disable_host_prefix_injection', 'false'],
  ['disable_request_compression', 'false'],
  ['request_min_compression_size_bytes', '10240'],
  ['request_checksum_calculation', 'when_supported'],
  ['response_checksum_validation', 'when_supported'],
  ['csm_enabled', 'false'],
  ['csm_host', '127.0.0.1'],
  ['csm_port', '31000'],
  ['s3_disable_multiregion_access_points', 'false'],
  ['s3.s3_disable_multiregion_access_points', 'false'],
  ['s3_disable_express_session_auth', 'false'],
]);

/**
 * Settings without a variable that programs read. They also read nested ones such as `s3 =`; all other words nobody
 * reads.
 */
const READ_WITHOUT_VARIABLE = /^cli_|^parameter_validation$|^tcp_keepalive$|\./;

/** A variable that keeps a setting of [default] out of a shell. */
export interface KeepsOut {
  readonly value: string;
  readonly setting: NamedSetting;
}

/** How a switched shell deals with [default]. */
export interface DefaultInShell {
  readonly keepOut: ReadonlyMap<string, KeepsOut>;
  /** The settings that no variable can keep out. */
  readonly reachesIn: readonly NamedSetting[];
  /** True when `keepOut` would hold more, or other values, in a shell without any of the variables that this one has. */
  readonly dependsOnShell: boolean;
}

type Shell = Pick<Context, 'env' | 'platform'>;

/**
 * Works out how to keep the settings of [default] out of a shell that switches to another profile. (Its region: see
 * region.ts.)
 * @param shell as it is before the switch
 */
export function defaultInShell(store: ProfileStore, profile: string, shell: Shell): DefaultInShell {
  if (profile === DEFAULT || !store.profiles.has(DEFAULT)) {
    return { keepOut: new Map(), reachesIn: [], dependsOnShell: false };
  }
  const own = settingVariables(store, profile);
  const endpoints = endpointsInShell(store, own, shell);
  const keepOut = new Map(endpoints.keepOut);
  const reachesIn = [...endpoints.reachesIn];
  let dependsOnShell = endpoints.dependsOnShell;

  const saidByProfile = new Map(settingsOf(store, profile).map(({ key, property }) => [key, property.value]));
  for (const found of settingsOf(store, DEFAULT)) {
    const { key, property } = found;
    const variables = variablesOf(key);
    if (variables === undefined) {
      if (READ_WITHOUT_VARIABLE.test(key) && saidByProfile.get(key) !== property.value) reachesIn.push(found);
      continue;
    }
    const isPager = key === 'cli_pager';
    const settled = key === ENDPOINT || key === IGNORE_ENDPOINTS || variables.some((name) => own.has(name));
    if (settled || (property.value === '' && !isPager)) continue;
    const inShell = variables.some((name) => shell.env[name] !== undefined);
    const neutral = isPager ? usualPager(shell) : NEUTRAL.get(key);
    if (neutral === undefined) {
      if (!inShell) reachesIn.push(found);
    } else if (neutral.toLowerCase() !== property.value.toLowerCase()) {
      dependsOnShell ||= inShell || (isPager && neutral !== usualPager({ ...shell, env: {} }));
      if (!inShell) for (const name of variables) keepOut.set(name, { value: neutral, setting: found });
    }
  }
  return { keepOut, reachesIn, dependsOnShell };
}

/** Returns the pager of version 2 of the AWS CLI when neither AWS_PAGER nor the profile names one. */
function usualPager({ env, platform }: Shell): string | undefined {
  const pager = env.PAGER ?? (platform === 'win32' ? 'more' : 'less');
  return hasControlCharacter(pager) ? undefined : pager;
}

/**
 * Works out how to keep the endpoints of [default] out. No value means none, not even an empty one.
 * AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ignores them, but those in variables too.
 */
function endpointsInShell(
  store: ProfileStore,
  own: ReadonlyMap<string, Property>,
  { env }: Shell,
): DefaultInShell {
  const urls = endpointsOfDefault(store);
  const ignore = setting(store, DEFAULT, IGNORE_ENDPOINTS);
  const [variable = ''] = variablesOf(IGNORE_ENDPOINTS) ?? [];
  const isOn = (text: string | undefined): boolean => text?.toLowerCase() === 'true';
  const saidWithoutDefault = own.get(variable)?.value ?? env[variable];
  const isEndpoint = (name: string): boolean => name.startsWith('AWS_ENDPOINT_URL');
  const ofProfile = [...own.keys()].filter(isEndpoint);
  const ofShell = Object.keys(env).filter((name) => isEndpoint(name) && env[name]);
  const named = new Set([...ofProfile, ...ofShell]);
  // Endpoints of the profile itself would be set beside those of the shell.
  const dependsOnShell = ofProfile.length === 0 && ofShell.length > 0;
  const keepOut = new Map<string, KeepsOut>();

  if (isOn(saidWithoutDefault)) return { keepOut, reachesIn: [], dependsOnShell: false };
  const ignored = saidWithoutDefault === undefined && isOn(ignore?.value);
  if (named.size === 0) {
    const [first] = urls;
    if (first === undefined || ignored) return { keepOut, reachesIn: [], dependsOnShell: false };
    keepOut.set(variable, { value: 'true', setting: first.setting });
    // It would hide the endpoints of a shell that has some.
    return { keepOut, reachesIn: [], dependsOnShell: true };
  }
  if (ignored && ignore) {
    keepOut.set(variable, { value: 'false', setting: { key: IGNORE_ENDPOINTS, property: ignore } });
  }
  const reachesIn = urls.flatMap((url) =>
    named.has('AWS_ENDPOINT_URL') || named.has(url.variable) ? [] : [url.setting],
  );
  return { keepOut, reachesIn, dependsOnShell: dependsOnShell && (urls.length > 0 || ignored) };
}

/** Lists the endpoints that [default] sets, each with the variable that would override it. */
export function endpointsOfDefault(store: ProfileStore): { variable: string; setting: NamedSetting }[] {
  const all = setting(store, DEFAULT, ENDPOINT);
  const services = setting(store, DEFAULT, 'services');
  const found = all?.value
    ? [{ variable: 'AWS_ENDPOINT_URL', setting: { key: ENDPOINT, property: all } }]
    : [];
  if (!services) return found;
  const section = store.services.get(services.value);
  // botocore refuses to make a client when the section does not exist.
  if (!section) return [...found, { variable: '', setting: { key: 'services', property: services } }];
  for (const [service, { nested }] of section.properties) {
    const url = nested?.get(ENDPOINT);
    if (!url?.value) continue;
    const key = `${services.value} ${service}.${ENDPOINT}`;
    found.push({ variable: endpointVariable(service) ?? '', setting: { key, property: url } });
  }
  return found;
}

/** Returns the first setting of [default] that gives it credentials of any kind; undefined where it has none. */
export function credentialsOfDefault(store: ProfileStore, profile: string): NamedSetting | undefined {
  if (profile === DEFAULT) return undefined;
  for (const key of CREDENTIALS) {
    const property = setting(store, DEFAULT, key);
    if (property?.value) return { key, property };
  }
  return undefined;
}

const CREDENTIALS = [
  'aws_access_key_id',
  'role_arn',
  'credential_process',
  'sso_account_id',
  'login_session',
  'web_identity_token_file',
];
