import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { procStat, readOrNothing } from './proc-stat.ts';

// Ends a command together with everything that it has started. The command has no process group of its own, by which
// that would be easy: Node makes one only together with a new session, and from there a command could not ask on the
// terminal.

/** Marks a command, and everything that it starts, in the environment. */
export const MARK_VARIABLE = 'AWSROLE_STARTED';
/** Time to restore the terminal, and the like. */
const GRACE_MS = 1_000;
const POLL_MS = 50;

/**
 * Ends a process and everything that it has started: sends SIGTERM, and SIGKILL a second later to what is left. A
 * daemon in a session of its own is left alone.
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

/** Sends a signal; false when there is no such process, or it is not ours. */
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
  /** True when it has our mark in its environment: then it counts although its parent may be gone. */
  readonly marked: boolean;
}

/** Lists these processes and all that descend from them. */
function startedBy(roots: Iterable<number>, mark: string): number[] {
  const all = process.platform === 'linux' ? linuxProcesses(mark) : listedProcesses();
  const found = new Set([...roots, ...all.filter(({ marked }) => marked).map(({ pid }) => pid)]);
  // A loop over a set also meets what is added on the way.
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
      const pid = Number(name);
      const stat = statOf(pid);
      if (stat === undefined) return [];
      const marked = stat.session === ours && environmentOf(pid).includes(`${MARK_VARIABLE}=${mark}`);
      return [{ pid, parent: stat.parent, marked }];
    });
}

/** The parent and the session of a process. */
function statOf(pid: number | 'self'): { parent: number; session: string } | undefined {
  const [, parent, , session = ''] = procStat(pid);
  return parent === undefined ? undefined : { parent: Number(parent), session };
}

function environmentOf(pid: number): string[] {
  return readOrNothing(`/proc/${pid}/environ`).split('\0');
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
