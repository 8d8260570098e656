import { dirname, join, relative } from 'node:path';
import { binOf, type Installation, realOf } from './installation.ts';
import type { ShellName } from './shells.ts';

// The lines that load awsrole into a shell. They do no harm under `set -eu`, without PATH, and when awsrole is gone.

/** A line for a start-up file, and what to type to have awsrole at once. */
export interface Loading {
  readonly line: string;
  readonly typed: string;
}

/** Returns how a shell loads awsrole. */
export function loadingOf(shell: ShellName, installation: Installation, platform: NodeJS.Platform): Loading {
  return installation.kind === 'path'
    ? byName(shell, installation, platform)
    : byFile(shell, installation, platform);
}

/** From a file that stays where it is: no process is started. */
function byFile(shell: ShellName, installation: Installation, platform: NodeJS.Platform): Loading {
  const word = fileWord(shell, installation, platform);
  switch (shell) {
    case 'bash':
      // .profile is read by every sh.
      return {
        line: `if [ -n "\${BASH_VERSION-}" ] && [ -r ${word} ]; then . ${word}; fi`,
        typed: `. ${word}`,
      };
    case 'zsh':
      return { line: `if [ -r ${word} ]; then . ${word}; fi`, typed: `. ${word}` };
    case 'fish':
      return { line: `if test -r ${word}; source ${word}; end`, typed: `source ${word}` };
    case 'powershell': {
      const typed = importOf(/^'[^']*'$/.test(word) ? word : `(${word})`);
      return { line: `if ([IO.File]::Exists(${word})) { ${importOf(`(${word})`)} }`, typed };
    }
  }
}

/**
 * Imports the module itself: awsrole.ps1 and the manifest on the way are a fifth of what loading takes. Import-Module takes
 * a path for a pattern. -Global, as a profile may be read by a function.
 */
function importOf(file: string): string {
  const isPlain = /^[^[\]*?`$]*$/.test(file);
  const path = isPlain ? file : `([Management.Automation.WildcardPattern]::Escape(${file}))`;
  return `Import-Module ${path} -Global`;
}

/** By the program on PATH: its files may be elsewhere tomorrow, as with another Node.js under nvm. */
function byName(shell: ShellName, installation: Installation, platform: NodeJS.Platform): Loading {
  switch (shell) {
    case 'bash':
      return {
        line: `if [ -n "\${BASH_VERSION-}" ] && command -v awsrole >/dev/null; then eval "$(awsrole init bash)"; fi`,
        typed: 'eval "$(awsrole init bash)"',
      };
    case 'zsh':
      return {
        line: 'if command -v awsrole >/dev/null; then eval "$(awsrole init zsh)"; fi',
        typed: 'eval "$(awsrole init zsh)"',
      };
    case 'fish':
      return {
        line: 'if command -q awsrole; awsrole init fish | source; end',
        typed: 'awsrole init fish | source',
      };
    case 'powershell': {
      const { line, typed } = byFile(shell, installation, platform);
      return { line: powershellByName(installation, platform) ?? line, typed };
    }
  }
}

/** PowerShell reads a file, which it finds by the program; undefined where that says nothing, and the file stays anyway. */
function powershellByName({ program, root }: Installation, platform: NodeJS.Platform): string | undefined {
  if (program === undefined) return undefined;
  const found = "$it = $ExecutionContext.InvokeCommand.GetCommand('awsrole', 'Application')";
  const below = relative(realOf(dirname(program)) ?? '', realOf(root) ?? '');
  if (platform === 'win32') {
    if (below.startsWith('..')) return undefined;
    const words = [...below.split(/[/\\]/), 'shell', 'awsrole.psm1'].map(powershellWord).join(', ');
    return `& { if (${found}) { $to = [IO.Path]::Combine(@([IO.Path]::GetDirectoryName($it.Path), ${words})); if ([IO.File]::Exists($to)) { ${importOf('$to')} } } }`;
  }
  // npm makes a link to the launcher, beside which the file is.
  if (dirname(realOf(program) ?? '') !== join(realOf(root) ?? '', 'shell')) return undefined;
  return `& { if (${found}) { $to = [IO.File]::ResolveLinkTarget($it.Path, $true); if ($to) { ${importOf("[IO.Path]::Combine($to.DirectoryName, 'awsrole.psm1')")} } } }`;
}

/** The line that puts the program's folder on PATH, where that is awsrole's to do; undefined where it is not. */
export function pathLine(
  shell: ShellName,
  installation: Installation,
  platform: NodeJS.Platform,
): string | undefined {
  const bin = binOf(installation);
  if (bin === undefined) return undefined;
  const word = wordOf(shell, bin, platform);
  switch (shell) {
    case 'bash':
    case 'zsh':
      return `case ":\${PATH-}:" in *:${word}:*) ;; *) PATH=\${PATH:+$PATH:}${word}; export PATH ;; esac`;
    case 'fish':
      return `contains -- ${word} $PATH; or set -gx PATH $PATH ${word}`;
    case 'powershell': {
      const separator = platform === 'win32' ? ';' : ':';
      return `if ($env:PATH.Split('${separator}') -notcontains (${word})) { $env:PATH += '${separator}' + ${word} }`;
    }
  }
}

/** True for a block of this installation: another one's is not this one's to take out. */
export function isOfInstallation(
  block: string,
  installation: Installation,
  { platform, own }: { readonly platform: NodeJS.Platform; readonly own: (text: string) => string },
): boolean {
  const words = [installation.root, realOf(installation.root) ?? installation.root].flatMap((root) => {
    const file = join(root, 'shell', 'awsrole.');
    // The last is what install.sh wrote before.
    return [wordOf('bash', file, platform), powershellWord(file), `'${file.replace(/['‘-‛]/g, '$&$&')}'`];
  });
  if (words.some((word) => block.includes(own(word.slice(0, -1))))) return true;
  return installation.kind === 'path' && /\bawsrole init\b|GetCommand\('awsrole'/.test(block);
}

/**
 * Makes known what makes programs of npm's found: a line that needs awsrole on PATH has to come behind it. The version
 * manager n needs a line with PATH.
 */
export function makesFound(text: string): boolean {
  return text
    .split('\n')
    .some((line) => !/^\s*#/.test(line) && /\b(?:nvm|fnm|volta|asdf|mise|nodenv)\b|\bPATH\b/i.test(line));
}

function fileWord(shell: ShellName, { root }: Installation, platform: NodeJS.Platform): string {
  return wordOf(shell, join(root, 'shell', `awsrole.${shell === 'powershell' ? 'psm1' : shell}`), platform);
}

function wordOf(shell: ShellName, path: string, platform: NodeJS.Platform): string {
  if (shell === 'powershell') return powershellWord(path);
  // In Git Bash the drives are folders.
  const posix =
    platform === 'win32'
      ? path
          .replace(/^([A-Za-z]):[\\/]/, (_, drive: string) => `/${drive.toLowerCase()}/`)
          .replaceAll('\\', '/')
      : path;
  return shell === 'fish'
    ? `'${posix.replaceAll('\\', '\\\\').replaceAll("'", "'\\''")}'`
    : `'${posix.replaceAll("'", "'\\''")}'`;
}

/** A text as an expression in plain ASCII: which encoding a profile is read in depends on who reads it. */
function powershellWord(text: string): string {
  const letters = text
    .split('')
    .map((letter) => {
      if (letter === "'") return "''";
      return letter >= ' ' && letter <= '~' ? letter : `' + [char]${letter.charCodeAt(0)} + '`;
    })
    .join('');
  return `'${letters}'`;
}
