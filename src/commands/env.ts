import { appendFileSync, openSync } from 'node:fs';
import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { type Plan, planSwitch } from '../credentials/plan.ts';
import { warnOfShell } from '../credentials/warnings.ts';
import { AwsroleError } from '../errors.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import { switchRegion } from '../profiles/region.ts';
import { openCache } from '../sessions/open-cache.ts';
import { refuseControlCharacters } from '../sessions/session-lines.ts';
import type { SwitchedShell } from '../sessions/shell-variables.ts';
import {
  dockerText,
  fishText,
  githubMask,
  githubText,
  nodeText,
  powershellText,
  shText,
  systemdText,
} from '../sessions/variable-formats.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import { advised } from './advised.ts';
import type { EnvFormat } from './env-options.ts';
import { processAnswer } from './process-answer.ts';
import type { SwitchOptions } from './switch-options.ts';
import { switchedShell } from './switched-shell.ts';

const REGIONS = ['AWS_REGION', 'AWS_DEFAULT_REGION'];
const SECRETS = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/**
 * `awsrole env PROFILE`: prints what a shell would hold after a switch, in the form that another program reads.
 * @throws AwsroleError when there are no credentials, or the format cannot say a value: then nothing is printed
 */
export async function env(
  outer: Context,
  profile: string,
  format: EnvFormat,
  options: SwitchOptions,
): Promise<number> {
  if (isTerminal(outer.stdout)) {
    throw new AwsroleError('usage', 'env prints secrets for another program, not for a screen', {
      hint: 'such as: eval "$(awsrole env PROFILE)", or awsrole env PROFILE --format docker >FILE',
    });
  }
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const file = format === 'github' ? openGithubFile(context) : -1;
  const plan = await advised(context, profile, false, () => planSwitch(context, profile, options.overrides));
  const { credentials, shell } = await switchedShell(context, plan, options, openCache(context));
  warnOfShell(context, plan, shell);
  refuseControlCharacters([...shell.set]);
  if (format === 'credential-process') {
    context.stdout.write(`${processAnswer(plan, profile, credentials)}\n`);
    return 0;
  }
  if (format === 'github') {
    const text = githubText(alone(context, plan, shell));
    // Before anything can show them.
    for (const name of SECRETS) {
      const value = shell.set.get(name);
      if (value !== undefined) context.stdout.write(githubMask(value));
    }
    orUnwritable(() => appendFileSync(file, text));
    warnOfLeft(context, shell);
    return 0;
  }
  context.stdout.write(textOf(context, plan, shell, format));
  return 0;
}

function textOf(
  context: Context,
  plan: Plan,
  shell: SwitchedShell,
  format: Exclude<EnvFormat, 'github' | 'credential-process'>,
): string {
  const { unset } = shell;
  switch (format) {
    case 'sh':
      return shText({ set: forShell(shell), unset });
    case 'fish':
      return fishText({ set: forShell(shell), unset });
    case 'powershell':
      return powershellText({ set: forShell(shell), unset });
    case 'docker':
      return dockerText(alone(context, plan, shell));
    case 'systemd':
      return systemdText(alone(context, plan, shell));
    case 'node':
      return nodeText(alone(context, plan, shell));
    case 'json':
      return `${printableJson(Object.fromEntries(alone(context, plan, shell)), 2)}\n`;
  }
}

/** With the names, so that an awsrole in that shell knows which of its variables are ours. */
function forShell({ set }: SwitchedShell): ReadonlyMap<string, string> {
  return new Map([...set, ['AWSROLE_NAMES', [...set.keys()].join(' ')]]);
}

/**
 * For a program that may run where neither this shell is nor its AWS files: with the region wherever it comes from, and
 * without our notes for shells.
 */
function alone(
  { env: shellEnv }: Context,
  { store, chain }: Plan,
  { set }: SwitchedShell,
): Map<string, string> {
  const ofAws = [...set].filter(([name]) => !/^(AWSROLE|AWSUME)_/.test(name));
  const region = switchRegion(store, chain, shellEnv).region?.value;
  const missing = region === undefined ? [] : REGIONS.filter((name) => !set.has(name));
  return new Map([...ofAws, ...missing.map((name) => [name, shellEnv[name] || region || ''] as const)]);
}

/** Opened before there is a session: one that cannot be handed on is not printed either. */
function openGithubFile({ env: { GITHUB_ENV: file } }: Context): number {
  if (!file) {
    throw new AwsroleError(
      'configuration',
      'GITHUB_ENV is not set, so there is no job to hand variables to',
      {
        hint: '--format github is for a step of GitHub Actions; elsewhere: awsrole exec',
      },
    );
  }
  return orUnwritable(() => openSync(file, 'a', 0o600));
}

/** @throws AwsroleError kind `configuration` where the work fails */
function orUnwritable<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const reason = printable((error as Error).message);
    throw new AwsroleError('configuration', `the file in GITHUB_ENV cannot be written: ${reason}`, {
      hint: 'later steps do not have the role',
      cause: error,
    });
  }
}

/** Nothing takes a variable away from the later steps of a job. */
function warnOfLeft({ env: shellEnv, warn }: Context, { unset }: SwitchedShell): void {
  const left = unset.filter((name) => shellEnv[name]);
  if (left.length > 0) {
    warn(`later steps still have ${left.join(', ')}, which some programs use instead: unset them there`);
  }
}
