import { MFA_DEVICE } from './mfa-device.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import { endpointVariable, POLICY, POLICY_ARNS, servicesOf } from './role-chain.ts';
import type { Property } from './shared-config-file.ts';
import { saysEndOfKeys } from './temporary-keys.ts';

/** The settings for another endpoint, and against all of them. */
export const ENDPOINT = 'endpoint_url';
export const IGNORE_ENDPOINTS = 'ignore_configured_endpoint_urls';

/**
 * Settings of a profile that have variables of their own (AWS SDKs and Tools Reference Guide, "Settings reference"; AWS
 * CLI User Guide, "Environment variables"; botocore's configprovider.py). A dot leads into a nested setting.
 */
const VARIABLES: ReadonlyMap<string, readonly string[]> = new Map([
  ['output', ['AWS_DEFAULT_OUTPUT']],
  ['cli_pager', ['AWS_PAGER']],
  ['cli_auto_prompt', ['AWS_CLI_AUTO_PROMPT']],
  ['cli_error_format', ['AWS_CLI_ERROR_FORMAT']],
  [ENDPOINT, ['AWS_ENDPOINT_URL']],
  [IGNORE_ENDPOINTS, ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']],
  ['retry_mode', ['AWS_RETRY_MODE']],
  ['max_attempts', ['AWS_MAX_ATTEMPTS']],
  ['use_fips_endpoint', ['AWS_USE_FIPS_ENDPOINT']],
  ['use_dualstack_endpoint', ['AWS_USE_DUALSTACK_ENDPOINT']],
  ['ca_bundle', ['AWS_CA_BUNDLE']],
  ['defaults_mode', ['AWS_DEFAULTS_MODE']],
  ['sts_regional_endpoints', ['AWS_STS_REGIONAL_ENDPOINTS']],
  ['ec2_metadata_service_endpoint', ['AWS_EC2_METADATA_SERVICE_ENDPOINT']],
  ['ec2_metadata_service_endpoint_mode', ['AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE']],
  ['ec2_metadata_v1_disabled', ['AWS_EC2_METADATA_V1_DISABLED']],
  ['metadata_service_timeout', ['AWS_METADATA_SERVICE_TIMEOUT']],
  ['metadata_service_num_attempts', ['AWS_METADATA_SERVICE_NUM_ATTEMPTS']],
  ['imds_use_ipv6', ['AWS_IMDS_USE_IPV6']],
  // The name in the guide, and botocore's.
  ['endpoint_discovery_enabled', ['AWS_ENABLE_ENDPOINT_DISCOVERY', 'AWS_ENDPOINT_DISCOVERY_ENABLED']],
  ['account_id_endpoint_mode', ['AWS_ACCOUNT_ID_ENDPOINT_MODE']],
  ['auth_scheme_preference', ['AWS_AUTH_SCHEME_PREFERENCE']],
  ['sigv4a_signing_region_set', ['AWS_SIGV4A_SIGNING_REGION_SET']],
  ['disable_clock_skew_correction', ['AWS_DISABLE_CLOCK_SKEW_CORRECTION']],
  ['disable_host_prefix_injection', ['AWS_DISABLE_HOST_PREFIX_INJECTION']],
  ['disable_request_compression', ['AWS_DISABLE_REQUEST_COMPRESSION']],
  ['request_min_compression_size_bytes', ['AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES']],
  ['request_checksum_calculation', ['AWS_REQUEST_CHECKSUM_CALCULATION']],
  ['response_checksum_validation', ['AWS_RESPONSE_CHECKSUM_VALIDATION']],
  ['sdk_ua_app_id', ['AWS_SDK_UA_APP_ID']],
  ['data_path', ['AWS_DATA_PATH']],
  ['csm_enabled', ['AWS_CSM_ENABLED']],
  ['csm_host', ['AWS_CSM_HOST']],
  ['csm_port', ['AWS_CSM_PORT']],
  ['csm_client_id', ['AWS_CSM_CLIENT_ID']],
  ['s3_use_arn_region', ['AWS_S3_USE_ARN_REGION']],
  ['s3.use_arn_region', ['AWS_S3_USE_ARN_REGION']],
  ['s3_us_east_1_regional_endpoint', ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT']],
  ['s3.us_east_1_regional_endpoint', ['AWS_S3_US_EAST_1_REGIONAL_ENDPOINT']],
  ['s3_disable_multiregion_access_points', ['AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS']],
  ['s3.s3_disable_multiregion_access_points', ['AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS']],
  ['s3_disable_express_session_auth', ['AWS_S3_DISABLE_EXPRESS_SESSION_AUTH']],
]);

/**
 * Settings that botocore does not read at this place, though the SDKs for JavaScript and Go do. With the variable it would
 * do otherwise than with `--profile`, so it is not set; what [default] says there is kept out by it.
 */
const NOT_FOR_BOTOCORE = ['s3_disable_multiregion_access_points'];

/** Settings whose empty value means something: no pager. */
const EMPTY_COUNTS = ['cli_pager'];

/** Settings that the switch itself uses: credentials, the role and how it is asked for. */
const USED_BY_THE_SWITCH = new Set([
  MFA_DEVICE,
  POLICY,
  POLICY_ARNS,
  'aws_access_key_id',
  'aws_secret_access_key',
  'aws_session_token',
  'aws_security_token',
  'aws_account_id',
  'awsrole_account_name',
  'awsrole_color',
  'awsrole_guard',
  'awsrole_guard_minutes',
  'credential_process',
  'credential_source',
  'duration_seconds',
  'external_id',
  'login_session',
  'mfa_process',
  'mfa_serial',
  'mfa_session_duration',
  'region',
  'role_arn',
  'role_session_name',
  'services',
  'session_tags',
  'source_identity',
  'source_profile',
  'sso_account_id',
  'sso_region',
  'sso_registration_scopes',
  'sso_role_name',
  'sso_session',
  'sso_start_url',
  'transitive_session_tags',
  'web_identity_token_file',
]);

/** True for what the switch itself uses, and a profile with other credentials does not; not for `services`. */
export function isOfSwitch(key: string): boolean {
  return key !== 'services' && (USED_BY_THE_SWITCH.has(key) || saysEndOfKeys(key));
}

/** A setting of a profile, with its name in messages: `output`, `s3.addressing_style`. */
export interface NamedSetting {
  readonly key: string;
  readonly property: Property;
}

/** Lists the settings of a profile, those below `s3 =` and the like by their path. */
export function settingsOf(store: ProfileStore, profile: string): NamedSetting[] {
  const named: NamedSetting[] = [];
  for (const [key, property] of store.profiles.get(profile)?.properties ?? []) {
    if (property.nested === undefined) named.push({ key, property });
    for (const [inner, value] of property.nested ?? []) {
      named.push({ key: `${key}.${inner.toLowerCase()}`, property: value });
    }
  }
  return named;
}

/** Returns the variables of a setting, by its name in messages; undefined when it has none. */
export function variablesOf(key: string): readonly string[] | undefined {
  return VARIABLES.get(key);
}

/**
 * Works out the variables for the settings of a profile, each with the line of its value. Of two settings with the same
 * variable the later counts.
 * @throws AwsroleError kind `configuration` when its [services] section does not exist
 */
export function settingVariables(store: ProfileStore, profile: string): ReadonlyMap<string, Property> {
  const variables = new Map<string, Property>();
  for (const { key, property } of settingsOf(store, profile)) {
    if ((property.value === '' && !EMPTY_COUNTS.includes(key)) || NOT_FOR_BOTOCORE.includes(key)) continue;
    for (const variable of VARIABLES.get(key) ?? []) variables.set(variable, property);
  }
  for (const [service, { nested }] of servicesOf(store, profile)?.properties ?? []) {
    const url = nested?.get(ENDPOINT);
    const variable = endpointVariable(service);
    if (url?.value && variable !== undefined) variables.set(variable, url);
  }
  return variables;
}

/**
 * Lists the settings of a profile that have no variable, so that only `--profile` sees them: nested ones, and unknown
 * ones.
 */
export function settingsWithoutVariable(store: ProfileStore, profile: string): NamedSetting[] {
  const services = servicesOf(store, profile)?.properties ?? new Map<string, Property>();
  const inServices = [...services].flatMap(([service, { nested }]) =>
    [...(nested ?? [])].flatMap(([key, property]) =>
      key === ENDPOINT && endpointVariable(service) !== undefined
        ? []
        : [{ key: `${setting(store, profile, 'services')?.value} ${service}.${key}`, property }],
    ),
  );
  const own = settingsOf(store, profile).filter(
    ({ key }) =>
      NOT_FOR_BOTOCORE.includes(key) ||
      (!VARIABLES.has(key) && !USED_BY_THE_SWITCH.has(key) && !saysEndOfKeys(key)),
  );
  return [...own, ...inServices];
}
