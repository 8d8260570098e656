import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { placed, placeText } from '../../profiles/place.ts';
import { quoted } from '../../profiles/printable.ts';
import type { Property } from '../../profiles/shared-config-file.ts';
import type { SecretPrompt } from '../../terminal/secret-prompt.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import { mfaProcessEnvironment } from '../process-loop.ts';
import { describeCommandFailure, runCommand, splitCommand } from '../run-command.ts';
import { mfaProcessSeconds } from '../sts/timeout.ts';
import { mfaCodeIn, secondsToNextCode } from './totp.ts';

/**
 * Makes a prompt that gets the MFA code from the profile's `mfa_process`, a command that prints it. When asked again,
 * it waits for the next code first, because a code works once. Its output is never shown: it may be a code.
 */
export function processPrompt(
  context: Context,
  command: Property,
  { profile, serial }: { readonly profile: string; readonly serial: string },
): SecretPrompt {
  const failed = (what: string, hint: string): AwsroleError =>
    new AwsroleError('mfa', placed(command, `mfa_process of profile ${quoted(profile)} ${what}`), { hint });
  const words = splitCommand(command.value, context.platform);
  if (words === undefined) throw failed('has a quote that is not closed', 'close it');
  let asked = false;
  return {
    ask: async () => {
      if (asked) {
        const seconds = secondsToNextCode(context.now());
        context.stderr.write(`waiting ${seconds} s for the next code of mfa_process; Ctrl-C gives up\n`);
        await sleep(seconds * 1000);
      }
      asked = true;
      context.debug(`mfa_process of ${profile}: runs ${words[0] ?? ''}`);
      const { env } = context;
      const what = `the mfa_process of profile ${profile} (${placeText(command)})`;
      const result = await withWaitingNotice(
        context,
        what,
        // Standard input is not taken: a code that comes from there is taken in place of this program's.
        runCommand(words, {
          env: mfaProcessEnvironment(env, serial),
          seconds: mfaProcessSeconds(env),
          mayAsk: true,
        }),
      );
      if (result.failure?.kind === 'timed-out') {
        throw failed(describeCommandFailure(result.failure), 'run it by hand to see what it waits for');
      }
      if (result.failure !== undefined) {
        throw failed(
          `${describeCommandFailure(result.failure)} (${quoted(words[0] ?? '')})`,
          'run it by hand to see why; no shell runs it, so ~, pipes and variables need: sh -c "..."',
        );
      }
      const code = mfaCodeIn(result.stdout);
      if (code !== undefined) return code;
      throw failed(
        /^[\s-]*$/.test(result.stdout)
          ? 'printed nothing'
          : 'printed something that is not an MFA code; it was not sent',
        'it must print the six digits of the code, and nothing else, on its standard output',
      );
    },
    close: () => {},
  };
}
