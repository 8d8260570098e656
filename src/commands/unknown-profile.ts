import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { closestNames } from '../profiles/closest-names.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { quoted } from '../profiles/printable.ts';
import { isRole } from '../profiles/profile-overrides.ts';
import { profileWord } from '../profiles/shell-word.ts';
import { firstProfileExample, noProfiles } from './first-profile.ts';
import { OFFERED_COMMANDS } from './names.ts';

/** Names that are suggested. */
const MOST = 3;
/** What people know from other tools. */
const ALSO_CALLED: Readonly<Record<string, string>> = {
  ls: 'list',
  profiles: 'list',
  run: 'exec',
  exit: 'off',
  logout: 'off',
  reset: 'off',
  version: '--version',
};

/**
 * Returns the error of a switch with better advice, where its profile is one that does not exist: what else may have been
 * meant, a command included, or what a first profile looks like.
 */
export function adviseOnProfile(
  context: Context,
  profile: string,
  error: unknown,
  isSwitch: boolean,
): unknown {
  if (!(error instanceof AwsroleError) || error.kind !== 'configuration') return error;
  const files = loaded(context);
  // For a role that no profile names, the source is what is missing.
  if (files === undefined || files.store.profiles.has(profile) || isRole(profile)) return error;
  const { store, places } = files;
  const command = isSwitch ? commandHint(profile) : undefined;
  if (store.profiles.size === 0 && store.problems.length === 0) {
    const message = `there is no profile ${quoted(profile)}: ${noProfiles(places)}`;
    const example = firstProfileExample(places).trimStart();
    const hint = command ? joined([command, 'for a first profile, run: awsrole list']) : example;
    return new AwsroleError('configuration', message, { hint });
  }
  const hints = [error.hint, moreHint(profile, store.profiles.keys()), command];
  const hint = joined(hints) || 'to see your profiles: awsrole list';
  return new AwsroleError(error.kind, error.message, { hint, cause: error });
}

function joined(hints: readonly (string | undefined)[]): string {
  return hints.filter((hint) => hint !== undefined).join('\n  ');
}

/** The command that may have been meant by a word that is no profile. */
function commandHint(word: string): string | undefined {
  const commands = OFFERED_COMMANDS.filter((name) => name !== '-');
  const command = ALSO_CALLED[word.toLowerCase()] ?? closestNames(word, commands, 1)[0];
  return command === undefined ? undefined : `did you mean the command "awsrole ${command}"?`;
}

/** How to see all names that contain what was typed, where they are more than are suggested. */
function moreHint(profile: string, names: Iterable<string>): string | undefined {
  const typed = profile.toLowerCase();
  const count = [...names].filter((name) => name.toLowerCase().includes(typed)).length;
  return count > MOST ? `for all ${count} that contain it: awsrole list ${profileWord(profile)}` : undefined;
}

function loaded(context: Context): LoadedProfiles | undefined {
  try {
    return loadProfiles(context);
  } catch {
    return undefined; // the error at hand says more
  }
}
