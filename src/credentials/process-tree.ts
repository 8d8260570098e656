import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

// Ends what a command has started as well. It has no process group of its own: Node gives one only together with a new
// session, and from there a command could not ask on the terminal.

/** Stands in the environment of a command, and so in that of everything it starts. */
export const MARK_VARIABLE = 'AWSROLE_STARTED';
/** To put the terminal right, and the like. */
const GRACE_MS = 1_000;
const POLL_MS = 50;

/**
 * Ends a process with all that it has started: asks first (SIGTERM), and kills what is left a second later. A daemon that
 * has left our session is nobody's any more, and stays.
 * @param mark what {@link MARK_VARIABLE} holds, by which those are known whose parent is gone (on Linux)
 */
export async function endProcessTree(root: number, mark: string): Promise<void> {
  if (process.platform === 'win32') {
    try {
      execFileSync('taskkill', ['/pid', String(root), '/t', '/f'], { stdio: 'ignore' });
    } catch {
      // It has ended by itself.
    }
    return;
  }
  const known = new Set(startedBy([root], mark));
  for (const pid of known) send(pid, 'SIGTERM');
  for (let left = GRACE_MS; left > 0 && [...known].some((pid) => send(pid, 0)); left -= POLL_MS) {
    await sleep(POLL_MS);
  }
  for (const pid of startedBy(known, mark)) send(pid, 'SIGKILL');
}

/** Whether there is such a process, and it may be ours. */
function send(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  /** Known by its mark, though its parent may be gone. */
  readonly marked: boolean;
}

/** These processes, and those that descend from them. */
function startedBy(roots: Iterable<number>, mark: string): number[] {
  const all = process.platform === 'linux' ? linuxProcesses(mark) : listedProcesses();
  const found = new Set([...roots, ...all.filter(({ marked }) => marked).map(({ pid }) => pid)]);
  // A set takes in what is added while it is gone through.
  for (const pid of found) {
    for (const one of all) if (one.parent === pid) found.add(one.pid);
  }
  found.delete(process.pid);
  return [...found];
}

function linuxProcesses(mark: string): Process[] {
  const ours = statOf('self')?.session;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(name);
      if (stat === undefined) return [];
      const marked = stat.session === ours && environmentOf(name).includes(`${MARK_VARIABLE}=${mark}`);
      return [{ pid: Number(name), parent: stat.parent, marked }];
    });
}

/** proc_pid_stat(5): behind the name, which may hold anything, come the state, the parent, the group and the session. */
function statOf(pid: string): { parent: number; session: string } | undefined {
  const text = readOrNothing(`/proc/${pid}/stat`);
  const [, parent, , session = ''] = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return parent === undefined ? undefined : { parent: Number(parent), session };
}

function environmentOf(pid: string): string[] {
  return readOrNothing(`/proc/${pid}/environ`).split('\0');
}

/** Processes come and go, and those of others are not ours to read. */
function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function listedProcesses(): Process[] {
  try {
    const text = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' });
    return [...text.matchAll(/^ *(\d+) +(\d+) *$/gm)].map(([, pid, parent]) => ({
      pid: Number(pid),
      parent: Number(parent),
      marked: false,
    }));
  } catch {
    return [];
  }
}
