import type { Context } from '../context.ts';
import { directReason } from '../credentials/mfa/strategy.ts';
import type { Plan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import { printable, printableLines, quoted } from '../profiles/printable.ts';
import { regionNotices } from '../profiles/region.ts';
import { profileWord } from '../profiles/shell-word.ts';
import {
  makeServedProfile,
  notedFailures,
  removeServedProfile,
  servedEnvironment,
} from '../server/served-profile.ts';
import { clockText } from '../terminal/durations.ts';
import type { SwitchOptions } from './switch-options.ts';
import { switchedShell } from './switched-shell.ts';

/** How often we look whether a program of the command has got no credentials. */
const LOOK_MS = 1_000;
/** What comes with credentials, and is of no use to programs that ask for them. */
const OF_CREDENTIALS =
  /^(AWSROLE_.*|AWSUME_PROFILE|AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN|CREDENTIAL_EXPIRATION|ACCOUNT_ID))$/;

/**
 * `exec --serve`: runs a command whose programs ask awsrole for credentials whenever theirs are about to end. What they
 * are refused is said on standard error, once.
 * @param run runs it with an environment, and calls back when it has ended
 * @throws AwsroleError
 */
export async function serveCommand(
  context: Context,
  plan: Plan,
  options: SwitchOptions,
  folder: string | undefined,
  run: (env: Record<string, string | undefined>, ended: () => void) => Promise<number>,
): Promise<number> {
  const { store, chain, files } = plan;
  const { source, profile } = chain;
  if (source.kind === 'credential-source' && source.credentialSource === 'Environment') {
    throw new AwsroleError(
      'configuration',
      `${quoted(profile)} starts from the keys in the environment, which the command's programs would take themselves`,
      { hint: 'without --serve it works; or put those keys into a profile' },
    );
  }
  const { shell, credentials } = await switchedShell(context, plan, options, folder);
  for (const notice of regionNotices(store, chain, context.env)) context.stderr.write(`awsrole: ${notice}\n`);
  if ('expires' in credentials) warnOfCodes(context, plan, folder, credentials.expires);
  const kept = [...shell.set].filter(([name]) => !OF_CREDENTIALS.test(name) && !shell.keepOut.has(name));
  const gone = [...shell.unset, ...[...shell.set.keys()].filter((name) => OF_CREDENTIALS.test(name))];
  const served = makeServedProfile(
    context,
    { files, profile, overrides: options.overrides, region: shell.set.get('AWS_REGION') },
    [...kept.map(([name]) => name), ...gone, 'AWS_CONFIG_FILE', 'AWS_PROFILE'],
  );
  const said = new Set<string>();
  const look = (): void => {
    for (const failure of notedFailures(served)) {
      if (said.has(failure)) continue;
      said.add(failure);
      context.stderr.write(`awsrole: ${printableLines(failure)}\n`);
    }
  };
  const timer = setInterval(look, LOOK_MS);
  const end = (): void => {
    clearInterval(timer);
    look();
    removeServedProfile(served);
  };
  const env = servedEnvironment(context.env, served, { set: new Map(kept), unset: gone });
  if (env._awsrole_node_options) env.NODE_OPTIONS = env._awsrole_node_options;
  delete env._awsrole_node_options;
  try {
    return await run(env, end);
  } finally {
    end();
  }
}

/** Says until when the command has credentials where each new session of the role takes an MFA code of its own. */
function warnOfCodes(context: Context, plan: Plan, folder: string | undefined, expires: number): void {
  const [step] = plan.steps;
  if (step === undefined || plan.mfa === undefined || plan.mfa.device.process !== undefined) return;
  const reason = directReason(context, { plan, request: step.request, temporary: false, folder });
  if (reason === undefined) return;
  const until = clockText(expires, context.now());
  context.warn(
    `each session of ${printable(step.request.RoleArn)} takes an MFA code (${reason}), and nobody is asked while the ` +
      `command runs: it has credentials until ${until}; see: awsrole explain ${profileWord(plan.chain.profile)}`,
  );
}
