import { accessSync, constants, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Environment } from '../context.ts';
import { findProgram } from '../find-program.ts';

/** A shell that the demo can open. */
export interface DemoShell {
  readonly name: 'bash' | 'zsh' | 'fish' | 'pwsh' | 'sh';
  /** The program's path. */
  readonly file: string;
  /** Whether it has the shell function, so that `awsrole PROFILE` can change it. */
  readonly wired: boolean;
}

/** The programs that have the shell function. */
const KNOWN = new Map<string, DemoShell['name']>([
  ['bash', 'bash'],
  ['zsh', 'zsh'],
  ['fish', 'fish'],
  ['pwsh', 'pwsh'],
  ['powershell', 'pwsh'],
]);

/** Makes the start-up files of a demo's home folder, by their paths in it: they load the shell function and set a short prompt. */
export function startUpFiles(root: string): [string, string][] {
  return [
    ['.bashrc', `${loadLine('bash', root)}\nPS1='demo$ '\n`],
    ['.zshrc', `${loadLine('zsh', root)}\nPROMPT='demo%% '\nRPROMPT=\n`],
    [
      '.config/fish/config.fish',
      `${loadLine('fish', root)}\nset -g fish_greeting\nfunction fish_prompt; echo -n 'demo> '; end\n`,
    ],
    ['.shrc', "PS1='demo$ '\n"],
    ['demo.ps1', `${loadLine('pwsh', root)}\nfunction prompt { 'demo> ' }\n`],
  ];
}

/** Makes the line that loads the shell function. */
export function loadLine(shell: Exclude<DemoShell['name'], 'sh'>, root: string): string {
  if (shell === 'pwsh') return `. ${quotedForPowerShell(join(root, 'shell', 'awsrole.ps1'))}`;
  if (shell === 'fish') return `source ${quotedForFish(join(root, 'shell', 'awsrole.fish'))}`;
  return `. ${quoted(join(root, 'shell', `awsrole.${shell}`))}`;
}

/** Returns the arguments for an interactive shell that reads no file of the user's but those in `home`. */
export function interactiveArguments({ name }: DemoShell, home: string): string[] {
  if (name === 'pwsh') {
    // On Windows its profile is not in the home folder; there a policy may forbid scripts.
    return [
      '-NoLogo',
      '-NoProfile',
      '-ExecutionPolicy',
      'Bypass',
      '-NoExit',
      '-File',
      join(home, 'demo.ps1'),
    ];
  }
  // zsh finds its file by ZDOTDIR, fish by XDG_CONFIG_HOME, sh by ENV.
  return name === 'bash' ? ['--rcfile', join(home, '.bashrc'), '-i'] : ['-i'];
}

/**
 * Chooses the user's shell if it is one we know, else bash, else sh; undefined where there is none. PowerShell's function
 * says by SHELL that it is the one.
 */
export function interactiveShell(env: Environment): DemoShell | undefined {
  const own = env.SHELL ?? '';
  const name = KNOWN.get(basename(own).replace(/\.exe$/i, ''));
  if (name !== undefined && isProgram(own)) return { name, file: own, wired: true };
  return findShell('bash', env) ?? findShell('sh', env);
}

/** Chooses the shells for a demo without a person: bash and zsh as far as they are installed, else sh. */
export function scriptShells(env: Environment): DemoShell[] {
  const known = [findShell('bash', env), findShell('zsh', env)].filter((shell) => shell !== undefined);
  const sh = findShell('sh', env);
  return known.length > 0 || sh === undefined ? known : [sh];
}

function findShell(name: DemoShell['name'], env: Environment): DemoShell | undefined {
  const file = findProgram(name, env);
  return file === undefined ? undefined : { name, file, wired: name !== 'sh' };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** Quotes a text as one word for bash, zsh and sh. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Quotes a text as one word for fish. */
function quotedForFish(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

/** Quotes a text as one word for PowerShell, which takes the four typographic quotes for the plain one. */
function quotedForPowerShell(text: string): string {
  return `'${text.replaceAll(/['\u2018-\u201b]/g, '$&$&')}'`;
}
