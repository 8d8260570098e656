import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Environment } from '../context.ts';

// Starts the process that asks the keyring. A switch waits for it, so what starts the user's programs, which would have
// to be loaded first, is not used: this is a program of ours, and starts none itself.

const CHILD = fileURLToPath(new URL('./keyring-child.cjs', import.meta.url));

/**
 * Gives a line to the process, and returns the line that it answers: empty where it ended without one, undefined where it
 * was ended because it took too long. Whenever we end, it ends too.
 */
export function askChild(line: string, env: Environment, seconds: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = startChild(env);
    if (child === undefined) return resolve('');
    let text = '';
    const end = (answer: string | undefined): void => {
      clearTimeout(timer);
      // The thread that waits for the keyring hears no other signal.
      child.kill('SIGKILL');
      child.stdout?.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end(undefined), seconds * 1000);
    child.once('error', () => end('')).once('close', () => end(''));
    child.stdout?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.endsWith('\n')) end(text);
    });
    // Where it has ended already, the others tell.
    child.stdin?.on('error', () => {}).write(`${line}\n`);
  });
}

function startChild(env: Environment): ChildProcess | undefined {
  try {
    return spawn(process.execPath, [CHILD], {
      env: childEnvironment(env),
      stdio: ['pipe', 'pipe', 'ignore'],
      windowsHide: true,
    });
  } catch {
    return undefined; // no memory for one more process
  }
}

/** Node's own variables are not for this child: certificates alone, of which it needs none, take long to read. */
function childEnvironment(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^NODE_/i.test(name)));
}
