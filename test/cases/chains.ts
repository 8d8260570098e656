// What leads to the credentials of a profile: where the first ones come from, and which roles are assumed with them.

/** One step, under the name that it has in the test cases of the AWS SDKs. */
export interface Step {
  readonly AccessKey?: {
    readonly access_key_id: string;
    readonly secret_access_key: string;
    readonly session_token?: string;
    readonly account_id?: string;
  };
  readonly AssumeRole?: {
    readonly role_arn: string;
    readonly external_id?: string;
    readonly role_session_name?: string;
  };
  readonly WebIdentityToken?: {
    readonly role_arn: string;
    readonly web_identity_token_file: string;
    readonly role_session_name?: string;
  };
  readonly Sso?: {
    readonly sso_account_id: string;
    readonly sso_role_name: string;
    readonly sso_start_url: string;
    readonly sso_region: string;
    readonly sso_session?: string;
  };
}

export interface ChainCase {
  readonly name: string;
  readonly config: string;
  /** The one that is asked for. */
  readonly profile: string;
  /** The source first, if there is no error. */
  readonly chain?: readonly Step[] | undefined;
  readonly error?: RegExp;
}

const ROLE = 'arn:aws:iam::444455556666:role';
/** The tests put a file there, under another path. */
export const TOKEN_FILE = '/nowhere/web.token';

const ANN = 'aws_access_key_id = AKIAANN0000000EXAMPLE\naws_secret_access_key = ann/notARealSecret\n';
const ANN_KEY = { access_key_id: 'AKIAANN0000000EXAMPLE', secret_access_key: 'ann/notARealSecret' };
const UNUSED = 'aws_access_key_id = AKIAUNUSED0000EXAMPLE\naws_secret_access_key = unused/notARealSecret\n';
const PORTAL = 'https://staff.awsapps.com/start';
const SSO = { sso_account_id: '444455556666', sso_role_name: 'Auditor' };

export const CHAIN_CASES: readonly ChainCase[] = [
  {
    name: 'a role with the keys of another profile, which says their account',
    config: `[profile audit]
role_arn = ${ROLE}/audit
source_profile = ann
[profile ann]
${ANN}aws_account_id = 444455556666
`,
    profile: 'audit',
    chain: [
      { AccessKey: { ...ANN_KEY, account_id: '444455556666' } },
      { AssumeRole: { role_arn: `${ROLE}/audit` } },
    ],
  },
  {
    name: 'keys alone',
    config: `[profile ann]\n${ANN}`,
    profile: 'ann',
    chain: [{ AccessKey: ANN_KEY }],
  },
  {
    name: 'the keys beside a role with a source profile are not used',
    config: `[profile audit]
${UNUSED}role_arn = ${ROLE}/audit
source_profile = ann
[profile ann]
${ANN}`,
    profile: 'audit',
    chain: [{ AccessKey: ANN_KEY }, { AssumeRole: { role_arn: `${ROLE}/audit` } }],
  },
  {
    name: 'a profile that is its own source uses its keys for its role',
    config: `[profile audit]
${ANN}role_arn = ${ROLE}/audit
source_profile = audit
`,
    profile: 'audit',
    chain: [{ AccessKey: ANN_KEY }, { AssumeRole: { role_arn: `${ROLE}/audit` } }],
  },
  {
    name: 'an external id and a session name go to the role that says them',
    config: `[profile audit]
role_arn = ${ROLE}/audit
external_id = of:the/partner
role_session_name = ann@example
source_profile = ann
[profile ann]
${ANN}`,
    profile: 'audit',
    chain: [
      { AccessKey: ANN_KEY },
      {
        AssumeRole: {
          role_arn: `${ROLE}/audit`,
          external_id: 'of:the/partner',
          role_session_name: 'ann@example',
        },
      },
    ],
  },
  {
    name: 'a role of a role of a role, each with its own external id',
    config: `[profile third]
role_arn = ${ROLE}/third
source_profile = second
external_id = three
[profile second]
role_arn = ${ROLE}/second
source_profile = first
[profile first]
role_arn = ${ROLE}/first
source_profile = ann
external_id = only-one
[profile ann]
${ANN}`,
    profile: 'third',
    chain: [
      { AccessKey: ANN_KEY },
      { AssumeRole: { role_arn: `${ROLE}/first`, external_id: 'only-one' } },
      { AssumeRole: { role_arn: `${ROLE}/second` } },
      { AssumeRole: { role_arn: `${ROLE}/third`, external_id: 'three' } },
    ],
  },
  {
    name: 'a source profile with keys and a role gives its keys, and its role is left alone',
    config: `[profile audit]
${UNUSED}role_arn = ${ROLE}/audit
source_profile = ann
[profile ann]
role_arn = ${ROLE}/unused
source_profile = base
${ANN}[profile base]
${UNUSED}`,
    profile: 'audit',
    chain: [{ AccessKey: ANN_KEY }, { AssumeRole: { role_arn: `${ROLE}/audit` } }],
  },

  // Web identity
  {
    name: 'a web identity',
    config: `[profile build]
role_arn = ${ROLE}/build
web_identity_token_file = ${TOKEN_FILE}
`,
    profile: 'build',
    chain: [{ WebIdentityToken: { role_arn: `${ROLE}/build`, web_identity_token_file: TOKEN_FILE } }],
  },
  {
    name: 'a web identity with a name for its session',
    config: `[profile build]
web_identity_token_file = ${TOKEN_FILE}
role_session_name = run-42
role_arn = ${ROLE}/build
`,
    profile: 'build',
    chain: [
      {
        WebIdentityToken: {
          role_arn: `${ROLE}/build`,
          web_identity_token_file: TOKEN_FILE,
          role_session_name: 'run-42',
        },
      },
    ],
  },
  {
    name: 'a web identity as the source of a role, whose own settings are not mixed up with it',
    config: `[profile deploy]
role_arn = ${ROLE}/deploy
source_profile = build
external_id = deploys
[profile build]
role_arn = ${ROLE}/build
web_identity_token_file = ${TOKEN_FILE}
role_session_name = run-42
`,
    profile: 'deploy',
    chain: [
      {
        WebIdentityToken: {
          role_arn: `${ROLE}/build`,
          web_identity_token_file: TOKEN_FILE,
          role_session_name: 'run-42',
        },
      },
      { AssumeRole: { role_arn: `${ROLE}/deploy`, external_id: 'deploys' } },
    ],
  },

  // SSO
  {
    name: 'SSO in its older form, without an sso-session',
    config: `[profile staff]
sso_start_url = ${PORTAL}
sso_region = eu-north-1
sso_account_id = 444455556666
sso_role_name = Auditor
`,
    profile: 'staff',
    chain: [{ Sso: { ...SSO, sso_start_url: PORTAL, sso_region: 'eu-north-1' } }],
  },
  {
    name: 'SSO with an sso-session, which is named as the profile is',
    config: `[profile staff]
sso_session = staff
sso_account_id = 444455556666
sso_role_name = Auditor
[sso-session staff]
sso_start_url = ${PORTAL}
sso_region = eu-north-1
`,
    profile: 'staff',
    chain: [{ Sso: { ...SSO, sso_start_url: PORTAL, sso_region: 'eu-north-1', sso_session: 'staff' } }],
  },

  // What leads nowhere
  {
    name: 'a role whose keys are not said',
    config: `[profile audit]\nrole_arn = ${ROLE}/audit\n`,
    profile: 'audit',
    error: /^config:2: profile "audit" has a role_arn but neither source_profile nor credential_source/,
  },
  {
    name: 'a role with two kinds of source',
    config: `[profile audit]
role_arn = ${ROLE}/audit
source_profile = ann
credential_source = Ec2InstanceMetadata
[profile ann]
${ANN}`,
    profile: 'audit',
    error: /^config:4: profile "audit" contains both source_profile and credential_source/,
  },
  {
    name: 'a secret without its key id',
    config: `[profile audit]
role_arn = ${ROLE}/audit
source_profile = ann
[profile ann]
aws_secret_access_key = ann/notARealSecret
`,
    profile: 'audit',
    error: /^config:5: profile "ann" is missing aws_access_key_id/,
  },
  {
    name: 'a key id without its secret',
    config: `[profile audit]
role_arn = ${ROLE}/audit
source_profile = ann
[profile ann]
aws_access_key_id = AKIAANN0000000EXAMPLE
`,
    profile: 'audit',
    error: /^config:5: profile "ann" is missing aws_secret_access_key/,
  },
  {
    name: 'a source profile without settings',
    config: `[profile audit]\nrole_arn = ${ROLE}/audit\nsource_profile = ann\n[profile ann]\n`,
    profile: 'audit',
    error: /^config:4: profile "ann" did not contain credential information; it has no settings/,
  },
  {
    name: 'a source profile that does not exist',
    config: `[profile audit]\nrole_arn = ${ROLE}/audit\nsource_profile = nobody\n`,
    profile: 'audit',
    error: /^config:3: could not find source profile "nobody", referenced from profile "audit"/,
  },
  {
    name: 'a file without profiles',
    config: '',
    profile: 'audit',
    error: /^there is no profile "audit" in config$/,
  },
  {
    name: "roles that are each other's source",
    config: `[profile hen]
role_arn = ${ROLE}/hen
source_profile = egg
[profile egg]
role_arn = ${ROLE}/egg
source_profile = hen
`,
    profile: 'hen',
    error: /^config:6: the source profiles form an infinite loop: "hen" → "egg" → "hen"/,
  },
  {
    name: 'SSO without a role',
    config: `[profile staff]
sso_start_url = ${PORTAL}
sso_region = eu-north-1
sso_account_id = 444455556666
`,
    profile: 'staff',
    error: /^config:4: profile "staff" is set up for SSO, but sso_role_name is missing/,
  },
  {
    name: 'SSO without an account',
    config: `[profile staff]
sso_start_url = ${PORTAL}
sso_region = eu-north-1
sso_role_name = Auditor
`,
    profile: 'staff',
    error: /^config:4: profile "staff" is set up for SSO, but sso_account_id is missing/,
  },
  {
    name: 'a region of SSO in the profile, where the sso-session has to say it, and no account',
    config: `[profile staff]
sso_region = eu-north-1
sso_session = staff
[sso-session staff]
sso_start_url = ${PORTAL}
`,
    profile: 'staff',
    error:
      /^config:3: profile "staff" has no credentials: it says where to sign in, but not for which account and role/,
  },
  {
    name: 'an sso-session that does not exist',
    config: '[profile staff]\nsso_session = stuff\n',
    profile: 'staff',
    error: /^config:2: the sso-session "stuff", referenced from profile "staff", does not exist/,
  },
];
