import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import type { HeldLock } from '../../sessions/lock.ts';
import { bestEffort, fingerprint, readPrivateFile, writePrivateFile } from '../../sessions/private-file.ts';
import { linePrompt, type SecretPrompt } from '../../terminal/secret-prompt.ts';
import { CODE_LIFE_MS, mfaCodeIn, secondsToNextCode } from './totp.ts';

const MOST_MISSHAPEN = 5;

/**
 * Where MFA codes come from: the terminal, or standard input (`--mfa-code -`, and Git Bash); `none` where nobody may be
 * asked. An `mfa_process` of the profile comes before all but standard input.
 */
export type CodeSource = 'terminal' | 'stdin' | 'none';

/** Asks for the MFA codes of one device, and knows which of them were spent. */
export interface MfaCodes {
  /**
   * Asks for a code until it has six digits and was not used before.
   * @throws AwsroleError kind `mfa` when none is to be had, `interrupted` on Ctrl-C; LockLost when another asks now
   */
  next(): Promise<string>;
  /** Notes that the code has reached STS and will not work again. */
  spent(code: string): void;
  close(): void;
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
      : await openProcess(context, process, profile);
  const spentFile = folder === undefined ? undefined : join(folder, 'mfa', fingerprint(serial));
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
        } else if (wasSpent(spentFile, serial, code, context.now())) {
          say(`that code was used, wait for the next one (${secondsToNextCode(context.now())} s)`);
        } else {
          return code;
        }
      }
      throw new AwsroleError('mfa', `no usable MFA code for ${printable(serial)}`, {
        hint: 'enter the six digits that your MFA device shows; if they were used, wait for the next ones',
      });
    },
    spent: (code) => rememberSpent(context, spentFile, serial, code),
    close: () => prompt.close(),
  };
}

/** Loaded lazily, because what starts a program takes longer to load than a switch. */
async function openProcess(context: Context, process: Property, profile: string): Promise<SecretPrompt> {
  const { processPrompt } = await import('./process.ts');
  return processPrompt(context, process, profile);
}

async function openPrompt(
  context: Context,
  source: CodeSource,
  serial: string,
  profile: string,
): Promise<SecretPrompt> {
  if (source === 'none') {
    throw new AwsroleError('mfa', `no session is kept for profile ${printable(profile)}`, {
      hint: `run: awsrole ${printable(profile)}`,
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

/** Keeps a hash of the last code for as long as it could work, so that no other terminal sends it again. */
function rememberSpent(context: Context, file: string | undefined, serial: string, code: string): void {
  if (file === undefined) return;
  bestEffort(context.debug, 'a spent code is not remembered', () =>
    writePrivateFile(file, `${context.now()} ${fingerprint(`${serial} ${code}`)}\n`),
  );
}

function wasSpent(file: string | undefined, serial: string, code: string, nowMs: number): boolean {
  const [when, hash] = (file === undefined ? '' : (readPrivateFile(file) ?? '')).trim().split(' ');
  return hash === fingerprint(`${serial} ${code}`) && nowMs - Number(when) < CODE_LIFE_MS;
}
