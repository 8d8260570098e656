import type { Context } from '../context.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import type { Session } from '../sessions/session.ts';
import { readFreshSession, readSession } from '../sessions/session-cache.ts';
import type { Settings } from '../settings.ts';
import { awsCliSharing } from './aws-cli-sharing.ts';
import type { Plan, Step } from './plan.ts';

// Looks up the sessions that the caches hold for a plan. Changes nothing.

/** A step, and the session that would spare its call now. */
export interface KeptStep extends Step {
  readonly session: Session | undefined;
  readonly from: 'awsrole' | 'aws-cli';
}

/** Returns the steps of a plan, each with the session in our cache or the AWS CLI's. */
export function keptSteps(context: Context, plan: Plan, own: Settings): KeptStep[] {
  const folder = cacheFolder(context);
  const sharing = awsCliSharing(context, own, plan, folder);
  return plan.steps.map((step) => {
    const session = readFreshSession(folder, step.key, context.now());
    if (session !== undefined) return { ...step, session, from: 'awsrole' };
    return { ...step, session: sharing.read(step), from: 'aws-cli' };
  });
}

/** Returns the session in our cache for a plan's last role, for its user or for its source, that has not ended. */
export function keptSession(context: Context, { steps, mfa, sourceKey }: Plan): Session | undefined {
  const folder = cacheFolder(context);
  if (folder === undefined) return undefined;
  const end = steps.at(-1);
  const keys = end === undefined ? [mfa?.key, sourceKey] : [end.key];
  return keys
    .map((key) => (key === undefined ? undefined : readSession(folder, key, context.now())))
    .find((session) => session !== undefined);
}
