import { expect, test } from 'vitest';
import { linesWith, withoutSettings, withSetting } from '../../src/keys/aws-file-text.ts';
import { parseSharedConfigFile } from '../../src/profiles/shared-config-file.ts';

const KEYS = ['aws_access_key_id', 'aws_secret_access_key'];

const REMOVALS = [
  {
    what: 'comments, order and other sections stay',
    text: '# mine\n[a]\nx = 1\n[u] ; here\n# keys\naws_access_key_id = AKIA\naws_secret_access_key = s\nregion = r\n[b]\naws_access_key_id = B\n',
    left: '# mine\n[a]\nx = 1\n[u] ; here\n# keys\nregion = r\n[b]\naws_access_key_id = B\n',
  },
  {
    what: 'CRLF stays',
    text: '[u]\r\naws_access_key_id=AKIA\r\nregion=r\r\naws_secret_access_key=s\r\n',
    left: '[u]\r\nregion=r\r\n',
  },
  {
    what: 'a last line without an end',
    text: '[u]\nregion = r\naws_secret_access_key = s',
    left: '[u]\nregion = r\n',
  },
  {
    what: 'names in capital letters, odd spaces, indented sections',
    text: '[u]\n  AWS_Access_Key_ID   =AKIA\n  aws_secret_access_key\t= s\n  region = r\n',
    left: '[u]\n  region = r\n',
  },
  {
    what: 'every section of the profile, and every line',
    text: '[u]\naws_access_key_id = A\n[v]\nx = 1\n[u]\naws_secret_access_key = s\naws_secret_access_key = s2\n',
    left: '[u]\n[v]\nx = 1\n[u]\n',
  },
  {
    what: 'a value that goes on in the next line',
    text: '[u]\naws_secret_access_key =\n  s\n  t\nregion = r\n',
    left: '[u]\nregion = r\n',
  },
  {
    what: 'a nested setting of that name is none',
    text: '[u]\ns3 =\n  aws_access_key_id = no\naws_access_key_id = A\n',
    left: '[u]\ns3 =\n  aws_access_key_id = no\n',
  },
];

test.each(REMOVALS)('settings are taken out: $what', ({ text, left }) => {
  expect(withoutSettings(text, 'credentials', 'u', KEYS)).toBe(left);
});

const ADDITIONS = [
  { what: 'an empty file', text: '', after: '[profile u]\nkey = v\n' },
  {
    what: 'behind the header',
    text: '[profile u]\nregion = r\n',
    after: '[profile u]\nkey = v\nregion = r\n',
  },
  {
    what: 'a new section',
    text: '[default]\nregion = r\n',
    after: '[default]\nregion = r\n\n[profile u]\nkey = v\n',
  },
  {
    what: 'no end of the last line',
    text: '[default]\nregion = r',
    after: '[default]\nregion = r\n\n[profile u]\nkey = v\n',
  },
  { what: 'a header that ends the file', text: '[profile u]', after: '[profile u]\nkey = v\n' },
  { what: 'CRLF', text: '[profile u]\r\nregion = r\r\n', after: '[profile u]\r\nkey = v\r\nregion = r\r\n' },
  {
    what: 'the indent of the section',
    text: '[profile u]\n  region = r\n',
    after: '[profile u]\n  key = v\n  region = r\n',
  },
  {
    what: 'in place of another value',
    text: '[profile u]\nkey = w\nx = 1\n',
    after: '[profile u]\nkey = v\nx = 1\n',
  },
  {
    what: 'nothing where it says so',
    text: '[profile u]\nx = 1\nkey=v\n',
    after: '[profile u]\nx = 1\nkey=v\n',
  },
  { what: 'a quoted name', text: '[profile "u"]\nx = 1\n', after: '[profile "u"]\nkey = v\nx = 1\n' },
];

test.each(ADDITIONS)('a setting is written: $what', ({ text, after }) => {
  expect(withSetting(text, 'config', 'u', 'key', 'v')).toBe(after);
});

test.each(['a b', 'ünï', "it's", 'u.v@w'])('our own parser finds what was written for %j', (name) => {
  const text = withSetting('', 'config', name, 'credential_process', '/x/awsrole key-process u');
  const { sections, problems } = parseSharedConfigFile(Buffer.from(text), 'config', 'config');
  expect(problems).toEqual([]);
  expect(
    sections.map((section) => [section.name, section.properties.get('credential_process')?.value]),
  ).toEqual([[name, '/x/awsrole key-process u']]);
});

test('a key id is found in comments too', () => {
  expect(linesWith('# AKIA1\r\n[u]\naws_access_key_id = AKIA1\nx = AKIA2\n', 'AKIA1')).toEqual([1, 3]);
});
