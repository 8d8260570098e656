import { describe, expect, test } from 'vitest';
import { PARSER_CASES, type ParserCase } from '../cases/parser.ts';
import { describeSdkCases } from '../cases/sdk-cases.ts';
import { parse, plain, storeOf } from './files.ts';

/** A case of theirs. */
interface SdkCase {
  name: string;
  input: { configFile?: string; credentialsFile?: string };
  output: {
    errorContaining?: string;
    config?: { profiles: Record<string, Record<string, string>>; sso_sessions?: Record<string, unknown> };
  };
}

// Where our words are not AWS's own: theirs, and ours.
const OUR_WORDS: Record<string, RegExp> = {
  "Profile definition must end with ']'": /profile definition must end with ']'/,
  'Expected a profile definition': /expected a profile definition/,
  'Property did not have a name': /property has no name/,
  "Expected an '=' sign defining a property": /expected an '=' sign defining a property/,
  'Expected a property definition': /expected a property definition/,
  "Expected an '=' sign defining a sub-property": /expected an '=' sign defining a sub-property/,
  'Expected a property definition, found continuation':
    /expected a property definition, found a continuation/,
};

function check({ config, credentials, profiles, ssoSessions = [], error }: ParserCase): void {
  const store = storeOf(config, credentials);
  const errors = store.problems.filter(({ severity }) => severity === 'error');
  if (error === undefined) {
    expect(errors).toEqual([]);
    expect(plain(store)).toEqual(profiles);
    expect([...store.ssoSessions.keys()]).toEqual(ssoSessions);
  } else {
    expect(errors.map(({ line, message }) => `${line}: ${message}`)).toEqual([expect.stringMatching(error)]);
  }
}

describe('the text of the files', () => {
  for (const one of PARSER_CASES) test(one.name, () => check(one));
});

describeSdkCases<SdkCase>('profile-parser.json', 44, (cases) => {
  test.each(cases)('$name', ({ name, input, output: { errorContaining, config } }) => {
    const files = { config: input.configFile, credentials: input.credentialsFile };
    if (errorContaining === undefined) {
      const ssoSessions = Object.keys(config?.sso_sessions ?? {});
      check({ name, ...files, profiles: config?.profiles, ssoSessions });
    } else {
      check({ name, ...files, error: OUR_WORDS[errorContaining] ?? /no words of ours for this/ });
    }
  });
});

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const latin1 = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const utf16 = (text: string): Uint8Array => Buffer.from(`\ufeff${text}`, 'utf16le');

type Trap = [
  name: string,
  config: string | Uint8Array,
  profiles: Record<string, Record<string, string>>,
  problems?: string[],
  credentials?: string,
];

// The traps that INI parsers, botocore and the SDKs fall into, and what we decided about each. A problem is written
// `severity line profile`, `-` where no profile suffers.
const EU = { region: 'eu-west-1' };
const TRAPS: Trap[] = [
  ['01 dot in a name', '[profile a.b]\nregion=eu-west-1\n', { 'a.b': EU }],
  ['02 a name like an e-mail address', '[profile me@corp.com]\nregion=eu-west-1\n', { 'me@corp.com': EU }],
  [
    '03 a.region is not the region of a',
    '[profile a]\nregion=us-east-1\nrole_arn=R\n[profile a.region]\nregion=eu-west-1\n',
    { a: { region: 'us-east-1', role_arn: 'R' }, 'a.region': EU },
  ],
  ['04 dot in credentials', '', { 'a.b': { aws_access_key_id: 'AK' } }, [], '[a.b]\naws_access_key_id=AK\n'],
  [
    '05 #/ in a URL',
    '[profile a]\nsso_start_url = https://x/start#/\n',
    { a: { sso_start_url: 'https://x/start#/' } },
  ],
  [
    '06 ; without a space before it',
    '[profile a]\ncredential_process = sh -c "a;b"\n',
    { a: { credential_process: 'sh -c "a;b"' } },
  ],
  ['07 " # comment"', '[profile a]\nregion = eu-west-1 # home\n', { a: EU }, ['warning 2 a']],
  ['08 " ; comment"', '[profile a]\nregion = eu-west-1 ; home\n', { a: EU }, ['warning 2 a']],
  [
    '08b a command has no comments in quotes',
    '[profile a]\ncredential_process = sh -c "a # b; c ; d" \' ; \' \\ #\nmfa_process = x "1 #2"\n',
    { a: { credential_process: 'sh -c "a # b; c ; d" \' ; \' \\ #', mfa_process: 'x "1 #2"' } },
  ],
  [
    '08c nor behind a word, though a person may think so',
    '[profile a]\ncredential_process = p # x\nmfa_process = m ; y\n',
    { a: { credential_process: 'p # x', mfa_process: 'm ; y' } },
    ['warning 2 a', 'warning 3 a'],
  ],
  ['09 tab before a comment', '[profile a]\nregion = eu-west-1\t# home\n', { a: EU }, ['warning 2 a']],
  [
    '10 comment after a header',
    '[profile z]\nregion=us-east-1\n[profile a] # prod\nregion = eu-west-1\n',
    { z: { region: 'us-east-1' }, a: EU },
  ],
  [
    '10b comment with a bracket after a header',
    '[profile a] # see [b]\nregion = eu-west-1\n',
    { a: EU },
    ['warning 1 a'],
  ],
  [
    '11 comment right after a header',
    '[profile z]\nregion=us-east-1\n[profile a]; prod\nregion = eu-west-1\n',
    { z: { region: 'us-east-1' }, a: EU },
  ],
  [
    '12 # in a name',
    '[profile a#1]\nregion=eu-west-1\n[profile a]\noutput=json\n',
    { 'a#1': EU, a: { output: 'json' } },
  ],
  ['13 indented comment', '[profile a]\n  # note\nregion = eu-west-1\n', { a: EU }],
  [
    '13b indented comment inside a nested setting, as the AWS CLI reads it',
    '[profile a]\ns3 =\n  x = 1\n  # note\n  y = 2\n',
    { a: { s3: '\nx = 1\ny = 2' } },
  ],
  ['14 quoted name with a space', '[profile "my prod"]\nregion=eu-west-1\n', { 'my prod': EU }],
  ['15 quoted name', '[profile "a"]\nregion=eu-west-1\n', { a: EU }],
  ['16 name in single quotes', "[profile 'a']\nregion=eu-west-1\n", { a: EU }],
  ['17 unquoted name with a space', '[profile my prod]\nregion=eu-west-1\n', {}, ['warning 1 my prod']],
  ['18 tab between', '[profile\ta]\nregion=eu-west-1\n', { a: EU }],
  ['19 two spaces between', '[profile  a]\nregion=eu-west-1\n', { a: EU }],
  ['20 spaces inside the brackets', '[ profile a ]\nregion=eu-west-1\n', { a: EU }, ['warning 1 a']],
  ['21 space before ]', '[profile a ]\nregion=eu-west-1\n', { a: EU }],
  ['22 indented header', '  [profile a]\nregion=eu-west-1\n', { a: EU }],
  [
    '23 indented header after a property: a continuation, for AWS too',
    '[profile z]\nregion=us-east-1\n  [profile a]\n  region=eu-west-1\n',
    { z: { region: 'us-east-1\n[profile a]\nregion=eu-west-1' } },
    ['error 3 z', 'warning 4 z'],
  ],
  [
    '24 all keys indented',
    '[profile a]\n  region=eu-west-1\n  role_arn=R\n',
    { a: { region: 'eu-west-1', role_arn: 'R' } },
  ],
  ['25 tabs around =', '[profile a]\nregion\t=\teu-west-1\t\n', { a: EU }],
  [
    '26 nested s3',
    '[profile a]\nregion=us-east-1\ns3 =\n  max_concurrent_requests = 20\n  endpoint_url = http://s3\nrole_arn = R\n',
    {
      a: {
        region: 'us-east-1',
        s3: '\nmax_concurrent_requests = 20\nendpoint_url = http://s3',
        role_arn: 'R',
      },
    },
  ],
  [
    '27 a nested key is not the key of the profile',
    '[profile a]\nregion=us-east-1\ns3 =\n  region = eu-west-1\n',
    { a: { region: 'us-east-1', s3: '\nregion = eu-west-1' } },
  ],
  [
    '28 evenly indented keys, one of them empty',
    '[profile a]\n  role_arn=R\n  region =\n  source_profile=s\n',
    { a: { role_arn: 'R', region: '', source_profile: 's' } },
  ],
  [
    '29 continuation line',
    '[profile a]\nregion = eu-west-1\n -continued\n',
    { a: { region: 'eu-west-1\n-continued' } },
  ],
  [
    '29b a setting indented by mistake',
    '[profile a]\nrole_arn = R\n  mfa_serial = M\n',
    { a: { role_arn: 'R\nmfa_serial = M' } },
    ['warning 3 a'],
  ],
  [
    '30 duplicate section',
    '[profile a]\nregion=us-east-1\nrole_arn=R\n[profile a]\nregion=eu-west-1\n',
    { a: { region: 'eu-west-1', role_arn: 'R' } },
    ['warning 4 a'],
  ],
  ['31 duplicate key', '[profile a]\nregion=us-east-1\nregion=eu-west-1\n', { a: EU }, ['warning 3 a']],
  ['32 case of keys', '[profile a]\nRegion=eu-west-1\nROLE_ARN=R\n', { a: { ...EU, role_arn: 'R' } }],
  [
    '33 duplicates in another case',
    '[profile a]\nRegion=us-east-1\nregion=eu-west-1\n',
    { a: EU },
    ['warning 3 a'],
  ],
  ['34 [] in a key', '[profile a]\nregion[]=eu-west-1\n', { a: { 'region[]': 'eu-west-1' } }],
  ['35 [ ] in a name', '[profile a[1]]\nregion=eu-west-1\n', { 'a[1]': EU }],
  [
    '36 value with =',
    '[profile a]\ncredential_process=p --x=y=z\n',
    { a: { credential_process: 'p --x=y=z' } },
  ],
  [
    '37 true and null are text',
    '[profile a]\nexternal_id = true\nrole_session_name = null\n',
    { a: { external_id: 'true', role_session_name: 'null' } },
  ],
  ['38 quotes belong to a value', '[profile a]\nexternal_id = "abc"\n', { a: { external_id: '"abc"' } }],
  ['39 single quotes too', "[profile a]\nexternal_id = 'abc'\n", { a: { external_id: "'abc'" } }],
  [
    '40 backslashes stay',
    '[profile a]\ncredential_process = C:\\\\srv\\#x\\bin\n',
    { a: { credential_process: 'C:\\\\srv\\#x\\bin' } },
  ],
  [
    '41 no JSON escapes',
    '[profile a]\nexternal_id = "a\\u0041\\n"\n',
    { a: { external_id: '"a\\u0041\\n"' } },
  ],
  ['42 : instead of =', '[profile a]\nregion: eu-west-1\n', { a: {} }, ['error 2 a']],
  ['43 : in the key', '[profile a]\nfoo:bar = x\n', { a: {} }, ['error 2 a']],
  ['44 key without =', '[profile a]\nregion\nrole_arn=R\n', { a: { role_arn: 'R' } }, ['error 2 a']],
  [
    '45 CRLF',
    '[profile a]\r\nregion=eu-west-1\r\ns3 =\r\n  x = 1\r\n',
    { a: { region: 'eu-west-1', s3: '\nx = 1' } },
  ],
  ['46 lone CR', '[profile a]\rregion=eu-west-1\r', { a: EU }],
  ['47 UTF-8 byte order mark', '\ufeff[profile a]\nregion=eu-west-1\n', { a: EU }, ['warning 1 -']],
  [
    '47b byte order marks where files were put together',
    '[profile z]\n\ufeff[profile a]\n\ufeffregion=eu-west-1\n\ufeff# note\n',
    { z: {}, a: EU },
    ['warning 2 a', 'warning 3 a', 'warning 4 a'],
  ],
  [
    '47c one within a line',
    '[profile z]\nregion=\ufeffeu-west-1\n[profile \ufeffa]\nregion=eu-west-1\n# \ufeff\n',
    { z: { region: '\ufeffeu-west-1' }, '\ufeffa': EU },
    ['error 2 z', 'error 3 a'],
  ],
  ['48 UTF-16', utf16('[profile a]\nregion=eu-west-1\n'), {}, ['error 1 -']],
  ['48b UTF-16 without a mark', utf16('[profile a]\n').slice(2), {}, ['error 1 -']],
  [
    '49 [__proto__] in config',
    '[__proto__]\nregion=evil\n[profile a]\nregion=eu-west-1\n',
    { a: EU },
    ['warning 1 __proto__'],
  ],
  [
    '50 [profile __proto__]',
    '[profile __proto__]\nregion=evil\n[profile a]\nregion=eu-west-1\n',
    Object.fromEntries([
      ['__proto__', { region: 'evil' }],
      ['a', EU],
    ]),
  ],
  [
    '51 [profile "__proto__"]',
    '[profile "__proto__"]\nregion=evil\nrole_arn=E\n[profile a]\nregion=eu-west-1\n',
    Object.fromEntries([
      ['__proto__', { region: 'evil', role_arn: 'E' }],
      ['a', EU],
    ]),
  ],
  [
    '52 __proto__ as a key',
    '[profile a]\n__proto__ = x\nregion=eu-west-1\n',
    {
      a: Object.fromEntries([
        ['__proto__', 'x'],
        ['region', 'eu-west-1'],
      ]),
    },
  ],
  [
    '53 [constructor] in credentials',
    '',
    { constructor: { name: 'evil' }, a: { aws_access_key_id: 'AK' } } as never,
    [],
    '[constructor]\nname=evil\n[a]\naws_access_key_id=AK\n',
  ],
  ['54 [default]', '[default]\nregion=eu-west-1\n', { default: EU }],
  ['55 [profile default]', '[profile default]\nregion=eu-west-1\n', { default: EU }],
  [
    '56 both, [default] last',
    '[profile default]\nregion=us-east-1\noutput=json\n[default]\nregion=eu-west-1\n',
    { default: { region: 'us-east-1', output: 'json' } },
    ['warning 4 default'],
  ],
  [
    '57 both, [profile default] last',
    '[default]\nregion=us-east-1\noutput=json\n[profile default]\nregion=eu-west-1\n',
    { default: EU },
    ['warning 1 default'],
  ],
  [
    '58 [DEFAULT] is no profile',
    '[DEFAULT]\nregion=eu-west-1\n[profile a]\nrole_arn=R\n',
    { a: { role_arn: 'R' } },
    ['warning 1 -'],
  ],
  ['58b nor in credentials', '', {}, ['warning 1 -'], '[DEFAULT]\naws_access_key_id=AK\n'],
  [
    '59 [sso-session x]',
    '[sso-session x]\nsso_region=us-east-1\n[profile a]\nsso_session=x\n',
    { a: { sso_session: 'x' } },
  ],
  [
    '60 [services x]',
    '[services x]\nsts =\n  endpoint_url = http://sts\ns3 =\n  endpoint_url = http://s3\n[profile a]\nservices=x\n',
    { a: { services: 'x' } },
  ],
  ['61 no prefix in config', '[a]\nregion=eu-west-1\n', {}, ['warning 1 a']],
  ['62 prefix in credentials', '', {}, ['warning 1 a'], '[profile a]\naws_access_key_id=AK\n'],
  ['63 [profilea]', '[profilea]\nregion=eu-west-1\n', {}, ['warning 1 a']],
  ['64 [profiles a]', '[profiles a]\nregion=eu-west-1\n', {}, ['warning 1 a']],
  [
    '64b prefixes in capitals',
    '[Profile a]\n[PROFILE "b c"]\n[Profile d e]\n[Default]\n[profile\xa0f]\n[Profile-g]\n',
    {},
    ['warning 1 a', 'warning 2 b c', 'warning 3 d e', 'warning 4 default', 'warning 5 f', 'warning 6 g'],
  ],
  ['64c in credentials', '', {}, ['warning 1 a'], '[Profile a]\naws_access_key_id=AK\n'],
  [
    '65 a profile in both files',
    '[profile a]\nregion=us-east-1\naws_access_key_id=CFG\noutput=json\n',
    { a: { region: 'eu-west-1', aws_access_key_id: 'CRED', output: 'json' } },
    [],
    '[a]\naws_access_key_id=CRED\nregion=eu-west-1\n',
  ],
  [
    '66 both files, another case',
    '[profile a]\nRegion=us-east-1\n',
    { a: EU },
    [],
    '[a]\nregion=eu-west-1\n',
  ],
  ['67 empty value', '[profile a]\nregion =\nrole_arn=R\n', { a: { region: '', role_arn: 'R' } }],
  ['68 blank value', '[profile a]\nregion =   \nrole_arn=R\n', { a: { region: '', role_arn: 'R' } }],
  ['69 UTF-8 in a value', '[profile a]\nexternal_id = zażółć-😂\n', { a: { external_id: 'zażółć-😂' } }],
  ['70 UTF-8 in a name', '[profile zażółć]\nregion=eu-west-1\n', { zażółć: EU }],
  [
    '71 Latin-1 in a comment',
    latin1('[profile a]\n# caf\xe9\nregion=eu-west-1\n'),
    { a: EU },
    ['warning 2 a'],
  ],
  [
    '71b Latin-1 in a value',
    latin1('[profile z]\n[profile a]\nexternal_id = caf\xe9\n'),
    { z: {}, a: { external_id: 'caf\ufffd' } },
    ['error 3 a'],
  ],
  [
    '71c Latin-1 in a name is no fault of the profile above',
    latin1('[profile z]\n[profile caf\xe9]\n'),
    { z: {}, 'caf\ufffd': {} },
    ['error 2 caf\ufffd'],
  ],
  [
    '72 NUL stays, as the AWS CLI has it',
    '[profile a]\nregion=eu\0-west-1\n',
    { a: { region: 'eu\0-west-1' } },
  ],
  [
    '73 property before any section',
    'region=us-east-1\n[profile a]\nregion=eu-west-1\n',
    { a: EU },
    ['error 1 -'],
  ],
  [
    '74 top-level key named as a section',
    'default=1\n[default]\nregion=eu-west-1\n',
    { default: EU },
    ['error 1 -'],
  ],
  ['75 empty key', '[profile a]\n= x\nregion=eu-west-1\n', { a: EU }, ['error 2 a']],
  [
    '76 empty section name',
    '[]\nregion=us-east-1\n[profile a]\nregion=eu-west-1\n',
    { a: EU },
    ['error 1 -'],
  ],
  [
    '77 unclosed header: its keys do not fall to the profile above',
    '[profile z]\nregion=us-east-1\n[profile a\nregion=eu-west-1\n',
    { z: { region: 'us-east-1' } },
    ['error 3 a'],
  ],
  ['77b something after a header', '[profile a] region = x\noutput = json\n', {}, ['error 1 a']],
  ['78 no newline at the end', '[profile a]\nregion=eu-west-1', { a: EU }],
  ['79 % in a value', '[profile a]\nexternal_id = 50%(x)s\n', { a: { external_id: '50%(x)s' } }],
  [
    '80 $VAR and ~ are not ours to expand',
    '[profile a]\nweb_identity_token_file = ~/tok\ncredential_process = $HOME/p\n',
    { a: { web_identity_token_file: '~/tok', credential_process: '$HOME/p' } },
  ],
  ['81 no-break spaces around a value', '[profile a]\nregion =\xa0eu-west-1\xa0\n', { a: EU }],
  [
    '81b a line of nothing else is empty, before a key it does not count',
    '[profile a]\n\xa0\n\xa0region=eu-west-1\n',
    { a: EU },
  ],
  [
    "82 the AWS CLI's own sections",
    '[preview]\ncloudfront=true\n[plugins]\nendpoint=awscli\n[profile a]\nregion=eu-west-1\n',
    { a: EU },
  ],
  [
    '83 keys named like members of Object',
    '[profile a]\nconstructor = x\ntoString = y\nregion=eu-west-1\n',
    { a: { constructor: 'x', tostring: 'y', region: 'eu-west-1' } } as never,
  ],
  [
    '84 many dots',
    '[profile a.b.c]\nregion=eu-west-1\n[profile a]\noutput=json\n',
    { 'a.b.c': EU, a: { output: 'json' } },
  ],
  ['85 backslash in a name, as the AWS CLI reads it', '[profile a\\b]\nregion=eu-west-1\n', { ab: EU }],
  ['86 open quote in a name', "[profile o'brien]\nregion=eu-west-1\n", {}, ["error 1 o'brien"]],
  ['87 quote in a quoted name', '[profile "o\'brien \\"x\\" \\y"]\n', { 'o\'brien "x" \\y': {} }],
  ['87b backslash in single quotes', "[profile 'a\\b']\n", { 'a\\b': {} }],
  [
    '88 a name with a space in both files, as `aws configure` writes it',
    '[profile "my prod"]\nregion=eu-west-1\n',
    { 'my prod': { ...EU, aws_access_key_id: 'AK' } },
    [],
    '[my prod]\naws_access_key_id=AK\n',
  ],
  ['89 only in credentials', '', {}, ['warning 1 my prod'], '[my prod]\naws_access_key_id=AK\n'],
  [
    '90 the same profile in other words',
    '[profile a]\nx=1\n[profile "a"]\ny=2\n',
    { a: { x: '1', y: '2' } },
    ['warning 3 a'],
  ],
];

test.each(TRAPS)('%s', (_name, config, profiles, problems = [], credentials = undefined) => {
  const store = storeOf(config, credentials);
  expect(plain(store)).toEqual(profiles);
  expect([...store.profiles.keys()].sort()).toEqual(Object.keys(profiles).sort());
  const short = store.problems.map(({ severity, line, profile }) => `${severity} ${line} ${profile ?? '-'}`);
  expect(short).toEqual(problems);
});

test('properties know their file and line, nested ones too', () => {
  const { sections } = parse('# one\n[services x]\r\nsts =\r\n\r\n  endpoint_url = http://sts\n');
  const sts = sections[0]?.properties.get('sts');
  expect(sections[0]).toMatchObject({ kind: 'services', name: 'x', file: 'config', line: 2 });
  expect(sts).toMatchObject({ file: 'config', line: 3 });
  expect(sts?.nested?.get('endpoint_url')).toEqual({ value: 'http://sts', file: 'config', line: 5 });
});

test('sso-session and services sections are kept apart from profiles of the same name', () => {
  const store = storeOf('[profile x]\na=1\n[sso-session x]\nb=2\n[services "x"]\nc=3\n');
  expect(plain(store)).toEqual({ x: { a: '1' } });
  expect(store.ssoSessions.get('x')?.properties.get('b')?.value).toBe('2');
  expect(store.services.get('x')?.properties.get('c')?.value).toBe('3');
});

test('the warning about a header without a prefix names the header to write', () => {
  expect(parse('[prod]\n').problems[0]?.hint).toContain('"[profile prod]"');
  expect(parse('[profile prod]\n', 'credentials').problems[0]?.hint).toContain('"[prod]"');
  expect(parse('[profile my prod]\n').problems[0]?.hint).toContain('[profile "my prod"]');
});

test.each(['[ a]', '[a ]', '[\ta]'])(
  'warns of spaces in %j of the credentials file, which the AWS CLI takes for the name',
  (header) => {
    const { sections, problems } = parse(`${header}\nregion = r\n`, 'credentials');
    expect(sections.map(({ name }) => name)).toEqual(['a']);
    expect(problems).toMatchObject([{ severity: 'warning', profile: 'a', hint: 'delete the space' }]);
    expect(parse('[a]\nregion = r\n', 'credentials').problems).toEqual([]);
  },
);

test('of two sections, the warning says what the AWS CLI makes of them', () => {
  expect(parse('[profile a]\n[profile a]\n').problems[0]?.message).toContain('refuses the whole file');
  expect(parse('[profile a]\n[profile "a"]\n').problems[0]?.message).toContain('takes only the last');
});

test('the warning about a prefix in capitals names the header to write', () => {
  expect(parse('[PROFILE prod]\n').problems[0]?.hint).toContain('"[profile prod]"');
  expect(parse('[Profile my prod]\n').problems[0]?.hint).toContain('[profile "my prod"]');
  expect(parse('[Profile prod]\n', 'credentials').problems[0]?.hint).toContain('"[prod]"');
  expect(parse('[SSO-Session x]\n').problems[0]?.hint).toContain('"[sso-session x]"');
  expect(parse('[Default]\n').problems[0]?.hint).toContain('[default]');
});

test.each([
  ['aws_access_key_id = "AKIA"', 'error'],
  ["aws_secret_access_key = 'x'", 'error'],
  ['aws_secret_access_key = x"', 'error'],
  ['role_arn = "arn:aws:iam::123456789012:role/a"', 'error'],
  ['mfa_serial = \u201carn:aws:iam::123456789012:mfa/u\u201d', 'error'],
  ["region = 'eu-west-1'", 'error'],
  ['aws_session_token = "abc=="', 'warning'],
  ['output = "json"', 'warning'],
  ['x_security_token_expires = "2026-11-22T09:44:30Z"', undefined],
  ['cli_pager = "less"', undefined],
  ['credential_process = "/opt/a b"', undefined],
  ['note = it\'s "mine"', undefined],
])('quotes around a value: %s', (line, severity) => {
  const { sections, problems } = parse(`[profile a]\n${line}\n`);
  expect(problems.map((one) => `${one.severity} ${one.line} ${one.profile}`)).toEqual(
    severity === undefined ? [] : [`${severity} 2 a`],
  );
  for (const { message, hint } of problems)
    expect(`${message} ${hint}`).toMatch(/is in quotes.*delete the quotes/);
  expect([...(sections[0]?.properties.values() ?? [])][0]?.value).toBe(line.split(' = ')[1]);
});

test('a misspelt sso-session is not taken for a profile', () => {
  expect(parse('[sso-sesion prod]\n').problems).toMatchObject([{ profile: undefined, severity: 'warning' }]);
});

test('no message holds what stands in a line', () => {
  const lines = [
    'aws_secret_access_key SECRET',
    '= SECRET',
    'x:SECRET',
    'x = 1 # SECRET',
    'y = SECRET\xa0',
    'aws_secret_access_key = "SECRET"',
    'credential_process = SECRET # SECRET',
    'z = SECRET\ufeff',
    'y = SECRET',
  ];
  const { problems } = parse(`SECRET\n[profile a]\n${lines.join('\n')}\n  SECRET = SECRET\nz =\n  SECRET`);
  expect(problems.length).toBeGreaterThan(6);
  expect(JSON.stringify(problems)).not.toContain('SECRET');
});

test('messages never hold a raw control character', () => {
  const { problems } = parse('[\x1b[2J\u202e]\n[profile a\x07]\n\x1b=1\n\x1b=2\n[profile \x9b');
  expect(problems).toHaveLength(3);
  for (const { message, hint } of problems) expect(message + hint).not.toMatch(/[\0-\x1f\x7f-\x9f\u202e]/);
});

describe('whatever the bytes are', () => {
  // A small generator with a fixed seed, so that a failure can be repeated.
  let state = 20260101;
  const random = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const pieces = [
    '[',
    ']',
    '[profile ',
    'a',
    '"',
    "'",
    '\\',
    '=',
    ' ',
    '\t',
    '\n',
    '\r\n',
    '\r',
    '#',
    ';',
    ':',
    '\0',
    '\ufeff',
  ];
  const more = [
    ...pieces,
    'region',
    '\n  ',
    '\n[default]\n',
    '\n[profile a]\n',
    'é',
    '\xa0',
    '😂',
    '[services x]\n',
    'sts =\n',
  ];

  const check = (bytes: Uint8Array, kind: 'config' | 'credentials'): void => {
    const { sections, problems } = parse(bytes, kind);
    const lines = Buffer.from(bytes)
      .toString('latin1')
      .split(/\r\n?|\n/).length;
    const places = sections.flatMap((section) => [section, ...section.properties.values()]);
    for (const { line } of [...places, ...problems]) {
      expect(line).toBeGreaterThanOrEqual(1);
      expect(line).toBeLessThanOrEqual(lines);
    }
    for (const { name, properties } of sections) {
      expect(name).not.toBe('');
      for (const key of properties.keys()) expect(key).toMatch(/^[^=]+$/s);
    }
  };

  test('random bytes never throw', () => {
    for (let round = 0; round < 2000; round++) {
      check(
        Uint8Array.from({ length: random(80) }, () => random(256)),
        round % 2 ? 'config' : 'credentials',
      );
    }
  });

  test('random pieces of a file never throw', () => {
    for (let round = 0; round < 5000; round++) {
      const text = Array.from({ length: random(40) }, () => more[random(more.length)]).join('');
      check(utf8(text), round % 2 ? 'config' : 'credentials');
    }
  });
});

test('10,000 profiles', () => {
  const config = Array.from(
    { length: 10_000 },
    (_, i) =>
      `[profile role${i}]\nrole_arn = arn:aws:iam::123456789012:role/role${i}\nsource_profile = user\n\n`,
  ).join('');
  const store = storeOf(config, '[role7]\nregion = eu-west-1\n');
  expect(store.problems).toEqual([]);
  expect(store.profiles.size).toBe(10_000);
  expect(store.profiles.get('role9999')?.properties.get('role_arn')).toEqual({
    value: 'arn:aws:iam::123456789012:role/role9999',
    file: 'config',
    line: 39_998,
  });
  expect(store.profiles.get('role7')?.properties.get('region')?.file).toBe('credentials');
});
