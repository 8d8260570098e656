import { appendFileSync, lstatSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Context, Environment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { PrivateFileError, readPrivateFile, writePrivateFile } from '../files/private-file.ts';
import { entriesOf } from '../files/temporary-file.ts';
import { ourCommand } from '../keys/reference.ts';
import { nameFor, processIn } from '../processes/process-id.ts';
import { identify, processState } from '../processes/process-state.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { hasControlCharacter } from '../profiles/printable.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { isOfSwitch } from '../profiles/setting-variables.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import type { ShellVariables } from '../sessions/session-lines.ts';
import { environmentWith } from '../sessions/shell-variables.ts';

// A profile for one command, by which its programs ask awsrole for credentials whenever theirs are about to end. It stands
// in a config file of its own, the user's with one more section: programs that are told of a container or of variables take
// the keys of [default] all the same, if there are any, and never ask again.

const PREFIX = 'awsrole-served-';
const CONFIG = 'config';
const REQUEST = 'request.json';
const FAILURES = 'failures';
/** Never written down. */
const SECRETS = /SECRET|TOKEN$|_ACCESS_KEY/;

/** What its programs get, as the command line of `exec` and the environment said it. */
export interface ServedRequest {
  readonly profile: string;
  readonly overrides?: Overrides | undefined;
  /** Variables that the command has otherwise, or not at all. */
  readonly env: Readonly<Record<string, string>>;
}

/** The profile, and its files. */
export interface ServedProfile {
  readonly name: string;
  /** A folder of its own (0700). */
  readonly folder: string;
  readonly configFile: string;
}

/**
 * Makes the profile. Its files (0600) are there until {@link removeServedProfile}, or until the next one is made after
 * this process has been killed.
 * @param changed names of the variables that the command has otherwise than the caller
 * @throws AwsroleError kind `configuration` where the files cannot be written
 */
export function makeServedProfile(
  context: Context,
  {
    files,
    profile,
    overrides,
    region,
  }: Omit<ServedRequest, 'env'> & {
    readonly files: LoadedProfiles;
    readonly region: string | undefined;
  },
  changed: Iterable<string>,
): ServedProfile {
  const all = servedFolder(context);
  const id = nameFor(identify(process.pid));
  const name = PREFIX + id;
  removeDead(all);
  const folder = join(all, id);
  const env = Object.fromEntries(
    [...changed].flatMap((one) => {
      const value = context.env[one];
      return value === undefined || SECRETS.test(one) ? [] : [[one, value]];
    }),
  );
  const lines = [
    `[profile ${name}]`,
    `credential_process = ${ourCommand(context, `credential-process ${name}`)}`,
    ...(region === undefined ? [] : [`region = ${region}`]),
    ...ownSettings(files, profile),
  ];
  const request: ServedRequest = { profile, overrides, env };
  try {
    writePrivateFile(join(folder, REQUEST), JSON.stringify(request));
    writePrivateFile(join(folder, FAILURES), '');
    const text = Buffer.from(files.config?.bytes ?? []).toString('latin1');
    const section = Buffer.from(`${lines.join('\n')}\n`).toString('latin1');
    writePrivateFile(join(folder, CONFIG), text === '' ? section : `${text}\n\n${section}`, {
      encoding: 'latin1',
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    if (!(error instanceof PrivateFileError)) throw error;
    throw new AwsroleError('configuration', `--serve needs a file of its own: ${error.message}`, {
      hint: 'make the folder writable, or set XDG_CACHE_HOME to one that is',
    });
  }
  return { name, folder, configFile: join(folder, CONFIG) };
}

/** Removes the profile's files: from then on its programs are told nothing. */
export function removeServedProfile({ folder }: ServedProfile): void {
  rmSync(folder, { recursive: true, force: true });
}

/** Returns the environment of the command: the profile, and nothing that its programs would take instead. */
export function servedEnvironment(
  base: Environment,
  { name, configFile }: ServedProfile,
  { set, unset }: ShellVariables,
): Record<string, string | undefined> {
  const own = new Map([
    ...set,
    ['AWS_CONFIG_FILE', configFile],
    ['AWS_PROFILE', name],
    // Without it, version 1 of the SDK for Go and version 2 of that for JavaScript read only the credentials file.
    ['AWS_SDK_LOAD_CONFIG', '1'],
  ]);
  return environmentWith(base, { set: own, unset });
}

/** Finds what a program asks for by the name of a served profile; undefined for any other name. */
export function servedRequest(
  context: Context,
  name: string,
): (ServedRequest & { readonly folder: string }) | undefined {
  if (!name.startsWith(PREFIX)) return undefined;
  const folder = join(servedFolder(context), basename(name.slice(PREFIX.length)));
  const text = readPrivateFile(join(folder, REQUEST));
  if (text === undefined) return undefined;
  return { ...(JSON.parse(text) as ServedRequest), folder };
}

/** Writes down why a program got nothing: many show nothing of what their credential_process says. */
export function noteFailure(folder: string, message: string): void {
  try {
    if (lstatSync(join(folder, FAILURES)).isFile())
      appendFileSync(join(folder, FAILURES), `${JSON.stringify(message)}\n`);
  } catch {
    // The command has ended.
  }
}

/** Returns the failures that were written down, each once. */
export function notedFailures({ folder }: ServedProfile): string[] {
  const lines = readPrivateFile(join(folder, FAILURES))?.split('\n').slice(0, -1) ?? [];
  return [...new Set(lines)].map((line) => String(JSON.parse(line)));
}

/** What the profile says beside its credentials, which `--profile` would see; nested settings below their name. */
function ownSettings({ store }: LoadedProfiles, profile: string): string[] {
  return [...(store.profiles.get(profile)?.properties ?? [])].flatMap(([key, { value, nested }]) => {
    if (isOfSwitch(key)) return [];
    if (nested === undefined) return hasControlCharacter(value) ? [] : [`${key} = ${value}`];
    return [`${key} =`, ...[...nested].map(([inner, property]) => `  ${inner} = ${property.value}`)];
  });
}

/** Removes those of commands whose awsrole was killed. */
function removeDead(all: string): void {
  for (const entry of entriesOf(all)) {
    const id = processIn(entry);
    if (id !== undefined && processState(id) === 'gone')
      rmSync(join(all, entry), { recursive: true, force: true });
  }
}

function servedFolder(context: Context): string {
  const cache = cacheFolder(context);
  if (cache !== undefined) return join(cache, 'served');
  throw new AwsroleError('configuration', '--serve needs a file of its own, and there is no home folder', {
    hint: 'set HOME',
  });
}
