import { fstatSync, writeSync } from 'node:fs';
import { sessionLines } from './commands/session-lines.ts';
import { type Context, processContext } from './context.ts';
import { AwsroleError, EXIT_STATUS } from './errors.ts';
import { renewSteadyLauncher } from './keys/steady-launcher.ts';
import { printable, printableLines } from './profiles/printable.ts';
import { colours } from './terminal/colour.ts';

/** Runs the program: the only place that catches errors, and that decides the exit status. */
async function main(argv: readonly string[]): Promise<number> {
  // After `--` there is another command, whose own --debug it may be.
  const ours = argv.includes('--') ? argv.slice(0, argv.indexOf('--')) : argv;
  const context = processContext(ours.includes('--debug') || Boolean(process.env.AWSROLE_DEBUG));
  let ended = false;
  const end = (error: unknown): void => {
    if (ended) return;
    ended = true;
    const status = report(context, error);
    // Where standard error is a pipe, what was just written may still be on its way.
    process.stderr.write('', () => process.exit(status));
  };
  writeWholeFiles();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Who reads our output has stopped, as in `awsrole list | head`, and wants to hear nothing of it.
    if (error.code === 'EPIPE') process.exit();
    end(unwritable(error));
  });
  // What was asked for is done also when nobody can be told about it.
  process.stderr.on('error', () => {});
  process.on('uncaughtException', end);
  renewSteadyLauncher(context);
  try {
    return await run(context, argv);
  } catch (error) {
    return report(context, error);
  }
}

/** Runs the commands that people and AWS's tools wait for directly, and loads yargs only for the others. */
async function run(context: Context, argv: readonly string[]): Promise<number> {
  const [verb, name, more] = argv;
  if (
    verb === 'session-lines' &&
    name !== undefined &&
    !name.startsWith('-') &&
    name !== '.' &&
    more === undefined
  ) {
    return sessionLines(context, name, { codeSource: 'terminal', refresh: false, yes: false });
  }
  if (verb === 'key-process' && name !== undefined && !name.startsWith('-') && more === undefined) {
    const { keyProcess } = await import('./commands/key-process.ts');
    return keyProcess(context, name);
  }
  if (verb === 'index-lines' && name === undefined) {
    const { indexLines } = await import('./commands/index-lines.ts');
    await indexLines(context);
    return 0;
  }
  if (verb === 'choice-line' && (name === undefined || name === 'exec') && more === undefined) {
    const { choiceLine } = await import('./commands/choose.ts');
    return choiceLine(context, name);
  }
  const { runCommand } = await import('./commands/command-line.ts');
  return runCommand(context, argv);
}

function report(context: Context, error: unknown): number {
  const { bold, red } = colours(context.stderr, context.env);
  const name = bold(red('awsrole:'));
  if (error instanceof AwsroleError) {
    context.stderr.write(`${name} ${printableLines(error.message)}\n`);
    if (error.hint !== undefined) context.stderr.write(`  ${printableLines(error.hint)}\n`);
    return error.exitStatus;
  }
  const message = error instanceof Error ? error.message : String(error);
  context.stderr.write(
    `${name} unexpected: ${printable(message)}\n  this is a bug in awsrole; --debug shows more\n`,
  );
  if (error instanceof Error) context.debug(error.stack ?? '');
  return EXIT_STATUS.unexpected;
}

function unwritable(error: Error): AwsroleError {
  const reason = error.message.replace(/, write$/, '');
  return new AwsroleError('unexpected', `standard output cannot be written: ${reason}`, { cause: error });
}

/** Node writes to a file once, and takes no notice where a nearly full disk has taken only a part of it. */
function writeWholeFiles(): void {
  const isFile = (): boolean => {
    try {
      return fstatSync(1).isFile();
    } catch {
      return false;
    }
  };
  if (!isFile()) return;
  process.stdout._write = (chunk: Buffer, _encoding, done) => {
    try {
      for (let written = 0; written < chunk.length; ) written += writeSync(1, chunk, written);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
}

void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
