import type { Context } from '../context.ts';
import { folderProfile } from '../profiles/folder-profile.ts';
import { printable } from '../profiles/printable.ts';

/** Returns the profile that the file of this folder names, and says which file that is. @throws AwsroleError */
export function profileOfFolder({ stderr }: Context): string {
  const { profile, file } = folderProfile(process.cwd());
  stderr.write(`${printable(file)}: ${printable(profile)}\n`);
  return profile;
}
