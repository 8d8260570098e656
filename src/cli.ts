import { sessionLines } from './commands/session-lines.ts';
import { type Context, processContext } from './context.ts';
import { AwsroleError, EXIT_STATUS } from './errors.ts';
import { printable } from './profiles/printable.ts';
import { colours } from './terminal/colour.ts';

/** Runs the program: the only place that catches errors, and that decides the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  // Behind `--` there is another command, whose own --debug it may be.
  const ours = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const context = processContext(ours.includes('--debug') || Boolean(process.env.AWSROLE_DEBUG));
  process.stdout.on('error', leaveQuietly);
  process.stderr.on('error', leaveQuietly);
  try {
    return await run(context, argv);
  } catch (error) {
    return report(context, error);
  }
}

/** Runs the commands that people wait for directly, and loads yargs only for the others. */
async function run(context: Context, argv: readonly string[]): Promise<number> {
  const [verb, name, more] = argv;
  if (verb === 'session-lines' && name !== undefined && !name.startsWith('-') && more === undefined) {
    await sessionLines(context, name, { codeSource: 'terminal', refresh: false });
    return 0;
  }
  if (verb === 'index-lines' && name === undefined) {
    const { indexLines } = await import('./commands/index-lines.ts');
    await indexLines(context);
    return 0;
  }
  const { runCommand } = await import('./commands/command-line.ts');
  return runCommand(context, argv);
}

function report(context: Context, error: unknown): number {
  const { bold, red } = colours(context.stderr, context.env);
  const name = bold(red('awsrole:'));
  if (error instanceof AwsroleError) {
    context.stderr.write(`${name} ${error.message}\n`);
    if (error.hint !== undefined) context.stderr.write(`  ${error.hint}\n`);
    return error.exitStatus;
  }
  const message = error instanceof Error ? error.message : String(error);
  context.stderr.write(
    `${name} unexpected: ${printable(message)}\n  this is a fault of awsrole; --debug shows more\n`,
  );
  if (error instanceof Error) context.debug(error.stack ?? '');
  return EXIT_STATUS.unexpected;
}

/** Ends without a word when the reader of our output has stopped reading: `awsrole list | head`. */
function leaveQuietly(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit();
  throw error;
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
