import { appendFileSync, existsSync, lstatSync, readFileSync, rmdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { type Parts, takeApart, withBlock, withoutBlock } from './block.ts';
import type { Letters } from './diff.ts';
import { type EarlyEnd, earlyEnd } from './early-end.ts';
import {
  checkReplaceable,
  editStartUpFile,
  LeftAlone,
  makeStartUpFolder,
  readStartUpFile,
  type StartUpText,
} from './edit-start-up-file.ts';
import { binOf, type Installation, RECORD } from './installation.ts';
import { isOfInstallation, loadingOf, makesFound, pathLine } from './loading-lines.ts';
import { powershellProfiles } from './profile-of-powershell.ts';
import {
  BASH_LOGIN,
  fishFolder,
  POWERSHELL_PROFILE,
  powershellFolders,
  SHELLS,
  type Shell,
  zshFolder,
} from './shells.ts';
import { loadingLineIn, mentions } from './start-up-file.ts';
import type { PersonsShells } from './this-shell.ts';

/** What setup works with. */
export interface Workplace {
  readonly context: Context;
  readonly home: string;
  readonly installation: Installation;
}

/**
 * Whether a shell is the person's. `files`: it has start-up files. `person`: it has none, and is their own or the one
 * that this was typed into. `installed`: it is only there.
 */
export type Use = 'files' | 'person' | 'installed' | 'none';

/** Finds out whether a shell is the person's. A script in bash says nothing of who has started it. */
export function useOf({ name, programs }: Shell, { context, home }: Workplace, person: PersonsShells): Use {
  const { env, platform } = context;
  const there = {
    bash: ['.bashrc', '.bash_profile', '.bash_login'].map((file) => join(home, file)),
    zsh: [join(zshFolder(home, context), '.zshrc')],
    fish: [fishFolder(home, context)],
    powershell: powershellFolders(home, context),
  }[name];
  if (there.some((file) => lstatSync(file, { throwIfNoEntry: false }) !== undefined)) return 'files';
  if (!programs.some((program) => findProgram(program, env) !== undefined)) return 'none';
  if (programs.includes(person.own)) return 'person';
  const isHere = programs.includes(person.here) && (name !== 'bash' || platform === 'win32');
  return isHere ? 'person' : 'installed';
}

/** A start-up file that awsrole's block belongs into. */
export interface Target {
  readonly shell: Shell;
  readonly file: string;
}

/** The start-up files of a shell that are to load awsrole. */
export async function targetsOf(shell: Shell, place: Workplace, person: PersonsShells): Promise<Target[]> {
  const { context, home, installation } = place;
  const files = async (): Promise<string[]> => {
    switch (shell.name) {
      case 'bash':
        return [join(home, '.bashrc'), ...bashLogin(place)];
      case 'zsh':
        return [join(zshFolder(home, context), '.zshrc')];
      case 'fish':
        return [fishFile(home, context, installation)];
      case 'powershell':
        return powershellProfiles(context, home, person.here);
    }
  };
  return (await files()).map((file) => ({ shell, file }));
}

/** Where a block stood before, of a shell that reads all of its files: npm's awsrole has it elsewhere than install.sh's. */
export function formerTargets({ shell, file }: Target, { home, context }: Workplace): string[] {
  if (shell.name !== 'fish') return [];
  const folder = fishFolder(home, context);
  return [join(folder, 'config.fish'), join(folder, 'conf.d', 'awsrole.fish')].filter(
    (other) => other !== file,
  );
}

/** A login shell reads only the first of its files, and that one need not read .bashrc. */
function bashLogin({ context, home }: Workplace): string[] {
  const first = BASH_LOGIN.map((name) => join(home, name)).find((file) => existsSync(file));
  if (first !== undefined) return readsBashrc(first) ? [] : [first];
  // Where every terminal opens a login shell, .bashrc alone is not read at all.
  return ['darwin', 'win32'].includes(context.platform) ? [join(home, '.bash_profile')] : [];
}

function readsBashrc(file: string): boolean {
  if (!mentions(file, '.bashrc')) return false;
  try {
    return /^(?:[^#\n]*[^A-Za-z0-9_#\n])?\.bashrc/m.test(readFileSync(file, 'latin1'));
  } catch {
    return false;
  }
}

/** conf.d is read before config.fish, in which PATH may get what a package manager has installed. */
function fishFile(home: string, context: Context, { kind }: Installation): string {
  const folder = fishFolder(home, context);
  return kind === 'path' ? join(folder, 'config.fish') : join(folder, 'conf.d', 'awsrole.fish');
}

/** What is done, or would be done, to a start-up file. */
export interface Change {
  readonly file: string;
  /**
   * `same`: nothing is to do. `by-hand`: a line outside of the block loads awsrole. `foreign`: its block loads another
   * awsrole. `refused`: see `reason`.
   */
  readonly what:
    | 'added'
    | 'updated'
    | 'removed'
    | 'deleted'
    | 'same'
    | 'none'
    | 'by-hand'
    | 'foreign'
    | 'refused';
  readonly before: Letters;
  readonly after: Letters;
  /** Whether the file was there before. */
  readonly exists: boolean;
  readonly reason?: LeftAlone;
  /** Where the shell leaves the file before it comes to the block. */
  readonly ends?: EarlyEnd | undefined;
  /** Whether the block loaded another installation before. */
  readonly wasOther?: boolean;
}

/** Puts the block into a file, or, dry, only finds out what that would change. */
export function wire(target: Target, place: Workplace, { dry }: { readonly dry: boolean }): Change {
  const { file } = target;
  const missing = foldersMissing(file);
  const edited = (read: StartUpText): Edited => wired(target, place, read, missing.length);
  return attempt(file, () => {
    const read = readStartUpFile(file);
    const elsewhere = otherByHand(target, place, read);
    if (elsewhere !== undefined) return changeOf(elsewhere, read, { what: 'by-hand', after: read.text });
    const first = edited(read);
    if (first.what === 'by-hand') return changeOf(file, read, first);
    const ends = earlyEnd(takeApart(first.after)?.before ?? '', target.shell.name);
    const change = { ...changeOf(file, read, first), ends };
    if (read.exists && first.after === read.text) return change;
    if (missing.length === 0) checkReplaceable(file);
    if (dry) return change;
    makeStartUpFolder(dirname(file));
    editStartUpFile(file, (now) => edited(now).after);
    return change;
  });
}

interface Edited {
  readonly what: Change['what'];
  readonly after: string;
  readonly wasOther?: boolean;
}

function wired({ shell, file }: Target, place: Workplace, read: StartUpText, madeFolders: number): Edited {
  const { installation, context } = place;
  const parts = takeApart(read.text);
  if (parts === undefined) throw new LeftAlone('unreadable', 'it has a damaged awsrole block');
  if (parts.block === '' && loadsByHand(parts, file)) return { what: 'by-hand', after: read.text };
  const after = withBlock(parts, {
    lines: blockLines(shell, place, parts.block, read),
    newline: shell.name === 'powershell' && usesCrLf(read, context.platform) ? '\r\n' : '\n',
    exists: read.exists,
    madeFolders,
    last: installation.kind === 'path' && makesFound(parts.after),
  });
  if (after === read.text) return { after, what: 'same' };
  if (parts.block === '') return { after, what: 'added' };
  const { platform } = context;
  const wasOther = !isOfInstallation(parts.block, installation, { platform, own: read.own });
  return { after, what: 'updated', wasOther };
}

/** True where a line outside of the block loads an awsrole that is there. */
function loadsByHand({ before, after }: Parts, file: string): boolean {
  const line = loadingLineIn((before + after).split('\n'), file);
  return line !== undefined && (line.source === undefined || existsSync(line.source));
}

/** Another start-up file, of a shell that reads all of its own, in which a person's line loads awsrole. */
function otherByHand(
  { shell, file }: Target,
  { home, context }: Workplace,
  read: StartUpText,
): string | undefined {
  if (shell.name !== 'fish' && shell.name !== 'powershell') return undefined;
  if (takeApart(read.text)?.block !== '') return undefined;
  const others = shell
    .files(home, context)
    .filter((other) => other !== file && dirname(other).startsWith(home));
  return others.find((other) => {
    try {
      const parts = takeApart(readStartUpFile(other).text);
      return parts !== undefined && loadsByHand(parts, other);
    } catch (error) {
      if (error instanceof LeftAlone) return false;
      throw error;
    }
  });
}

/** What a block is to say. */
function blockLines(shell: Shell, place: Workplace, block: string, { own }: StartUpText): string[] {
  const { installation, context } = place;
  const { platform, env } = context;
  const { line } = loadingOf(shell.name, installation, platform);
  const path = pathLine(shell.name, installation, platform);
  const folders = (env.PATH ?? env.Path ?? '').split(delimiter);
  // What is on PATH may be there because of this very line.
  const isNeeded =
    path !== undefined && (block.includes(own(path)) || !folders.includes(binOf(installation) ?? ''));
  return [line, ...(isNeeded ? [path] : [])].map(own);
}

/** Windows PowerShell writes files with CR; bash, zsh and fish read none. */
function usesCrLf({ text }: StartUpText, platform: NodeJS.Platform): boolean {
  return text.includes('\n') ? text.includes('\r\n') : platform === 'win32';
}

/**
 * Takes the block of this installation out of a file, or, dry, only finds out what that would change.
 * @param any whatever it loads
 */
export function unwire(
  file: string,
  place: Workplace,
  { dry, any = false }: { readonly dry: boolean; readonly any?: boolean },
): Change {
  return attempt(file, () => {
    const read = readStartUpFile(file);
    const parts = takeApart(read.text);
    if (parts === undefined) throw new LeftAlone('unreadable', 'it has a damaged awsrole block');
    if (parts.block === '') return changeOf(file, read, { what: 'none', after: read.text });
    const { platform } = place.context;
    if (!any && !isOfInstallation(parts.block, place.installation, { platform, own: read.own })) {
      return changeOf(file, read, { what: 'foreign', after: read.text });
    }
    const { text, wasMade, madeFolders } = withoutBlock(parts);
    // A link is the person's, though it leads to what we have made.
    const isRemoved = wasMade && lstatSync(file).isFile();
    checkReplaceable(file);
    const change = changeOf(file, read, { what: isRemoved ? 'deleted' : 'removed', after: text });
    if (dry) return change;
    editStartUpFile(file, (now) => {
      const rest = takeApart(now.text);
      if (rest === undefined) throw new LeftAlone('unreadable', 'it has a damaged awsrole block');
      const left = withoutBlock(rest);
      return isRemoved && left.wasMade ? undefined : left.text;
    });
    if (!existsSync(file)) removeFolders(dirname(file), madeFolders);
    return change;
  });
}

/** Every file that a block of awsrole's may be in. */
export async function unwireTargets(
  shells: readonly Shell[],
  place: Workplace,
  person: PersonsShells,
): Promise<string[]> {
  const { context, home, installation } = place;
  const { platform } = context;
  const fish = fishFolder(home, context);
  const files = {
    bash: ['.bashrc', ...BASH_LOGIN].map((name) => join(home, name)),
    zsh: [join(zshFolder(home, context), '.zshrc'), join(home, '.zshrc')],
    powershell: [
      ...powershellFolders(home, context).map((folder) => join(folder, POWERSHELL_PROFILE)),
      ...(platform === 'win32' ? await powershellProfiles(context, home, person.here) : []),
    ],
    // Its folders may hold those of the file before.
    fish: [join(fish, 'config.fish'), join(fish, 'conf.d', 'awsrole.fish')],
  };
  const all = shells.length === SHELLS.length;
  const some = (['bash', 'zsh', 'powershell', 'fish'] as const)
    .filter((name) => shells.some((shell) => shell.name === name))
    .flatMap((name) => files[name]);
  return [...new Set([...some, ...(all ? recordedFiles(installation) : [])])];
}

/** Where ZDOTDIR or XDG_CONFIG_HOME say something else by then, --uninstall could not know of the file. */
export function recordWired({ kind, root }: Installation, file: string): void {
  // A line a file.
  if (kind !== 'prefix' || file.includes('\n')) return;
  try {
    const record = join(root, RECORD);
    const text = readFileSync(record, 'utf8');
    if (text.split('\n').includes(`wired ${file}`)) return;
    appendFileSync(record, `${text === '' || text.endsWith('\n') ? '' : '\n'}wired ${file}\n`);
  } catch {
    // Another user's installation: the usual places are looked through anyway.
  }
}

function recordedFiles({ kind, root }: Installation): string[] {
  if (kind !== 'prefix') return [];
  try {
    const lines = readFileSync(join(root, RECORD), 'utf8').split('\n');
    return lines.flatMap((line) => (line.startsWith('wired ') ? [line.slice('wired '.length)] : []));
  } catch {
    return [];
  }
}

function attempt(file: string, work: () => Change): Change {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LeftAlone)) throw error;
    return { file, what: 'refused', before: '', after: '', exists: false, reason: error };
  }
}

function changeOf(file: string, read: StartUpText, { what, after, wasOther = false }: Edited): Change {
  const texts = [read.text, after].map((text) => read.letters(text));
  return { file, what, before: texts[0] ?? '', after: texts[1] ?? '', exists: read.exists, wasOther };
}

/** The folders of a file that are not there, its own first. */
function foldersMissing(file: string): string[] {
  const missing: string[] = [];
  for (
    let folder = dirname(file);
    !existsSync(folder) && dirname(folder) !== folder;
    folder = dirname(folder)
  ) {
    missing.push(folder);
  }
  return missing;
}

function removeFolders(own: string, count: number): void {
  let folder = own;
  try {
    for (let left = count; left > 0; left -= 1) {
      rmdirSync(folder);
      folder = dirname(folder);
    }
  } catch {
    // Somebody else has put something there.
  }
}
