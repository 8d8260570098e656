import yargs from 'yargs';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { printable } from '../profiles/printable.ts';
import { addKeyCommands } from './key-commands.ts';
import { COMMANDS, SHELLS } from './names.ts';
import { ROLE_OPTIONS, SWITCH_OPTIONS, switchOptions } from './switch-options.ts';

declare const AWSROLE_VERSION: string;

const EPILOGUE = `Exit statuses:
  0 ok   1 unexpected   2 usage   3 configuration (profile, file:line)   4 MFA code
  5 refused by AWS   6 network or endpoint   7 store of keys   130 interrupted
  "exec" gives the command's own status: 126 when it cannot be run, 127 when it is not found

Environment:
  AWS_CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE
      AWS's files; ~/.aws/config and ~/.aws/credentials by default
  AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL
      another STS than AWS's own
  HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY
      a proxy on the way to AWS, and what is reached without it
  AWSROLE_TIMEOUT
      seconds (1 to 300, 30 by default) that AWS has for an answer, all attempts together;
      an mfa_process has twice, a credential_process four times as long
  XDG_CACHE_HOME
      sessions are kept in its folder awsrole; ~/.cache by default
  XDG_CONFIG_HOME
      awsrole's own settings are in its file awsrole/config; ~/.config by default:
      aws_cli_cache = off, read or read-write; mfa_session_duration = 12h
  AWSROLE_PROMPT
      off: no role in the prompt
  AWSROLE_PROMPT_FORMAT
      "(%s) " by default; %p profile, %t time left, %r region, %a account
  AWSROLE_DEBUG, NO_COLOR
      as --debug; no colour

A profile that is named like a command: awsrole -- NAME`;

/** Those of `awsrole PROFILE`. */
const PROFILE_OPTIONS = {
  ...SWITCH_OPTIONS,
  'dry-run': { type: 'boolean', describe: 'As explain: say what would be done, and do nothing' },
  json: { type: 'boolean', describe: 'With --dry-run: as JSON' },
  // The shell function's `awsrole -`: the words of an earlier switch, whose piped code is used up.
  again: { type: 'boolean', hidden: true },
} as const;

/** Everything but the hot verbs. Gives the exit status. @throws AwsroleError */
export async function runCommand(context: Context, argv: readonly string[]): Promise<number> {
  const completes = argv[0] === 'complete';
  // For fish yargs puts a tab and a description behind each word, as we do for every shell.
  if (completes) process.env.SHELL = 'fish';
  let status = 0;
  // What stands behind `exec PROFILE --` is the command's own, whatever it looks like.
  const separator = argv.indexOf('--');
  const typed = separator < 0 ? [...argv] : argv.slice(0, separator);
  // The shell function calls `session-lines WORD…` with what was typed, and takes what is printed.
  const captured = typed[0] === 'session-lines';
  const words = captured ? typed.slice(1) : typed;
  const rest = separator < 0 ? [] : argv.slice(separator + 1);
  const only = (profile: string | undefined): string => {
    const names = [...(profile === undefined ? [] : [profile]), ...rest];
    const [name] = names;
    if (name === undefined) throw usage('which profile? no name was given', 'run: awsrole list');
    if (names.length > 1) throw usage(`one profile at a time: ${names.map(printable).join(' ')}`);
    return name;
  };
  const run =
    <A>(command: (args: A) => Promise<number>) =>
    async (args: A): Promise<void> => {
      // A command's own output would be taken for a switch, and a command for the terminal has none.
      if (captured) {
        throw usage(
          'a command comes before its options',
          'run: awsrole COMMAND [OPTIONS]; a profile of that name: awsrole -- NAME',
        );
      }
      status = await command(args);
    };

  const parser = yargs()
    .scriptName('awsrole')
    .locale('en')
    .usage(
      'awsrole PROFILE: switch this shell to the role of an AWS profile\n\nUsage: $0 [COMMAND] [OPTIONS]',
    )
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    .version(AWSROLE_VERSION)
    .alias('help', 'h')
    .option('debug', {
      type: 'boolean',
      describe: 'Say on standard error what is done (never a secret)',
      global: true,
    })
    .fail((message, error) => {
      // For some mistakes yargs makes an error of its own.
      if (error !== undefined && error !== null && error.name !== 'YError') throw error;
      const text = message ?? error.message;
      // It repeats what was typed, or what a script passed on.
      throw usage(text.split('\n').map(printable).join('\n'), meantOption(text, words));
    })
    .command(
      ['$0 [profile]'],
      'Switch this shell to a profile, or a role: its ARN or ACCOUNT:NAME; alone: what the shell holds',
      (args) => args.positional('profile', { type: 'string' }).options(PROFILE_OPTIONS),
      async (args) => {
        if (args.dryRun) {
          const { overrides } = switchOptions(args);
          const { explainProfile } = await import('./explain.ts');
          status = await explainProfile(context, only(args.profile), { json: args.json === true, overrides });
          return;
        }
        if (args.json) throw usage('--json goes with --dry-run, or with explain, list or whoami');
        const options = switchOptions(args);
        if (captured) {
          const { sessionLines } = await import('./session-lines.ts');
          const codeSource = args.again ? 'terminal' : options.codeSource;
          await sessionLines(context, only(args.profile), { ...options, codeSource });
          return;
        }
        if (args.profile === undefined && rest.length === 0) {
          // `awsrole --tag NAME` has eaten the name.
          if (options.overrides !== undefined) only(undefined);
          status = await (await import('./status.ts')).status(context);
          return;
        }
        throw (await import('./unwired.ts')).unwired(context, only(args.profile));
      },
    )
    .command(
      'index-lines',
      false,
      {},
      run(async () => {
        await (await import('./index-lines.ts')).indexLines(context);
        return 0;
      }),
    )
    .command('complete', false, {}, async () => {
      throw usage('complete is a command of the shells: nothing stands before it');
    })
    .command('off', 'Put back what the shell held before its first switch', {}, async () => {
      throw (await import('./unwired.ts')).unwired(context, 'off');
    })
    .command('-', 'Go back to the role before this one, as `cd -` does', {}, async () => {
      throw (await import('./unwired.ts')).unwired(context, '-');
    })
    .command(
      'status',
      'Say what this shell holds, and for how long',
      {},
      run(async () => (await import('./status.ts')).status(context)),
    )
    .command(
      'exec [profile] [command..]',
      'Run a command with a profile: awsrole exec PROFILE -- COMMAND [ARGUMENT...]',
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .positional('command', { type: 'string', array: true, hidden: true })
          .options(SWITCH_OPTIONS),
      run(async (args) => {
        if (args.profile === undefined || rest.length === 0 || (args.command ?? []).length > 0) {
          throw usage(
            'exec needs a profile and, behind --, a command',
            'such as: awsrole exec PROFILE -- aws s3 ls',
          );
        }
        const { exec } = await import('./exec.ts');
        return exec(context, args.profile, rest, switchOptions(args));
      }),
    )
    .command(
      'credential-process [profile]',
      'Print a session of a profile for credential_process; never asks for a code',
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => {
        const { credentialProcess } = await import('./credential-process.ts');
        return credentialProcess(context, only(args.profile));
      }),
    )
    .command(
      'list',
      'List the profiles, their roles, sources, MFA devices and kept sessions',
      (args) => args.option('json', { type: 'boolean', describe: 'As JSON' }),
      run(async (args) => (await import('./list.ts')).list(context, { json: args.json === true })),
    )
    .command(
      'explain [profile]',
      'Say what a switch would do, with file:line of every value; asks nobody',
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .options(ROLE_OPTIONS)
          .option('json', { type: 'boolean', describe: 'As JSON' }),
      run(async (args) => {
        const { overrides } = switchOptions(args);
        const { explainProfile } = await import('./explain.ts');
        return explainProfile(context, only(args.profile), { json: args.json === true, overrides });
      }),
    )
    .command(
      'whoami',
      'Ask AWS who this shell is (GetCallerIdentity)',
      (args) => args.option('json', { type: 'boolean', describe: 'As JSON' }),
      run(async (args) => (await import('./whoami.ts')).whoami(context, { json: args.json === true })),
    )
    .command(
      'clear [profile]',
      'Remove the kept sessions of a profile, or all',
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => {
        const profile = args.profile === undefined && rest.length === 0 ? undefined : only(args.profile);
        return (await import('./clear.ts')).clear(context, profile);
      }),
    )
    .command(
      'demo [word]',
      'Try it in a sandbox with an STS of its own; inside: `awsrole demo code` shows the MFA code',
      (args) =>
        args.positional('word', { type: 'string', choices: ['code'], describe: 'The current MFA code' }),
      run(async (args) => (await import('./demo.ts')).demo(context, args.word)),
    )
    .command(
      'init <shell>',
      'Print the shell function: bash, zsh, fish or powershell (the launcher answers this)',
      (args) => args.positional('shell', { type: 'string', choices: SHELLS }),
      async () => {
        throw usage(
          '`awsrole init` is answered by the launcher, which was not what started this',
          'run: awsrole init bash',
        );
      },
    )
    .epilogue(EPILOGUE)
    .wrap(Math.min(100, process.stderr.columns ?? 100));

  // Declared for the top level as well, or yargs takes the `-` of `--mfa-code -` for the command of that name.
  for (const [name, option] of Object.entries(PROFILE_OPTIONS)) {
    parser.option(name, { ...option, global: false });
  }
  addKeyCommands(parser, context, run, only);
  if (completes) return (await import('./complete.ts')).complete(context, parser, argv.slice(1));
  if (!captured && words.length === 1 && words[0] === '-')
    throw (await import('./unwired.ts')).unwired(context, '-');
  await parser.parseAsync(words);
  return status;
}

/** A hint at the option that was meant by the first that yargs does not know; undefined where none is like it. */
function meantOption(message: string, words: readonly string[]): string | undefined {
  const [, unknown] = /^Unknown arguments?: ([^,]+)/.exec(message) ?? [];
  const typed = words.map((word) => word.replace(/=.*/s, '')).find((word) => word === `--${unknown}`);
  // Those of a profile, which are not for the other commands.
  const taken = !COMMANDS.some((name) => name === words[0] && name !== 'exec' && name !== 'explain');
  const flags = ['help', 'version', 'debug', 'json', ...(taken ? Object.keys(PROFILE_OPTIONS) : [])];
  const options = new Set(flags.filter((flag) => flag !== 'again').map((flag) => `--${flag}`));
  return typed && didYouMean(typed, options);
}

function usage(message: string, hint = 'run: awsrole --help'): AwsroleError {
  return new AwsroleError('usage', message, { hint });
}
