import { SWITCH_OPTIONS } from './switch-options.ts';

/** What `awsrole env` can write, and what that is. */
export const ENV_FORMATS = {
  sh: 'Statements for sh, bash, zsh and the like',
  fish: 'Statements for fish',
  powershell: 'Statements for PowerShell',
  docker: 'A file for docker run --env-file',
  systemd: 'A file for EnvironmentFile= of systemd',
  node: 'A file for node --env-file',
  json: 'An object of all variables',
  'credential-process': 'What a credential_process answers',
  github: 'For the later steps of a job of GitHub Actions',
} as const;
export type EnvFormat = keyof typeof ENV_FORMATS;

/** The options of `awsrole env`. */
export const ENV_OPTIONS = {
  format: {
    type: 'string',
    choices: Object.keys(ENV_FORMATS) as EnvFormat[],
    placeholder: 'FORMAT',
    describe: `For whom: ${Object.keys(ENV_FORMATS).join(', ')}`,
    requiresArg: true,
  },
  ...SWITCH_OPTIONS,
} as const;
