import { type ChildProcess, spawn } from 'node:child_process';
import type { Context, Environment } from '../context.ts';
import { splitCommand } from '../credentials/run-command.ts';
import { AwsroleError } from '../errors.ts';
import { describeFailure } from '../processes/run-program.ts';
import { errorAt } from '../profiles/place.ts';
import { printable, quoted } from '../profiles/printable.ts';
import type { Property } from '../profiles/shared-config-file.ts';

/** What holds the session: no browser needs it, and every page's program could read it there. */
const SECRETS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_SECURITY_TOKEN'];
/** A program that cannot show anything says so sooner; one that shows a page goes on. */
const WATCH_MS = 2_000;

/** What a page is opened for. */
export interface Page {
  readonly url: string;
  /** The name of the profile. */
  readonly profile: string;
}

/** Says why no browser can be shown here; undefined where one can. */
export function noDisplay({ env, platform }: Pick<Context, 'env' | 'platform'>): string | undefined {
  if (env.SSH_CONNECTION && !env.DISPLAY) return 'this is an ssh session';
  if (platform === 'darwin' || platform === 'win32' || env.WSL_DISTRO_NAME || env.WSL_INTEROP)
    return undefined;
  return env.DISPLAY || env.WAYLAND_DISPLAY ? undefined : 'there is no display (DISPLAY, WAYLAND_DISPLAY)';
}

/** Opens a page in the person's usual browser. @throws AwsroleError kind `configuration` where nothing can be started */
export async function openInBrowser(url: string): Promise<void> {
  // The package hands on our own environment.
  for (const name of SECRETS) delete process.env[name];
  const { default: open } = await import('open');
  let child: ChildProcess;
  try {
    child = await open(url);
  } catch (error) {
    throw notOpened('the browser', startFailure(error));
  }
  await watch('the program that opens the browser', child);
}

/**
 * Opens a page by the command in the settings. Each placeholder is filled within its word; no shell is asked.
 * @throws AwsroleError kind `configuration` where it cannot be started, or ends with a failure at once
 */
export async function openByCommand(words: readonly string[], page: Page, env: Environment): Promise<void> {
  const [file = '', ...args] = words;
  let child: ChildProcess;
  try {
    child = spawn(
      file,
      args.map((word) => filled(word, page)),
      {
        env: Object.fromEntries(Object.entries(env).filter(([name]) => !SECRETS.includes(name))),
        detached: true,
        stdio: 'ignore',
      },
    );
  } catch (error) {
    throw notOpened(quoted(file), startFailure(error));
  }
  child.unref();
  await watch(quoted(file), child);
}

/**
 * Splits the command in the settings into words.
 * @throws AwsroleError kind `configuration`, with file and line
 */
export function browserCommand(line: Property, platform: NodeJS.Platform): string[] {
  const words = splitCommand(line.value, platform) ?? [];
  const [file = '{', ...args] = words;
  const hasPage = args.some((word) => /\{(url|container)\}/.test(word));
  if (!file.includes('{') && file !== '' && hasPage) return words;
  const form = 'write a program and, behind it, where the URL goes, such as: firefox -P {profile} {url}';
  throw errorAt(line, `browser is ${quoted(line.value)}`, `${form}; quote words with blanks by "`);
}

function filled(word: string, { url, profile }: Page): string {
  const container = `ext+container:name=${encodeURIComponent(profile)}&url=${encodeURIComponent(url)}`;
  const values: Readonly<Record<string, string>> = {
    '{url}': url,
    '{profile}': profile,
    '{container}': container,
  };
  // All at once: a profile may be called {url}.
  return word.replace(/\{(?:url|profile|container)\}/g, (placeholder) => values[placeholder] ?? placeholder);
}

/** Waits until a program has ended, or seems to go on. @throws AwsroleError kind `configuration` where it has failed */
async function watch(name: string, child: ChildProcess): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const failure = await new Promise<string | undefined>((resolve) => {
    const ended = (status: number | null, signal: NodeJS.Signals | null): void => {
      if (signal !== null) resolve(describeFailure({ kind: 'signal', signal }));
      else resolve(status ? describeFailure({ kind: 'status', status }) : undefined);
    };
    timer = setTimeout(() => resolve(undefined), WATCH_MS);
    child.once('error', (error) => resolve(startFailure(error)));
    if (child.exitCode !== null || child.signalCode !== null) ended(child.exitCode, child.signalCode);
    else child.once('exit', ended);
  });
  clearTimeout(timer);
  if (failure !== undefined) throw notOpened(name, failure);
}

function startFailure(error: unknown): string {
  const { code = '', path } = error as NodeJS.ErrnoException;
  const what = describeFailure(code === 'ENOENT' ? { kind: 'not-found' } : { kind: 'not-executable', code });
  return path === undefined ? what : `${what}: ${printable(path)}`;
}

function notOpened(name: string, failure: string): AwsroleError {
  return new AwsroleError('configuration', `${name} ${failure}, so nothing was opened`, {
    hint: 'to get the URL instead: --print; `browser` in the settings names another program',
  });
}
