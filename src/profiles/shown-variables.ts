import type { Guard } from './guard.ts';
import { type ProfileStore, setting } from './profile-store.ts';
import { GUARDED, promptColour } from './prompt-colour.ts';

/** What the prompt shows a profile by. */
export interface Shown {
  readonly profile: string;
  readonly accountId: string | undefined;
  readonly guard: Guard | undefined;
  /** By the settings: the names of accounts. */
  readonly accountNames: ReadonlyMap<string, string> | undefined;
  /** Whether a prompt may start the core to renew the session. */
  readonly renew?: 'auto' | undefined;
  /** Seconds since 1970. */
  readonly now: number;
}

/** Returns the name of the account of a profile: its own word for it, else that of the settings. */
export function accountNameOf(
  store: ProfileStore,
  profile: string,
  accountId: string | undefined,
  names: ReadonlyMap<string, string> | undefined,
): string | undefined {
  return setting(store, profile, 'awsrole_account_name')?.value || names?.get(accountId ?? '');
}

/** The variables that the prompt of a switched shell, and of its children, goes by. */
export function shownVariables(
  store: ProfileStore,
  { profile, accountId, guard, accountNames, renew, now }: Shown,
): ReadonlyMap<string, string> {
  const colour = guard ? GUARDED : promptColour(store, profile)?.code;
  const name = accountNameOf(store, profile, accountId, accountNames);
  return new Map([
    ...(colour === undefined ? [] : [['AWSROLE_COLOR', colour] as const]),
    ...(name === undefined ? [] : [['AWSROLE_ACCOUNT_NAME', name] as const]),
    ...(renew === undefined ? [] : [['AWSROLE_RENEW', renew] as const]),
    ...(guard === undefined ? [] : [['AWSROLE_GUARD', 'confirm'] as const]),
    ...(guard?.minutes === undefined
      ? []
      : [['AWSROLE_GUARD_ENDS', String(Math.floor(now) + guard.minutes * 60)] as const]),
  ]);
}
