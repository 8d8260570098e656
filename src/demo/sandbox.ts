import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Context } from '../context.ts';
import { startUpFiles } from './demo-shell.ts';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from './sample-world.ts';
import { type StsServer, startStsServer } from './sts-server.ts';

/** Holds the sandbox's URL inside of a demo, with the path that only the demo's own programs know. */
export const DEMO_VARIABLE = 'AWSROLE_DEMO';

/** An STS on loopback and a throw-away home folder to use it from. */
export interface Sandbox {
  readonly server: StsServer;
  readonly home: string;
  /** Whether a signal has ended it early. */
  readonly stopped: () => boolean;
  /** Starts a program in the home folder, for as long as the sandbox lasts. */
  readonly start: (file: string, args: readonly string[], options: SpawnOptions) => ChildProcess;
}

export interface SandboxOptions {
  /** The folder that holds dist/ and shell/. */
  readonly root: string;
  /** Ctrl-C on the terminal is for the shell inside, not for the sandbox. */
  readonly interactive: boolean;
  /** An age identity for stored keys: the keyring of the person's desktop is no place for the demo's. */
  readonly identity: string;
}

/** An interactive shell that does not end on SIGHUP is not waited for any longer than this. */
const GRACE_MS = 2000;

const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
const FROM_OUTSIDE = ['SIGTERM', 'SIGHUP'] as const;

/**
 * Opens a sandbox, uses it and removes it again, however that ends. A signal ends what runs inside, then the sandbox,
 * then this process by that same signal.
 */
export async function inSandbox<T>(
  context: Context,
  { root, interactive, identity }: SandboxOptions,
  use: (sandbox: Sandbox) => Promise<T>,
): Promise<T> {
  const children = new Set<ChildProcess>();
  const groups: number[] = [];
  let home: string | undefined;
  let caught: NodeJS.Signals | undefined;

  const stop = (signal: NodeJS.Signals): void => {
    caught ??= signal;
    for (const child of children) end(child);
  };
  const ignore = (): void => {};
  const listeners = new Map<NodeJS.Signals, (signal: NodeJS.Signals) => void>();
  for (const signal of FROM_OUTSIDE) listeners.set(signal, stop);
  for (const signal of FROM_TERMINAL) listeners.set(signal, interactive ? ignore : stop);
  for (const [signal, listener] of listeners) process.on(signal, listener);
  let server: StsServer | undefined;
  let watch: Watch | undefined;
  try {
    home = makeHome(root, identity);
    const place = home;
    watch = startWatch(home);
    server = await startStsServer(demoWorld());
    const env = sandboxEnvironment(context.env, { root, home, url: server.url, platform: context.platform });
    return await use({
      server,
      home,
      stopped: () => caught !== undefined,
      start: (file, args, options) => {
        const child = spawn(file, args, { ...options, cwd: place, env });
        children.add(child);
        if (child.pid !== undefined) groups.push(child.pid);
        watch?.over(child.pid);
        const gone = (): void => {
          children.delete(child);
          watch?.over(undefined);
        };
        child.once('exit', gone).once('error', gone);
        if (caught !== undefined) end(child);
        return child;
      },
    });
  } finally {
    for (const child of children) killGroup(child, 'SIGKILL');
    await groupsGone(groups);
    await server?.close();
    // A program that is just ending may still write.
    if (home !== undefined) rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    watch?.end();
    for (const [signal, listener] of listeners) process.off(signal, listener);
    if (caught !== undefined) process.kill(process.pid, caught);
  }
}

/**
 * Ends a program with SIGHUP: interactive shells ignore SIGTERM, but at SIGHUP they end and pass it on to their jobs.
 */
function end(child: ChildProcess): void {
  killGroup(child, 'SIGHUP');
  void setTimeout(GRACE_MS, undefined, { ref: false }).then(() => killGroup(child, 'SIGKILL'));
}

/**
 * Sends a signal to the group that a shell with job control leads, which also has the programs that its functions wait
 * for.
 */
function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    child.kill(signal);
  }
}

/**
 * Waits until the groups are empty. A program that asked for a code restores the terminal before it ends, and could not
 * do that once whoever started us has the terminal back.
 */
async function groupsGone(groups: readonly number[]): Promise<void> {
  for (let waited = 0; groups.some((group) => signalGroup(group, 0)); waited += 20) {
    if (waited >= GRACE_MS) {
      for (const group of groups) signalGroup(group, 'SIGKILL');
      return;
    }
    await setTimeout(20);
  }
}

/** Sends a signal to a group; false when there is no such group. */
function signalGroup(group: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

interface Watch {
  /** Says which program runs in the sandbox now. */
  readonly over: (pid: number | undefined) => void;
  readonly end: () => void;
}

// Standard input ends when this process does, whatever ended it.
const WATCH = `while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -s HUP -- "-$pid" || kill -s HUP "$pid"
  sleep 1
  kill -s KILL -- "-$pid"
fi
rm -rf -- "$1"`;

/** Starts a process that clears up after this one when it cannot do so itself: `kill -9`, `awsrole demo | head`. */
function startWatch(home: string): Watch {
  const watch = spawn('sh', ['-c', WATCH, 'sh', home], {
    cwd: '/',
    // Away from the terminal, whose end would end it too.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const nobody = (): void => {}; // without it all is well as long as nothing is killed
  watch.on('error', nobody);
  watch.stdin.on('error', nobody);
  watch.unref();
  return {
    over: (pid) => watch.stdin.write(`${pid ?? ''}\n`),
    end: () => watch.kill('SIGKILL'),
  };
}

/** What people call so, and should not be in by mistake. */
const GUARDED_PROFILE = `[profile prod]
role_arn = arn:aws:iam::123456789012:role/plain
source_profile = user101
region = eu-west-1
awsrole_guard = confirm
`;

function makeHome(root: string, identity: string): string {
  // mkdtemp gives 0700; a relative TMPDIR would make a HOME that depends on the current folder.
  const home = mkdtempSync(join(resolve(tmpdir()), 'awsrole-demo-'));
  for (const folder of ['.aws', '.run']) mkdirSync(join(home, folder), { mode: 0o700 });
  const { config, credentials } = sampleFiles();
  for (const [name, text] of Object.entries({ config: config + GUARDED_PROFILE, credentials })) {
    writeFileSync(join(home, '.aws', name), text, { mode: 0o600 });
  }
  const settings = join(home, '.config', 'awsrole');
  mkdirSync(settings, { recursive: true, mode: 0o700 });
  writeFileSync(join(settings, 'identity'), `${identity}\n`, { mode: 0o600 });
  const keyStore = `key_store = age\nkey_store_identity = ${join(settings, 'identity')}\n`;
  writeFileSync(join(settings, 'config'), keyStore, { mode: 0o600 });
  for (const [name, text] of startUpFiles(root)) {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600 });
  }
  return home;
}

/** Makes the demo's STS. All devices show the same code, so that one `awsrole demo code` serves every role. */
function demoWorld(): Parameters<typeof startStsServer>[0] {
  const secret = SAMPLE_WORLD.users.find((user) => user.mfa?.serial === SAMPLE_MFA_SERIAL)?.mfa?.secret ?? '';
  return {
    users: SAMPLE_WORLD.users.map((user) => (user.mfa ? { ...user, mfa: { ...user.mfa, secret } } : user)),
    roles: SAMPLE_WORLD.roles,
    newKeySeconds: 2,
    checkPartition: true,
  };
}

/** Shell settings that lead to the user's own files: history, start-up files. */
const LEADS_OUT = ['HISTFILE', 'BASH_ENV', 'ENV', 'PROMPT_COMMAND', 'PS1', 'PROMPT', 'RPROMPT'];

function sandboxEnvironment(
  outer: Context['env'],
  { root, home, url, platform }: { root: string; home: string; url: string; platform: NodeJS.Platform },
): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = Object.fromEntries(
    // AWS_*, ours, and those of other tools for AWS.
    Object.entries(outer).filter(([name]) => !name.startsWith('AWS') && !LEADS_OUT.includes(name)),
  );
  const { origin } = new URL(url);
  const loopback = (noProxy: string | undefined): string => (noProxy ? `${noProxy},127.0.0.1` : '127.0.0.1');
  return {
    ...env,
    HOME: home,
    ZDOTDIR: home,
    ENV: join(home, '.shrc'),
    XDG_CACHE_HOME: join(home, '.cache'),
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_DATA_HOME: join(home, '.local', 'share'),
    XDG_STATE_HOME: join(home, '.local', 'state'),
    // Where there is none, fish leaves a folder in that of temporary files. The person's own leads to the desktop.
    XDG_RUNTIME_DIR: env.XDG_RUNTIME_DIR || join(home, '.run'),
    ...(platform === 'win32' && { USERPROFILE: home, LOCALAPPDATA: join(home, 'AppData', 'Local') }),
    // So that scripts and `awsrole exec` inside find the same awsrole.
    PATH: [join(root, 'shell'), env.PATH].filter(Boolean).join(delimiter),
    [DEMO_VARIABLE]: url,
    AWS_ENDPOINT_URL: origin,
    AWS_ENDPOINT_URL_STS: origin,
    AWS_ENDPOINT_URL_SIGNIN: url,
    // The AWS CLI must find no credentials but the sandbox's, and not wait in a pager.
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_PAGER: '',
    NO_PROXY: loopback(env.NO_PROXY),
    no_proxy: loopback(env.no_proxy),
  };
}
