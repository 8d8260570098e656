import type { Context } from '../context.ts';
import { type AwsFile, readAwsFile } from './aws-file.ts';
import { type FileLocations, locateFiles } from './file-location.ts';
import { mergeFiles, type ProfileStore } from './profile-store.ts';
import { parseSharedConfigFile } from './shared-config-file.ts';

/** The user's AWS files: what they say, and the state in which they were read. */
export interface LoadedProfiles {
  readonly store: ProfileStore;
  readonly places: FileLocations;
  readonly config: AwsFile | undefined;
  readonly credentials: AwsFile | undefined;
}

/** Reads and merges both AWS files. @throws AwsroleError kind `configuration` when one cannot be read */
export function loadProfiles(context: Pick<Context, 'env' | 'platform'>): LoadedProfiles {
  const places = locateFiles(context.env, context.platform);
  const config = readAwsFile(places.config);
  const credentials = readAwsFile(places.credentials);
  const parse = (file: AwsFile | undefined, kind: 'config' | 'credentials') =>
    file === undefined ? undefined : parseSharedConfigFile(file.bytes, file.path, kind);
  return {
    store: mergeFiles(parse(config, 'config'), parse(credentials, 'credentials')),
    places,
    config,
    credentials,
  };
}
