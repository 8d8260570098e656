import { isAbsolute } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { isExecutable } from '../files/is-executable.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { editAwsFile, readAwsFile } from './aws-file-edit.ts';
import { standingSettings, withSetting } from './aws-file-text.ts';
import { type IndexedUser, readIndex } from './key-index.ts';
import { keyReference } from './reference.ts';
import { moves } from './steady-launcher.ts';

// The lines in AWS files that start awsrole: what they start may have gone, as with the Node.js that it was installed under.

const KEY = 'credential_process';

/** The program that a `credential_process` line of ours starts; undefined for one that starts another, or by PATH. */
export function programOf(command: string): string | undefined {
  const [, quoted, plain] =
    /^\s*(?:"([^"]*[/\\]awsrole(?:\.cmd)?)"|(\S*[/\\]awsrole(?:\.cmd)?)) (?:key|credential)-process /.exec(
      command,
    ) ?? [];
  const program = quoted ?? plain;
  return program !== undefined && isAbsolute(program) ? program : undefined;
}

/** A line that starts a program that is gone, or that will be gone one day. */
export interface Mended {
  readonly user: IndexedUser;
  /** The text of the file, before and after. */
  readonly before: string;
  readonly after: string;
  /** Why the file could not be changed. */
  readonly refused?: AwsroleError;
}

/** Writes the lines of stored keys anew whose program is gone, or moves with each Node.js; dry, only finds them. */
export function mendReferences(context: Context, { dry }: { readonly dry: boolean }): Mended[] {
  return readIndex(context).flatMap((user) => {
    const before = readAwsFile(user.file) ?? '';
    const standing = standingSettings(before, 'config', user.name, [KEY])[0]?.text ?? '';
    const command = standing.slice(standing.indexOf('=') + 1).trim();
    const program = programOf(command);
    if (program === undefined || referenceIn(command, user.name) === undefined) return [];
    if (isExecutable(program) && !moves(program)) return [];
    try {
      const reference = keyReference(context, user, { dry });
      const edit = (text: string): string => withSetting(text, 'config', user.name, KEY, reference);
      const after = edit(before);
      if (after === before) return [];
      if (!dry) editAwsFile(user.file, edit);
      return [{ user, before, after }];
    } catch (error) {
      if (!(error instanceof AwsroleError)) throw error;
      return [{ user, before, after: before, refused: error }];
    }
  });
}
