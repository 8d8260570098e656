import { spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { isTerminal } from './is-terminal.ts';

const LESS_PAGER = 'less';
/** As git sets it: colours pass, what fits is only printed, and it stays on the screen. */
const LESS = 'FRX';
/** The status of a shell that has not found the pager, or could not run it. */
const NOT_RUN = [126, 127];

/** True where a person sits: standard input and output are a terminal, and no CI is at work. */
export function hasPerson({ env, stdin, stdout }: Pick<Context, 'env' | 'stdin' | 'stdout'>): boolean {
  const ci = env.CI !== undefined && !['', '0', 'false'].includes(env.CI);
  return isTerminal(stdin) && isTerminal(stdout) && !ci;
}

/** How many columns a stream's terminal has; undefined for anything else, or where it does not say. */
export function columnsOf(stream: object): number | undefined {
  const columns = isTerminal(stream) && 'columns' in stream ? stream.columns : undefined;
  return typeof columns === 'number' && columns > 0 ? columns : undefined;
}

/**
 * Writes a text to standard output: through a pager where it is longer than the screen of a person, as git does. The pager
 * is AWSROLE_PAGER, else PAGER, else `less`; empty or `cat` for none.
 */
export async function show(context: Context, text: string): Promise<void> {
  const { env, stdout } = context;
  const rows = 'rows' in stdout && typeof stdout.rows === 'number' ? stdout.rows : 0;
  const pager = pagerOf(context);
  const columns = columnsOf(stdout) ?? Number.POSITIVE_INFINITY;
  const lines = text
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / columns)), 0);
  const fits = rows === 0 || lines <= rows;
  if (fits || pager === '' || pager === 'cat' || env.TERM === 'dumb' || !hasPerson(context)) {
    stdout.write(text);
    return;
  }
  if (!(await page(pager, env, text))) stdout.write(text);
}

function pagerOf({ env, platform }: Context): string {
  // Windows has no `less`, and cmd does not tell a program that is missing from one that has failed.
  const usual = platform === 'win32' ? '' : (env.PAGER ?? LESS_PAGER);
  return (env.AWSROLE_PAGER ?? usual).trim();
}

/** Hands a text to the pager, and waits for its end; false where it could not be run. */
function page(pager: string, env: Context['env'], text: string): Promise<boolean> {
  const child = spawn(pager, {
    shell: true, // it may have arguments
    env: { LESS, LV: '-c', ...env },
    // Not everybody has `less`, and that is nothing to complain of.
    stdio: ['pipe', 'inherit', pager === LESS_PAGER ? 'ignore' : 'inherit'],
  });
  // Ctrl-C is the pager's: it stops a search, and ends nothing.
  const ignore = (): void => {};
  process.on('SIGINT', ignore);
  child.stdin?.on('error', ignore); // whoever has seen enough has not read it all
  child.stdin?.end(text);
  return new Promise((resolve) => {
    const end = (ran: boolean): void => {
      process.off('SIGINT', ignore);
      resolve(ran);
    };
    child.once('error', () => end(false));
    child.once('close', (status) => end(status === null || !NOT_RUN.includes(status)));
  });
}
