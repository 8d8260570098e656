import { fileURLToPath } from 'node:url';

/** A line that loads the function into each new shell, and the file that it belongs into. */
export interface StartUpLine {
  readonly file: string;
  readonly line: string;
}

/** What `awsrole init` calls the shells whose programs have other names. */
export const INIT_NAMES: ReadonlyMap<string, string> = new Map([
  ['pwsh', 'powershell'],
  ['nu', 'nushell'],
  ...'ash busybox dash ksh ksh93 lksh mksh oksh posh sh'
    .split(' ')
    .map((program): [string, string] => [program, 'posix']),
]);

/** Returns the line for a shell, undefined for one of another kind. @param program how the line calls awsrole */
export function startUpLine(shell: string, program = 'awsrole'): StartUpLine | undefined {
  switch (shell) {
    case 'bash':
      return { file: '~/.bashrc', line: `eval "$(${program} init bash)"` };
    case 'zsh':
      return { file: '~/.zshrc', line: `eval "$(${program} init zsh)"` };
    case 'fish':
      return { file: '~/.config/fish/config.fish', line: `${program} init fish | source` };
    case 'nushell': {
      // nushell reads files when it starts, and what is in them then. Its autoload folder is read behind config.nu.
      return {
        file: '~/.config/nushell/config.nu',
        line: `mkdir ($nu.user-autoload-dirs.0); ^${program} init nushell | save --force ($nu.user-autoload-dirs.0 | path join awsrole.nu)`,
      };
    }
    case 'elvish':
      return { file: '~/.config/elvish/rc.elv', line: `eval (${program} init elvish | slurp)` };
    case 'xonsh':
      return { file: '~/.config/xonsh/rc.xsh', line: `execx($(${program} init xonsh))` };
    case 'posix':
      return {
        file: 'the file that your shell reads when it starts (~/.kshrc, ~/.mkshrc, or the one that ENV names in ~/.profile)',
        line: `eval "$(${program} init posix)"`,
      };
    case 'powershell': {
      // PowerShell takes the four typographic quotes for the plain one.
      const file = fileURLToPath(new URL('../shell/awsrole.ps1', import.meta.url)).replace(/['‘-‛]/g, '$&$&');
      return { file: 'the file that $PROFILE names', line: `. '${file}'` };
    }
    default:
      return undefined;
  }
}
