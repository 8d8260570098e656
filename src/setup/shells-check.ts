import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { placeText } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import { type Check, type Examined, type Finding, note, ok, unknown, wrong } from './finding.ts';
import { BASH_LOGIN, programName, SHELLS, type Shell } from './shells.ts';
import { type LoadingLine, loadingLine, mentions } from './start-up-file.ts';

declare const AWSROLE_VERSION: string;

/** Whether the start-up files of the shells that are installed load awsrole. */
export const shellsCheck: Check = {
  name: 'shells',
  waitsFor: 'the start-up files of the shells',
  look: (examined) => {
    const { context } = examined;
    const home = homeFolder(context.env, context.platform);
    if (home === undefined) return [unknown('there is no home folder, and so no start-up file of a shell')];
    const there = SHELLS.filter(({ programs }) =>
      programs.some((program) => findProgram(program, context.env) !== undefined),
    );
    const files =
      there.length === 0
        ? [note('none of bash, zsh, fish and PowerShell is on PATH')]
        : there.flatMap((shell) => lookAt(shell, home, examined));
    return [...thisShell(examined), ...files];
  },
};

/** What the function of a shell says of itself when it starts us: `bash 0.1.0`. */
function loadedIn({
  AWSROLE_LOADED: said = '',
}: Environment): { shell: string; version: string } | undefined {
  const [, shell, version] = /^([A-Za-z]+) ([\w.+-]+)$/.exec(said) ?? [];
  return shell === undefined || version === undefined ? undefined : { shell, version };
}

function thisShell({ shell: env }: Examined): Finding[] {
  const loaded = loadedIn(env);
  if (loaded === undefined) return [];
  const { shell, version } = loaded;
  if (version === AWSROLE_VERSION) return [ok(`this shell (${shell}) has loaded awsrole ${version}`)];
  return [
    wrong(
      `this shell (${shell}) has loaded awsrole ${version}, and what is installed is ${AWSROLE_VERSION}`,
      'open a new shell',
    ),
  ];
}

function lookAt(shell: Shell, home: string, examined: Examined): Finding[] {
  const { context, shell: env } = examined;
  const files = shell.files(home, context);
  const found = files.flatMap((file) => loadingLine(file) ?? [])[0];
  if (found !== undefined) return [wired(shell, found), ...loginNote(shell, found, home)];
  const isOwn = shell.programs.includes(programName(env.SHELL ?? ''));
  if (!isOwn && !files.some((file) => existsSync(file)))
    return [ok(`${shell.title} has no start-up file, and is probably not used`)];
  const says = `no start-up file of ${shell.title}${isOwn ? ', your shell,' : ''} loads awsrole`;
  const todo = shell.todo(examined.root);
  return [isOwn && loadedIn(env) === undefined ? wrong(says, todo) : note(says, todo)];
}

function wired({ title }: Shell, { place, source }: LoadingLine): Finding {
  if (source !== undefined && !existsSync(source)) {
    return wrong(
      `${placeText(place)} loads awsrole into ${title} from ${printable(source)}, which is not there`,
      'run awsrole setup, or correct the line',
    );
  }
  return ok(`${placeText(place)} loads awsrole into ${title}`);
}

/** A login shell of bash reads only the first of its files, and .bashrc only where that one says so. */
function loginNote({ name }: Shell, { place }: LoadingLine, home: string): Finding[] {
  if (name !== 'bash' || place.file !== join(home, '.bashrc')) return [];
  const login = BASH_LOGIN.map((file) => join(home, file)).find((file) => existsSync(file));
  if (login === undefined || mentions(login, '.bashrc') || loadingLine(login) !== undefined) return [];
  return [
    note(
      `login shells of bash read ${printable(login)}, which neither loads awsrole nor reads .bashrc`,
      `add to it: . ~/.bashrc`,
    ),
  ];
}
