import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Ends the program by SIGKILL at one system call, with strace.

/** Calls that change files, and those that may be in the middle of a change. */
const CALLS = [
  ...[
    'openat',
    'write',
    'writev',
    'pwrite64',
    'sendto',
    'rename',
    'renameat2',
    'unlink',
    'unlinkat',
    'fsync',
  ],
  ...['fdatasync', 'mkdir', 'rmdir', 'chmod', 'fchmod', 'ftruncate', 'utimensat'],
].join(',');

/** The so-manieth call of this name that the program makes. */
export interface KillPoint {
  readonly call: string;
  readonly count: number;
  /** The line of the trace. */
  readonly line: string;
}

export interface Traced {
  readonly env: Readonly<Record<string, string>>;
  readonly folder: string;
  /** Standard input. */
  readonly input?: string;
}

/** Whether strace can trace here; some containers forbid that. */
export const canTrace =
  spawnSync('strace', ['-qq', '-e', 'trace=execve', 'true'], { stdio: 'ignore' }).status === 0;

/**
 * Runs a command to its end, and lists its own calls (not those of what it starts) that change a file below a folder, or
 * that `isWanted` chooses.
 */
export async function killPoints(
  command: readonly string[],
  traced: Traced,
  isWanted: (line: string) => boolean,
): Promise<KillPoint[]> {
  const file = join(traced.folder, 'trace');
  // Without -f, so that the calls of other threads and of children are not counted.
  const options = ['-y', '-s', '200', '-e', 'signal=none', '-e', `trace=${CALLS}`, '-o', file];
  const { status, said } = await run([...options, ...command], traced);
  if (status !== 0) throw new Error(`status ${status}: ${said}`);
  const counts = new Map<string, number>();
  return readFileSync(file, 'utf8')
    .split('\n')
    .flatMap((line): KillPoint[] => {
      const [, call] = /^([a-z0-9]+)\(/.exec(line) ?? [];
      if (call === undefined) return [];
      const count = (counts.get(call) ?? 0) + 1;
      counts.set(call, count);
      return isWanted(line) ? [{ call, count, line }] : [];
    });
}

/** True for a call that is no mere look at a file. */
export function changes(line: string): boolean {
  return !(line.startsWith('openat(') && !/O_CREAT|O_TRUNC|O_WRONLY|O_RDWR/.test(line));
}

/** Runs a command that is killed before it does one of its calls. Gives whether it was, and what it has said. */
export async function runKilled(
  command: readonly string[],
  traced: Traced,
  point: KillPoint,
): Promise<{ readonly killed: boolean; readonly said: string }> {
  const { signal, said } = await runInjected(command, traced, { ...point, what: 'signal=KILL' });
  return { killed: signal === 'SIGKILL', said };
}

/** Runs a command of which one call has something done to it, such as `error=EACCES`. */
export function runInjected(
  command: readonly string[],
  traced: Traced,
  { call, count, what }: Pick<KillPoint, 'call' | 'count'> & { readonly what: string },
): Promise<{ status: number | null; signal: NodeJS.Signals | null; said: string }> {
  return run(
    [
      // With --seccomp-bpf it would let the call pass.
      ...['-qq', '-e', 'signal=none', '-e', `trace=${call}`, '-o', join(traced.folder, 'trace')],
      ...['-e', `inject=${call}:${what}:when=${count}`],
      ...command,
    ],
    traced,
  );
}

function run(
  words: readonly string[],
  { env, input = '' }: Traced,
): Promise<{ status: number | null; signal: NodeJS.Signals | null; said: string }> {
  const child = spawn('strace', words, { env, stdio: 'pipe', detached: true });
  let said = '';
  child.stdin.on('error', () => {}); // it was killed
  child.stdin.end(input);
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve({ status, signal, said }));
  });
}
