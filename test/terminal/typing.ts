import { spawn, spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';

/** Whether there is a `script` (util-linux) that gives a command a pseudo-terminal. */
export const hasScript =
  spawnSync('sh', ['-c', 'script -qec true /dev/null'], { stdio: 'ignore' }).status === 0;

/** What is awaited on the screen, and what is typed, or done, once it is there. */
export type Step = readonly [awaited: string, then: string | (() => void)];

/**
 * Runs a shell command in a pseudo-terminal in which somebody types. Gives all that came to the screen. It ends
 * with the test.
 */
export function typeInto(
  command: string,
  steps: readonly Step[],
  options: { cwd?: string; env?: Record<string, string> } = {},
): Promise<string> {
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    ...options,
    stdio: 'pipe',
    detached: true,
  });
  onTestFinished(() => void child.kill());
  return new Promise((resolve, reject) => {
    const left = [...steps];
    let screen = '';
    let seen = 0;
    child.stdout.setEncoding('utf8').on('data', (text) => {
      screen += text;
      for (let step = left[0]; step !== undefined; step = left[0]) {
        const at = screen.indexOf(step[0], seen);
        if (at < 0) break;
        seen = at + step[0].length;
        left.shift();
        if (typeof step[1] === 'string') child.stdin.write(step[1]);
        else step[1]();
      }
    });
    child.stdin.on('error', () => {});
    child.once('error', reject);
    child.once('close', () => resolve(screen));
  });
}
