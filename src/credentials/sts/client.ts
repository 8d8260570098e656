import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  type Credentials,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { hasControlCharacter } from '../../profiles/printable.ts';
import type { Session } from '../../sessions/session.ts';
import type { AssumeRoleRequest } from '../../sessions/session-key.ts';
import { clientOptions, type Keys, type StsSettings } from './client-options.ts';
import { requestHandler } from './http.ts';
import type { RequestHandler } from './request-handler.ts';
import { UnusableAnswer } from './unusable-answer.ts';

// The only module that loads the SDK's STS client: import it lazily.

/** A session that STS gave, and how far AWS's clock is ahead of ours. */
export interface GivenSession {
  readonly session: Session;
  /** Seconds; negative when this computer's clock is fast. */
  readonly clockAhead: number;
}

async function stsClient(settings: StsSettings, keys: Keys): Promise<STSClient> {
  return makeClient(settings, keys, await requestHandler(() => stsUrl(settings), settings));
}

function makeClient(settings: StsSettings, keys: Keys, handler?: RequestHandler): STSClient {
  return new STSClient({
    ...clientOptions(settings, keys, handler),
    useGlobalEndpoint: settings.useGlobalEndpoint,
  });
}

/** Returns the URL of STS by the SDK's own rules. Calls nobody. @throws the SDK's error where there is none */
export function stsUrl(settings: StsSettings): string {
  if (settings.endpoint !== undefined) return settings.endpoint;
  const client = makeClient(settings, { accessKeyId: '-', secretAccessKey: '-' });
  const { url } = client.config.endpointProvider({
    Region: settings.region,
    UseFIPS: settings.useFipsEndpoint,
    UseDualStack: settings.useDualstackEndpoint,
    UseGlobalEndpoint: settings.useGlobalEndpoint,
  });
  return url.origin;
}

/**
 * Calls AssumeRole. A request with an MFA code is sent again only when STS has not looked at the code (throttled, or
 * signed with a wrong clock): a code works once, and a lost answer may have used it up.
 * @throws the SDK's errors, unchanged
 */
export async function assumeRole(
  settings: StsSettings,
  keys: Keys,
  request: AssumeRoleRequest,
  mfaCode: string | undefined,
): Promise<GivenSession> {
  const client = await stsClient(settings, keys);
  if (mfaCode !== undefined) await resendOnlyUnreadCodes(client);
  try {
    const answer = await client.send(
      new AssumeRoleCommand(mfaCode === undefined ? request : { ...request, TokenCode: mfaCode }),
    );
    return givenSession(client, answer.Credentials);
  } finally {
    client.destroy();
  }
}

/** Calls AssumeRoleWithWebIdentity, with a token in place of keys. @throws the SDK's errors, unchanged */
export async function assumeRoleWithWebIdentity(
  settings: StsSettings,
  request: {
    readonly RoleArn: string | undefined;
    readonly RoleSessionName: string | undefined;
    readonly WebIdentityToken: string | undefined;
  },
): Promise<GivenSession> {
  const client = await stsClient(settings, { accessKeyId: '-', secretAccessKey: '-' });
  try {
    return givenSession(
      client,
      (await client.send(new AssumeRoleWithWebIdentityCommand(request))).Credentials,
    );
  } finally {
    client.destroy();
  }
}

/**
 * Calls GetSessionToken with an MFA code, which is sent again only as in {@link assumeRole}.
 * @param seconds how long the session lasts, 900 to 129600
 * @throws the SDK's errors, unchanged
 */
export async function getSessionToken(
  settings: StsSettings,
  keys: Keys,
  serial: string,
  mfaCode: string,
  seconds: number,
): Promise<GivenSession> {
  const client = await stsClient(settings, keys);
  await resendOnlyUnreadCodes(client);
  try {
    const request = { SerialNumber: serial, TokenCode: mfaCode, DurationSeconds: seconds };
    return givenSession(client, (await client.send(new GetSessionTokenCommand(request))).Credentials);
  } finally {
    client.destroy();
  }
}

function givenSession(client: STSClient, credentials: Credentials | undefined): GivenSession {
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = credentials ?? {};
  if (
    !AccessKeyId ||
    !SecretAccessKey ||
    !SessionToken ||
    !Expiration ||
    Number.isNaN(Expiration.getTime())
  ) {
    throw new UnusableAnswer('STS answered without credentials');
  }
  if ([AccessKeyId, SecretAccessKey, SessionToken].some(hasControlCharacter)) {
    throw new UnusableAnswer('the credentials in the answer of STS have a control character in them');
  }
  const clockAhead = Math.round(client.config.systemClockOffset / 1000);
  return {
    clockAhead,
    session: {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expires: Math.floor(Expiration.getTime() / 1000),
      obtained: Math.floor(Date.now() / 1000) + clockAhead,
    },
  };
}

/** Asks AWS whose keys these are. @throws the SDK's errors, unchanged */
export async function getCallerIdentity(
  settings: StsSettings,
  keys: Keys,
): Promise<{ arn: string; account: string; userId: string }> {
  const client = await stsClient(settings, keys);
  try {
    const { Arn, Account, UserId } = await client.send(new GetCallerIdentityCommand({}));
    return { arn: Arn ?? '', account: Account ?? '', userId: UserId ?? '' };
  } finally {
    client.destroy();
  }
}

async function resendOnlyUnreadCodes(client: STSClient): Promise<void> {
  const strategy = await client.config.retryStrategy();
  if (!('refreshRetryTokenForRetry' in strategy)) throw new Error('the AWS SDK has no retry strategy to ask');
  const refresh = strategy.refreshRetryTokenForRetry.bind(strategy);
  strategy.refreshRetryTokenForRetry = async (token, info) => {
    const error = info.error as { name?: string; $metadata?: { clockSkewCorrected?: boolean } } | undefined;
    const wrongClock =
      error?.name === 'SignatureDoesNotMatch' && error.$metadata?.clockSkewCorrected === true;
    if (info.errorType !== 'THROTTLING' && !wrongClock) throw new Error('an MFA code is not sent twice');
    return refresh(token, info);
  };
}
