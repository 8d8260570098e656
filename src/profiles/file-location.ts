import { posix, win32 } from 'node:path';
import { AwsroleError } from '../errors.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface FileLocations {
  readonly config: string;
  readonly credentials: string;
}

/**
 * Returns the home folder as the AWS SDKs do: HOME; on Windows else USERPROFILE, else HOMEDRIVE and HOMEPATH. An empty
 * variable counts as unset.
 */
export function homeFolder(env: Environment, platform: NodeJS.Platform): string | undefined {
  if (env.HOME || platform !== 'win32') return env.HOME || undefined;
  if (env.USERPROFILE) return env.USERPROFILE;
  return env.HOMEDRIVE && env.HOMEPATH ? env.HOMEDRIVE + env.HOMEPATH : undefined;
}

/**
 * Finds the two AWS files: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE (a leading `~` is the home folder; empty
 * counts as unset), else `~/.aws/config` and `~/.aws/credentials`.
 * @throws AwsroleError kind `configuration` when a path needs a home folder and there is none.
 */
export function locateFiles(env: Environment, platform: NodeJS.Platform): FileLocations {
  const { join } = platform === 'win32' ? win32 : posix;
  const locate = (variable: string, name: string): string => {
    const path = env[variable] || `~/.aws/${name}`;
    if (path !== '~' && !path.startsWith('~/') && !(platform === 'win32' && path.startsWith('~\\')))
      return path;
    const home = homeFolder(env, platform);
    if (home === undefined) {
      throw new AwsroleError(
        'configuration',
        `the AWS ${name} file cannot be located: there is no home folder`,
        {
          hint: `set ${platform === 'win32' ? 'USERPROFILE' : 'HOME'}, or set ${variable} to the file's full path`,
        },
      );
    }
    return join(home, path.slice(1));
  };
  return {
    config: locate('AWS_CONFIG_FILE', 'config'),
    credentials: locate('AWS_SHARED_CREDENTIALS_FILE', 'credentials'),
  };
}
