import type { Context } from '../../context.ts';
import type { AwsroleError } from '../../errors.ts';
import { accountId } from '../../profiles/account-id.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt, placeText } from '../../profiles/place.ts';
import { hasControlCharacter, printable, quoted } from '../../profiles/printable.ts';
import { LATEST, secondsOfTimestamp } from '../../profiles/timestamp.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import { processEnvironment } from '../process-loop.ts';
import { describeCommandFailure, runCommand, splitCommand } from '../run-command.ts';
import type { SessionOptions } from '../session-options.ts';
import { credentialProcessSeconds } from '../sts/timeout.ts';
import type { GivenCredentials } from './given-credentials.ts';

type ProcessSource = Extract<Source, { kind: 'credential-process' }>;

const SHAPE = 'it must print {"Version": 1, "AccessKeyId": ..., "SecretAccessKey": ...}; run it by hand';

/**
 * Runs a profile's credential_process as the AWS CLI does: no shell, JSON of version 1 on its standard output, and the
 * terminal to ask on (docs.aws.amazon.com, "Sourcing credentials with an external process").
 * @throws AwsroleError kind `configuration` with the line of the command. Its output is never shown: it may be a secret
 */
export async function processCredentials(
  context: Context,
  source: ProcessSource,
  { codeSource }: Pick<SessionOptions, 'codeSource'>,
): Promise<GivenCredentials> {
  const { command, profile } = source;
  const failed = (what: string, hint: string): AwsroleError =>
    errorAt(command, `credential_process of profile ${quoted(profile)} ${what}`, hint);
  const words = splitCommand(command.value, context.platform);
  if (words === undefined) throw failed('has a quote that is not closed', 'close it');
  context.debug(`credential_process of ${profile}: runs ${words[0] ?? ''}`);
  const result = await withWaitingNotice(
    context,
    `the credential_process of profile ${profile} (${placeText(command)})`,
    runCommand(words, {
      env: processEnvironment(context.env, profile),
      seconds: credentialProcessSeconds(context.env),
      mayAsk: codeSource !== 'stdin',
    }),
  );
  const program = quoted(words[0] ?? '');
  if (result.failure !== undefined) {
    const { failure } = result;
    const hint =
      failure.kind === 'not-found'
        ? `${program} is not on PATH; no shell runs it, so ~ and variables are not expanded: write its full path`
        : failure.kind === 'not-executable'
          ? 'check its mode (ls -l), and whether it is a program'
          : failure.kind === 'timed-out'
            ? 'run it by hand to see what it waits for'
            : 'run it by hand to see why';
    throw failed(`${describeCommandFailure(failure)} (${program})`, hint);
  }
  return readCredentials(result.stdout, context.now(), (what, hint) => failed(`${what} (${program})`, hint));
}

function readCredentials(
  stdout: string,
  nowMs: number,
  failed: (what: string, hint: string) => AwsroleError,
): GivenCredentials {
  let answer: Record<string, unknown>;
  try {
    answer = Object(JSON.parse(stdout.replace(/^\ufeff/, '')));
  } catch {
    // The parser's message would quote the text.
    throw failed(stdout.trim() === '' ? 'printed nothing' : 'printed something that is not JSON', SHAPE);
  }
  if (answer.Version !== 1) {
    const version = JSON.stringify(answer.Version)?.slice(0, 20);
    throw failed(version === undefined ? 'printed no Version' : `printed a Version that is not 1`, SHAPE);
  }
  const text = (name: string): string | undefined => {
    const value = answer[name] ?? '';
    if (typeof value !== 'string') throw failed(`printed a ${name} that is not a string`, SHAPE);
    if (hasControlCharacter(value)) throw failed(`printed a ${name} with a control character in it`, SHAPE);
    return value === '' ? undefined : value;
  };
  const required = (name: string): string => {
    const value = text(name);
    if (value === undefined) throw failed(`printed no ${name}`, SHAPE);
    return value;
  };
  const expiration = text('Expiration');
  const account = accountId(String(answer.AccountId ?? ''));
  return {
    accessKeyId: required('AccessKeyId'),
    secretAccessKey: required('SecretAccessKey'),
    sessionToken: text('SessionToken'),
    ...(expiration !== undefined && { expires: endOf(expiration, nowMs, failed) }),
    ...(account && { accountId: account }),
  };
}

/** Longer than any time, shorter than any secret: an Expiration that is no time may be one that went astray. */
const MOST_SHOWN = 36;

/** Reads an Expiration. @throws AwsroleError when it is no time, in the past, or later than any shell can say */
function endOf(
  expiration: string,
  nowMs: number,
  failed: (what: string, hint: string) => AwsroleError,
): number {
  const expires = secondsOfTimestamp(expiration);
  const shown = expiration.length > MOST_SHOWN ? 'an Expiration' : `the Expiration ${quoted(expiration)}`;
  if (expires === undefined) {
    throw failed(
      `printed ${shown}, which is not a time with a time zone`,
      'a time looks like 2026-11-22T09:44:30Z (ISO 8601)',
    );
  }
  if (expires > LATEST) {
    throw failed(
      `printed ${shown}, which is after the year 9999`,
      'leave it out for keys that do not expire',
    );
  }
  if (expires * 1000 > nowMs) return expires;
  throw failed(
    `printed credentials that expired at ${printable(expiration)}`,
    "get new ones, and check this computer's clock",
  );
}
