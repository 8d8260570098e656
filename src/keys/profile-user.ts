import { existsSync, realpathSync } from 'node:fs';
import type { Context } from '../context.ts';
import { readFileThere } from '../files/edit-file.ts';
import { locateFiles } from '../profiles/file-location.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { quoted } from '../profiles/printable.ts';
import { profileWord, shellWord } from '../profiles/shell-word.ts';
import { standingSettings } from './aws-file-text.ts';
import { type IndexedUser, notStored, readIndex } from './key-index.ts';
import { keysError } from './key-store.ts';

// Whose stored keys belong to a profile. With AWS_CONFIG_FILE a person has several sets of AWS files, and a profile of one
// name in two of them is two users, often of two accounts.

type World = Pick<Context, 'env' | 'platform'>;

/** Finds the user of a profile of these AWS files, by the name of the profile or the id. @throws as {@link readIndex} */
export function userOfProfile(context: World, name: string): IndexedUser | undefined {
  const users = readIndex(context);
  const { config } = locateFiles(context.env, context.platform);
  const referred = idIn(config, name);
  const named = users.filter((user) => user.name === name);
  return (
    // A file that was moved or copied has the line with it.
    named.find(({ id }) => id === referred) ??
    named.find(({ file }) => isSameFile(file, config)) ??
    users.find((user) => user.id === name && user.name !== name && isSameFile(user.file, config))
  );
}

/** True where these AWS files, and not another set of them, have the profile of a stored user. @throws as {@link readIndex} */
export function isOfTheseFiles(context: World, user: IndexedUser): boolean {
  return userOfProfile(context, user.name)?.id === user.id;
}

/** The credentials file that a user's keys came from, where it is there and is not this one. */
export function otherCredentialsFile({ credentials }: IndexedUser, file: string): string | undefined {
  return credentials !== undefined && !isSameFile(credentials, file) && existsSync(credentials)
    ? credentials
    : undefined;
}

/** Writes a command for the profile of a stored user, which may be one of another set of AWS files. */
export function commandFor(context: World, user: IndexedUser, command: string): string {
  const before = isOfTheseFiles(context, user) ? '' : `AWS_CONFIG_FILE=${shellWord(user.file)} `;
  return `${before}awsrole ${command} ${profileWord(user.name)}`;
}

/** Finds the user of a profile whose keys are stored. @throws AwsroleError kind `keys` */
export function storedUser(context: World, name: string): IndexedUser {
  const user = userOfProfile(context, name);
  if (user !== undefined) return user;
  const users = readIndex(context);
  const elsewhere = users.find((known) => known.name === name);
  if (elsewhere !== undefined) {
    throw keysError(
      `no keys of ${quoted(name)} are stored for ${quoted(locateFiles(context.env, context.platform).config)}`,
      `the stored keys belong to the profile in ${quoted(elsewhere.file)}: set AWS_CONFIG_FILE to that file`,
    );
  }
  throw notStored(users, name);
}

/** The id by which a config file refers to a profile's stored keys. */
export function idIn(config: string, name: string): string | undefined {
  const line = standingSettings(textOf(config), 'config', name, ['credential_process']).at(-1)?.text ?? '';
  return referenceIn(line.slice(line.indexOf('=') + 1).trim(), name)?.id;
}

function textOf(file: string): string {
  try {
    return readFileThere(file)?.toString() ?? '';
  } catch {
    return ''; // said by what needs it
  }
}

function isSameFile(one: string, other: string): boolean {
  return one === other || real(one) === real(other);
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
