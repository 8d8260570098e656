import { posix, win32 } from 'node:path';
import type { Context } from './context.ts';
import type { AwsroleError } from './errors.ts';
import { accountId } from './profiles/account-id.ts';
import { didYouMean } from './profiles/closest-names.ts';
import { secondsOfDuration } from './profiles/duration.ts';
import { homeFolder } from './profiles/file-location.ts';
import { GUARD_MINUTES_FORM, type GuardRules, guardMinutes } from './profiles/guard.ts';
import { errorAt, type InFile, placed } from './profiles/place.ts';
import { hasControlCharacter, quoted } from './profiles/printable.ts';
import type { Property } from './profiles/shared-config-file.ts';
import { readIfThere } from './profiles/text-file.ts';
import { xdgFolder } from './profiles/xdg-folder.ts';

/** awsrole's own settings, which are not AWS's. */
export interface Settings {
  /** Where sessions are kept: in private files, or in the keyring of the desktop and nowhere else. */
  readonly keepSessions: 'files' | 'keyring';
  /** Whether sessions are taken from the AWS CLI's cache, and put there: into plain files, which `keyring` rules out. */
  readonly awsCliCache: 'off' | 'read' | 'read-write';
  /** The length of an MFA session whose profile sets none: seconds, 900 to 129600. */
  readonly mfaSessionSeconds: number;
  /** Whether a switch may say, once a week, what could be safer. */
  readonly advice: boolean;
  /** What shows the profiles to choose from: our own list, or the user's fzf where it is installed. */
  readonly picker: 'awsrole' | 'fzf';
  /** Where `awsrole protect` and `add` put keys; undefined: the first store that works here. */
  readonly keyStore?: 'keyring' | 'pass' | 'age';
  /** The user's own age identity file. */
  readonly keyStoreIdentity?: string;
  /** Whether a prompt has the core renew, in the background, what takes no MFA code. */
  readonly renew?: 'auto';
  /** The command that opens a page of the console. */
  readonly browser?: Property;
  /** The section `[guard]`: which switches are asked about first. */
  readonly guard?: GuardRules;
  /** The section `[accounts]`: names of accounts by their ids. */
  readonly accountNames?: ReadonlyMap<string, string>;
}

const DEFAULTS: Settings = {
  keepSessions: 'files',
  awsCliCache: 'read-write',
  mfaSessionSeconds: 43_200,
  advice: true,
  picker: 'awsrole',
};
const NAMES = [
  'aws_cli_cache',
  'keep_sessions',
  'mfa_session_duration',
  'advice',
  'picker',
  'key_store',
  'key_store_identity',
  'renew',
  'browser',
];

/** The hint on how to write `mfa_session_duration`, here or in an AWS profile. */
export const MFA_SESSION_FORM = 'write a duration of 15m to 36h, such as 12h';

/** True for a number of seconds that GetSessionToken takes, by the model of STS. */
export function isMfaSessionLength(seconds: number | undefined): seconds is number {
  return seconds !== undefined && seconds >= 900 && seconds <= 129_600;
}

/** `${XDG_CONFIG_HOME:-~/.config}/awsrole/config`; undefined without a home. */
export function settingsFile(context: Pick<Context, 'env' | 'platform'>): string | undefined {
  return xdgFolder(context, 'XDG_CONFIG_HOME', { below: '.config' }, 'awsrole', 'config');
}

/**
 * Reads awsrole's settings file. A setting that does not exist is a warning on standard error.
 * @throws AwsroleError kind `configuration`, with file and line, for a value that is none, or a file that cannot be read
 */
export async function loadSettings(context: Context): Promise<Settings> {
  const file = settingsFile(context);
  if (file === undefined) return DEFAULTS;
  const text = readIfThere(file, "it has awsrole's settings: make it readable, or remove it");
  if (text === undefined) return DEFAULTS;
  const { parse } = await import('ini');
  // A setting that is written several times is a list of all its values: what counts in [guard], elsewhere the last.
  const { guard, accounts, ...written } = parse(text, { bracketedArray: false });
  const values = Object.fromEntries(
    Object.entries(written).map(([name, value]) => [name, [value].flat().at(-1)]),
  );
  const at: At = (name) => ({ file, line: lineOf(text, name) });
  for (const name of Object.keys(values)) {
    if (NAMES.includes(name)) continue;
    const what = placed(at(name), `awsrole has no setting ${quoted(name)}`);
    context.warn(`${what}; ${didYouMean(name, NAMES) ?? `there are ${NAMES.join(', ')}`}`);
  }
  const refused = (name: string, form: string): AwsroleError =>
    errorAt(at(name), `${name} is ${quoted(String(values[name]))}`, form);

  const { aws_cli_cache: cache = DEFAULTS.awsCliCache, mfa_session_duration: length } = values;
  if (cache !== 'off' && cache !== 'read' && cache !== 'read-write') {
    throw refused('aws_cli_cache', 'write off, read or read-write');
  }
  const { keep_sessions: keepSessions = DEFAULTS.keepSessions } = values;
  if (keepSessions !== 'files' && keepSessions !== 'keyring') {
    throw refused('keep_sessions', 'write files or keyring');
  }
  const seconds = length === undefined ? DEFAULTS.mfaSessionSeconds : secondsOfDuration(String(length));
  if (!isMfaSessionLength(seconds)) {
    throw refused('mfa_session_duration', MFA_SESSION_FORM);
  }
  const { advice = true } = values;
  const isOff = advice === 'off' || advice === false;
  if (!isOff && advice !== 'on' && advice !== true) throw refused('advice', 'write on or off');
  const { picker = DEFAULTS.picker } = values;
  if (picker !== 'awsrole' && picker !== 'fzf') throw refused('picker', 'write awsrole or fzf');
  const { key_store: keyStore, key_store_identity: identity } = values;
  if (keyStore !== undefined && keyStore !== 'keyring' && keyStore !== 'pass' && keyStore !== 'age') {
    throw refused('key_store', 'write keyring, pass or age');
  }
  const { renew = 'off' } = values;
  if (renew !== 'auto' && renew !== 'off' && renew !== false) throw refused('renew', 'write auto or off');
  const { isAbsolute, join } = context.platform === 'win32' ? win32 : posix;
  const home = homeFolder(context.env, context.platform);
  const keyStoreIdentity =
    identity === undefined ? undefined : String(identity).replace(/^~(?=[/\\])/, home ?? '~');
  if (keyStoreIdentity !== undefined && !isAbsolute(keyStoreIdentity)) {
    throw refused(
      'key_store_identity',
      `write the full path of an age identity, such as ${join('~', 'age.key')}`,
    );
  }
  const { browser } = values;
  if (browser !== undefined && (typeof browser !== 'string' || hasControlCharacter(browser))) {
    throw refused('browser', 'write one command, such as: firefox -P {profile} {url}');
  }
  return {
    keepSessions,
    awsCliCache: keepSessions === 'keyring' && cache === 'read-write' ? 'read' : cache,
    mfaSessionSeconds: seconds,
    advice: !isOff,
    picker,
    ...(keyStore && { keyStore }),
    ...(keyStoreIdentity && { keyStoreIdentity }),
    ...(renew === 'auto' && { renew }),
    ...(browser !== undefined && { browser: { value: browser, ...at('browser') } }),
    ...(guard !== undefined && { guard: guardRules(guard, at) }),
    ...(accounts !== undefined && { accountNames: accountNamesOf(accounts, at) }),
  };
}

type At = (name: string) => InFile;

/** Reads `[guard]`. Whatever is wrong in it is refused, as a guard that is mistyped must not be none. */
function guardRules(section: unknown, at: At): GuardRules {
  const { confirm, minutes: time, ...unknown } = entriesOf(section, 'guard', 'confirm = *prod*', at);
  const [other] = Object.keys(unknown);
  if (other !== undefined) {
    throw errorAt(at(other), `[guard] has no setting ${quoted(other)}`, 'there are confirm and minutes');
  }
  const written = [confirm ?? []].flat();
  // `confirm` alone, or `= true`, which `ini` does not tell apart.
  const texts = written.map((text) => (typeof text === 'string' ? text : ''));
  const patterns = texts.flatMap((text) => text.split(',').map((pattern) => pattern.trim()));
  const wrong = patterns.find(
    (one) => one === '' || /^account:(?!\d{12}$)/i.test(one) || hasControlCharacter(one),
  );
  if (wrong !== undefined) {
    const form = 'write names of profiles (* matches anything) or account:123456789012, separated by commas';
    throw errorAt(at('confirm'), `confirm is ${quoted(written.join(', '))}`, form);
  }
  const minutes = time === undefined ? undefined : guardMinutes(String(time));
  if (time !== undefined && minutes === undefined) {
    throw errorAt(at('minutes'), `minutes is ${quoted(String(time))}`, GUARD_MINUTES_FORM);
  }
  return { patterns, file: at('confirm').file, minutes };
}

function accountNamesOf(section: unknown, at: At): ReadonlyMap<string, string> {
  const names = Object.entries(entriesOf(section, 'accounts', '123456789012 = acme-prod', at));
  return new Map(
    names.map(([id, written]) => {
      const name = String(written);
      if (
        accountId(id) === undefined ||
        typeof written !== 'string' ||
        name === '' ||
        hasControlCharacter(name)
      ) {
        throw errorAt(
          at(id),
          `${quoted(id)} is ${quoted(name)}`,
          'write an account and its name: 123456789012 = acme-prod',
        );
      }
      return [id, name];
    }),
  );
}

/** What a section says. @throws AwsroleError kind `configuration` where the name is that of a setting instead */
function entriesOf(
  section: unknown,
  name: string,
  example: string,
  at: At,
): Readonly<Record<string, unknown>> {
  if (typeof section === 'object' && section !== null && !Array.isArray(section)) return { ...section };
  throw errorAt(at(name), `${name} is a section`, `write [${name}], and below it such as: ${example}`);
}

/** Finds the line of a setting, which `ini` does not tell. */
function lineOf(text: string, name: string): number {
  const lines = text.split(/\r\n|\r|\n/);
  return lines.findLastIndex((line) => line.split('=', 1)[0]?.trim() === name) + 1 || 1;
}
