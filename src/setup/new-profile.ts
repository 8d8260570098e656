import { AwsroleError } from '../errors.ts';
import { editAwsFile } from '../keys/aws-file-edit.ts';
import { withSetting } from '../keys/aws-file-text.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { errorAt } from '../profiles/place.ts';
import { hasControlCharacter, printable, quoted } from '../profiles/printable.ts';
import { profileHeader, readHeader } from '../profiles/section-header.ts';
import { parseSharedConfigFile } from '../profiles/shared-config-file.ts';

/** A profile of a role that is to be written. */
export interface NewProfile {
  readonly name: string;
  /** In the order in which they are written. */
  readonly settings: readonly (readonly [key: string, value: string])[];
}

/**
 * Makes sure that a name can be that of a new profile, for the AWS CLI as well.
 * @throws AwsroleError kind `usage` for what is no name, `configuration` where there is such a profile
 */
export function checkNewName(name: string, { store }: Pick<LoadedProfiles, 'store'>): void {
  const known = store.profiles.get(name) ?? store.problems.find(({ profile }) => profile === name);
  if (known !== undefined) {
    throw errorAt(
      known,
      `there is a profile ${quoted(name)} already`,
      'choose another name; nothing that is there is changed',
    );
  }
  const header = readHeader(`[${profileHeader(name)}]`, 'config');
  const isRead = header.kind === 'profile' && header.name === name && header.fault === undefined;
  // Older versions of Python end a header at the first bracket.
  if (!isRead || hasControlCharacter(name) || name.trim() !== name || name === '' || /[[\]]/.test(name)) {
    throw new AwsroleError('usage', `${quoted(name)} cannot be the name of a profile`, {
      hint: 'take letters, digits and - _ . @ +',
    });
  }
  if (name.startsWith('-')) {
    throw new AwsroleError('usage', `${quoted(name)} would be taken for an option`, {
      hint: 'choose a name that does not begin with a dash',
    });
  }
}

/** Writes the lines of a profile, for a person to see. */
export function profileLines({ name, settings }: NewProfile): string[] {
  return [`[${profileHeader(name)}]`, ...settings.map(([key, value]) => `${key} = ${value}`)].map(printable);
}

/**
 * Adds a profile to the text of a config file, whose line ends, comments and order stay.
 * @throws AwsroleError kind `configuration` where it would not be read as it is meant, or there is one of that name
 */
export function withProfile(text: string, file: string, profile: NewProfile): string {
  const { name, settings } = profile;
  const read = (content: string) => parseSharedConfigFile(Buffer.from(content), file, 'config');
  const before = read(text).sections;
  if (before.some((section) => section.kind === 'profile' && section.name === name)) {
    throw new AwsroleError(
      'configuration',
      `there is a profile ${quoted(name)} already in ${printable(file)}`,
      {
        hint: 'choose another name; nothing was changed',
      },
    );
  }
  // Each goes behind the header, which the first makes: the last one stands first.
  const after = settings.reduceRight(
    (all, [key, value]) => withSetting(all, 'config', name, key, value),
    text,
  );
  const sections = read(after).sections;
  const found = sections.find((section) => section.kind === 'profile' && section.name === name);
  const values = [...(found?.properties ?? [])].map(([key, { value }]) => [key, value]);
  const others = sections.filter((section) => section !== found);
  if (JSON.stringify(values) !== JSON.stringify(settings) || textOf(others) !== textOf(before)) {
    throw new AwsroleError(
      'configuration',
      `AWS tools would not read these lines as intended in ${printable(file)}, so nothing was changed`,
      { hint: 'check the last lines of that file, and whether a value has something that begins a comment' },
    );
  }
  return after;
}

function textOf(sections: ReturnType<typeof parseSharedConfigFile>['sections']): string {
  return JSON.stringify(
    sections.map(({ properties, ...rest }) => ({ ...rest, properties: [...properties] })),
  );
}

/** Writes a new profile into the config file. @throws AwsroleError kind `configuration` */
export function writeProfile(file: string, profile: NewProfile): void {
  try {
    editAwsFile(file, (text) => withProfile(text, file, profile));
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    // The editor of the files belongs to the stores of keys; here no key is at stake.
    throw new AwsroleError('configuration', error.message, { hint: error.hint, cause: error });
  }
}
