import { isAbsolute } from 'node:path';
import type { Context } from '../context.ts';
import type { CodeSource } from '../credentials/mfa.ts';
import { openCache, profileCredentials } from '../credentials/profile-credentials.ts';
import { AwsroleError } from '../errors.ts';
import { homeFolder } from '../profiles/file-location.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { printable } from '../profiles/printable.ts';
import { PrivateFileError } from '../sessions/private-file.ts';
import { renewAfter } from '../sessions/session.ts';
import { isPlainName, stampFile, writeSessionFile } from '../sessions/session-file.ts';
import {
  environmentEndpoint,
  filePlaces,
  formatSessionLines,
  type LinesHeader,
} from '../sessions/session-lines.ts';
import { shellVariables } from '../sessions/shell-variables.ts';
import { clockText } from '../terminal/durations.ts';

export interface SwitchOptions {
  readonly codeSource: CodeSource;
  readonly refresh: boolean;
}

/**
 * `session-lines PROFILE`, which the wrappers call: prints the lines that put the profile into a shell, and keeps them
 * for the next switch by plain name.
 * @throws AwsroleError
 */
export async function sessionLines(context: Context, profile: string, options: SwitchOptions): Promise<void> {
  if ('isTTY' in context.stdout && context.stdout.isTTY) {
    throw new AwsroleError('usage', 'session-lines prints secrets for the shell function, not for a screen', {
      hint: 'run: awsrole PROFILE',
    });
  }
  const folder = openCache(context);
  const stamping: Promise<string | undefined>[] = [];
  const { loaded, chain, credentials } = await profileCredentials(
    context,
    profile,
    { ...options, folder },
    (files) => {
      // Recorded while AWS is asked; whether the files are still in that state is checked there.
      if (folder !== undefined && shellCanCheck(context, profile))
        stamping.push(...stamps(context, folder, files));
    },
  );
  const variables = shellVariables(loaded.store, chain, credentials);
  const validity =
    'expires' in credentials
      ? {
          renewAfter: renewAfter(credentials),
          expires: credentials.expires,
          until: clockText(credentials.expires, context.now()),
        }
      : undefined;
  const header: LinesHeader = {
    profile,
    home: homeFolder(context.env, context.platform) ?? '',
    ...filePlaces(context.env),
    endpoint: environmentEndpoint(context.env),
    validity,
  };
  const lines = formatSessionLines(header, variables);
  if (folder !== undefined && validity !== undefined) {
    const [config, credentialsStamp] = await Promise.all(stamping);
    if (config !== undefined && credentialsStamp !== undefined) {
      const states = {
        config: { stamp: config, target: loaded.config?.target },
        credentials: { stamp: credentialsStamp, target: loaded.credentials?.target },
      };
      keep(context, folder, profile, formatSessionLines({ ...header, ...states }, variables));
    }
  }
  context.stdout.write(lines);
}

/** A shell can tell whether a session file is for it only by a plain name, absolute paths and what the lines say. */
function shellCanCheck(context: Context, profile: string): boolean {
  const { env } = context;
  const { configFile, credentialsFile } = filePlaces(env);
  return (
    isPlainName(profile) &&
    !env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS &&
    [configFile, credentialsFile].every((path) => path.startsWith('~/.aws/') || isAbsolute(path))
  );
}

function stamps(context: Context, folder: string, loaded: LoadedProfiles): Promise<string | undefined>[] {
  const { places, config, credentials } = loaded;
  return [
    stampFile(folder, places.config, config, context.now()),
    stampFile(folder, places.credentials, credentials, context.now()),
  ].map((stamp) =>
    stamp.catch((error: Error) => {
      context.debug(`no stamp, so the next switch asks the core again: ${error.message}`);
      return undefined;
    }),
  );
}

function keep(context: Context, folder: string, profile: string, lines: string): void {
  try {
    writeSessionFile(folder, profile, lines);
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.debug(`no session file: ${printable(error.message)}`);
  }
}
