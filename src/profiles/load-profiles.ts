import type { Context } from '../context.ts';
import { type AwsFile, readAwsFile } from './aws-file.ts';
import { type FileLocations, locateFiles, variableOf } from './file-location.ts';
import { printable } from './printable.ts';
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
  const seconds = streamSeconds(context.env);
  const config = readAwsFile(places.config, seconds);
  const credentials = readAwsFile(places.credentials, seconds);
  const parse = (file: AwsFile | undefined, kind: 'config' | 'credentials') =>
    file === undefined ? undefined : parseSharedConfigFile(file.bytes, file.path, kind);
  const absentText = (name: keyof FileLocations, file: AwsFile | undefined): string => {
    const variable = file === undefined ? variableOf(name, context.env) : undefined;
    return variable === undefined
      ? ''
      : `; ${printable(places[name])}, which ${variable} names, is not there`;
  };
  return {
    store: {
      ...mergeFiles(parse(config, 'config'), parse(credentials, 'credentials')),
      absent: absentText('config', config) + absentText('credentials', credentials),
    },
    places,
    config,
    credentials,
  };
}

const STREAM_SECONDS = 30;

/** Returns how long a pipe in place of a file is waited for; where AWS is asked, the variable is checked. */
function streamSeconds({ AWSROLE_TIMEOUT: text = '' }: Context['env']): number {
  return /^[1-9]\d{0,2}$/.test(text) ? Number(text) : STREAM_SECONDS;
}
