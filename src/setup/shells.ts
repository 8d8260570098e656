import { existsSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../context.ts';
import { entriesOf } from '../files/temporary-file.ts';
import { linesOf } from './start-up-file.ts';

/** What `awsrole init` and `awsrole setup` call the shells that awsrole can be loaded in. */
export type ShellName = 'bash' | 'zsh' | 'fish' | 'powershell';

/** A shell that awsrole can be loaded in. */
export interface Shell {
  readonly name: ShellName;
  /** What people call it. */
  readonly title: string;
  /** What it is started as. */
  readonly programs: readonly string[];
  /** Its start-up files, in the order in which they are looked through. */
  readonly files: (home: string, context: Context) => readonly string[];
  /** What to add, and where. */
  readonly todo: (root: string) => string;
}

/** The files of a login bash, which reads only the first that is there. */
export const BASH_LOGIN = ['.bash_profile', '.bash_login', '.profile'];

/** The shells that awsrole can be loaded in. */
export const SHELLS: readonly Shell[] = [
  {
    name: 'bash',
    title: 'bash',
    programs: ['bash'],
    files: (home) => ['.bashrc', ...BASH_LOGIN].map((name) => join(home, name)),
    todo: () => 'run awsrole setup, or add to ~/.bashrc: eval "$(awsrole init bash)"',
  },
  {
    name: 'zsh',
    title: 'zsh',
    programs: ['zsh'],
    todo: () => 'run awsrole setup, or add to ~/.zshrc: eval "$(awsrole init zsh)"',
    files: (home, context) =>
      ['.zshrc', '.zshenv', '.zprofile'].map((name) => join(zshFolder(home, context), name)),
  },
  {
    name: 'fish',
    title: 'fish',
    programs: ['fish'],
    todo: () => 'run awsrole setup, or add to ~/.config/fish/config.fish: awsrole init fish | source',
    files: (home, context) => {
      const folder = fishFolder(home, context);
      const more = entriesOf(join(folder, 'conf.d')).filter((name) => name.endsWith('.fish'));
      return [join(folder, 'config.fish'), ...more.map((name) => join(folder, 'conf.d', name))];
    },
  },
  {
    name: 'powershell',
    title: 'PowerShell',
    programs: ['pwsh', 'powershell'],
    todo: (root) =>
      `run awsrole setup, or add to the file that $PROFILE names: . '${join(root, 'shell', 'awsrole.ps1').replaceAll("'", "''")}'`,
    files: (home, context) =>
      powershellFolders(home, context).flatMap((folder) =>
        [POWERSHELL_PROFILE, 'profile.ps1'].map((name) => join(folder, name)),
      ),
  },
];

/** The file that $PROFILE names, in each of PowerShell's folders. */
export const POWERSHELL_PROFILE = 'Microsoft.PowerShell_profile.ps1';

/**
 * The folder of zsh's start-up files: ZDOTDIR, which `~/.zshenv` may set without exporting it. Only what is plain there is
 * understood.
 */
export function zshFolder(home: string, { env }: Pick<Context, 'env'>): string {
  if (env.ZDOTDIR) return env.ZDOTDIR;
  const config = env.XDG_CONFIG_HOME || join(home, '.config');
  const said = linesOf(join(home, '.zshenv')).flatMap((line) => {
    const set = /^\s*(?:[^#\s].*[\s;&])?ZDOTDIR=((?:"[^"]*"|'[^']*'|[^"'\s;&])+)/.exec(line)?.[1];
    const unlessSet = /^\s*:\s+"?\$\{ZDOTDIR:?=(.+)\}"?\s*(?:#.*)?$/.exec(line)?.[1];
    const value = (set ?? unlessSet)?.replace(/["']/g, '');
    return value === undefined ? [] : value.replace(/^\$\{ZDOTDIR:?-(.+)\}$/, '$1');
  });
  const folder = said
    .at(-1)
    ?.replace(/\$\{XDG_CONFIG_HOME:?-([^}]*)\}/g, (_, otherwise: string) => env.XDG_CONFIG_HOME || otherwise)
    .replace(/\$XDG_CONFIG_HOME\b|\$\{XDG_CONFIG_HOME\}/g, config)
    .replace(/\$HOME\b|\$\{HOME\}|^~(?=\/)/g, home);
  return folder !== undefined && isAbsolute(folder) && existsSync(folder) ? folder : home;
}

/** The folder of fish's start-up files. */
export function fishFolder(home: string, { env }: Pick<Context, 'env'>): string {
  return join(env.XDG_CONFIG_HOME || join(home, '.config'), 'fish');
}

/** The folders of PowerShell's profiles, unless they are moved, as OneDrive does on Windows. */
export function powershellFolders(
  home: string,
  { env, platform }: Pick<Context, 'env' | 'platform'>,
): string[] {
  return platform === 'win32'
    ? ['PowerShell', 'WindowsPowerShell'].map((name) => join(home, 'Documents', name))
    : [join(env.XDG_CONFIG_HOME || join(home, '.config'), 'powershell')];
}

/** The name of a shell by that of its program, or of the path to it; undefined for one of another kind. */
export function shellNamed(program: string): Shell | undefined {
  const name = programName(program);
  return SHELLS.find((shell) => shell.programs.includes(name));
}

/** `/usr/bin/zsh`, `-zsh` and `zsh.exe` are all `zsh`. */
export function programName(program: string): string {
  return program
    .replace(/^.*[/\\]/, '')
    .replace(/^-/, '')
    .replace(/\.exe$/i, '');
}
