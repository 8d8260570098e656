import type { Context } from '../context.ts';
import { loadSettings, type Settings } from '../settings.ts';
import type { CodeSource } from './mfa/codes.ts';
import { openSessions, type SessionStore } from './session-store.ts';

/** How to get credentials this time. */
export interface SessionOptions {
  /** The cache folder; undefined when nothing can be kept. */
  readonly folder: string | undefined;
  /** awsrole's own settings. */
  readonly own: Settings;
  readonly sessions: SessionStore;
  readonly codeSource: CodeSource;
  /** Get a new session although a good one is kept. */
  readonly refresh: boolean;
}

/**
 * Reads awsrole's settings, and opens the sessions that are kept.
 * @throws AwsroleError kind `configuration` for a wrong setting
 */
export async function sessionOptions(
  context: Context,
  { folder, codeSource, refresh }: Pick<SessionOptions, 'folder' | 'codeSource' | 'refresh'>,
): Promise<SessionOptions> {
  const own = await loadSettings(context);
  const sessions = openSessions(context, folder, own, codeSource);
  return { folder, own, sessions, codeSource, refresh };
}
