import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { OUR_ROOT } from '../files/our-root.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { printable } from '../profiles/printable.ts';
import { withWaitingNotice } from '../terminal/waiting-notice.ts';
import { awsFilesCheck } from './aws-files-check.ts';
import { cacheCheck } from './cache-check.ts';
import { defaultCheck } from './default-check.ts';
import { type Check, type Examined, type Finding, unknown, wrong } from './finding.ts';
import { keysCheck } from './keys-check.ts';
import { launcherCheck } from './launcher-check.ts';
import { networkCheck } from './network-check.ts';
import { nodeCheck } from './node-check.ts';
import { settingsCheck } from './settings-check.ts';
import { shellsCheck } from './shells-check.ts';
import { storesCheck } from './stores-check.ts';
import { stsCheck } from './sts-check.ts';
import { forTicket } from './ticket.ts';
import { variablesCheck } from './variables-check.ts';

/** In the order in which they are shown. */
const CHECKS: readonly Check[] = [
  nodeCheck,
  launcherCheck,
  shellsCheck,
  variablesCheck,
  cacheCheck,
  settingsCheck,
  awsFilesCheck,
  defaultCheck,
  keysCheck,
  storesCheck,
  networkCheck,
  stsCheck,
];

const PATIENCE_MS = 1_000;

/** A finding, and the check that has found it. */
export interface Diagnosis extends Finding {
  readonly check: string;
}

/** Does all checks at the same time. What they find is fit for a ticket. Never throws for what it looks at. */
export async function examine(outer: Context): Promise<readonly Diagnosis[]> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const examined: Examined = { context, shell: outer.env, files: filesOf(context), root: OUR_ROOT };
  const found = await Promise.all(
    CHECKS.map(async (check) => {
      const findings = await withWaitingNotice(
        context,
        check.waitsFor,
        findingsOf(check, examined),
        PATIENCE_MS,
      );
      return findings.map(({ state, about = check.name, says, todo }): Diagnosis => {
        const text = forTicket(says, examined);
        return { check: about, state, says: text, ...(todo && { todo: forTicket(todo, examined) }) };
      });
    }),
  );
  return found.flat();
}

function filesOf(context: Context): LoadedProfiles | undefined {
  try {
    return loadProfiles(context);
  } catch {
    return undefined; // the check of the files says why
  }
}

async function findingsOf(check: Check, examined: Examined): Promise<readonly Finding[]> {
  try {
    return await check.look(examined);
  } catch (error) {
    if (error instanceof AwsroleError) return [wrong(error.message, error.hint)];
    examined.context.debug((error as Error).stack ?? String(error));
    return [unknown(`this could not be checked: ${printable((error as Error).message)}`)];
  }
}
