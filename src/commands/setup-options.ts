/** The options of `awsrole setup`. */
export const SETUP_OPTIONS = {
  shell: {
    type: 'string',
    array: true,
    choices: ['bash', 'zsh', 'fish', 'powershell', 'pwsh'],
    placeholder: 'NAME',
    describe: 'Only this shell, also where it has no start-up file yet (may be repeated)',
    requiresArg: true,
  },
  'dry-run': { type: 'boolean', describe: 'Show what would be changed, as a diff' },
  uninstall: { type: 'boolean', describe: 'Remove it from the start-up files' },
  'keep-sessions': { type: 'boolean', describe: 'With --uninstall: keep the sessions' },
  yes: { type: 'boolean', describe: 'Ask nothing: create start-up files, and remove sessions' },
  demo: { type: 'boolean', describe: 'Start the demo afterwards' },
  // The installers': leave the start-up files alone; the folder to install into; what is installed.
  'no-rc': { type: 'boolean', hidden: true },
  prefix: { type: 'string', hidden: true, requiresArg: true },
  from: { type: 'string', hidden: true, requiresArg: true },
} as const;
