import { readFileSync } from 'node:fs';
import { AwsroleError } from '../errors.ts';
import { printable } from '../profiles/printable.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import type { SwitchOptions } from './session-lines.ts';

const value = (describe: string) => ({ type: 'string', describe, requiresArg: true }) as const;
const ROLE = 'The role, for this once:';

/** The flags that change something about the role, for yargs. */
export const ROLE_OPTIONS = {
  'source-profile': { ...value('The profile whose credentials assume the role'), group: ROLE },
  region: { ...value('The region of the session'), group: ROLE },
  duration: { ...value('How long it lasts: 1h30m, 45m, or seconds'), group: ROLE },
  'session-name': { ...value('The session name, which CloudTrail shows'), group: ROLE },
  'external-id': { ...value('The external id that the trust policy asks for'), group: ROLE },
  'mfa-serial': { ...value('The ARN or serial number of your MFA device'), group: ROLE },
  'source-identity': { ...value('Who you are, for CloudTrail; it stays in further roles'), group: ROLE },
  tag: { ...value('A session tag: --tag KEY=VALUE (may be repeated)'), group: ROLE },
  'transitive-tag': {
    ...value('The key of a tag to hand on to further roles (may be repeated)'),
    group: ROLE,
  },
  policy: { ...value('A file with a policy (JSON) that narrows the session'), group: ROLE },
  'policy-arn': { ...value('The ARN of a policy that narrows it (may be repeated)'), group: ROLE },
} as const;

/** The flags of a switch. */
export const SWITCH_OPTIONS = {
  refresh: { type: 'boolean', describe: 'Get a new session now, for a long run' },
  'mfa-code': value('Read the MFA code from standard input: --mfa-code -'),
  ...ROLE_OPTIONS,
} as const;

/** The flags that name a file. */
export const FILE_OPTIONS = ['--policy'];

/** What yargs makes of the flags; of those that are repeated, an array. */
type Flags = { readonly [flag: string]: unknown };

/** Reads the flags of a switch. @throws AwsroleError kind `usage` */
export function switchOptions(flags: Flags): SwitchOptions {
  const code = flags['mfa-code'];
  if (code !== undefined && code !== '-') {
    // Not repeated here: it may be a good code, and this is printed.
    throw new AwsroleError(
      'usage',
      'an MFA code is not taken from the command line, where other users can see it',
      { hint: 'pipe it in: --mfa-code -' },
    );
  }
  const refresh = flags.refresh === true;
  const overrides = overridesOf(flags);
  return {
    refresh,
    codeSource: code === undefined ? 'terminal' : 'stdin',
    overrides,
  };
}

const SINGLE = [
  ['source-profile', 'sourceProfile'],
  ['region', 'region'],
  ['duration', 'duration'],
  ['session-name', 'sessionName'],
  ['external-id', 'externalId'],
  ['mfa-serial', 'mfaSerial'],
  ['source-identity', 'sourceIdentity'],
] as const;
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
  return Object.keys(overrides).length === 0 ? undefined : overrides;
}

function all(flags: Flags, flag: string): string[] {
  const given = flags[flag];
  const texts = (given === undefined ? [] : [given].flat()).map(String);
  if (texts.includes('')) throw wrongFlag(flag, 'its value is empty', 'give it a value, or leave it out');
  return texts;
}

function once(flags: Flags, flag: string): string | undefined {
  const texts = all(flags, flag);
  if (texts.length > 1) throw wrongFlag(flag, `it is there ${texts.length} times`, 'give it once');
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
