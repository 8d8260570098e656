import { execFileSync } from 'node:child_process';

/** What a command prints; undefined where it does not run. */
function output(file: string, ...args: string[]): string | undefined {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
}

// Behind a version manager the name on PATH is a script that needs the home we take away: find what it stands for.

/** The AWS CLI. */
export const aws = output('pyenv', 'which', 'aws') ?? output('sh', '-c', 'command -v aws') ?? 'aws';

/** A Python with boto3. */
export const python =
  ['python3', 'python']
    .map((name) => output(name, '-c', 'import boto3, sys; print(sys.executable)'))
    .find((path) => path !== undefined) ?? 'python3';

export const hasBoth =
  output(aws, '--version') !== undefined && output(python, '-c', 'import boto3; print(1)') !== undefined;
