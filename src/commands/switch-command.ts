import { resolve } from 'node:path';
import type { Plan } from '../credentials/plan.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { shellWord } from '../profiles/shell-word.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';
import { COMMANDS } from './names.ts';
import { REPEATABLE, SINGLE } from './switch-options.ts';

/** Writes what to type for a switch by these words: `awsrole --region eu-west-1 role101`. */
export function switchCommand(profile: string, flags: readonly string[] = []): string {
  // Only after `--` is a name that looks like an option or a command the name of a profile.
  const isMistakable = profile.startsWith('-') || COMMANDS.some((name) => name === profile);
  return ['awsrole', ...flags, ...(isMistakable ? ['--'] : []), profile].map(shellWord).join(' ');
}

/**
 * Returns the flags that a session takes beside its name to be got again, in whatever folder and shell; undefined where
 * the name of a profile says it all.
 */
export function flagsToRepeat({ files, chain }: Plan, overrides: Overrides = {}): string[] | undefined {
  const named = files.store.profiles.has(chain.profile);
  if (named && Object.keys(overrides).length === 0) return undefined;
  // For a role that no profile names, AWS_PROFILE may have said the source, and it is unset now.
  const { sourceProfile = named ? undefined : chain.profiles[1], noMfa, policy } = overrides;
  const said = { ...overrides, sourceProfile };
  return [
    ...SINGLE.flatMap(([flag, key]) => (said[key] === undefined ? [] : [`--${flag}`, said[key]])),
    ...REPEATABLE.flatMap(([flag, key]) => (said[key] ?? []).flatMap((value) => [`--${flag}`, value])),
    ...(noMfa ? ['--no-mfa'] : []),
    ...(policy === undefined ? [] : ['--policy', resolve(policy.file)]),
  ];
}

/** Adds AWSROLE_SWITCH for `status`: the command that gets a new session, where the name alone does not. */
export function withCommand(
  shell: SwitchedShell,
  profile: string,
  flags: readonly string[] | undefined,
): SwitchedShell {
  if (flags === undefined) return shell;
  return {
    ...shell,
    set: new Map([...shell.set, ['AWSROLE_SWITCH', switchCommand(profile, ['--refresh', ...flags])]]),
  };
}
