import type { Context } from '../context.ts';
import { printable, printableJson } from '../profiles/printable.ts';
import { heldIdentity, holdsLongLivedKeys } from '../sessions/held-identity.ts';
import { heldUntil } from '../sessions/session.ts';
import { type Colours, colours, PLAIN } from '../terminal/colour.ts';
import { clockText, durationText } from '../terminal/durations.ts';
import { columnsOf } from '../terminal/screen.ts';
import { definitions } from '../terminal/table.ts';
import { switchCommand } from './switch-command.ts';

/** As in the prompt, which is yellow from then on. */
const SOON_SECONDS = 600;

type Step = readonly [typed: string, what: string];
const FIRST_STEPS: readonly Step[] = [
  ['awsrole PROFILE', 'switch this shell to a profile'],
  ['awsrole list', 'show your profiles'],
];

/** Says what this shell holds, by its variables: no file is read, and AWS is not asked. */
export async function status(context: Context, { json = false } = {}): Promise<number> {
  const { env, stdout } = context;
  if (json) {
    stdout.write(`${printableJson(asData(context), 2)}\n`);
    return 0;
  }
  const paints = colours(stdout, env);
  const { AWSROLE_PROFILE: profile } = env;
  const lines = profile === undefined ? [heldWithoutUs(env)] : held(context, paints);
  const steps = profile === undefined ? FIRST_STEPS : nextSteps(env, profile);
  const width = columnsOf(stdout) ?? Number.POSITIVE_INFINITY;
  stdout.write(`${[...lines, '', ...definitions(steps, width)].join('\n')}\n`);
  return 0;
}

/** The same in one line, for what stands above a list. */
export function heldLine(context: Context): string {
  const { env } = context;
  return env.AWSROLE_PROFILE === undefined ? heldWithoutUs(env) : held(context, PLAIN).join(', ');
}

/** For scripts; without a role an object with nothing of awsrole's in it. */
function asData({ env, now }: Context): Record<string, unknown> {
  const expires = heldUntil(env);
  const changed = Boolean(env.AWS_PROFILE) || env.AWS_ACCESS_KEY_ID !== env.AWSROLE_ACCESS_KEY_ID;
  const ofAws = {
    ...(env.AWS_ACCESS_KEY_ID && { accessKeyId: env.AWS_ACCESS_KEY_ID }),
    ...(env.AWS_PROFILE && { awsProfile: env.AWS_PROFILE }),
    ...(env.AWS_REGION && { region: env.AWS_REGION }),
  };
  if (env.AWSROLE_PROFILE === undefined) return { held: false, ...ofAws };
  return {
    held: true,
    profile: env.AWSROLE_PROFILE,
    ...(env.AWSROLE_ROLE_ARN && { roleArn: env.AWSROLE_ROLE_ARN }),
    ...(env.AWSROLE_ACCOUNT_ID && { account: env.AWSROLE_ACCOUNT_ID }),
    ...ofAws,
    longLivedKeys: holdsLongLivedKeys(env),
    /** Whether something else has changed since what the switch had put there. */
    changed,
    ...(expires !== undefined && {
      expires: new Date(expires * 1000).toISOString(),
      secondsLeft: Math.floor(expires - now() / 1000),
    }),
  };
}

function held({ env, now }: Context, { bold, red, yellow, green }: Colours): string[] {
  const identity = heldIdentity(env);
  const expires = heldUntil(env);
  const nowMs = now();
  const lines = [holdsLongLivedKeys(env) ? bold(yellow(identity)) : bold(identity)];
  if (expires !== undefined && expires * 1000 > nowMs) {
    const left = expires - nowMs / 1000;
    const paint = left > SOON_SECONDS ? green : yellow;
    lines.push(paint(`until ${clockText(expires, nowMs)} (${durationText(left)})`));
  } else if (expires !== undefined) {
    lines.push(red(`EXPIRED at ${clockText(expires, nowMs)}`));
  }
  if (env.AWSROLE_ACCESS_KEY_ID && env.AWS_ACCESS_KEY_ID !== env.AWSROLE_ACCESS_KEY_ID) {
    const now = env.AWS_ACCESS_KEY_ID ? `is ${printable(env.AWS_ACCESS_KEY_ID)} now` : 'is no longer set';
    lines.push(red(`but AWS_ACCESS_KEY_ID ${now}: something else has changed it since`));
  }
  if (env.AWS_PROFILE) {
    const name = printable(env.AWS_PROFILE);
    lines.push(red(`but AWS_PROFILE is set to ${name}: some programs will use that instead`));
  }
  return lines;
}

function nextSteps(env: Context['env'], profile: string): Step[] {
  const refresh = env.AWSROLE_SWITCH ? printable(env.AWSROLE_SWITCH) : switchCommand(profile, ['--refresh']);
  return [
    ...(holdsLongLivedKeys(env) ? [] : [[refresh, 'get a new session now'] as const]),
    ['awsrole off', 'put back what this shell held before'] as const,
  ];
}

function heldWithoutUs(env: Context['env']): string {
  if (env.AWS_ACCESS_KEY_ID)
    return `no role is held in this shell; it has the access key ${printable(env.AWS_ACCESS_KEY_ID)} in its environment`;
  if (env.AWS_PROFILE)
    return `no role is held in this shell; AWS_PROFILE is set to ${printable(env.AWS_PROFILE)}`;
  return 'no role is held in this shell';
}
