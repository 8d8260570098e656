import type { Readable, Writable } from 'node:stream';
import { printable } from './profiles/printable.ts';
import { colours } from './terminal/colour.ts';
import { FirstLine } from './terminal/first-line.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The world outside, built once in cli.ts and handed down, so that nothing reaches for a global. */
export interface Context {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Whether the function of an interactive shell has called, on a terminal: only then may we ask which profile is meant. */
  readonly mayChoose?: boolean;
  /** What the shell holds whose function has called; it starts us without the role's variables. */
  readonly held?: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A getter, because Node takes some milliseconds to open it. */
  readonly stdin: Readable;
  /** What `--mfa-code -` reads of standard input. */
  readonly firstLine: FirstLine;
  readonly stdout: Writable;
  readonly stderr: Writable;
  /** Warns on standard error, once of the same thing. The message is safe to show. */
  readonly warn: (message: string) => void;
  /** A line for `--debug`: never pass a secret or an MFA code. */
  readonly debug: (message: string) => void;
}

const NAMES_VARIABLE = 'AWSROLE_NAMES';
/** How the function says so. Nothing that we start may take it for itself. */
const CHOOSE_VARIABLE = 'AWSROLE_CHOOSE';
const HELD_VARIABLE = 'AWSROLE_HELD';
const SETTABLE = /^AWS[A-Z0-9_]*$/;

/**
 * Returns the environment that a switch starts from, without the variables that an earlier switch set. The wrappers
 * have restored it before they start the core. In a child of a switched shell no wrapper can do that; there the
 * exported list of names tells which variables to leave out.
 */
export function baseEnvironment(env: Environment): Environment {
  const names = (env[NAMES_VARIABLE] ?? '').split(' ').filter((name) => SETTABLE.test(name));
  if (names.length === 0) return env;
  const base: Record<string, string | undefined> = { ...env };
  for (const name of [...names, NAMES_VARIABLE]) delete base[name];
  return base;
}

/** Makes a context with another environment. */
export function withEnvironment(context: Context, env: Environment): Context {
  return Object.create(context, { env: { value: env, enumerable: true } });
}

/** Makes a context that hands its warnings to somebody else. */
export function withWarnings(context: Context, warn: Context['warn']): Context {
  return Object.create(context, { warn: { value: warn, enumerable: true } });
}

/**
 * Makes a context of the process's own streams and clock. `--debug` lines go to standard error, control characters
 * escaped.
 */
export function processContext(debug: boolean): Context {
  const started = performance.now();
  const mayChoose = Boolean(process.env[CHOOSE_VARIABLE]) && process.env.TERM !== 'dumb';
  const held = process.env[HELD_VARIABLE];
  delete process.env[CHOOSE_VARIABLE];
  delete process.env[HELD_VARIABLE];
  const warned = new Set<string>();
  return {
    mayChoose,
    ...(held ? { held } : {}),
    env: { ...process.env },
    platform: process.platform,
    now: Date.now,
    get stdin() {
      return process.stdin;
    },
    firstLine: new FirstLine(),
    stdout: process.stdout,
    stderr: process.stderr,
    warn: (message) => {
      // The bundles that are loaded lazily know nothing of what the others have said.
      if (warned.has(message)) return;
      warned.add(message);
      const { bold, yellow } = colours(process.stderr, process.env);
      process.stderr.write(`${bold(yellow('awsrole: warning:'))} ${message}\n`);
    },
    debug: debug
      ? (message) =>
          process.stderr.write(
            `awsrole: [${Math.round(performance.now() - started)} ms] ${printable(message)}\n`,
          )
      : () => {},
  };
}
