import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Context } from '../context.ts';

/** Set for the process that goes on when we end. */
const BEHIND = 'AWSROLE_BEHIND';

/**
 * Starts these words once more, in a process that nobody waits for; false in that process itself, and where the launcher
 * has done so already.
 */
export function renewBehind({ env, platform }: Context, argv: readonly string[]): boolean {
  if (platform !== 'win32' || env[BEHIND]) return false;
  const core = fileURLToPath(new URL('cli.mjs', import.meta.url));
  const options = {
    env: { ...env, [BEHIND]: '1' },
    detached: true,
    stdio: 'ignore',
    windowsHide: true,
  } as const;
  spawn(process.execPath, [core, ...argv], options).unref();
  return true;
}
