// Where the two AWS files are, by the environment.

export interface LocationCase {
  readonly name: string;
  readonly platform: 'linux' | 'win32';
  readonly env: Readonly<Record<string, string>>;
  readonly config: string;
  readonly credentials: string;
}

export const LOCATION_CASES: readonly LocationCase[] = [
  {
    name: 'below HOME, whatever the variables of Windows say',
    platform: 'linux',
    env: { HOME: '/srv/ann', USERPROFILE: '/not/here', HOMEDRIVE: '/nor', HOMEPATH: '/here' },
    config: '/srv/ann/.aws/config',
    credentials: '/srv/ann/.aws/credentials',
  },
  {
    name: 'on Windows HOME comes first as well',
    platform: 'win32',
    env: { HOME: 'D:\\homes\\ann', USERPROFILE: 'E:\\not', HOMEDRIVE: 'F:', HOMEPATH: '\\nor' },
    config: 'D:\\homes\\ann\\.aws\\config',
    credentials: 'D:\\homes\\ann\\.aws\\credentials',
  },
  {
    name: 'on Windows without HOME, below USERPROFILE',
    platform: 'win32',
    env: { USERPROFILE: 'D:\\homes\\ann', HOMEDRIVE: 'F:', HOMEPATH: '\\nor' },
    config: 'D:\\homes\\ann\\.aws\\config',
    credentials: 'D:\\homes\\ann\\.aws\\credentials',
  },
  {
    name: 'on Windows with neither, below HOMEDRIVE and HOMEPATH together',
    platform: 'win32',
    env: { HOMEDRIVE: 'D:', HOMEPATH: '\\homes\\ann' },
    config: 'D:\\homes\\ann\\.aws\\config',
    credentials: 'D:\\homes\\ann\\.aws\\credentials',
  },
  {
    name: 'AWS_CONFIG_FILE moves the config file only',
    platform: 'linux',
    env: { HOME: '/srv/ann', AWS_CONFIG_FILE: '/etc/aws/team.ini' },
    config: '/etc/aws/team.ini',
    credentials: '/srv/ann/.aws/credentials',
  },
  {
    name: 'AWS_SHARED_CREDENTIALS_FILE moves the credentials file only',
    platform: 'linux',
    env: { HOME: '/srv/ann', AWS_SHARED_CREDENTIALS_FILE: '/run/keys/aws' },
    config: '/srv/ann/.aws/config',
    credentials: '/run/keys/aws',
  },
  {
    name: 'on Windows AWS_CONFIG_FILE moves the config file only',
    platform: 'win32',
    env: { HOME: 'D:\\homes\\ann', AWS_CONFIG_FILE: 'E:\\aws\\team.ini' },
    config: 'E:\\aws\\team.ini',
    credentials: 'D:\\homes\\ann\\.aws\\credentials',
  },
  {
    name: 'on Windows AWS_SHARED_CREDENTIALS_FILE moves the credentials file only',
    platform: 'win32',
    env: { HOME: 'D:\\homes\\ann', AWS_SHARED_CREDENTIALS_FILE: 'E:\\keys\\aws' },
    config: 'D:\\homes\\ann\\.aws\\config',
    credentials: 'E:\\keys\\aws',
  },
  {
    name: 'both variables move both files',
    platform: 'linux',
    env: { HOME: '/srv/ann', AWS_CONFIG_FILE: '/a/c', AWS_SHARED_CREDENTIALS_FILE: '/b/k' },
    config: '/a/c',
    credentials: '/b/k',
  },
];
