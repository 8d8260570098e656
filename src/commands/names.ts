/** The commands that people are offered. */
export const OFFERED_COMMANDS = [
  'off',
  '-',
  'status',
  'exec',
  'env',
  'list',
  'explain',
  'whoami',
  'console',
  'clear',
  'new',
  'protect',
  'unprotect',
  'add',
  'rotate',
  'keys',
  'unlock',
  'lock',
  'doctor',
  'setup',
  'demo',
  'init',
  'help',
] as const;

/** The first words that are no profile. The build writes them into the shells' files (shell-names.ts). */
export const COMMANDS = [
  ...OFFERED_COMMANDS,
  'credential-process',
  'complete',
  'session-lines',
  'index-lines',
  'choice-line',
] as const;

/** The shells that there is a file for in shell/, as `awsrole init` calls them. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell', 'nushell', 'elvish', 'xonsh', 'posix'] as const;
