import { createHash, randomBytes } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readOrNothing } from './proc-stat.ts';

/** Where a process number means something: one computer or container, from one start of it to the next. */
export interface Machine {
  /** Of the host's name, its id, and the space of process numbers that a container has for itself. */
  readonly name: string;
  /** One start of the computer, as far as it can be told. */
  readonly boot: string;
}

/** A process, told apart from a later one that has got its number. */
export interface ProcessId {
  readonly pid: number;
  /** When it was started, in the units of the system; 0 where the system does not say. */
  readonly start: number;
  readonly machine: Machine;
}

let known: Machine | undefined;

/** Names the machine that we run on, in letters that fit into a file's name. */
export function ourMachine(): Machine {
  known ??= {
    name: digest(`${hostname()}\n${readOrNothing('/etc/machine-id')}\n${processSpace()}`).slice(0, 12),
    boot: digest(readOrNothing('/proc/sys/kernel/random/boot_id')).slice(0, 8),
  };
  return known;
}

/** Writes an id in letters that fit into a file's name. */
export function processIdText({ pid, start, machine: { boot, name } }: ProcessId): string {
  return `${pid}-${start}-${boot}-${name}`;
}

/** Reads what {@link processIdText} has written; undefined when it is anything else. */
export function parseProcessId(text: string): ProcessId | undefined {
  const [, pid, start, boot, name] = /^(\d{1,10})-(\d{1,15})-([0-9a-f]{8})-([0-9a-f]{12})$/.exec(text) ?? [];
  if (boot === undefined || name === undefined) return undefined;
  return { pid: Number(pid), start: Number(start), machine: { boot, name } };
}

/** Names what belongs to a process: another name each time, so that who has looked before finds only what it has seen. */
export function nameFor(id: ProcessId): string {
  return `${processIdText(id)}-${randomBytes(4).toString('hex')}`;
}

/** Returns the process in a name that {@link nameFor} has made; undefined for any other name. */
export function processIn(name: string): ProcessId | undefined {
  return parseProcessId(name.replace(/-[0-9a-f]{8}$/, ''));
}

/**
 * True when a process is surely gone; false also for one of another machine, which cannot be looked at from here, and
 * when another process has its number.
 */
export function isGone({ pid, machine }: Pick<ProcessId, 'pid' | 'machine'>): boolean {
  const { name, boot } = ourMachine();
  if (machine.name !== name) return false;
  if (machine.boot !== boot) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Containers have process numbers of their own, whatever their host is called. */
function processSpace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return '';
  }
}
