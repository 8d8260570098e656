import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { bestEffort, fingerprint, readPrivateFile, writePrivateFile } from '../../files/private-file.ts';
import { removeFile } from '../../files/temporary-file.ts';
import { DENIAL_MS } from '../../sessions/litter.ts';
import type { Plan } from '../plan.ts';

// What was learnt of a user and of roles, so that no code is wasted on it again: files in the cache, without a secret.
// Policies change, so it is forgotten after a while.

/** GetSessionToken was denied to the user, so each role needs a code of its own. */
const USER = '*';

/** True when GetSessionToken was denied to the user of a plan. */
export function isUserDenied(context: Pick<Context, 'now'>, folder: string, plan: Asker): boolean {
  return isRemembered(context, fileOf(folder, plan, USER));
}

/** True when a role has refused an MFA session that was not new. */
export function wantsOwnCode(
  context: Pick<Context, 'now'>,
  folder: string,
  plan: Asker,
  roleArn: string,
): boolean {
  return isRemembered(context, fileOf(folder, plan, roleArn));
}

/** Who asks: the plan's source, partition and endpoint. */
type Asker = Pick<Plan, 'sourceKey'>;

/** Remembers that GetSessionToken is denied to the user, or that a role wants a code of its own. */
export function rememberDenial(
  context: Context,
  folder: string | undefined,
  plan: Asker,
  roleArn: string = USER,
): void {
  if (folder === undefined) return;
  bestEffort(context.debug, 'not remembered', () =>
    writePrivateFile(fileOf(folder, plan, roleArn), `${context.now()}\n`),
  );
}

/** Forgets what was learnt of the user of a plan and of its roles. */
export function forgetDenials(folder: string, plan: Pick<Plan, 'sourceKey' | 'steps'>): void {
  for (const roleArn of [USER, ...plan.steps.map(({ request }) => request.RoleArn)]) {
    removeFile(fileOf(folder, plan, roleArn));
  }
}

function isRemembered({ now }: Pick<Context, 'now'>, file: string): boolean {
  const text = readPrivateFile(file)?.trim() ?? '';
  return /^\d{1,15}$/.test(text) && Math.abs(now() - Number(text)) < DENIAL_MS;
}

function fileOf(folder: string, { sourceKey }: Asker, roleArn: string): string {
  return join(folder, 'mfa', `direct-${fingerprint(`${sourceKey} ${roleArn}`)}`);
}
