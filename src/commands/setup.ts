import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, sep } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError, EXIT_STATUS } from '../errors.ts';
import { OUR_ROOT } from '../files/our-root.ts';
import { keysFolder } from '../keys/data-folder.ts';
import { readIndex } from '../keys/key-index.ts';
import { type Mended, mendReferences } from '../keys/referring-lines.ts';
import { startInOurPlace } from '../processes/run-program.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable, printableLines } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { shownPath } from '../profiles/shown-path.ts';
import { xdgFolder } from '../profiles/xdg-folder.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { BEGIN, END } from '../setup/block.ts';
import { lettersOf, printDiff } from '../setup/diff.ts';
import { binOf, type Installation, installationOf, installationText, realOf } from '../setup/installation.ts';
import { loadingOf } from '../setup/loading-lines.ts';
import { removalOf } from '../setup/removal.ts';
import { SHELLS, type Shell, shellNamed } from '../setup/shells.ts';
import { type PersonsShells, personsShells, TYPED_INTO } from '../setup/this-shell.ts';
import {
  type Change,
  formerTargets,
  recordWired,
  type Target,
  targetsOf,
  unwire,
  unwireTargets,
  useOf,
  type Workplace,
  wire,
} from '../setup/wire.ts';
import { openQuestions } from '../terminal/questions.ts';
import { hasPerson } from '../terminal/screen.ts';
import { usage } from './usage.ts';

/** What options say. */
export interface SetupOptions {
  /** Only these; undefined for those that the person uses. */
  readonly shells: readonly string[] | undefined;
  readonly dryRun: boolean;
  readonly uninstall: boolean;
  readonly keepSessions: boolean;
  readonly yes: boolean;
  readonly demo: boolean;
  readonly noRc: boolean;
}

/** {@link OUR_ROOT} as the launcher names it: a home that is reached through a symbolic link keeps its name in the files. */
function rootAsCalled(): string {
  const called = dirname(dirname(process.argv[1] ?? ''));
  return realOf(called) === realOf(OUR_ROOT) ? called : OUR_ROOT;
}

/**
 * Puts awsrole into the start-up files of the shells that a person uses, or takes it out again. The status says whether a
 * file had to be left alone.
 * @throws AwsroleError
 */
export function setup(context: Context, options: SetupOptions): Promise<number> {
  checkOptions(options);
  return setUpShells(context, options, installationOf(context, rootAsCalled()));
}

/** @throws AwsroleError kind `usage` */
export function checkOptions({ uninstall, demo, keepSessions }: SetupOptions): void {
  if (uninstall && demo) throw usage('--demo and --uninstall do not go together');
  if (keepSessions && !uninstall) throw usage('--keep-sessions goes with --uninstall');
}

/** {@link setup} of any installation. @throws AwsroleError */
export async function setUpShells(
  context: Context,
  options: SetupOptions,
  installation: Installation,
): Promise<number> {
  const home = homeFolder(context.env, context.platform);
  if (home === undefined && !options.noRc) {
    context.stderr.write('HOME is not set, so the start-up files of the shells were left alone.\n');
  }
  const person = await personsShells(context);
  const place = home === undefined || options.noRc ? undefined : { context, home, installation };
  return options.uninstall
    ? uninstall(context, place, installation, person, options)
    : install(context, place, installation, person, options);
}

async function install(
  context: Context,
  place: Workplace | undefined,
  installation: Installation,
  person: PersonsShells,
  options: SetupOptions,
): Promise<number> {
  const done = place === undefined ? [] : await wireAll(place, person, options);
  const mended = mendedLines(context, options);
  const isRefused =
    done.some(({ change }) => change.what === 'refused') || mended.some(({ refused }) => refused);
  let status = isRefused ? EXIT_STATUS.configuration : 0;
  if (options.dryRun) {
    const isNothing = [...done.map(({ change }) => change), ...mended].every(
      ({ before, after }) => before === after,
    );
    if (isNothing) context.stderr.write('nothing would be changed\n');
    return status;
  }
  if (options.demo) status = await demo(context, installation);
  const wired = done.filter(({ change }) => change.what !== 'refused').map(({ shell }) => shell);
  const unreached = done.filter(({ change }) => change.ends !== undefined).map(({ shell }) => shell);
  sayWhatNext(context, installation, person, { wired, unreached, demo: options.demo });
  return status;
}

/** The lines in AWS files that start awsrole by a path that is gone, or goes with a Node.js version, and are mended. */
function mendedLines(context: Context, { dryRun }: SetupOptions): Mended[] {
  const { stdout, stderr } = context;
  try {
    const mended = mendReferences(context, { dry: dryRun });
    for (const { user, before, after, refused } of mended) {
      const shown = printable(user.file);
      if (refused !== undefined) {
        stderr.write(
          `awsrole: the line by which AWS tools get the keys of ${printable(user.name)} could not be repaired: ${printable(refused.message)}\n`,
        );
      } else if (dryRun) {
        printDiff(stdout, { file: user.file, before: lettersOf(before), after: lettersOf(after) });
      } else {
        stdout.write(
          `Updated the credential_process of ${printable(user.name)} in ${shown}: AWS tools start awsrole by a path that stays\n`,
        );
      }
    }
    return mended;
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    stderr.write(`awsrole: ${printableLines(error.message)}\n`);
    return [];
  }
}

interface Done {
  readonly shell: Shell;
  readonly change: Change;
}

async function wireAll(place: Workplace, person: PersonsShells, options: SetupOptions): Promise<Done[]> {
  const { context } = place;
  const named = namedShells(options);
  const done: Done[] = [];
  const unused: string[] = [];
  for (const shell of SHELLS.filter((one) => named?.includes(one) ?? true)) {
    const use = named === undefined ? useOf(shell, place, person) : 'files';
    if (use === 'installed') unused.push(shell.programs[0] ?? shell.name);
    if (use === 'installed' || use === 'none') continue;
    for (const target of await targetsOf(shell, place, person)) {
      const change = await wireOne(target, place, { ...options, isNew: use === 'person' });
      if (change !== undefined) done.push({ shell, change });
    }
  }
  if (unused.length > 0 && !options.dryRun) {
    context.stdout.write(
      `Left alone, as you have no start-up file for it: ${unused.join(', ')} ("awsrole setup --shell NAME" adds it)\n`,
    );
  }
  return done;
}

async function wireOne(
  target: Target,
  place: Workplace,
  { isNew, yes, dryRun }: { readonly isNew: boolean; readonly yes: boolean; readonly dryRun: boolean },
): Promise<Change | undefined> {
  const { context, home } = place;
  const trial = wire(target, place, { dry: true });
  const isMade = trial.what === 'added' && !trial.exists;
  const shown = shownPath(target.file, home);
  if (!dryRun && isMade && isNew && !yes && hasPerson(context)) {
    const isAgreed = await agree(
      context,
      `There is no ${shown} yet. Create it, so that every new ${target.shell.title} has awsrole? [Y/n] `,
    );
    if (!isAgreed) return undefined;
  }
  const change = dryRun ? trial : wire(target, place, { dry: false });
  report(change, place, { target, dryRun, isNew: isMade && (isNew || target.shell.name === 'bash') });
  if (change.what === 'refused') return change;
  for (const former of formerTargets(target, place)) {
    report(unwire(former, place, { dry: dryRun, any: true }), place, { dryRun });
  }
  if (dryRun) return change;
  if (change.what !== 'by-hand') recordWired(place.installation, target.file);
  return change;
}

function namedShells({ shells }: SetupOptions): Shell[] | undefined {
  return shells?.flatMap((name) => SHELLS.find((one) => one.name === name) ?? shellNamed(name) ?? []);
}

/** A question that Enter agrees to; so does the end of input, as the person has started this. */
async function agree(context: Context, question: string): Promise<boolean> {
  const questions = openQuestions(context);
  try {
    return (await questions?.confirm(question, 'yes')) ?? true;
  } finally {
    questions?.close();
  }
}

function report(
  change: Change,
  { context, home, installation }: Workplace,
  {
    target,
    dryRun,
    isNew = false,
  }: { readonly target?: Target; readonly dryRun: boolean; readonly isNew?: boolean },
): void {
  const { stdout, stderr, platform } = context;
  const { file, what, before, after, exists, reason, ends, wasOther } = change;
  const shown = shownPath(file, home);
  if (reason !== undefined) {
    const line = target && loadingOf(target.shell.name, installation, platform).line;
    stderr.write(`awsrole: ${printableLines(refusal(reason, shown, line))}\n`);
  } else if (dryRun) {
    const texts = { before: exists ? before : undefined, after: what === 'deleted' ? undefined : after };
    printDiff(stdout, { file, ...texts });
  } else {
    const says = {
      added: `Added awsrole to ${shown}${isNew ? ' (a new file, as there was none)' : ''}`,
      updated: `Updated awsrole in ${shown}${wasOther ? `: it loaded another installation, and now loads the one in ${installationText(installation)}` : ''}`,
      removed: `Removed awsrole from ${shown}`,
      deleted: `Removed ${shown}`,
      same: `${shown} has awsrole already`,
      'by-hand': `${shown} has awsrole already, through a line outside its block`,
      foreign: `Left alone: ${shown}, which loads awsrole from elsewhere`,
      none: undefined,
      refused: undefined,
    }[what];
    if (says !== undefined) stdout.write(`${says}\n`);
  }
  if (ends === undefined) return;
  stderr.write(
    `awsrole: ${shown}:${ends.line} ends the file with "${ends.word}" before awsrole's lines are reached. Move them, from ${BEGIN} to ${END}, above that line.\n`,
  );
}

/** @param line what to add by hand; undefined where the block is to be taken out */
function refusal(
  { kind, message }: NonNullable<Change['reason']>,
  shown: string,
  line: string | undefined,
): string {
  const todo =
    line === undefined
      ? `Remove the lines from ${BEGIN} to ${END} from it.`
      : `Add this to it, or to another start-up file of your shell:\n${line}`;
  if (kind === 'unwritable') return `${shown} cannot be written. ${todo}\n  (${message})`;
  if (kind === 'managed') {
    const there = line === undefined ? 'Take awsrole out there.' : `Add this there:\n${line}`;
    return `${shown} was left alone: ${message}, and would undo a change. ${there}`;
  }
  return line === undefined
    ? `${shown} was left alone: ${message}. Remove what is left of the block.`
    : `${shown} was left alone: ${message}. Fix that and run this again, or add:\n${line}`;
}

/** Runs the demo in a process of its own, so that its end is not ours. */
async function demo({ env }: Context, { root }: Installation): Promise<number> {
  const ignore = (): void => {};
  // Ctrl-C ends the demo, not what has to be said.
  process.on('SIGINT', ignore);
  try {
    const { [TYPED_INTO]: _, ...rest } = env;
    const core = join(root, 'dist', 'cli.mjs');
    const { exitCode, signal } = await startInOurPlace([process.execPath, core, 'demo'], rest);
    return exitCode ?? 128 + (signal === undefined ? 0 : constants.signals[signal]);
  } finally {
    process.off('SIGINT', ignore);
  }
}

function sayWhatNext(
  { stdout, platform }: Context,
  installation: Installation,
  { own, here }: PersonsShells,
  {
    wired,
    unreached,
    demo,
  }: { readonly wired: readonly Shell[]; readonly unreached: readonly Shell[]; readonly demo: boolean },
): void {
  const say = (line: string): void => void stdout.write(`${line}\n`);
  if (installation.kind === 'prefix') {
    say(`awsrole is installed in ${installationText(installation)} (with Node.js ${process.versions.node}).`);
  }
  const shell = shellNamed(here);
  if (shell === undefined) {
    const bin = binOf(installation);
    const program = bin === undefined ? 'awsrole' : `'${join(bin, 'awsrole').replaceAll("'", "'\\''")}'`;
    say(
      `It can switch bash, zsh, fish and PowerShell, but not ${printable(here)}. Here, run a command with a role:  ${program} exec PROFILE -- COMMAND`,
    );
    return;
  }
  const typed = (one: Shell): string => printableLines(loadingOf(one.name, installation, platform).typed);
  say(
    wired.includes(shell)
      ? `${unreached.includes(shell) ? '' : 'New shells will have it. '}To use it in this one, type:  ${typed(shell)}`
      : `Load it into your shell, here and in its start-up file:  ${typed(shell)}`,
  );
  const owned = shellNamed(own);
  if (owned !== undefined && owned !== shell) say(`In ${own}, that is:  ${typed(owned)}`);
  if (platform === 'win32' && wired.some(({ name }) => name === 'powershell')) {
    say(
      'If a new PowerShell says that scripts cannot be run:  Set-ExecutionPolicy -Scope CurrentUser RemoteSigned',
    );
  }
  say(
    demo
      ? 'Then see which profiles you can switch to:  awsrole list'
      : 'Then try it without an AWS account:  awsrole demo',
  );
}

async function uninstall(
  context: Context,
  place: Workplace | undefined,
  installation: Installation,
  person: PersonsShells,
  options: SetupOptions,
): Promise<number> {
  const named = namedShells(options);
  let isRefused = false;
  let found = false;
  if (place !== undefined) {
    for (const file of await unwireTargets(named ?? SHELLS, place, person)) {
      const change = unwire(file, place, { dry: options.dryRun });
      if (change.what === 'refused') isRefused = true;
      if (change.what !== 'none') found = true;
      report(change, place, { dryRun: options.dryRun });
    }
    if (!found) context.stdout.write('No start-up file has an awsrole block.\n');
  }
  const status = isRefused ? EXIT_STATUS.configuration : 0;
  if (options.dryRun || named !== undefined) return status;
  const isCleared = await clearSessions(context, options);
  sayWhatIsLeft(context, installation);
  return isCleared ? status : Math.max(status, EXIT_STATUS.unexpected);
}

/** False where they were to be removed and could not be. */
async function clearSessions(context: Context, { keepSessions, yes }: SetupOptions): Promise<boolean> {
  const folder = cacheFolder(context);
  if (folder === undefined || !existsSync(folder) || keepSessions) return true;
  if (!yes && hasPerson(context)) {
    const question =
      "Remove the kept sessions, also those that awsrole has put into the AWS CLI's cache? [Y/n] ";
    if (!(await agree(context, question))) return true;
  }
  const { clear } = await import('./clear.ts');
  try {
    await clear(context, undefined);
    return true;
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    context.stderr.write(
      `awsrole: the kept sessions could not be removed; those in ~/.aws/cli/cache end within 36 hours: ${printable(error.message)}\n`,
    );
    return false;
  }
}

function sayWhatIsLeft(context: Context, { kind, root }: Installation): void {
  const { stdout, env } = context;
  const say = (line: string): void => void stdout.write(`${line}\n`);
  const settings = xdgFolder(context, 'XDG_CONFIG_HOME', { below: '.config' }, 'awsrole');
  if (settings !== undefined && existsSync(settings))
    say(`Your settings are still in ${printable(settings)}.`);
  const keys = keysFolder(context);
  if (keys !== undefined && existsSync(keys)) {
    say(`Your stored keys are still in ${printable(keys)}.`);
    const names = storedNames(context);
    if (names.length > 0) {
      say(
        `AWS tools get the keys of ${names.map(printable).join(', ')} only through awsrole. To put them back into the AWS files, while awsrole is installed:  awsrole unprotect ${profileWord(names[0] ?? '')}`,
      );
    }
  }
  const cache = cacheFolder(context);
  if (cache !== undefined && existsSync(cache)) {
    // On Windows the keys lie below the cache, and XDG variables may name one folder for all.
    const within = [keys, settings].some(
      (folder) =>
        folder !== undefined && existsSync(folder) && `${folder}${sep}`.startsWith(`${cache}${sep}`),
    );
    say(
      context.platform === 'win32' || within
        ? `Its cache is still there: ${printable(cache)}${within ? ' (the folder has more than the cache: see above)' : ''}`
        : `Its cache is still there. To remove it:  rm -rf '${cache.replaceAll("'", "'\\''")}'`,
    );
  }
  // Installers say the rest themselves.
  if (env[TYPED_INTO] !== undefined) return;
  const removal = removalOf(realOf(root) ?? root);
  if (removal !== undefined) {
    say(`To remove the program:  ${removal}`);
  } else if (kind === 'prefix') {
    const installer = context.platform === 'win32' ? './install.ps1 -Uninstall' : './install.sh --uninstall';
    say(`To remove the program, in a clone of awsrole:  ${installer}`);
  }
}

/** Whose keys are stored; nobody's where that cannot be read. */
function storedNames(context: Context): string[] {
  try {
    return readIndex(context).map(({ name }) => name);
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return [];
  }
}
