import { constants } from 'node:os';
import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { planSwitch } from '../credentials/plan.ts';
import { warnOfShell } from '../credentials/warnings.ts';
import { startInOurPlace } from '../processes/run-program.ts';
import { printable } from '../profiles/printable.ts';
import { openCache } from '../sessions/open-cache.ts';
import { environmentWith } from '../sessions/shell-variables.ts';
import { advised } from './advised.ts';
import type { SwitchOptions } from './switch-options.ts';
import { switchedShell } from './switched-shell.ts';

const NOT_FOUND = 127;
const NOT_EXECUTABLE = 126;
/** A terminal sends these to the command as well; whoever stops us alone means the command. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT'] as const;
const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'] as const;

/**
 * Runs a command with a profile's variables, for scripts, make and cron. Gives the command's status, and ends by the
 * signal that ended it.
 * @param serve whether its programs ask for credentials by a profile instead, again and again
 * @throws AwsroleError when there are no credentials: then nothing is run
 */
export async function exec(
  outer: Context,
  profile: string,
  command: readonly string[],
  options: SwitchOptions & { readonly serve?: boolean },
): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const folder = openCache(context);
  const plan = await advised(context, profile, false, () => planSwitch(context, profile, options.overrides));
  if (options.serve) {
    const { serveCommand } = await import('./exec-serve.ts');
    return serveCommand(context, plan, options, folder, (env, ended) =>
      runInOurPlace(context, command, env, ended),
    );
  }
  const { shell } = await switchedShell(context, plan, options, folder);
  warnOfShell(context, plan, shell);
  return runInOurPlace(context, command, environmentWith(context.env, shell));
}

/** Runs a command as if it had taken our place; `ended` is called when it has ended. */
async function runInOurPlace(
  context: Context,
  command: readonly string[],
  env: Record<string, string | undefined>,
  ended: () => void = () => {},
): Promise<number> {
  const [file = ''] = command;
  // Before the start: a signal in between would end us and leave the command alone.
  for (const signal of FROM_TERMINAL) process.on(signal, () => {});
  for (const signal of PASSED_ON) process.on(signal, () => child.kill(signal));
  const child = startInOurPlace(command, env);
  const { exitCode, signal, code } = await child;
  ended();
  if (signal !== undefined) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
    return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
  }
  if (exitCode !== undefined) return exitCode;
  const missing = code === 'ENOENT' || file === '';
  context.stderr.write(
    `awsrole: ${printable(file)}: ${missing ? 'command not found' : `cannot be run (${code})`}\n`,
  );
  return missing ? NOT_FOUND : NOT_EXECUTABLE;
}
