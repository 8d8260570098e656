import type { Argv } from 'yargs';
import type { Context } from '../context.ts';
import { STORE_KINDS, type StoreKind } from '../keys/key-store.ts';

// The commands for long-lived keys. What they need is loaded when one of them runs.

type Run = <A>(command: (args: A) => Promise<number>) => (args: A) => Promise<void>;

const STORE = {
  choices: STORE_KINDS,
  describe: 'Where: the keyring of the desktop, pass, or age files; the first that works here by default',
} as const;

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
      "Move a user's keys out of the AWS files, into a store; every AWS tool keeps working",
      (args) =>
        args.positional('profile', { type: 'string' }).option('store', STORE).option('session', {
          type: 'boolean',
          describe: 'Programs get the MFA session, never the keys themselves',
        }),
      run(async (args) => {
        const store = args.store as StoreKind | undefined;
        return (await import('./protect.ts')).protect(context, only(args.profile), {
          store,
          session: args.session === true,
        });
      }),
    )
    .command(
      'unprotect [profile]',
      "Write a user's keys back into the credentials file, in plain text",
      (args) => args.positional('profile', { type: 'string' }),
      run(async (args) => (await import('./unprotect.ts')).unprotect(context, only(args.profile))),
    )
    .command(
      'add [profile]',
      'Store the keys of a user, typed unseen; they never stand in a file of AWS’s',
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .option('store', STORE)
          .option('stdin', { type: 'boolean', describe: 'From standard input: the key id, then the secret' }),
      run(async (args) => {
        const store = args.store as StoreKind | undefined;
        return (await import('./add.ts')).add(context, only(args.profile), {
          store,
          stdin: args.stdin === true,
        });
      }),
    )
    .command(
      'rotate [profile]',
      'Make a new pair of keys at AWS for a user; the old one becomes inactive, and is kept',
      (args) =>
        args
          .positional('profile', { type: 'string' })
          .option('undo', { type: 'boolean', describe: 'Make the old pair active and current again' })
          .option('finish', { type: 'boolean', describe: 'Delete the old pair, at AWS and here' })
          .option('delete-now', { type: 'boolean', describe: 'Delete the old pair at once' })
          .conflicts('undo', ['finish', 'delete-now'])
          .conflicts('finish', 'delete-now'),
      run(async (args) => {
        const how = args.undo ? 'undo' : args.finish ? 'finish' : args.deleteNow ? 'delete-now' : 'keep';
        return (await import('./rotate.ts')).rotate(context, only(args.profile), how);
      }),
    )
    .command(
      'keys',
      'List whose long-lived keys are where, and since when; never a secret',
      (args) => args.option('json', { type: 'boolean', describe: 'As JSON' }),
      run(async (args) => (await import('./keys.ts')).keys(context, { json: args.json === true })),
    )
    .command(
      'unlock [duration]',
      'Open the age files for a while, 8h by default, so that nobody is asked for the passphrase',
      (args) => args.positional('duration', { type: 'string' }),
      run(async (args) => (await import('./unlock.ts')).unlock(context, args.duration)),
    )
    .command(
      'lock',
      'End what unlock has begun',
      {},
      run(async () => (await import('./unlock.ts')).lock(context)),
    )
    .command(
      'key-process [user]',
      'Print the stored keys of a user for credential_process; protect writes this line',
      (args) => args.positional('user', { type: 'string' }),
      run(async (args) => (await import('./key-process.ts')).keyProcess(context, only(args.user))),
    );
}
