import { SWITCH_OPTIONS } from './switch-options.ts';

/** Those of a switch that decide how its session is got, and not what it may do. */
const { refresh, yes, 'mfa-code': mfaCode, 'source-profile': sourceProfile } = SWITCH_OPTIONS;

const value = (placeholder: string, describe: string) =>
  ({ type: 'string', describe, placeholder, requiresArg: true }) as const;

/** The options of `awsrole console`. */
export const CONSOLE_OPTIONS = {
  service: value('NAME', 'The page of a service: s3, logs, ddb, ...'),
  url: value('URL', 'Any page of the console, as the browser shows it'),
  region: value('REGION', 'The region of the page'),
  print: { type: 'boolean', describe: 'Print the URL instead of opening it' },
  duration: value('TIME', 'How long the console stays open, 15m to 12h; it needs an MFA code of its own'),
  refresh,
  yes,
  'mfa-code': mfaCode,
  'source-profile': sourceProfile,
} as const;
