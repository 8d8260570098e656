/** The commands that people are offered. */
export const OFFERED_COMMANDS = [
  'off',
  '-',
  'status',
  'exec',
  'list',
  'explain',
  'whoami',
  'clear',
  'demo',
  'init',
  'help',
] as const;

/** What each of them does, in a few words, for shells that show it at Tab: none has a quote, a bar or a colon in it. */
export const ABOUT: Readonly<Record<(typeof OFFERED_COMMANDS)[number], string>> = {
  off: 'Put back what the shell held',
  '-': 'Back to the role before',
  status: 'What this shell holds',
  exec: 'Run a command with a role',
  list: 'The profiles and their kept sessions',
  explain: 'What a switch would do, and why',
  whoami: 'Ask AWS who this shell is',
  clear: 'Remove kept sessions',
  demo: 'Try it in a sandbox',
  init: 'Print the shell function',
  help: 'Say how awsrole or a command is used',
};

/** The first words that are no profile. The build writes them into the shells' files (shell-names.ts). */
export const COMMANDS = [
  ...OFFERED_COMMANDS,
  'credential-process',
  'complete',
  'session-lines',
  'index-lines',
] as const;

/** The shells that there is a file for in shell/, as `awsrole init` calls them. */
export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;
