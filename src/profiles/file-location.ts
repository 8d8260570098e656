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

/** True where a path has something that {@link expandPath} may replace by a variable. */
export function hasVariables(path: string, platform: NodeJS.Platform): boolean {
  return path.includes('$') || (platform === 'win32' && path.includes('%'));
}

/**
 * Replaces variables and then a leading `~` in a path, as Python's os.path does, and botocore with it: `$NAME`,
 * `${NAME}`, and on Windows `%NAME%`. What is not set stays as it is written.
 */
export function expandPath(path: string, env: Environment, platform: NodeJS.Platform): string {
  const expanded = expandVariables(path, env, platform);
  const home = startsAtHome(expanded, platform) ? homeFolder(env, platform) : undefined;
  const { join } = platform === 'win32' ? win32 : posix;
  return home === undefined ? expanded : join(home, expanded.slice(1));
}

function startsAtHome(path: string, platform: NodeJS.Platform): boolean {
  return path === '~' || path.startsWith('~/') || (platform === 'win32' && path.startsWith('~\\'));
}

function expandVariables(path: string, env: Environment, platform: NodeJS.Platform): string {
  if (!hasVariables(path, platform)) return path;
  if (platform !== 'win32') {
    return path.replace(/\$(?:(\w+)|\{([^}]*)\})/g, (all, name, braced) => env[name ?? braced] ?? all);
  }
  const names = new Map(Object.entries(env).map(([name, value]) => [name.toUpperCase(), value]));
  return path.replace(
    /'[^']*'|([%$])\1|%([^%]+)%|\$(?:([\w-]+)|\{([^}]*)\})/g,
    (all: string, doubled?: string, ...found: unknown[]) => {
      const name = found.slice(0, 3).find((one) => one !== undefined);
      return doubled ?? (typeof name === 'string' ? names.get(name.toUpperCase()) : undefined) ?? all;
    },
  );
}

const VARIABLES = { config: 'AWS_CONFIG_FILE', credentials: 'AWS_SHARED_CREDENTIALS_FILE' } as const;

/**
 * Finds the two AWS files: AWS_CONFIG_FILE and AWS_SHARED_CREDENTIALS_FILE (see {@link expandPath}; empty counts as
 * unset), else `~/.aws/config` and `~/.aws/credentials`.
 * @throws AwsroleError kind `configuration` when a path needs a home folder and there is none.
 */
export function locateFiles(env: Environment, platform: NodeJS.Platform): FileLocations {
  const locate = (name: keyof FileLocations): string => {
    const variable = VARIABLES[name];
    const path = expandPath(env[variable] || `~/.aws/${name}`, env, platform);
    if (!startsAtHome(path, platform)) return path;
    throw new AwsroleError(
      'configuration',
      `the AWS ${name} file cannot be located: there is no home folder`,
      {
        hint: `set ${platform === 'win32' ? 'USERPROFILE' : 'HOME'}, or set ${variable} to the file's full path`,
      },
    );
  };
  return { config: locate('config'), credentials: locate('credentials') };
}

/** Returns the variable that names a file; undefined for one that is where it usually is. */
export function variableOf(name: keyof FileLocations, env: Environment): string | undefined {
  return env[VARIABLES[name]] ? VARIABLES[name] : undefined;
}
