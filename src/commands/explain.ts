import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import {
  type ExplainedSession,
  type ExplainedValue,
  type Explanation,
  explain,
} from '../credentials/explanation.ts';
import { loadChain, makePlan } from '../credentials/plan.ts';
import { warnOfAllProblems } from '../credentials/warnings.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import type { Overrides } from '../profiles/profile-overrides.ts';
import { colours } from '../terminal/colour.ts';
import { durationText } from '../terminal/durations.ts';
import { columnsOf, show } from '../terminal/screen.ts';
import { table, wrapped } from '../terminal/table.ts';
import { advised } from './advised.ts';

const INDENT = '   ';

const SOURCES: Readonly<Record<Explanation['source']['kind'], string>> = {
  keys: 'keys in an AWS file',
  'credential-process': 'a program (credential_process)',
  'credential-source': 'credentials of this computer (credential_source)',
  sso: 'single sign-on (SSO)',
  'web-identity': 'a web identity token (AssumeRoleWithWebIdentity)',
  'login-session': 'aws login',
};

/**
 * `explain PROFILE`, and a switch with `--dry-run`: says what the switch would do, without asking AWS or anybody.
 * @throws AwsroleError as the switch would
 */
export async function explainProfile(
  outer: Context,
  profile: string,
  options: { readonly json: boolean; readonly overrides?: Overrides | undefined },
): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const loaded = await advised(context, profile, false, () => loadChain(context, profile, options.overrides));
  warnOfAllProblems(context, loaded);
  const explanation = await explain(context, makePlan(context, loaded));
  const text = options.json ? `${printableJson(explanation, 2)}\n` : textOf(context, explanation);
  if (options.json) context.stdout.write(text);
  else await show(context, text);
  return 0;
}

/** How the lines of a screen are made. */
interface Page {
  readonly strong: (text: string) => string;
  readonly values: (rows: readonly ExplainedValue[]) => string[];
  /** Its width. */
  readonly screen: number;
}

function textOf(context: Context, explanation: Explanation): string {
  const { bold: strong } = colours(context.stdout, context.env);
  const screen = columnsOf(context.stdout) ?? Number.POSITIVE_INFINITY;
  const page: Page = { strong, screen, values: (rows) => valueLines(rows, screen) };
  return `${[...stepLines(explanation, page), ...shellLines(explanation, page)].join('\n')}\n`;
}

/** What is done, one step after the other. */
function stepLines(
  { guard, source, mfaSession, sts, calls }: Explanation,
  { strong, values }: Page,
): string[] {
  const after = guard?.minutes === undefined ? '' : `, and takes it back after ${guard.minutes} minutes`;
  const lines = [
    ...(guard ? [`${strong('Guarded')} (${printable(guard.because)}): a switch asks first${after}`, ''] : []),
    `${strong(`1. ${SOURCES[source.kind]}`)}, of profile ${printable(source.profile)}`,
    ...values(source.values),
    ...kept(source.session),
  ];
  if (mfaSession !== undefined) {
    lines.push(
      '',
      `${strong('2. GetSessionToken')}, for an MFA session of that user, which serves every role behind the device` +
        (mfaSession.needed ? '' : ': not called, as a session is kept'),
      ...values(mfaSession.values),
      ...kept(mfaSession.session),
      `   MFA code: ${printable(mfaSession.code)}`,
    );
  }
  for (const [index, call] of calls.entries()) {
    lines.push(
      '',
      `${strong(`${index + 2}. AssumeRole ${printable(call.roleArn)}`)}, of profile ${printable(call.profile)}` +
        (call.needed ? '' : ': not called, as a session is kept'),
      ...values(call.values),
      ...kept(call.session),
    );
    if (call.mfa) lines.push(`   MFA code: ${printable(call.mfa.code)}`);
  }
  if (calls.length > 0 || mfaSession !== undefined) {
    const needed = calls.some((call) => call.needed) || mfaSession?.needed === true;
    lines.push(
      '',
      `${strong('STS')}: ${printable(sts.url)}, region ${printable(sts.region)} (${printable(sts.regionFrom)})` +
        (needed ? '' : '; it would not be called'),
    );
  }
  return lines;
}

/** What the shell would hold, and what else would count there. */
function shellLines(explanation: Explanation, { strong, values, screen }: Page): string[] {
  const { variables, unset, regionNotices, withoutVariable, reachesIn, defaultCredentials } = explanation;
  const lines = ['', strong('The shell would hold'), ...values(variables)];
  const gone = wrapped(`and no longer: ${unset.join(', ')}`, screen - INDENT.length);
  lines.push(...gone.map((line) => INDENT + line));
  if (regionNotices.length > 0)
    lines.push('', strong('Region'), ...regionNotices.map((notice) => `   ${notice}`));
  if (withoutVariable.length > 0) {
    lines.push(
      '',
      `${strong('Without a variable')}, so only --profile ${printable(explanation.profile)} sees it`,
      ...values(withoutVariable),
    );
  }
  if (reachesIn.length > 0) {
    lines.push(
      '',
      `${strong('From [default]')} these would apply too, as no variable can override them`,
      ...values(reachesIn),
    );
  }
  if (defaultCredentials !== undefined) {
    lines.push(
      '',
      `${strong('[default] has credentials')}, which version 3 of the AWS SDK for .NET prefers to the variables`,
      ...values([defaultCredentials]),
    );
  }
  return lines;
}

/** A line each, with the place of the value; where that is too wide for the screen, it stands below. */
function valueLines(rows: readonly ExplainedValue[], screen: number): string[] {
  const places = rows.map((row) => {
    const { keepsOut } = row;
    return keepsOut ? `overrides ${keepsOut.name} of [default], ${place(keepsOut)}` : place(row);
  });
  const lines = table(rows.map(({ name, value }, index) => [name, value, places[index] ?? '']));
  if (lines.every((line) => INDENT.length + line.length <= screen)) return lines.map((line) => INDENT + line);
  return table(rows.map(({ name, value }) => [name, value])).flatMap((line, index) => [
    INDENT + line,
    ...(places[index] ? [INDENT.repeat(2) + printable(places[index])] : []),
  ]);
}

function place({ file, line, by }: ExplainedValue): string {
  return file === undefined ? (by ?? '') : `${file}:${line}`;
}

function kept(session: ExplainedSession | undefined): string[] {
  if (session === undefined) return [];
  const where = session.from === 'aws-cli' ? ", in the AWS CLI's cache" : '';
  return [
    `   a session is kept until ${session.expires} (${durationText(session.secondsLeft)} left${where})`,
  ];
}
