import type { Settings } from '../settings.ts';
import type { CodeSource } from './mfa/codes.ts';

/** How to get credentials this time. */
export interface SessionOptions {
  /** The cache folder; undefined when nothing can be kept. */
  readonly folder: string | undefined;
  readonly codeSource: CodeSource;
  /** Get a new session although a good one is kept. */
  readonly refresh: boolean;
  readonly own: Settings;
}
