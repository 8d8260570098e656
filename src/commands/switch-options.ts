import { readFileSync } from 'node:fs';
import type { CodeSource } from '../credentials/mfa/codes.ts';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';

/** An option as yargs takes it, and what help shows for its value. */
interface OptionText {
  readonly type: 'string' | 'boolean';
  readonly describe?: string;
  readonly placeholder?: string;
  readonly alias?: string;
  readonly requiresArg?: boolean;
  readonly hidden?: boolean;
}
export type OptionTexts = Readonly<Record<string, OptionText>>;

const value = (placeholder: string, describe: string) =>
  ({ type: 'string', describe, placeholder, requiresArg: true }) as const;

/** The flags that change something about the role. */
export const ROLE_OPTIONS = {
  'source-profile': value('PROFILE', 'The profile whose credentials are used to assume the role'),
  region: value('REGION', 'The region of the session'),
  duration: value('TIME', 'How long it lasts: 1h30m, 45m, or a number of seconds'),
  'session-name': value('NAME', 'The session name that CloudTrail shows'),
  'external-id': value('ID', 'The external id that the trust policy asks for'),
  'mfa-serial': value('ARN', 'The ARN or serial number of your MFA device'),
  'no-mfa': { type: 'boolean', describe: 'Without MFA: a role without a code, or the plain keys of a user' },
  'source-identity': value('NAME', 'Who you are, for CloudTrail; it stays with further roles'),
  tag: value('KEY=VALUE', 'A session tag, as KEY=VALUE (may be repeated)'),
  'transitive-tag': value('KEY', 'The key of a tag to pass on to further roles (may be repeated)'),
  policy: value('FILE', 'A file with a policy (JSON) that narrows the session'),
  'policy-arn': value('ARN', 'The ARN of a policy that narrows it (may be repeated)'),
} as const;

/** The flags of a switch. */
export const SWITCH_OPTIONS = {
  refresh: { type: 'boolean', describe: 'Get a new session now, such as before a long run' },
  yes: { type: 'boolean', describe: 'Do not ask before a switch to a guarded role' },
  'mfa-code': value('-', 'Read the MFA code from standard input, one line of it'),
  ...ROLE_OPTIONS,
} as const;

/** Those of `exec`. */
export const EXEC_OPTIONS = {
  ...SWITCH_OPTIONS,
  serve: {
    type: 'boolean',
    describe: 'For a command that runs longer than a session: its programs ask for new ones',
  },
} as const;

/** The option of what scripts read as well. */
export const JSON_OPTION = { json: { type: 'boolean', describe: 'As JSON, for scripts' } } as const;

/** The options of `explain`. */
export const EXPLAIN_OPTIONS = { ...ROLE_OPTIONS, ...JSON_OPTION } as const;

/** Those of `awsrole PROFILE`. */
export const PROFILE_OPTIONS = {
  ...SWITCH_OPTIONS,
  'dry-run': { type: 'boolean', describe: 'As explain: show what the switch would do, and do nothing' },
  json: { type: 'boolean', describe: 'With --dry-run: as JSON' },
  // The shell function's `awsrole -`: the words of an earlier switch, whose piped code is used up.
  again: { type: 'boolean', hidden: true },
  // A prompt's, past the time to renew: nobody is asked for anything.
  renew: { type: 'boolean', hidden: true },
} as const;

/** Those of every command. */
export const GENERAL_OPTIONS = {
  debug: { type: 'boolean', describe: 'Say on standard error what is done (never a secret)' },
  help: { type: 'boolean', describe: 'Show this help', alias: 'h' },
} as const;

/** The option that yargs answers itself. */
export const VERSION_OPTION = { version: { type: 'boolean', describe: 'Show the version' } } as const;

/** The flags that name a file. */
export const FILE_OPTIONS = ['--policy'];

export interface SwitchOptions {
  readonly codeSource: CodeSource;
  readonly refresh: boolean;
  /** Do not ask before a switch that is guarded. */
  readonly yes: boolean;
  /** What flags say of the profile; the session is then another than the name alone stands for. */
  readonly overrides?: Overrides | undefined;
}

/** What yargs makes of the flags; of those that are repeated, an array. */
type Flags = { readonly [flag: string]: unknown };

/** Reads the flags of a switch. @throws AwsroleError kind `usage` */
export function switchOptions(flags: Flags): SwitchOptions {
  const code = flags['mfa-code'];
  if (code !== undefined && code !== '-') {
    // Not repeated here: it may be a good code, and this is printed.
    throw new AwsroleError(
      'usage',
      'an MFA code is not accepted on the command line, where other users could see it',
      { hint: 'pipe it in: --mfa-code -' },
    );
  }
  const refresh = flags.refresh === true;
  const overrides = overridesOf(flags);
  return {
    refresh,
    yes: flags.yes === true,
    codeSource: code === undefined ? 'terminal' : 'stdin',
    overrides,
  };
}

/** The flags with one value, and the override that each is. */
export const SINGLE = [
  ['source-profile', 'sourceProfile'],
  ['region', 'region'],
  ['duration', 'duration'],
  ['session-name', 'sessionName'],
  ['external-id', 'externalId'],
  ['mfa-serial', 'mfaSerial'],
  ['source-identity', 'sourceIdentity'],
] as const;
/** The flags that may be repeated, and the override that each is. */
export const REPEATABLE = [
  ['tag', 'tags'],
  ['transitive-tag', 'transitiveTags'],
  ['policy-arn', 'policyArns'],
] as const;

/** Reads the flags that change the profile; undefined when there are none. */
function overridesOf(flags: Flags): Overrides | undefined {
  const overrides: { -readonly [Key in keyof Overrides]: Overrides[Key] } = {};
  for (const [flag, key] of SINGLE) {
    const text = once(flags, flag);
    if (text !== undefined) overrides[key] = text;
  }
  for (const [flag, key] of REPEATABLE) {
    const texts = all(flags, flag);
    if (texts.length > 0) overrides[key] = texts;
  }
  const file = once(flags, 'policy');
  if (file !== undefined) overrides.policy = { file, text: readPolicy(file) };
  if (flags['no-mfa'] === true) overrides.noMfa = true;
  return Object.keys(overrides).length === 0 ? undefined : overrides;
}

function all(flags: Flags, flag: string): string[] {
  const given = flags[flag];
  const texts = (given === undefined ? [] : [given].flat()).map(String);
  if (texts.includes('')) throw wrongFlag(flag, 'its value is empty', 'give it a value, or leave it out');
  return texts;
}

/** Reads an option that is given once. @throws AwsroleError kind `usage` */
export function once(flags: Flags, flag: string): string | undefined {
  const texts = all(flags, flag);
  if (texts.length > 1) throw wrongFlag(flag, `it was given ${texts.length} times`, 'give it once');
  return texts[0];
}

function readPolicy(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const reason = printable((error as Error).message);
    throw wrongFlag(
      'policy',
      `${printable(file)} cannot be read: ${reason}`,
      'name a file with a policy (JSON)',
    );
  }
}

function wrongFlag(flag: string, message: string, hint: string): AwsroleError {
  return new AwsroleError('usage', `--${flag}: ${message}`, { hint });
}
