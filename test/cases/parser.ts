// What the text of the two AWS files means: how sections and settings are written, and what is no setting at all.
// The traps of other parsers are in shared-config-file.test.ts.

export interface ParserCase {
  readonly name: string;
  readonly config?: string | undefined;
  readonly credentials?: string | undefined;
  /** What is read, if there is no error. */
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, string>>>> | undefined;
  readonly ssoSessions?: readonly string[];
  /** The one error, as `LINE: message`. */
  readonly error?: RegExp;
}

const NAME = 'QWERTYUIOPASDFGHJKLZXCVBNM_qwertyuiopasdfghjklzxcvbnm-9876543210';

export const PARSER_CASES: readonly ParserCase[] = [
  // Sections
  { name: 'an empty config file has no profiles', config: '', profiles: {} },
  { name: 'an empty credentials file has none either', credentials: '', profiles: {} },
  { name: 'a header alone is a profile without settings', config: '[profile ops]', profiles: { ops: {} } },
  {
    name: 'a header must be closed',
    config: '[profile ops',
    error: /^1: the profile definition must end with ']'/,
  },
  { name: 'blanks around a name do not count', config: '[profile\t  ops \t ]', profiles: { ops: {} } },
  {
    name: 'nor in the credentials file, where a name has no prefix',
    credentials: '[\t ops  ]\noutput = text\n[profile dev]\noutput = json',
    profiles: { ops: { output: 'text' } },
  },
  {
    name: 'each letter, digit, dash and underscore may be in a name',
    config: `[profile ${NAME}]`,
    profiles: { [NAME]: {} },
  },
  {
    name: 'every profile has its own settings',
    config: '[profile ops]\nregion = eu-north-1\n[profile dev]\noutput = yaml\n',
    profiles: { ops: { region: 'eu-north-1' }, dev: { output: 'yaml' } },
  },
  {
    name: 'a name of two words is not one, and its settings go nowhere',
    config: '[profile ops]\noutput = text\n[profile two words]\noutput = table\n[profile dev]\noutput = json',
    credentials: '[three more words]\noutput = yaml',
    profiles: { ops: { output: 'text' }, dev: { output: 'json' } },
  },
  { name: 'the config file wants the prefix', config: '[ops]\nregion = eu-north-1', profiles: {} },
  {
    name: 'the prefix wants a blank behind it',
    config: '[profileops]\nregion = eu-north-1\n[profile dev]',
    profiles: { dev: {} },
  },
  {
    name: 'the credentials file wants no prefix',
    credentials: '[profile ops]\nregion = eu-north-1',
    profiles: {},
  },
  {
    name: 'a setting belongs into a section',
    config: 'region = eu-north-1',
    error: /^1: expected a profile definition/,
  },
  {
    name: 'so does a line that goes on',
    config: '\n  --going-on',
    error: /^2: expected a profile definition/,
  },
  {
    name: 'an sso-session is kept apart from the profiles',
    config: '[sso-session corp]\nsso_region = eu-north-1\n[profile corp]\nsso_session = corp',
    profiles: { corp: { sso_session: 'corp' } },
    ssoSessions: ['corp'],
  },
  {
    name: 'a misspelt sso-session is neither',
    config: '[sso-sessoin corp]\nsso_region = eu-north-1\n[profile dev]',
    profiles: { dev: {} },
  },
  {
    name: 'a name that begins like an sso-session is a profile of the credentials file',
    credentials: '[sso-sessioncorp]\nregion = eu-north-1\n[dev]',
    profiles: { 'sso-sessioncorp': { region: 'eu-north-1' }, dev: {} },
  },

  // Settings
  {
    name: 'a section has as many settings as it likes',
    config: '[profile ops]\nregion = eu-north-1\noutput = yaml\ncli_pager = less',
    profiles: { ops: { region: 'eu-north-1', output: 'yaml', cli_pager: 'less' } },
  },
  {
    name: 'blanks around a name and its value do not count',
    config: '[profile ops]\nregion  \t =\t eu-north-1  \t',
    profiles: { ops: { region: 'eu-north-1' } },
  },
  {
    name: 'a value may have equals signs in it',
    config: '[profile ops]\nexternal_id = k=v==',
    profiles: { ops: { external_id: 'k=v==' } },
  },
  {
    name: 'a value may be in any script',
    config: '[profile ops]\nexternal_id = Ünï 語 🦊',
    profiles: { ops: { external_id: 'Ünï 語 🦊' } },
  },
  {
    name: 'names of settings are taken in small letters, with any letter, digit, dash and underscore',
    config: `[profile ops]\n${NAME} = yes`,
    profiles: { ops: { [NAME.toLowerCase()]: 'yes' } },
  },
  { name: 'a setting has a name', config: '[profile ops]\n = text', error: /^2: the property has no name/ },
  {
    name: 'a setting has an equals sign',
    config: '[profile ops]\nregion: eu-north-1',
    error: /^2: expected an '=' sign defining a property/,
  },
  {
    name: 'lines of blanks may stand anywhere',
    config: ' \t\n\n[profile ops]\n \n\t\nregion = eu-north-1\n\t\t\n[profile dev]\n  ',
    profiles: { ops: { region: 'eu-north-1' }, dev: {} },
  },

  // Comments
  {
    name: 'what follows a semicolon is a comment, above, behind a header, and behind a value and a blank',
    config: '; why\n[profile ops] ; who\nregion = eu-north-1 ; where; and when',
    profiles: { ops: { region: 'eu-north-1' } },
  },
  {
    name: 'what follows a hash too',
    config: '# why\n[profile ops] # who\nregion = eu-north-1 # where; and # when',
    profiles: { ops: { region: 'eu-north-1' } },
  },
  {
    name: 'both kinds in one file',
    config: '; why\n[profile ops] # who\nregion = eu-north-1 ; where # when\n# the end',
    profiles: { ops: { region: 'eu-north-1' } },
  },
  {
    name: 'a comment may touch a header',
    config: '[profile ops]# touching\n[profile dev]; touching',
    profiles: { ops: {}, dev: {} },
  },
  {
    name: 'what touches a value belongs to it',
    config: '[profile ops]\nexternal_id = abc;def\nrole_session_name = ann# here',
    profiles: { ops: { external_id: 'abc;def', role_session_name: 'ann# here' } },
  },

  // Values of more than one line
  {
    name: 'an indented line goes on with the value',
    config: '[profile ops]\ncredential_process = vend\n --role ops\n\t--json',
    profiles: { ops: { credential_process: 'vend\n--role ops\n--json' } },
  },
  {
    name: 'without the blanks around it',
    config: '[profile ops]\ncredential_process = vend\n\t \t--role ops \t ',
    profiles: { ops: { credential_process: 'vend\n--role ops' } },
  },
  {
    name: 'a comment is part of such a line',
    config: '[profile ops]\ncredential_process = vend\n  --role ops ; not # mine',
    profiles: { ops: { credential_process: 'vend\n--role ops ; not # mine' } },
  },
  {
    name: 'behind a header there is nothing to go on with, though the section was there before',
    config: '[profile ops]\nregion = eu-north-1\n[profile ops]\n  --going-on',
    error: /^4: expected a property definition, found a continuation/,
  },
  {
    name: 'settings may be nested below one without a value',
    config:
      '[profile ops]\ns3 =\n  addressing_style = path\n \t\n\n  use_dualstack_endpoint =\n  odd name = 1',
    profiles: { ops: { s3: '\naddressing_style = path\nuse_dualstack_endpoint =\nodd name = 1' } },
  },
  {
    name: 'a nested setting has an equals sign',
    config: '[profile ops]\ns3 =\n  addressing_style',
    error: /^3: expected an '=' sign defining a sub-property/,
  },

  // The same twice
  {
    name: 'a section that comes again adds to the first',
    config: '[profile ops]\nregion = eu-north-1\n[profile dev]\n[profile ops]\noutput = yaml',
    profiles: { ops: { region: 'eu-north-1', output: 'yaml' }, dev: {} },
  },
  {
    name: 'of a setting that comes again the last counts',
    config: '[profile ops]\nregion = eu-north-1\n[profile ops]\nregion = sa-east-1',
    profiles: { ops: { region: 'sa-east-1' } },
  },
  {
    name: 'in whatever letters',
    config: '[profile ops]\nREGION = eu-north-1\n[profile ops]\nRegion = sa-east-1',
    profiles: { ops: { region: 'sa-east-1' } },
  },
  {
    name: 'a profile of both files has the settings of both, and the credentials file counts first',
    config: '[profile ops]\nregion = eu-north-1\naws_access_key_id = OLD',
    credentials: '[ops]\naws_access_key_id = NEW',
    profiles: { ops: { region: 'eu-north-1', aws_access_key_id: 'NEW' } },
  },

  // [default] and [profile default]
  {
    name: '[default] needs no prefix',
    config: '[default]\noutput = yaml',
    profiles: { default: { output: 'yaml' } },
  },
  {
    name: '[profile default] takes the place of a [default] above it',
    config: '[default]\noutput = yaml\n[profile default]\nregion = eu-north-1',
    profiles: { default: { region: 'eu-north-1' } },
  },
  {
    name: 'and of one between two of its kind, which are one',
    config:
      '[profile default]\nregion = eu-north-1\n[default]\noutput = yaml\n[profile default]\nca_bundle = c.pem',
    profiles: { default: { region: 'eu-north-1', ca_bundle: 'c.pem' } },
  },
  {
    name: 'the credentials file adds to it',
    config:
      '[profile default]\nregion = eu-north-1\n[default]\noutput = yaml\n[profile default]\nca_bundle = c.pem',
    credentials: '[default]\naws_access_key_id = AK',
    profiles: { default: { region: 'eu-north-1', ca_bundle: 'c.pem', aws_access_key_id: 'AK' } },
  },
];
