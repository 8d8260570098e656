import { execFileSync } from 'node:child_process';
import { procStat } from './proc-stat.ts';
import { isGone, ourMachine, type ProcessId } from './process-id.ts';

/** What can be told of a process from here; `unknown` when it is on another machine, or may be another by now. */
export type ProcessState = 'runs' | 'stopped' | 'gone' | 'unknown';

/** Looking with `ps` takes some milliseconds. */
const PS_TIMEOUT_MS = 2_000;

/** Identifies a process of this machine. */
export function identify(pid: number, platform: NodeJS.Platform = process.platform): ProcessId {
  return { pid, start: look(pid, platform)?.start ?? 0, machine: ourMachine() };
}

/** Says what a process does: it alone, and not one that has its number by now. */
export function processState(id: ProcessId, platform: NodeJS.Platform = process.platform): ProcessState {
  const { pid, start, machine } = id;
  if (machine.name !== ourMachine().name) return 'unknown';
  if (isGone(id)) return 'gone';
  const found = look(pid, platform);
  if (found === undefined || start === 0) return 'unknown';
  if (found.start !== start || found.ended) return 'gone';
  return found.stopped ? 'stopped' : 'runs';
}

interface Found {
  readonly start: number;
  readonly stopped: boolean;
  /** Killed, and its parent has not looked yet. */
  readonly ended: boolean;
}

function look(pid: number, platform: NodeJS.Platform): Found | undefined {
  try {
    if (platform === 'win32') return undefined;
    return platform === 'linux' ? lookInProc(pid) : lookWithPs(pid);
  } catch {
    return undefined;
  }
}

function lookInProc(pid: number): Found | undefined {
  const fields = procStat(pid);
  return found(fields[0], Number(fields[19]));
}

function lookWithPs(pid: number): Found | undefined {
  const text = execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: PS_TIMEOUT_MS,
  });
  const [, state, start = ''] = /^(\S+)\s+(.*\S)\s*$/.exec(text.trim()) ?? [];
  return found(state, Date.parse(`${start} UTC`) / 1000);
}

function found(state: string | undefined, start: number): Found | undefined {
  if (state === undefined || !Number.isSafeInteger(start)) return undefined;
  return { start, stopped: state.startsWith('T'), ended: /^[ZX]/i.test(state) };
}
