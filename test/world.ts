import { type ChildProcess, spawn } from 'node:child_process';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../src/demo/sample-world.ts';
import { type StsOptions, type StsServer, startStsServer, totpCode } from '../src/demo/sts-server.ts';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const ACCOUNT = '123456789012';
/** Commands that print a session: it is what they are for. */
const HAND_OVER = ['session-lines', 'exec', 'env', 'credential-process'];
/** `nobody`: whom root becomes where a test is about what an ordinary user may not do. */
const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

export const USER101_KEYS = {
  aws_access_key_id: 'AKIAUSER10100EXAMPLE',
  aws_secret_access_key: 'sandbox+user101/notARealSecret0EXAMPLEKE',
};

export function roleArn(name: string, partition = 'aws'): string {
  return `arn:${partition}:iam::${ACCOUNT}:role/${name}`;
}

/** One section of an AWS file. */
export function section(header: string, settings: Record<string, string>): string {
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
  return `[${header}]\n${lines.join('')}\n`;
}

export interface RunOptions {
  /** Added to the minimal environment; undefined takes a variable out. */
  readonly env?: Record<string, string | undefined>;
  /** Standard input; nothing when absent. */
  readonly input?: string;
  readonly cwd?: string;
  /** A command that starts the core, such as `sh -c 'umask 0; exec "$@"' sh`. */
  readonly prefix?: readonly string[];
  /** As a user who is not root. */
  readonly ordinary?: boolean;
  readonly onStart?: (child: ChildProcess) => void;
}

export interface Run {
  readonly args: readonly string[];
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Session lines, taken apart. */
export interface Lines {
  readonly profile: string;
  readonly key: string;
  readonly says: string;
  /** What has the switch asked about, and the colour; only where there is something. */
  readonly shows?: string;
  /** Epoch seconds; 0 where there is no end. */
  readonly renewAfter: number;
  readonly expires: number;
  readonly set: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
}

/** A throw-away home with AWS files, a sandbox STS, and the built program to run in them. */
export class World {
  readonly sts: StsServer;
  readonly home: string;
  readonly #folder: string;
  readonly #secrets = new Set<string>();
  readonly #runs: Run[] = [];
  /** The built program. */
  cli = join(DIST, 'cli.mjs');
  #givenAway = false;
  /** Of MFA devices, by serial. */
  readonly #devices: ReadonlyMap<string, string>;

  constructor(folder: string, sts: StsServer, users: StsOptions['users']) {
    const devices = users.flatMap(({ mfa }) => (mfa ? [mfa] : []));
    this.#devices = new Map(devices.map(({ serial, secret }) => [serial, secret]));
    this.#folder = folder;
    this.home = join(folder, 'home');
    this.sts = sts;
    for (const { secretAccessKey } of users) this.#secrets.add(secretAccessKey);
    for (const { secret } of devices) this.#secrets.add(secret);
    mkdirSync(join(this.home, '.aws'), { recursive: true });
  }

  get cache(): string {
    return join(this.home, '.cache', 'awsrole');
  }

  /** Writes a file of `~/.aws`, or undefined to remove it. */
  write(files: {
    config?: string | Uint8Array | undefined;
    credentials?: string | Uint8Array | undefined;
  }): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.home, '.aws', name);
      rmSync(path, { force: true });
      if (text !== undefined) writeFileSync(path, text, { mode: 0o600 });
    }
  }

  /** Writes awsrole's own settings; gives the file. */
  settings(text: string): string {
    const folder = join(this.home, '.config', 'awsrole');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'config'), text);
    return join(folder, 'config');
  }

  /** An unused code of a device, which is good for some time yet. */
  code(serial: string = SAMPLE_MFA_SERIAL): string {
    const { code, secondsLeft = 0 } = this.sts.mfaCode(serial, { next: true }) ?? {};
    if (code == null) throw new Error(`no unused code of ${serial}`);
    // The third is the one before that which is shown, and is taken for as long as that is shown.
    if (secondsLeft < 15 && code === totpCode(this.#devices.get(serial) ?? '', Date.now() / 1000 - 30)) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, secondsLeft * 1000);
      return this.code(serial);
    }
    return this.keepSecret(code);
  }

  /** The code that user101's device shows in so many seconds. */
  codeIn(seconds: number): string {
    const secret = SAMPLE_WORLD.users.find(({ mfa }) => mfa?.serial === SAMPLE_MFA_SERIAL)?.mfa?.secret ?? '';
    return this.keepSecret(totpCode(secret, Date.now() / 1000 + seconds));
  }

  /** Standard output and error of every run are searched for this at the end. */
  keepSecret(text: string): string {
    this.#secrets.add(text);
    return text;
  }

  /** The core's environment: nothing of the caller's but PATH. */
  env(more: Record<string, string | undefined> = {}): Record<string, string> {
    const env = { PATH: process.env.PATH, HOME: this.home, AWS_ENDPOINT_URL_STS: this.sts.url, ...more };
    return Object.fromEntries(
      Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  }

  /** What a wrapper says of its shell when it calls the core. */
  shellKey(more: Record<string, string | undefined> = {}): string {
    const env = this.env(more);
    return [
      env.HOME,
      env.AWS_CONFIG_FILE || `${env.HOME}/.aws/config`,
      env.AWS_SHARED_CREDENTIALS_FILE || `${env.HOME}/.aws/credentials`,
      env.AWS_ENDPOINT_URL_STS || env.AWS_ENDPOINT_URL || '',
    ].join('|');
  }

  /** Makes the AWS files and the settings old enough for session files: two states of a younger one could bear one time. */
  settle(): void {
    const past = new Date(Date.now() - 60_000);
    for (const name of ['.aws/config', '.aws/credentials', '.config/awsrole/config']) {
      const path = join(this.home, name);
      if (existsSync(path)) utimesSync(path, past, past);
    }
  }

  /** Runs the core, without a terminal. */
  async run(args: readonly string[], options: RunOptions = {}): Promise<Run> {
    if (options.ordinary) this.#giveAway();
    const command = [...(options.prefix ?? []), process.execPath, this.cli, ...args];
    const env = /^(session|index)-lines$/.test(args[0] ?? '')
      ? { AWSROLE_SHELL: this.shellKey(options.env), ...options.env }
      : options.env;
    const run = await this.command(command, { ...options, ...(env && { env }) });
    const kept = { ...run, args };
    this.#runs.push(kept);
    return kept;
  }

  /** Runs any command in this world; what it prints is its own business. */
  command(command: readonly string[], options: RunOptions = {}): Promise<Run> {
    const [file = '', ...args] = command;
    const child = spawn(file, args, {
      env: this.env(options.env),
      cwd: options.cwd ?? this.#folder,
      // A session of its own: nobody's terminal is asked for a code.
      detached: true,
      stdio: 'pipe',
      ...(options.ordinary && isRoot && { uid: NOBODY, gid: NOBODY }),
    });
    return new Promise((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      child.stdin.on('error', () => {}); // whoever ends early has not read it
      child.stdin.end(options.input ?? '');
      child.once('error', reject);
      child.once('close', (status, signal) => resolve({ args: command, status, signal, stdout, stderr }));
      options.onStart?.(child);
    });
  }

  /** `session-lines PROFILE`, which must succeed. */
  async lines(profile: string, options: RunOptions & { more?: readonly string[] } = {}): Promise<Lines> {
    const run = await this.run(['session-lines', profile, ...(options.more ?? [])], options);
    expect(run).toMatchObject({ status: 0, signal: null });
    return parseLines(run.stdout);
  }

  /** {@link lines} with a fresh MFA code on standard input. */
  linesWithCode(
    profile: string,
    options: RunOptions & { serial?: string; more?: readonly string[] } = {},
  ): Promise<Lines> {
    return this.lines(profile, {
      ...options,
      input: `${this.code(options.serial)}\n`,
      more: ['--mfa-code', '-', ...(options.more ?? [])],
    });
  }

  /** The variables that `exec PROFILE -- env` prints. */
  async execEnv(
    profile: string,
    options: RunOptions & { more?: readonly string[] } = {},
  ): Promise<Record<string, string>> {
    const run = await this.run(['exec', profile, ...(options.more ?? []), '--', 'env'], options);
    expect(run).toMatchObject({ status: 0, signal: null });
    return parseEnv(run.stdout);
  }

  /** Kept sessions: file names in the cache. */
  keptSessions(): string[] {
    const folder = join(this.cache, 'sessions');
    return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
  }

  /** Path, mode and content of everything below the home folder. */
  snapshot(below = '.aws'): Record<string, string> {
    const all: Record<string, string> = {};
    const folder = join(this.home, below);
    for (const entry of existsSync(folder)
      ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      : []) {
      const path = join(folder, entry);
      const stat = lstatSync(path);
      all[entry] =
        `${stat.mode.toString(8)} ${stat.isFile() ? `${stat.mtimeMs} ${readFileSync(path, 'latin1')}` : ''}`;
    }
    return all;
  }

  /** Ends the world, and looks for secrets where none may be. */
  async close(): Promise<void> {
    await this.sts.close();
    for (const text of Object.values(this.snapshot('.cache'))) this.#learn(text);
    for (const { stdout } of this.#runs) this.#learn(stdout);
    const leaks = this.#runs.flatMap((run) => {
      // What these print for is to hand over a session; that they failed means that there is none.
      const hands = HAND_OVER.includes(run.args[0] ?? '') && run.status === 0;
      const said = hands ? run.stderr : `${run.stdout}\n${run.stderr}`;
      const found = [...this.#secrets].filter((secret) => holds(said, secret));
      return found.length === 0 ? [] : [{ args: run.args, found, said }];
    });
    rmSync(this.#folder, { recursive: true, force: true });
    expect(leaks, 'secrets in what awsrole printed').toEqual([]);
  }

  #learn(text: string): void {
    const found = text.matchAll(
      /(?:AWS_SECRET_ACCESS_KEY|AWS_SESSION_TOKEN|"secretAccessKey"|"sessionToken")[ =:]"?([A-Za-z0-9+/=]{20,})/g,
    );
    for (const [, secret = ''] of found) this.#secrets.add(secret);
  }

  /** Lets the ordinary user own the home, and read the program wherever the checkout is. */
  #giveAway(): void {
    if (!isRoot || this.#givenAway) return;
    this.#givenAway = true;
    this.cli = join(this.#folder, 'dist', 'cli.mjs');
    cpSync(DIST, join(this.#folder, 'dist'), { recursive: true });
    chownSync(this.#folder, NOBODY, NOBODY);
    // The program too: it may have been built where a umask takes all from others.
    for (const entry of readdirSync(this.#folder, { recursive: true, encoding: 'utf8' })) {
      chownSync(join(this.#folder, entry), NOBODY, NOBODY);
    }
  }
}

/**
 * The environment in which the core is killed when it is about to give a file its name.
 * @param place a part of the name
 * @param nth which of several such files
 */
export function killedAt(place: string, nth = 1): Record<string, string> {
  const code = `import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { renameSync } = fs;
    let left = ${nth};
    fs.renameSync = (from, to) => {
      if (String(to).includes(${JSON.stringify(place)}) && --left === 0) process.kill(process.pid, 'SIGKILL');
      renameSync(from, to);
    };
    syncBuiltinESMExports();`;
  return { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(code)}` };
}

export interface WorldOptions extends Partial<StsOptions> {
  readonly config?: string | undefined;
  readonly credentials?: string | undefined;
  /** Of the test's context, where tests run concurrently. */
  readonly onFinished?: (end: () => Promise<void>) => void;
}

/** A world with the sample users, roles and files, unless others are given; it ends with the test. */
export async function makeWorld(options: WorldOptions = {}): Promise<World> {
  const { config, credentials, onFinished = onTestFinished, ...stsOptions } = options;
  const sts = await startStsServer({ ...SAMPLE_WORLD, checkPartition: true, ...stsOptions });
  const users = options.users ?? SAMPLE_WORLD.users;
  const world = new World(mkdtempSync(join(tmpdir(), 'awsrole-core-')), sts, users);
  world.write({
    ...sampleFiles(),
    ...('config' in options && { config }),
    ...('credentials' in options && { credentials }),
  });
  onFinished(() => world.close());
  return world;
}

/** Takes session lines apart; they are whole, or the run fails. */
export function parseLines(text: string): Lines {
  const [first = '', made = '', states = '', times = '', says = '', shows = '', unset = '', ...rest] =
    text.split('\n');
  expect(first).toMatch(/^awsrole-session 2 ./);
  expect([made, states, times, says, shows].join('\n')).toMatch(
    /^for .+\nstates \S+ \S+ \S+\ntimes \d+ \d+\nsays .+\nshows (-|confirm) [a-z0-9;-]+$/,
  );
  expect(unset).toMatch(/^unset( AWS[A-Z0-9_]*)*$/);
  expect(rest.splice(-2)).toEqual(['end', '']);
  for (const line of rest) expect(line).toMatch(/^AWS[A-Z0-9_]*=/);
  const [, renewAfter, expires] = times.split(' ').map(Number);
  return {
    profile: first.slice('awsrole-session 2 '.length),
    key: made.slice('for '.length),
    says: says.slice('says '.length),
    ...(shows !== 'shows - -' && { shows: shows.slice('shows '.length) }),
    renewAfter: renewAfter ?? Number.NaN,
    expires: expires ?? Number.NaN,
    set: parseEnv(rest.join('\n')),
    unset: unset.split(' ').slice(1),
  };
}

function parseEnv(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}

/** What runs where a tool or a right is missing: a skip for all to see; in CI the tests run, and fail. */
export function needs(there: boolean): { readonly skip: boolean } {
  return { skip: !there && !process.env.CI };
}

function holds(text: string, secret: string): boolean {
  // Six digits occur within longer numbers.
  return /^\d+$/.test(secret) ? new RegExp(`(?<!\\d)${secret}(?!\\d)`).test(text) : text.includes(secret);
}
