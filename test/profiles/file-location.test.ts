import { describe, expect, test } from 'vitest';
import { AwsroleError } from '../../src/errors.ts';
import { homeFolder, locateFiles } from '../../src/profiles/file-location.ts';
import { vectors, vectorsMissing } from './vectors.ts';

interface Vector {
  name: string;
  environment: Record<string, string>;
  platform: string;
  configLocation: string;
  credentialsLocation: string;
}

describe.skipIf(vectorsMissing)('the test cases of the AWS SDKs', () => {
  test('are there', () => expect(vectors('file-location.json').length).toBeGreaterThanOrEqual(6));

  test.each(vectors<Vector>('file-location.json'))('$name ($platform)', (vector) => {
    const platform = vector.platform === 'windows' ? 'win32' : 'linux';
    expect(locateFiles(vector.environment, platform)).toEqual({
      config: vector.configLocation,
      credentials: vector.credentialsLocation,
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
