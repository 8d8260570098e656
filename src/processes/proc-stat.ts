import { readFileSync } from 'node:fs';

/**
 * Returns what Linux tells of a process: the fields of proc_pid_stat(5) from the state on, which stand behind the name,
 * which may hold anything. None where the process is gone.
 */
export function procStat(pid: number | 'self'): readonly string[] {
  const text = readOrNothing(`/proc/${pid}/stat`);
  return text === '' ? [] : text.slice(text.lastIndexOf(')') + 2).split(' ');
}

/** Returns the text of a file, or nothing: processes end meanwhile, and those of other users cannot be read. */
export function readOrNothing(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
