import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { durationText } from '../../terminal/durations.ts';
import type { NoAnswer } from './request-handler.ts';
import type { UnusableAnswer } from './unusable-answer.ts';

/** What STS was asked for, to explain a refusal by it. It holds no secret. */
export interface StsCall {
  readonly action: 'AssumeRole' | 'AssumeRoleWithWebIdentity' | 'GetSessionToken' | 'GetCallerIdentity';
  /** The id of the access key that signed it, and the profile of that key. */
  readonly accessKeyId: string;
  readonly sourceProfile: string;
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly roleArn?: string;
  readonly profile?: string;
  /** Why the role was asked for without MFA, and the `file:line` that says so; undefined when it was proved. */
  readonly withoutMfa?: WithoutMfa | undefined;
  /** Whether an MFA code went with this request. */
  readonly code?: boolean;
  /** Who wrote temporary keys, and what gets new ones. */
  readonly renewal?: string | undefined;
  /** `file:line` of settings that may have to change. */
  readonly where?: {
    readonly roleArn?: string | undefined;
    readonly durationSeconds?: string | undefined;
    readonly externalId?: string | undefined;
    readonly mfaSerial?: string | undefined;
    readonly keys?: string | undefined;
  };
}

/** `role`: the keys are those of a role's session; `session`: of one that may be anybody's. */
export interface WithoutMfa {
  readonly why: 'no device' | 'left out' | 'role' | 'session';
  readonly place: string | undefined;
}

interface SdkError {
  readonly name?: string;
  readonly Code?: string;
  readonly code?: string;
  readonly message?: string;
  readonly cause?: unknown;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number; readonly attempts?: number };
  readonly $response?: { readonly headers?: Readonly<Record<string, string>>; readonly statusCode?: number };
}

const NETWORK_CODES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing is listening there'],
  ['ECONNRESET', 'the connection was cut'],
  ['EPIPE', 'the connection was cut'],
  ['ETIMEDOUT', 'the connection took too long'],
  ['TimeoutError', 'the connection took too long'],
  ['ENOTFOUND', 'the name is not known to DNS'],
  ['EAI_AGAIN', 'DNS does not answer'],
  ['EHOSTUNREACH', 'there is no route to it'],
  ['ENETUNREACH', 'there is no network'],
  ['ERR_INVALID_URL', 'the URL is not valid'],
]);
/** Those of errors before a connection was made. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'TimeoutError',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_INVALID_URL',
]);
/** Errors that mean: too many requests. */
export const THROTTLED = new Set([
  'Throttling',
  'ThrottlingException',
  'RequestLimitExceeded',
  'TooManyRequestsException',
]);
const CLOCK_TOLERANCE_SECONDS = 240;

/** Between the lines of a hint. */
export const NEXT_LINE = '\n  ';

/** True when STS says that the MFA code is wrong or was used before. (Its two messages differ in a dot and a space.) */
export function isRefusedCode(error: unknown): boolean {
  const { name, message } = Object(error) as SdkError;
  return (
    name === 'AccessDenied' && (message ?? '').startsWith('MultiFactorAuthentication failed with invalid MFA')
  );
}

/** True when STS says that the MFA device is not one of the user's. */
export function isWrongDevice(error: unknown): boolean {
  const { name, message } = Object(error) as SdkError;
  return name === 'AccessDenied' && (message ?? '').includes('validate MFA code');
}

/**
 * True when the caller may not do this: because of a policy, or because this STS does not know the action. False for a
 * wrong code or device, and for tags and source identity that are not allowed, where another code would not help.
 */
export function isDenied(error: unknown): boolean {
  const { name = '', message = '' } = Object(error) as SdkError;
  return (
    ['AccessDenied', 'AccessDeniedException', 'InvalidAction'].includes(name) &&
    !message.startsWith('MultiFactorAuthentication failed') &&
    deniedExtra(message) === undefined
  );
}

/** Returns the action that is denied besides AssumeRole itself. */
function deniedExtra(message: string): 'sts:TagSession' | 'sts:SetSourceIdentity' | undefined {
  return (['sts:TagSession', 'sts:SetSourceIdentity'] as const).find((action) => message.includes(action));
}

/** True when AWS no longer knows the keys that signed the request: their session has ended, or was revoked. */
export function isEndedSession(error: unknown): boolean {
  const { name = '' } = Object(error) as SdkError;
  return [
    'ExpiredToken',
    'ExpiredTokenException',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
  ].includes(name);
}

/** True when STS may have processed the request although no answer came: an MFA code in it may be used up. */
export function isLostAnswer(error: unknown): boolean {
  const { $metadata, name } = Object(error) as SdkError;
  if (name === ('UnusableAnswer' satisfies UnusableAnswer['name'])) return true;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined) return status >= 500;
  return networkReason(error) !== undefined && !wasNeverSent(error);
}

/** An error of STS, with what its explanations have in common. */
interface Refusal {
  readonly error: unknown;
  readonly name: string;
  readonly message: string;
  /** The message, safe to show. */
  readonly text: string;
  /** The role, or the action where none was asked for. */
  readonly role: string;
  readonly refused: (what: string, hint: string) => AwsroleError;
}

/** Explains an error of STS to a person: what was refused, by whom, and what to do next. */
export function explainStsError(error: unknown, call: StsCall, nowMs: number): AwsroleError {
  if (error instanceof AwsroleError) return error;
  const { name = 'Error', message = '' } = Object(error) as SdkError;
  const network = networkReason(error);
  if (network !== undefined) {
    const host = call.endpoint ?? `STS in ${call.region}`;
    return new AwsroleError('network', `${printable(host)} ${network}`, {
      hint:
        call.code && isLostAnswer(error)
          ? 'check the network, a proxy or VPN and the endpoint; the MFA code may be used up, so take the next one'
          : 'check the network, a proxy or VPN, and the endpoint (AWS_ENDPOINT_URL_STS, endpoint_url)',
      cause: error,
    });
  }
  const refusal: Refusal = {
    error,
    name,
    message,
    text: printable(message.trim()),
    role: call.roleArn === undefined ? call.action : printable(call.roleArn),
    refused: (what, hint) => new AwsroleError('refused', what, { hint, cause: error }),
  };
  return (
    explainByName(refusal, call, nowMs) ??
    explainLength(refusal, call) ??
    explainAnswer(refusal, call) ??
    refusal.refused(
      `AWS refuses ${refusal.role}: ${printable(name)}: ${refusal.text}`,
      'correct what AWS complains about, then try again',
    )
  );
}

/** Explains the errors that STS has a name for; undefined for any other. */
function explainByName(refusal: Refusal, call: StsCall, nowMs: number): AwsroleError | undefined {
  const { error, name, text, role, refused } = refusal;
  const key = `${call.accessKeyId} of profile ${printable(call.sourceProfile)}`;
  const keyPlace = call.where?.keys === undefined ? '' : ` (${call.where.keys})`;
  if (THROTTLED.has(name)) {
    return refused('AWS is throttling: too many requests were sent', 'wait a little, then try again');
  }
  switch (name) {
    case 'EndpointError':
      return new AwsroleError('configuration', `there is no STS in ${call.region}: ${text}`, {
        hint: 'correct use_fips_endpoint, use_dualstack_endpoint or the region, or their variables',
        cause: error,
      });
    case 'AccessDenied':
    case 'AccessDeniedException':
      return explainDenied(refusal, call);
    case 'InvalidClientTokenId':
    case 'UnrecognizedClientException':
      return refused(
        `AWS does not know the access key ${key}${keyPlace}`,
        'the key was deleted or disabled, or belongs to another partition (GovCloud, China): check it in IAM',
      );
    case 'SignatureDoesNotMatch':
    case 'InvalidSignatureException': {
      const ahead = clockAhead(error, nowMs);
      if (ahead !== undefined && Math.abs(ahead) >= CLOCK_TOLERANCE_SECONDS) {
        return refused(
          `AWS refuses the signature: this computer's clock is ${durationText(Math.abs(ahead))} ${ahead > 0 ? 'slow' : 'fast'}`,
          'set the clock (AWS accepts 5 minutes), then try again',
        );
      }
      return refused(
        `AWS refuses the signature made with the access key ${key}`,
        `aws_secret_access_key does not belong to that key, or is incomplete${keyPlace}; the clock is right`,
      );
    }
    case 'ExpiredToken':
    case 'ExpiredTokenException':
      return refused(
        `the session ${key} has expired`,
        `it is temporary (it has an aws_session_token${keyPlace}): get new keys for that profile${call.renewal === undefined ? '' : `; ${call.renewal}`}`,
      );
    case 'PackedPolicyTooLarge':
    case 'PackedPolicyTooLargeException':
      return refused(
        `the session policies and tags are too large together for ${role}: ${text}`,
        'AWS compresses them, so counting characters does not help: shorten the policy, or give fewer tags and policy ARNs',
      );
    case 'MalformedPolicyDocument':
    case 'MalformedPolicyDocumentException':
      return refused(
        `AWS does not understand the session policy: ${text}`,
        'correct the file that --policy names; a session policy has no Principal',
      );
    case 'RegionDisabledException':
      return refused(
        `STS is not enabled in ${call.region} for this account`,
        'enable it in IAM > Account settings > Security Token Service, or set another region for the profile',
      );
    default:
      return undefined;
  }
}

/** Explains what the caller may not do. */
function explainDenied({ error, message, text, role, refused }: Refusal, call: StsCall): AwsroleError {
  if (isWrongDevice(error)) {
    return new AwsroleError(
      'mfa',
      `AWS does not accept the device for profile ${printable(call.profile ?? '')}: ${text}`,
      {
        hint: `mfa_serial${inBrackets(call.where?.mfaSerial)} must be the ARN of the MFA device of the user whose keys sign the request: those of profile ${printable(call.sourceProfile)}`,
        cause: error,
      },
    );
  }
  if (deniedExtra(message) === 'sts:TagSession') {
    return refused(
      `AWS does not allow these session tags on ${role}: ${text}`,
      'a policy of the caller and the trust policy of the role must both allow sts:TagSession; without it, leave out session_tags and --tag',
    );
  }
  if (deniedExtra(message) === 'sts:SetSourceIdentity') {
    return refused(
      `AWS does not allow this source identity on ${role}: ${text}`,
      'a policy of the caller and the trust policy of the role must both allow sts:SetSourceIdentity, and a role before this one must not have set another; without it, leave out source_identity and --source-identity',
    );
  }
  return refused(`AWS denies ${role}: ${text}`, deniedHint(call));
}

/** Explains that a session was to last too long, for which STS has no name of its own; undefined for anything else. */
function explainLength({ message, text, refused }: Refusal, call: StsCall): AwsroleError | undefined {
  const place = inBrackets(call.where?.durationSeconds);
  if (/MaxSessionDuration/.test(message)) {
    return refused(
      `the role does not allow sessions that long: ${text}`,
      `lower duration_seconds${place}, or raise the maximum session duration of the role in IAM`,
    );
  }
  if (/role chaining/.test(message)) {
    return refused(
      `a role that is assumed from another role lasts 1 h at most: ${text}`,
      `set duration_seconds to 3600 or less, or remove it${place}`,
    );
  }
  return undefined;
}

/** Explains an answer of an STS that fails, or of something that is none; undefined where STS has answered. */
function explainAnswer({ error, name, message, text }: Refusal, call: StsCall): AwsroleError | undefined {
  const { $fault, $metadata } = Object(error) as SdkError;
  const status = $metadata?.httpStatusCode;
  if (status !== undefined && status >= 500) {
    return new AwsroleError('network', `STS failed (${status} ${printable(name)}): ${text}`, {
      hint: call.code ? 'try again with the next MFA code' : 'try again in a little while',
      cause: error,
    });
  }
  // The SDK sets $fault on STS's own errors; other errors come from an answer that it could not read.
  if ($fault !== undefined) return undefined;
  const [reason = ''] = message.trim().split('\n', 1);
  const http = status === undefined ? '' : ` (HTTP ${status})`;
  return new AwsroleError(
    'network',
    `${printable(call.endpoint ?? `STS in ${call.region}`)} gave no usable answer${http}: ${printable(reason)}`,
    {
      hint: 'something other than STS may be answering there: check the endpoint and the proxy',
      cause: error,
    },
  );
}

function inBrackets(place: string | undefined): string {
  return place === undefined ? '' : ` (${place})`;
}

/** Names what may be missing where an action is denied: AWS does not tell. */
function deniedHint(call: StsCall): string {
  const { action, where } = call;
  if (action === 'GetSessionToken') {
    return `no policy of the user may deny sts:GetSessionToken; for the plain keys: awsrole --no-mfa ${printable(call.profile ?? '')}`;
  }
  const sides =
    'two sides must allow it: a policy of the user (sts:AssumeRole on the role) and the trust policy of the role';
  const roleArn = where?.roleArn === undefined ? [] : [`check that role_arn is right (${where.roleArn})`];
  if (action !== 'AssumeRole') return [sides, ...roleArn].join(NEXT_LINE);
  const externalId =
    where?.externalId === undefined
      ? 'if the trust policy wants an external id, the profile needs it as external_id'
      : `the trust policy must want this external_id (${where.externalId}), upper and lower case included`;
  return [sides, ...roleArn, externalId, ...withoutMfaHint(call)].join(NEXT_LINE);
}

function withoutMfaHint({ withoutMfa, profile = '', sourceProfile }: StsCall): string[] {
  if (withoutMfa === undefined) return [];
  const { why, place } = withoutMfa;
  const may = 'the trust policy may want MFA';
  switch (why) {
    case 'no device': {
      const names = [...new Set([profile, sourceProfile])].map(printable);
      const [one = '', other] = names;
      return [
        other === undefined
          ? `${may}: profile ${one} has no mfa_serial, so no code was asked for`
          : `${may}: neither profile ${one} nor ${other} has an mfa_serial, so no code was asked for`,
      ];
    }
    case 'left out':
      return [
        `${may}, and no code was asked for because of ${place === '--no-mfa' ? place : `the empty mfa_serial${inBrackets(place)}`}`,
      ];
    case 'role':
      return [
        `${may}, which nobody can prove with the session of a role: AWS takes no code from it${place === undefined ? '' : `, and this mfa_serial is of no use (${place})`}`,
      ];
    case 'session':
      return [
        `${may}, and the keys of profile ${printable(sourceProfile)} are those of a session, which must then have been got with a code`,
      ];
  }
}

/** Returns the seconds by which AWS's clock is ahead of ours, from the Date header of an answer. */
function clockAhead(error: unknown, nowMs: number): number | undefined {
  const headers = (error as SdkError).$response?.headers ?? {};
  const date = Date.parse(headers.date ?? headers.Date ?? '');
  return Number.isNaN(date) ? undefined : Math.round((date - nowMs) / 1000);
}

/** Says why there was no answer, in words that follow the name of the host; undefined when there was one. */
export function networkReason(error: unknown): string | undefined {
  const { $metadata, name = '', code = '', cause, message = '' } = Object(error) as SdkError;
  if ($metadata?.httpStatusCode !== undefined) return undefined;
  if (name === ('NoAnswer' satisfies NoAnswer['name'])) return message;
  const reason = NETWORK_CODES.get(code) ?? NETWORK_CODES.get(name);
  if (reason !== undefined) return `could not be reached: ${reason}`;
  if (isCertificateError(code)) {
    return `could not be reached: its certificate is not trusted (${printable(message)}); AWS_CA_BUNDLE or ca_bundle names a company's own`;
  }
  return cause === undefined || cause === error ? undefined : networkReason(cause);
}

function isCertificateError(code: string): boolean {
  return /^(CERT_|ERR_TLS|UNABLE_TO)|SIGNED_CERT/.test(code);
}

/** True when there was no connection that a request could have gone over. */
function wasNeverSent(error: unknown): boolean {
  const { name = '', code = '', cause } = Object(error) as SdkError;
  // The AWS SDK calls a connection that was cut a TimeoutError, too: the code is more exact.
  if (NEVER_SENT.has(code || name) || isCertificateError(code)) return true;
  return cause !== undefined && cause !== error && wasNeverSent(cause);
}
