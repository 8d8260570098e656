import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import { profileWord } from '../../profiles/shell-word.ts';
import type { HeldLock } from '../../sessions/lock.ts';
import { linePrompt, type SecretPrompt } from '../../terminal/secret-prompt.ts';
import { type CodeState, SentCodes } from './sent-codes.ts';
import { mfaCodeIn, secondsToNextCode } from './totp.ts';

const MOST_MISSHAPEN = 5;
/** Why a code is not sent. */
const NOT_AGAIN: Readonly<Record<Exclude<CodeState, 'abandoned'>, string>> = {
  used: 'that code was used, wait for the next one',
  refused: 'AWS has refused that code already: type what the device shows now, or wait for the next one',
  sent: 'another awsrole has sent that code, wait for the next one',
};

/**
 * Where MFA codes come from: the terminal, or standard input (`--mfa-code -`, and Git Bash); `none` where nobody may be
 * asked. An `mfa_process` of the profile comes before all but standard input.
 */
export type CodeSource = 'terminal' | 'stdin' | 'none';

/** Asks for the MFA codes of one device, and knows which of them were sent. */
export interface MfaCodes {
  /**
   * Asks for a code until it has six digits and no other process has sent it.
   * @throws AwsroleError kind `mfa` when none is to be had, `interrupted` on Ctrl-C; LockLost when another asks now
   */
  next(): Promise<NextCode>;
  /** What is known of the codes. */
  readonly sent: SentCodes;
  close(): void;
}

/** A code that may be sent. */
export interface NextCode {
  readonly code: string;
  /** True when a process has sent it that ended before AWS answered: it may be used already. */
  readonly isAbandoned: boolean;
}

/** Opens whatever gives the codes of a device. @throws AwsroleError kind `mfa` when there is no terminal to ask on */
export async function mfaCodes(
  context: Context,
  options: {
    serial: string;
    profile: string;
    source: CodeSource;
    process: Property | undefined;
    folder: string | undefined;
    /** The device's lock, without which nobody is asked for a code. */
    held: HeldLock;
  },
): Promise<MfaCodes> {
  const { serial, profile, folder, process, held } = options;
  const prompt =
    process === undefined || options.source === 'stdin'
      ? await openPrompt(context, options.source, serial, profile)
      : await openProcess(context, process, { profile, serial });
  const sent = new SentCodes(context, folder, serial);
  const say = (text: string): void => {
    context.stderr.write(`${text}\n`);
  };
  return {
    next: async () => {
      const question = `MFA code for ${printable(serial)}: `;
      for (let asked = 0; asked < MOST_MISSHAPEN; asked += 1) {
        held.check();
        const answer = await prompt.ask(question, { signal: held.signal });
        held.check();
        if (answer === undefined) {
          throw new AwsroleError('mfa', `no MFA code for ${printable(serial)}: the input ended`, {
            hint: 'enter the six digits that your MFA device shows',
          });
        }
        const code = mfaCodeIn(answer);
        if (code === undefined) {
          say('an MFA code has six digits; it was not sent');
          continue;
        }
        const state = sent.stateOf(code);
        if (state === undefined || state === 'abandoned') return { code, isAbandoned: state === 'abandoned' };
        say(`${NOT_AGAIN[state]} (${secondsToNextCode(context.now())} s)`);
      }
      throw new AwsroleError('mfa', `no usable MFA code for ${printable(serial)}`, {
        hint: 'enter the six digits that your MFA device shows; if they were used, wait for the next ones',
      });
    },
    sent,
    close: () => prompt.close(),
  };
}

/** Loaded lazily, because what starts a program takes longer to load than a switch. */
async function openProcess(
  context: Context,
  process: Property,
  asked: { readonly profile: string; readonly serial: string },
): Promise<SecretPrompt> {
  const { processPrompt } = await import('./process.ts');
  return processPrompt(context, process, asked);
}

async function openPrompt(
  context: Context,
  source: CodeSource,
  serial: string,
  profile: string,
): Promise<SecretPrompt> {
  if (source === 'none') {
    throw new AwsroleError('mfa', `no session is kept for profile ${printable(profile)}`, {
      hint: `run: awsrole ${profileWord(profile)}`,
    });
  }
  if (source === 'terminal') {
    const { openTerminal } = await import('../../terminal/terminal.ts');
    const terminal = openTerminal(context);
    if (terminal !== undefined) return terminal;
  }
  // Git Bash's mintty gives native programs pipes instead of a console; the wrapper has turned the terminal's echo off.
  const questions = source === 'terminal' && context.env.MSYSTEM ? context.stderr : undefined;
  if (source === 'stdin' || questions !== undefined) {
    // An earlier role has had the code, or its prompt has closed the input: waiting for it would end us without a word.
    if (source === 'stdin' ? context.firstLine.isTaken : context.stdin.destroyed) {
      throw new AwsroleError(
        'mfa',
        `an MFA code for ${printable(serial)} is needed for profile ${printable(profile)} too, and standard input gives one`,
        { hint: 'try again with the next code: the roles before it are kept' },
      );
    }
    return questions === undefined
      ? { ask: async () => context.firstLine.take(), close: () => {} }
      : linePrompt(context.stdin, questions);
  }
  throw new AwsroleError(
    'mfa',
    `an MFA code for ${printable(serial)} is needed for profile ${printable(profile)}, and there is no terminal to ask on`,
    { hint: `switch in a terminal first, or pipe the code in: awsrole --mfa-code - ${printable(profile)}` },
  );
}
