import { spawn } from 'node:child_process';
import type { Environment } from '../context.ts';

/** What a program has done. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** Null where a signal has ended it, or it could not be started. */
  readonly status: number | null;
  /** Such as ENOENT, where it could not be started. */
  readonly code?: string | undefined;
  readonly timedOut: boolean;
}

export interface RunOptions {
  readonly env: Environment;
  /** After so long it is ended by SIGKILL: nothing else ends one that waits for a locked keyring. */
  readonly seconds: number;
  /** A text for its standard input, which no argument list shows; else ours, or nothing. */
  readonly stdin: 'inherit' | 'ignore' | { readonly text: string };
  /** Ours, so that it can talk to the person. */
  readonly showErrors?: boolean;
}

/** Runs a program of a store, without a shell. Never throws for what it does. */
export function runProgram(words: readonly string[], options: RunOptions): Promise<Ran> {
  const [file = '', ...args] = words;
  const { env, seconds, stdin, showErrors = false } = options;
  const child = spawn(file, args, {
    env: { ...env },
    stdio: [typeof stdin === 'string' ? stdin : 'pipe', 'pipe', showErrors ? 'inherit' : 'pipe'],
  });
  return new Promise((resolve) => {
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const finish = (status: number | null, code?: string): void => {
      clearTimeout(timer);
      resolve({ stdout, stderr, status, code, timedOut });
    };
    const timer = setTimeout(() => {
      timedOut = true;
      child.kill('SIGKILL');
      // What it has started may hold these open.
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, seconds * 1000);
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.once('error', (error: NodeJS.ErrnoException) => finish(null, error.code ?? error.message));
    child.once('close', (status) => finish(status));
    child.stdin?.on('error', () => {}); // it has ended without reading
    if (typeof stdin === 'object') child.stdin?.end(stdin.text);
  });
}
