import { mergeFiles, type ProfileStore } from '../../src/profiles/profile-store.ts';
import { type ParsedFile, parseSharedConfigFile } from '../../src/profiles/shared-config-file.ts';

/** Parses text, or bytes, as the file `config` or `credentials`. */
export function parse(content: string | Uint8Array, kind: 'config' | 'credentials' = 'config'): ParsedFile {
  return parseSharedConfigFile(
    typeof content === 'string' ? new TextEncoder().encode(content) : content,
    kind,
    kind,
  );
}

export function storeOf(config: string | Uint8Array | undefined, credentials?: string): ProfileStore {
  return mergeFiles(
    config === undefined ? undefined : parse(config),
    credentials === undefined ? undefined : parse(credentials, 'credentials'),
  );
}

/** Profiles and their values as plain objects. */
export function plain(store: ProfileStore): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...store.profiles].map(([name, { properties }]) => [
      name,
      Object.fromEntries([...properties].map(([key, { value }]) => [key, value])),
    ]),
  );
}
