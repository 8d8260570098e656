import yargs from 'yargs';
import type { Context } from '../context.ts';
import { EXIT_STATUS } from '../errors.ts';
import type { StoreKind } from '../keys/key-store.ts';
import { printable } from '../profiles/printable.ts';
import { CONSOLE_OPTIONS } from './console-options.ts';
import { ENV_OPTIONS, type EnvFormat } from './env-options.ts';
import { profileOfFolder } from './folder.ts';
import { COMMAND_HELP } from './help-texts.ts';
import { ADD_OPTIONS, PROTECT_OPTIONS, ROTATE_OPTIONS } from './key-options.ts';
import { commandBeforeOptions, commandIn, incompleteExec, misuse } from './misuse.ts';
import { SHELLS } from './names.ts';
import { NEW_OPTIONS } from './new-options.ts';
import { SETUP_OPTIONS } from './setup-options.ts';
import {
  EXEC_OPTIONS,
  EXPLAIN_OPTIONS,
  GENERAL_OPTIONS,
  JSON_OPTION,
  once,
  PROFILE_OPTIONS,
  switchOptions,
  VERSION_OPTION,
} from './switch-options.ts';
import { usage } from './usage.ts';

declare const AWSROLE_VERSION: string;

/** Everything but the hot verbs. Gives the exit status. @throws AwsroleError */
export async function runCommand(context: Context, argv: readonly string[]): Promise<number> {
  const completes = argv[0] === 'complete';
  // For fish yargs puts a tab and a description behind each word, as we do for every shell.
  if (completes) process.env.SHELL = 'fish';
  let status = 0;
  // What stands after `exec PROFILE --` is the command's own, whatever it looks like.
  const separator = argv.indexOf('--');
  const typed = separator < 0 ? [...argv] : argv.slice(0, separator);
  // The shell function calls `session-lines WORD…` with what was typed, and takes what is printed.
  const captured = typed[0] === 'session-lines';
  const words = captured ? typed.slice(1) : typed;
  const rest = separator < 0 ? [] : argv.slice(separator + 1);
  if (typed[0] === 'exec' && separator < 0 && !typed.includes('--help') && !typed.includes('-h')) {
    // The options of a command that was meant are none of ours.
    throw incompleteExec();
  }
  const only = (profile: string | undefined): string => {
    const names = [...(profile === undefined ? [] : [profile]), ...rest];
    const [name] = names;
    if (name === undefined)
      throw usage('which profile? no name was given', 'to see your profiles: awsrole list');
    if (names.length > 1) throw usage(`one profile at a time: ${names.map(printable).join(' ')}`);
    // After `--` it is a name as any other.
    return name === '.' && profile !== undefined ? profileOfFolder(context) : name;
  };
  // The one that was named, or that somebody chooses now.
  const onlyOrChosen = async (profile: string | undefined, header: string): Promise<string | undefined> => {
    if (profile !== undefined || rest.length > 0 || !context.mayChoose) return only(profile);
    const answer = await (await import('./choose.ts')).chooseFor(context, header);
    if (answer === 'nothing') return undefined;
    return only(answer === 'impossible' ? undefined : answer.name);
  };
  const run =
    <A>(command: (args: A) => Promise<number>) =>
    async (args: A): Promise<void> => {
      // A command's own output would be taken for a switch, and a command for the terminal has none.
      if (captured) throw commandBeforeOptions(words);
      status = await command(args);
    };

  const parser = yargs()
    .scriptName('awsrole')
    .locale('en')
    .parserConfiguration({
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'boolean-negation': false,
    })
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    // Ours, below: yargs would take any last word `help` for it.
    .help(false)
    .option('help', { type: 'boolean', describe: GENERAL_OPTIONS.help.describe, global: true })
    .version(AWSROLE_VERSION)
    .describe('version', VERSION_OPTION.version.describe)
    .option('debug', { ...GENERAL_OPTIONS.debug, global: true })
    .fail((message, error) => {
      // For some mistakes yargs makes an error of its own.
      if (error !== undefined && error !== null && error.name !== 'YError') throw error;
      throw misuse(message ?? error.message, words);
    })
    .command(
      ['$0 [profile]'],
      'Switch this shell to a profile',
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
        // The shells without the fast path know no choices, and take the session itself.
        if (captured && args.profile === '.' && context.env.AWSROLE_SHELL !== '-') {
          if (words.length > 1)
            throw usage('awsrole . takes no options', 'give them with the name of the profile');
          status = await (await import('./choose.ts')).choiceLine(context, '.');
          return;
        }
        if (captured && args.renew) {
          const { renewBehind } = await import('./renew-behind.ts');
          if (renewBehind(context, argv)) return;
        }
        if (captured) {
          const { sessionLines } = await import('./session-lines.ts');
          // What was agreed to and piped in then counts no more.
          const now = args.again
            ? { codeSource: 'terminal' as const, yes: false }
            : args.renew
              ? { codeSource: 'none' as const, yes: true }
              : {};
          status = await sessionLines(context, only(args.profile), { ...options, ...now });
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
    .command(
      'choice-line [use]',
      false,
      (args) => args.positional('use', { type: 'string', choices: ['exec', '.'] }),
      run(async (args) => (await import('./choose.ts')).choiceLine(context, args.use)),
    )
    .command('complete', false, {}, async () => {
      throw usage('complete is for the shells, and its name comes first');
    })
    .command(
      'off',
      COMMAND_HELP.off.about,
      {},
      run(async () => {
        throw (await import('./unwired.ts')).unwired(context, 'off');
      }),
    )
    .command(
      '-',
      COMMAND_HELP['-'].about,
      {},
      run(async () => {
        throw (await import('./unwired.ts')).unwired(context, '-');
      }),
    )
    .command(
      'status',
      COMMAND_HELP.status.about,
      (args) => args.options(JSON_OPTION),
      run(async (args) => (await import('./status.ts')).status(context, { json: args.json === true })),
    )
    .command(
      'exec [profile] [command..]',
      COMMAND_HELP.exec.about,
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .positional('command', { type: 'string', array: true, hidden: true })
          .options(EXEC_OPTIONS),
      run(async (args) => {
        const hasCommand = rest.length > 0 && (args.command ?? []).length === 0;
        const answer =
          hasCommand && args.profile === undefined
            ? await (await import('./choose.ts')).chooseFor(
                context,
                'exec: which role should the command have?',
              )
            : 'impossible';
        if (answer === 'nothing') return EXIT_STATUS.interrupted;
        const profile = answer === 'impossible' ? args.profile : answer.name;
        if (profile === undefined || !hasCommand) {
          throw incompleteExec();
        }
        const { exec } = await import('./exec.ts');
        return exec(context, profile, rest, { ...switchOptions(args), serve: args.serve === true });
      }),
    )
    .command(
      'env [profile]',
      COMMAND_HELP.env.about,
      (args) => args.positional('profile', { type: 'string' }).options(ENV_OPTIONS),
      run(async (args) => {
        const format = (once(args, 'format') ?? 'sh') as EnvFormat;
        return (await import('./env.ts')).env(context, only(args.profile), format, switchOptions(args));
      }),
    )
    .command(
      'credential-process [profile]',
      COMMAND_HELP['credential-process'].about,
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => {
        const { credentialProcess } = await import('./credential-process.ts');
        return credentialProcess(context, only(args.profile));
      }),
    )
    .command(
      'list [filter..]',
      COMMAND_HELP.list.about,
      (args) => args.positional('filter', { type: 'string', array: true }).options(JSON_OPTION),
      run(async (args) => {
        const filter = [...(args.filter ?? []), ...rest];
        return (await import('./list.ts')).list(context, { json: args.json === true, filter });
      }),
    )
    .command(
      'explain [profile]',
      COMMAND_HELP.explain.about,
      (args) => args.positional('profile', { type: 'string' }).options(EXPLAIN_OPTIONS),
      run(async (args) => {
        const { overrides } = switchOptions(args);
        const profile = await onlyOrChosen(args.profile, 'explain: which profile?');
        if (profile === undefined) return EXIT_STATUS.interrupted;
        const { explainProfile } = await import('./explain.ts');
        return explainProfile(context, profile, { json: args.json === true, overrides });
      }),
    )
    .command(
      'whoami',
      COMMAND_HELP.whoami.about,
      (args) => args.options(JSON_OPTION),
      run(async (args) => (await import('./whoami.ts')).whoami(context, { json: args.json === true })),
    )
    .command(
      'console [profile]',
      COMMAND_HELP.console.about,
      (args) => args.positional('profile', { type: 'string' }).options(CONSOLE_OPTIONS),
      run(async (args) => {
        const { region: _, duration: __, ...flags } = args;
        const profile = args.profile === undefined && rest.length === 0 ? undefined : only(args.profile);
        const { openConsole } = await import('./console.ts');
        return openConsole(context, profile, {
          service: once(args, 'service'),
          url: once(args, 'url'),
          region: once(args, 'region'),
          duration: once(args, 'duration'),
          print: args.print === true,
          // The region is that of the page.
          session: switchOptions(flags),
        });
      }),
    )
    .command(
      'clear [profile]',
      COMMAND_HELP.clear.about,
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => {
        const isNamed = args.profile !== undefined || rest.length > 0;
        const { clear } = await import('./clear.ts');
        if (isNamed || !context.mayChoose) return clear(context, isNamed ? only(args.profile) : undefined);
        const answer = await (await import('./choose.ts')).chooseKept(context);
        if (answer === 'nothing') return EXIT_STATUS.interrupted;
        return clear(context, answer === 'impossible' ? undefined : answer.profile);
      }),
    )
    .command(
      'new [name]',
      COMMAND_HELP.new.about,
      (args) => args.positional('name', { type: 'string' }).options(NEW_OPTIONS),
      run(async (args) => {
        const name = args.name === undefined && rest.length === 0 ? undefined : only(args.name);
        const { newProfile } = await import('./new.ts');
        return newProfile(context, name, {
          roleArn: once(args, 'role-arn'),
          sourceProfile: once(args, 'source-profile'),
          mfaSerial: once(args, 'mfa-serial'),
          region: once(args, 'region'),
          yes: args.yes === true,
          noTry: args['no-try'] === true,
        });
      }),
    )
    .command(
      'demo [word]',
      COMMAND_HELP.demo.about,
      (args) =>
        args.positional('word', { type: 'string', choices: ['code'], describe: 'The current MFA code' }),
      run(async (args) => (await import('./demo.ts')).demo(context, args.word)),
    )
    .command(
      'init [shell]',
      COMMAND_HELP.init.about,
      (args) =>
        args.positional('shell', {
          type: 'string',
          choices: SHELLS,
          coerce: (shell?: string) => (shell === 'pwsh' ? 'powershell' : shell),
        }),
      run(async (args) => (await import('./init.ts')).init(context, args.shell)),
    )
    .command(
      'protect [profile]',
      COMMAND_HELP.protect.about,
      (args) => args.positional('profile', { type: 'string' }).options(PROTECT_OPTIONS),
      run(async (args) => {
        const options = { store: args.store as StoreKind | undefined, session: args.session === true };
        return (await import('./protect.ts')).protect(context, only(args.profile), options);
      }),
    )
    .command(
      'unprotect [profile]',
      COMMAND_HELP.unprotect.about,
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => (await import('./unprotect.ts')).unprotect(context, only(args.profile))),
    )
    .command(
      'add [profile]',
      COMMAND_HELP.add.about,
      (args) => args.positional('profile', { type: 'string' }).options(ADD_OPTIONS),
      run(async (args) => {
        const options = { store: args.store as StoreKind | undefined, stdin: args.stdin === true };
        return (await import('./add.ts')).add(context, only(args.profile), options);
      }),
    )
    .command(
      'rotate [profile]',
      COMMAND_HELP.rotate.about,
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .options(ROTATE_OPTIONS)
          .conflicts('undo', ['finish', 'delete-now'])
          .conflicts('finish', 'delete-now'),
      run(async (args) => {
        const how = args.undo ? 'undo' : args.finish ? 'finish' : args.deleteNow ? 'delete-now' : 'keep';
        const options = { yes: args.yes === true };
        return (await import('./rotate.ts')).rotate(context, only(args.profile), how, options);
      }),
    )
    .command(
      'keys',
      COMMAND_HELP.keys.about,
      (args) => args.options(JSON_OPTION),
      run(async (args) => (await import('./keys.ts')).keys(context, { json: args.json === true })),
    )
    .command(
      'unlock [duration]',
      COMMAND_HELP.unlock.about,
      (args) => args.positional('duration', { type: 'string' }),
      run(async (args) => (await import('./unlock.ts')).unlock(context, args.duration)),
    )
    .command(
      'lock',
      COMMAND_HELP.lock.about,
      {},
      run(async () => (await import('./unlock.ts')).lock(context)),
    )
    .command(
      'doctor',
      COMMAND_HELP.doctor.about,
      (args) => args.options(JSON_OPTION),
      run(async (args) => (await import('./doctor.ts')).doctor(context, { json: args.json === true })),
    )
    .command(
      'setup',
      COMMAND_HELP.setup.about,
      (args) => args.options(SETUP_OPTIONS),
      run(async ({ prefix, from, ...args }) => {
        // Of nothing the current folder would be made.
        if (prefix === '' || from === '')
          throw usage(`--${prefix === '' ? 'prefix' : 'from'} needs a folder`);
        if (from !== undefined && prefix === undefined) throw usage('--from goes with --prefix');
        const options = {
          shells: args.shell,
          dryRun: args['dry-run'] === true,
          uninstall: args.uninstall === true,
          keepSessions: args['keep-sessions'] === true,
          yes: args.yes === true,
          demo: args.demo === true,
          noRc: args['no-rc'] === true,
        };
        return prefix === undefined
          ? (await import('./setup.ts')).setup(context, options)
          : (await import('./setup-prefix.ts')).setupPrefix(context, options, { prefix, from });
      }),
    )
    .command(
      'key-process [user]',
      false, // for the line that protect writes
      (args) => args.positional('user', { type: 'string' }),
      run(async (args) => (await import('./key-process.ts')).keyProcess(context, only(args.user))),
    )
    .command(
      'help [command]',
      COMMAND_HELP.help.about,
      (args) => args.positional('command', { type: 'string', choices: Object.keys(COMMAND_HELP) }),
      run(async (args) => (await import('./help.ts')).help(context, args.command ?? rest[0])),
    );

  // Declared for the top level as well, or yargs takes the `-` of `--mfa-code -` for the command of that name.
  for (const [name, option] of Object.entries(PROFILE_OPTIONS)) {
    parser.option(name, { ...option, global: false });
  }
  if (completes) return (await import('./complete.ts')).complete(context, parser, argv.slice(1));
  if (!captured && words.length === 1 && words[0] === '-')
    throw (await import('./unwired.ts')).unwired(context, '-');
  if (!captured && words.join(' ') === 'help -') return (await import('./help.ts')).help(context, '-');
  if (words.includes('--help') || words.includes('-h')) {
    return (await import('./help.ts')).help(context, commandIn(words));
  }
  await parser.parseAsync(words);
  return status;
}
