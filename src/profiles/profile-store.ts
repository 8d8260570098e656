import type { Place } from './place.ts';
import { quoted } from './printable.ts';
import type { ParsedFile, Problem, Property, Section } from './shared-config-file.ts';

/** The settings of a profile. Its place is that of the first header, in the config file if the profile is in both. */
export type Profile = Place & {
  readonly name: string;
  readonly properties: ReadonlyMap<string, Property>;
};

/** The contents of the two AWS files, put together. */
export interface ProfileStore {
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly ssoSessions: ReadonlyMap<string, Section>;
  readonly services: ReadonlyMap<string, Section>;
  readonly problems: readonly Problem[];
  /** The files that were there, config first. */
  readonly files: readonly string[];
  /** What is to be said of files that a variable names and that are not there: `; FILE, which VARIABLE names, is not there`. */
  readonly absent: string;
  /** The credentials file. A key in it comes before `credential_process`, one in the config file after it. */
  readonly credentialsFile: string | undefined;
}

/**
 * Puts the two files together, setting by setting: the credentials file wins. A file that does not exist is undefined.
 * A profile with a space in its name counts in the credentials file, where it needs no quotes, only if the config
 * file has it too: that is how the AWS CLI writes it, and the SDKs ignore it otherwise.
 */
export function mergeFiles(
  config: ParsedFile | undefined,
  credentials: ParsedFile | undefined,
): ProfileStore {
  const sections = config?.sections ?? [];
  const named = (kind: Section['kind']): Map<string, Section> =>
    new Map(sections.filter((section) => section.kind === kind).map((section) => [section.name, section]));
  const profiles: Map<string, Profile> = named('profile');
  const problems = [...(config?.problems ?? []), ...(credentials?.problems ?? [])];
  for (const section of credentials?.sections ?? []) {
    const { name, file, line } = section;
    const known = profiles.get(name);
    if (known !== undefined) {
      profiles.set(name, { ...known, properties: new Map([...known.properties, ...section.properties]) });
    } else if (/\s/.test(name)) {
      const message = `the profile ${quoted(name)} is ignored: a name with a space must also be in the config file`;
      problems.push({
        severity: 'warning',
        message,
        hint: `add [profile ${quoted(name)}] to the config file`,
        file,
        line,
        profile: name,
      });
    } else {
      profiles.set(name, section);
    }
  }
  return {
    profiles,
    ssoSessions: named('sso-session'),
    services: named('services'),
    problems,
    files: [config, credentials].flatMap((parsed) => (parsed === undefined ? [] : [parsed.file])),
    absent: '',
    credentialsFile: credentials?.file,
  };
}

/** Returns a setting of a profile; undefined when it is not set. An empty value is a value. */
export function setting(store: ProfileStore, profile: string, key: string): Property | undefined {
  return store.profiles.get(profile)?.properties.get(key);
}
