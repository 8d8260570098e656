import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import type { HeldLock } from '../../sessions/lock.ts';
import type { Session } from '../../sessions/session.ts';
import type { UserMfa } from '../plan.ts';
import type { SessionOptions } from '../session-options.ts';
import type { GivenSession } from '../sts/client.ts';
import { isLostAnswer, isRefusedCode } from '../sts/refusal.ts';
import { mfaCodes } from './codes.ts';
import { secondsToNextCode } from './totp.ts';

const MOST_CODES = 3;

/** A new session, or one that another process has got while we waited for a code. */
export type Answer =
  | { readonly from: 'sts'; readonly given: GivenSession }
  | { readonly from: 'elsewhere'; readonly session: Session };

/** What a code is asked for. */
export interface CodeQuestion {
  readonly mfa: UserMfa;
  /** The profile that it is for, for messages. */
  readonly profile: string;
  readonly options: SessionOptions;
  /** The lock of the device. */
  readonly held: HeldLock;
  /** Returns the session if another process has got it meanwhile. */
  readonly gotElsewhere: () => Session | undefined;
}

/**
 * Asks for a code and tries it, up to three times while STS says that it is wrong.
 * @param attempt uses the code; calls `spent` as soon as AWS has accepted it
 * @throws AwsroleError
 */
export async function withCode(
  context: Context,
  { mfa: { device, serial }, profile, options, held, gotElsewhere }: CodeQuestion,
  attempt: (code: string, spent: () => void) => Promise<GivenSession>,
): Promise<Answer> {
  const { codeSource, folder } = options;
  const { process } = device;
  const codes = await mfaCodes(context, { serial, profile, source: codeSource, process, folder, held });
  const { sent } = codes;
  try {
    for (let left = codeSource === 'stdin' ? 1 : MOST_CODES; ; left -= 1) {
      const { code, isAbandoned } = await codes.next();
      const session = gotElsewhere();
      if (session !== undefined) return { from: 'elsewhere', session };
      let accepted = false;
      const accept = (): void => {
        accepted = true;
        sent.ended(code, 'used');
      };
      sent.sending(code);
      try {
        // Who was stopped until here has lost the lock, and may not send anything.
        held.check();
        const given = await attempt(code, accept);
        if (!accepted) accept();
        return { from: 'sts', given };
      } catch (error) {
        const cause = (error as Error).cause;
        const isRefused = isRefusedCode(cause);
        if (isRefused) sent.ended(code, 'refused');
        else if (isLostAnswer(cause)) sent.ended(code, 'used');
        else if (!accepted) sent.notSent(code);
        if (!isRefused) throw error;
        const why = isAbandoned
          ? 'an awsrole that was ended had sent it already'
          : 'mistyped, or used before';
        // A mistyped code uses nothing up: only one that AWS has accepted works no more.
        const advice = `type what the device shows now; if that was used, the next one comes in ${secondsToNextCode(context.now())} s`;
        if (left <= 1) {
          throw new AwsroleError('mfa', `AWS refused the MFA code for ${printable(serial)}: ${why}`, {
            hint: `each code works once: ${advice}`,
          });
        }
        // A program waits by itself.
        context.stderr.write(`AWS refused that code: ${why}${process === undefined ? `; ${advice}` : ''}\n`);
      }
    }
  } finally {
    codes.close();
  }
}
