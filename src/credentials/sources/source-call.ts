import type { Source } from '../../profiles/chain-source.ts';
import type { ProfileStore } from '../../profiles/profile-store.ts';
import type { Session } from '../../sessions/session.ts';
import type { RoleSessionOptions } from '../session-options.ts';
import type { StsSettings } from '../sts/client.ts';

/** What a source is asked with. */
export interface SourceCall {
  readonly store: ProfileStore;
  /** The one that is switched to, whose settings count; `source.profile` may be another. */
  readonly profile: string;
  readonly source: Source;
  readonly settings: StsSettings;
  /** What its session is kept under. */
  readonly key: string;
  readonly options: RoleSessionOptions;
  /** Looks whether another process has kept a session of this source. */
  readonly poll: () => Session | undefined;
}
