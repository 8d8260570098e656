import type { Argv } from 'yargs';
import type { Context } from '../context.ts';
import type { StoreKind } from '../keys/key-store.ts';
import { COMMAND_HELP } from './help-texts.ts';
import { ADD_OPTIONS, PROTECT_OPTIONS, ROTATE_OPTIONS } from './key-options.ts';
import { JSON_OPTION } from './switch-options.ts';

// The commands for long-lived keys. What they need is loaded when one of them runs.

type Run = <A>(command: (args: A) => Promise<number>) => (args: A) => Promise<void>;

/** Adds the commands to the table. `only` gives the one profile that was named, or refuses. */
export function addKeyCommands<T>(
  parser: Argv<T>,
  context: Context,
  run: Run,
  only: (profile: string | undefined) => string,
): Argv<T> {
  return parser
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
        return (await import('./rotate.ts')).rotate(context, only(args.profile), how);
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
      'key-process [user]',
      false, // for the line that protect writes
      (args) => args.positional('user', { type: 'string' }),
      run(async (args) => (await import('./key-process.ts')).keyProcess(context, only(args.user))),
    );
}
