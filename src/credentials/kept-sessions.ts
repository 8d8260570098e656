import type { Context } from '../context.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import type { Session } from '../sessions/session.ts';
import { readCard, readFreshCard, type SessionCard } from '../sessions/session-cache.ts';
import type { Settings } from '../settings.ts';
import { awsCliSharing } from './aws-cli-sharing.ts';
import type { Plan, Step } from './plan.ts';
import type { SessionStore } from './session-store.ts';

// Looks up the sessions that the caches hold for a plan. Changes nothing, and needs no secret.

/** What is known of a session. */
export type Known = Pick<Session, 'expires'>;

/** A step, and the session that would spare its call now. */
export interface KeptStep extends Step {
  readonly session: Known | undefined;
  readonly from: 'awsrole' | 'aws-cli';
}

/** Returns the steps of a plan, each with the session in our cache or the AWS CLI's. */
export function keptSteps(context: Context, plan: Plan, own: Settings): KeptStep[] {
  const folder = cacheFolder(context);
  const sharing = awsCliSharing(context, own, plan, folder);
  return plan.steps.map((step) => {
    const session = readFreshCard(folder, step.key, context.now(), own.keepSessions);
    if (session !== undefined) return { ...step, session, from: 'awsrole' };
    return { ...step, session: sharing.read(step), from: 'aws-cli' };
  });
}

/** Returns what is known of the session that is kept for a plan's last role, for its user or for its source, and has not ended. */
export function keptCard(context: Context, plan: Plan): SessionCard | undefined {
  const folder = cacheFolder(context);
  if (folder === undefined) return undefined;
  return keysOf(plan)
    .map((key) => readCard(folder, key, context.now()))
    .find((card) => card !== undefined);
}

/** Returns the session that {@link keptCard} tells of. */
export async function keptSession(sessions: SessionStore, plan: Plan): Promise<Session | undefined> {
  for (const key of keysOf(plan)) {
    const session = await sessions.read(key);
    if (session !== undefined) return session;
  }
  return undefined;
}

function keysOf({ steps, mfa, sourceKey }: Plan): string[] {
  const end = steps.at(-1);
  if (end !== undefined) return [end.key];
  return mfa === undefined ? [sourceKey] : [mfa.key, sourceKey];
}
