import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { EXIT_STATUS } from '../errors.ts';
import { OUR_ROOT } from '../files/our-root.ts';
import { HeldSignals } from '../processes/held-signals.ts';
import { printable, printableLines } from '../profiles/printable.ts';
import type { Installation } from '../setup/installation.ts';
import { placeTree } from '../setup/place-tree.ts';
import { type Prefix, prefixOf } from '../setup/prefix.ts';
import { removeTree } from '../setup/remove-tree.ts';
import { checkOptions, type SetupOptions, setUpShells } from './setup.ts';
import { usage } from './usage.ts';

// What install.sh and install.ps1 have done: they check that there is a Node.js, build, and hand over. They look for the file
// that this is bundled into.

/** What the installers say of places. */
export interface Places {
  /** The folder to install into. */
  readonly prefix: string;
  /** The checkout or unpacked release. */
  readonly from: string | undefined;
}

/** Installs awsrole below a folder and wires the shells, or takes all of that back. @throws AwsroleError */
export async function setupPrefix(context: Context, options: SetupOptions, places: Places): Promise<number> {
  checkOptions(options);
  if (options.dryRun) throw usage('--dry-run and --prefix do not go together');
  const prefix = prefixOf(context, places.prefix);
  const installation: Installation = { kind: 'prefix', root: prefix.share, prefix: prefix.folder };
  const from = places.from ?? OUR_ROOT;
  if (options.uninstall) return uninstall(context, options, { prefix, installation, from });
  const signals = new HeldSignals();
  try {
    await placeTree(context, from, { prefix, check: signals.check });
  } finally {
    signals.release();
  }
  const status = await setUpShells(context, options, installation);
  // It has said which start-up file it had to leave alone; awsrole is installed all the same.
  return !options.demo && status === EXIT_STATUS.configuration ? 0 : status;
}

interface Removed {
  readonly prefix: Prefix;
  readonly installation: Installation;
  readonly from: string;
}

async function uninstall(
  context: Context,
  options: SetupOptions,
  { prefix, installation, from }: Removed,
): Promise<number> {
  const { stdout } = context;
  const folder = printable(prefix.folder);
  const found = await removeTree(prefix, () => takeBack(context, options, installation));
  if (!found) {
    stdout.write(`There is no awsrole in ${folder}.\n`);
    return 0;
  }
  stdout.write(`awsrole is removed from ${folder}. Shells that are open keep it until they end.\n`);
  if (['src', 'node_modules'].every((name) => existsSync(join(from, name)))) {
    stdout.write(`What it was built with and from is still in ${printable(from)} (node_modules, dist).\n`);
  }
  return 0;
}

/** Takes back what is elsewhere. The program goes also where that fails. */
async function takeBack(context: Context, options: SetupOptions, installation: Installation): Promise<void> {
  let isDone = false;
  try {
    const status = await setUpShells(context, options, installation);
    isDone = status === 0 || status === EXIT_STATUS.configuration;
  } catch (error) {
    context.stderr.write(`awsrole: ${printableLines((error as Error).message)}\n`);
  }
  if (isDone) return;
  context.warn(
    'not everything that awsrole has put elsewhere could be removed. The lines in start-up files do nothing without it.',
  );
}
