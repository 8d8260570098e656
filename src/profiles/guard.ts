import { errorAt, placeText } from './place.ts';
import { quoted } from './printable.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import type { Property } from './shared-config-file.ts';

/** What awsrole's settings guard: their section `[guard]`. */
export interface GuardRules {
  /** Patterns of names (`*prod*`), or `account:` and the id of an account; `*` and `?` stand for any letters. */
  readonly patterns: readonly string[];
  /** For how long a shell may hold what a pattern guards; undefined: until it is switched. */
  readonly minutes?: number | undefined;
  /** The settings file. */
  readonly file: string;
}

/** That a switch to a profile is asked about first. */
export interface Guard {
  /** What says so: `awsrole_guard, FILE:LINE`. */
  readonly because: string;
  /** After how many minutes the shell is put back. */
  readonly minutes?: number | undefined;
}

/** The most minutes of a guard: a day. */
export const MOST_GUARD_MINUTES = 1440;
/** The hint on how to write the minutes of a guard, here or in the settings. */
export const GUARD_MINUTES_FORM = `write a number of minutes, 1 to ${MOST_GUARD_MINUTES}`;

/** Reads the minutes of a guard; undefined when they are none. */
export function guardMinutes(text: string): number | undefined {
  const minutes = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  return minutes >= 1 && minutes <= MOST_GUARD_MINUTES ? minutes : undefined;
}

/**
 * Returns the guard of a profile: what itself says with `awsrole_guard = confirm` or `awsrole_guard_minutes`, or a pattern
 * of the settings that fits its name, or its account.
 * @throws AwsroleError kind `configuration`, with file and line: a guard that is mistyped must not be none
 */
export function guardOf(
  store: ProfileStore,
  { profile, accountId }: { readonly profile: string; readonly accountId: string | undefined },
  rules: GuardRules | undefined,
): Guard | undefined {
  const says = setting(store, profile, 'awsrole_guard');
  if (says !== undefined && says.value.toLowerCase() !== 'confirm') {
    throw errorAt(says, `awsrole_guard is ${quoted(says.value)}`, 'write confirm, or delete the line');
  }
  const time = setting(store, profile, 'awsrole_guard_minutes');
  const minutes = time && minutesOf(time);
  const [first] = [says && 'awsrole_guard', time && 'awsrole_guard_minutes'].filter(Boolean);
  const place = says ?? time;
  if (place !== undefined) {
    return { because: `${first}, ${placeText(place)}`, minutes: minutes ?? rules?.minutes };
  }
  const pattern = rules?.patterns.find((one) => fits(one, profile, accountId));
  if (rules === undefined || pattern === undefined) return undefined;
  return { because: `confirm = ${pattern} in ${rules.file}`, minutes: rules.minutes };
}

function minutesOf(property: Property): number {
  const minutes = guardMinutes(property.value);
  if (minutes !== undefined) return minutes;
  throw errorAt(property, `awsrole_guard_minutes is ${quoted(property.value)}`, GUARD_MINUTES_FORM);
}

function fits(pattern: string, profile: string, accountId: string | undefined): boolean {
  const [, account] = /^account:(.*)$/i.exec(pattern) ?? [];
  if (account !== undefined) return accountId !== undefined && matches(account, accountId);
  // Of a role that is asked for as ARN or ACCOUNT:ROLE the role's name counts as well.
  const [, role] = /^(?:arn:.*:role\/|\d{12}:)(?:.*\/)?([^/]+)$/s.exec(profile) ?? [];
  const names = role === undefined ? [profile] : [profile, role];
  return names.some((name) => matches(pattern, name));
}

/** Case does not count: better one question too many. */
function matches(pattern: string, text: string): boolean {
  const source = pattern.replace(/[\\^$.*+?()[\]{}|]/g, (letter) =>
    letter === '*' ? '.*' : letter === '?' ? '.' : `\\${letter}`,
  );
  return new RegExp(`^${source}$`, 'isu').test(text);
}
