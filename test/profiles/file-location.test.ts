import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import { expandPath, homeFolder, locateFiles } from '../../src/profiles/file-location.ts';
import { hasBoth, python } from '../aws-tools.ts';
import { LOCATION_CASES, type LocationCase } from '../cases/locations.ts';
import { describeSdkCases } from '../cases/sdk-cases.ts';
import { needs } from '../world.ts';

/** A case of theirs. */
interface SdkCase {
  name: string;
  environment: Record<string, string>;
  platform: string;
  configLocation: string;
  credentialsLocation: string;
}

function check({ env, platform, config, credentials }: LocationCase): void {
  expect(locateFiles(env, platform)).toEqual({ config, credentials });
}

for (const one of LOCATION_CASES) test(one.name, () => check(one));

describeSdkCases<SdkCase>('file-location.json', 6, (cases) => {
  test.each(cases)('$name ($platform)', (one) => {
    check({
      name: one.name,
      platform: one.platform === 'windows' ? 'win32' : 'linux',
      env: one.environment,
      config: one.configLocation,
      credentials: one.credentialsLocation,
    });
  });
});

test('a leading ~ is the home folder, ~name and a ~ elsewhere are not', () => {
  const env = { HOME: '/home/u', AWS_CONFIG_FILE: '~/aws/config', AWS_SHARED_CREDENTIALS_FILE: '~root/x~' };
  expect(locateFiles(env, 'linux')).toEqual({ config: '/home/u/aws/config', credentials: '~root/x~' });
});

test('on Windows a ~ may be followed by either slash', () => {
  const env = { USERPROFILE: 'C:\\u', AWS_CONFIG_FILE: '~\\c', AWS_SHARED_CREDENTIALS_FILE: '~/d' };
  expect(locateFiles(env, 'win32')).toEqual({ config: 'C:\\u\\c', credentials: 'C:\\u\\d' });
});

test('an empty variable counts as unset', () => {
  const env = { HOME: '/home/u', AWS_CONFIG_FILE: '', AWS_SHARED_CREDENTIALS_FILE: '' };
  expect(locateFiles(env, 'linux').config).toBe('/home/u/.aws/config');
  expect(homeFolder({ HOME: '', USERPROFILE: 'C:\\u' }, 'win32')).toBe('C:\\u');
});

test('a home of / does not give a path with two slashes', () => {
  expect(locateFiles({ HOME: '/' }, 'linux').config).toBe('/.aws/config');
});

test('USERPROFILE does not count outside Windows, half of HOMEDRIVE and HOMEPATH nowhere', () => {
  expect(homeFolder({ USERPROFILE: 'C:\\u' }, 'linux')).toBeUndefined();
  expect(homeFolder({ HOMEPATH: '\\u' }, 'win32')).toBeUndefined();
});

test('without a home folder only full paths will do', () => {
  const paths = { AWS_CONFIG_FILE: '/c', AWS_SHARED_CREDENTIALS_FILE: '/d' };
  expect(locateFiles(paths, 'linux')).toEqual({ config: '/c', credentials: '/d' });
  expect(() => locateFiles({ AWS_CONFIG_FILE: '/c' }, 'linux')).toThrow(AwsroleError);
  expect(() => locateFiles({ AWS_CONFIG_FILE: '/c' }, 'linux')).toThrow(/credentials file cannot be located/);
  expect(() => locateFiles({ ...paths, AWS_CONFIG_FILE: '~/c' }, 'linux')).toThrow(
    /config file cannot be located/,
  );
});

// With @ for the dollar.
const PATHS = [
  '@A',
  '@{A}',
  '@{A',
  '@',
  '@@A',
  '@A@B',
  '@{}',
  '@A-x',
  '\\@A',
  '@Ax',
  '@NONE/x',
  '@é',
  '@E/x',
  '~',
  '~/',
  '~/x',
  'a~',
  '@HOME~',
  '@T/x',
  '@{A}b',
  '@1',
  '%A%',
  '%A',
  '%%A%',
  '%NONE%',
  "'@A'",
  '%E%x',
  '100%',
  '%%',
  '@@',
  '/x/@A/y',
].map((path) => path.replaceAll('@', '$'));
const VALUES = { HOME: '/home/u', USERPROFILE: '/home/u', A: 'a$B', B: 'b', E: '', T: '~' };

test.each([
  ['linux', 'posixpath'],
  ['win32', 'ntpath'],
] as const)(
  "paths are expanded on %s as by botocore, with Python's %s",
  needs(hasBoth),
  (platform, module) => {
    const script = `import json, os, sys
import ${module} as path
texts, values = json.load(sys.stdin)
os.environ.clear()
os.environ.update(values)
print(json.dumps([path.expanduser(path.expandvars(text)) for text in texts]))`;
    const input = JSON.stringify([PATHS, VALUES]);
    const expected: string[] = JSON.parse(execFileSync(python, ['-c', script], { input, encoding: 'utf8' }));
    // Ours are normalised behind a home folder.
    const slashes = (path: string): string => path.replaceAll('\\', '/').replace(/\/$/, '');
    expect(PATHS.map((path) => slashes(expandPath(path, VALUES, platform)))).toEqual(expected.map(slashes));
  },
);

test('the variables that name the files are expanded', () => {
  const env = {
    HOME: '/home/u',
    D: 'aws',
    AWS_CONFIG_FILE: '$HOME/$D/c',
    AWS_SHARED_CREDENTIALS_FILE: '/$D/$NO',
  };
  expect(locateFiles(env, 'linux')).toEqual({ config: '/home/u/aws/c', credentials: '/aws/$NO' });
  const windows = {
    USERPROFILE: 'C:\\u',
    AWS_CONFIG_FILE: '%UserProfile%\\c',
    AWS_SHARED_CREDENTIALS_FILE: 'D:\\%NO%',
  };
  expect(locateFiles(windows, 'win32')).toEqual({ config: 'C:\\u\\c', credentials: 'D:\\%NO%' });
});
