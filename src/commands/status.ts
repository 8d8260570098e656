import type { Context } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { heldIdentity } from '../sessions/held-identity.ts';
import { heldUntil } from '../sessions/session.ts';
import { clockText, durationText } from '../terminal/durations.ts';

/** Says what this shell holds, by its variables: no file is read and nobody is asked. */
export async function status(context: Context): Promise<number> {
  const { env } = context;
  const { AWSROLE_PROFILE: profile } = env;
  const lines: string[] = [];
  if (profile === undefined) {
    lines.push(heldWithoutUs(env));
    lines.push(
      '',
      '  awsrole PROFILE   switch this shell to a profile',
      '  awsrole list      the profiles there are',
    );
  } else {
    lines.push(heldIdentity(env));
    const expires = heldUntil(env);
    const now = context.now();
    if (expires !== undefined && expires * 1000 > now) {
      lines.push(`until ${clockText(expires, now)} (${durationText(expires - now / 1000)})`);
    } else if (expires !== undefined) {
      lines.push(`EXPIRED at ${clockText(expires, now)}`);
    }
    if (env.AWS_PROFILE)
      lines.push(
        `but AWS_PROFILE is set to ${printable(env.AWS_PROFILE)}: some tools will take that instead`,
      );
    lines.push(
      '',
      `  awsrole ${printable(profile)}   renew it`,
      '  awsrole off   put back what was there before',
    );
  }
  context.stdout.write(`${lines.join('\n')}\n`);
  return 0;
}

function heldWithoutUs(env: Context['env']): string {
  if (env.AWS_ACCESS_KEY_ID)
    return `no role is held here; the keys ${printable(env.AWS_ACCESS_KEY_ID)} are set in the environment`;
  if (env.AWS_PROFILE) return `no role is held here; AWS_PROFILE is ${printable(env.AWS_PROFILE)}`;
  return 'no role is held in this shell';
}
