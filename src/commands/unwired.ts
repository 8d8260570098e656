import { readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { quoted } from '../profiles/printable.ts';
import { isRole } from '../profiles/profile-overrides.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { INIT_NAMES, startUpLine } from './start-up-line.ts';
import { adviseOnProfile } from './unknown-profile.ts';

/**
 * Makes the error for a switch without the shell function: only a shell can change itself, so it says how to get the
 * function; or for a profile that does not exist, which no function would find either.
 */
export function unwired(context: Context, word: string): unknown {
  // The function hands on what it cannot do.
  if (word === '-' && context.env.AWSROLE_LOADED) {
    return new AwsroleError('usage', 'there is no role before this one in this shell', {
      hint: 'run: awsrole PROFILE',
    });
  }
  const isProfile = word !== 'off' && word !== '-';
  return (isProfile ? missing(context, word) : undefined) ?? withoutFunction(context, word);
}

/** What cannot be where the shell has no function. */
const SO: Readonly<Record<string, string>> = {
  off: 'there is no role to leave',
  '-': 'there is no role to go back to',
};

/** The error of a switch to a profile that does not exist; undefined where it does, or the files cannot be read. */
function missing(context: Context, profile: string): unknown {
  let store: ProfileStore;
  try {
    ({ store } = loadProfiles(context));
  } catch {
    return undefined;
  }
  if (store.profiles.has(profile) || isRole(profile)) return undefined;
  try {
    resolveRoleChain(store, profile);
    return undefined;
  } catch (error) {
    return adviseOnProfile(context, profile, error, true);
  }
}

/** The programs of shells that do not say so in SHELL when another one has started them. */
const FOREIGN = new Set([
  ...INIT_NAMES.keys(),
  ...'csh elvish es ion ksh2020 murex osh rc tcsh xonsh yash'.split(' '),
]);

/** The shell of another kind that started us, by the name of its program or of its script; undefined where none did. */
function foreignParent(): string | undefined {
  const folder = `/proc/${process.ppid}`;
  for (const read of [
    () => readlinkSync(`${folder}/exe`),
    () => readFileSync(`${folder}/comm`, 'utf8').trim(),
  ]) {
    try {
      // xonsh puts its whole command line there.
      const name = basename(read().split(' ', 1)[0] ?? '');
      if (FOREIGN.has(name)) return name;
    } catch {
      // Only Linux tells.
    }
  }
  return undefined;
}

function withoutFunction({ env, platform }: Context, word: string): AwsroleError {
  const parent = foreignParent();
  const started = parent ?? env.SHELL ?? '';
  const name = started.replace(/^.*[/\\]/, '').replace(/\.exe$/, '');
  const named = word !== 'off' && word !== '-';
  const fallback = platform === 'win32' ? 'powershell' : 'bash';
  const shell = startUpLine(INIT_NAMES.get(name) ?? (name || fallback));
  let how: string;
  if (shell !== undefined) {
    how = `add this line to ${shell.file}, and open a new shell: ${shell.line}`;
  } else {
    const profile = named ? shellWord(word) : 'PROFILE';
    how = `${name} cannot be switched; open a shell with the role: awsrole exec ${profile} -- ${shellWord(started)}`;
  }
  const elsewhere =
    named && shell !== undefined
      ? `\n  in another kind of shell, such as tcsh: awsrole exec ${shellWord(word)} -- tcsh`
      : '';
  const inScripts = named ? `\n  in a script, make or cron: awsrole exec ${shellWord(word)} -- COMMAND` : '';
  return new AwsroleError(
    'usage',
    `awsrole is not loaded in this shell, so ${SO[word] ?? `it cannot be switched to ${quoted(word)}`}`,
    {
      hint: how + elsewhere + inScripts,
    },
  );
}
