import type { Context, Environment } from '../context.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';

/** `ok`; `note`: worth knowing, and no fault; `wrong`: something fails, or others can reach a secret; `unknown`: not to be found out. */
export type State = 'ok' | 'note' | 'wrong' | 'unknown';

/** What a check has found. */
export interface Finding {
  readonly state: State;
  /** What it is about, where that is something else than the check's name. */
  readonly about?: string | undefined;
  /** A sentence for a person, without a secret in it. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string | undefined;
}

/** What the checks look at. */
export interface Examined {
  /** Its environment is the one that a switch starts from. */
  readonly context: Context;
  /** The environment as it is now. */
  readonly shell: Environment;
  /** The AWS files; undefined where they cannot be read. */
  readonly files: LoadedProfiles | undefined;
  /** The folder that holds awsrole's own dist/ and shell/. */
  readonly root: string;
}

/** One look at one thing. */
export interface Check {
  /** A short word for it, which scripts may rely on. */
  readonly name: string;
  /** What it waits for, for a person who waits too. */
  readonly waitsFor: string;
  /** Looks. What it throws is a finding as well. */
  readonly look: (examined: Examined) => Promise<readonly Finding[]> | readonly Finding[];
}

/** A finding of something that is as it should be. */
export function ok(says: string): Finding {
  return { state: 'ok', says };
}

/** A finding worth knowing. */
export function note(says: string, todo?: string): Finding {
  return { state: 'note', says, ...(todo !== undefined && { todo }) };
}

/** A finding of a fault. */
export function wrong(says: string, todo?: string): Finding {
  return { state: 'wrong', says, ...(todo !== undefined && { todo }) };
}

/** A finding of what cannot be found out here. */
export function unknown(says: string, todo?: string): Finding {
  return { state: 'unknown', says, ...(todo !== undefined && { todo }) };
}
