import { createHash } from 'node:crypto';

/** The inputs of one AssumeRole call, in AWS's own words, without the MFA code. */
export interface AssumeRoleRequest {
  readonly RoleArn: string;
  readonly RoleSessionName: string;
  readonly DurationSeconds?: number;
  readonly ExternalId?: string;
  readonly SerialNumber?: string;
  readonly SourceIdentity?: string;
  /** Sorted, as the next two. */
  readonly Tags?: { readonly Key: string; readonly Value: string }[];
  readonly TransitiveTagKeys?: string[];
  readonly PolicyArns?: { readonly arn: string }[];
  readonly Policy?: string;
}

/** Everything that decides which session AWS gives. */
export interface SessionRequest {
  /** Who asks: `keys:<access key id>`. */
  readonly source: string;
  /** STS as it is asked: partition, and the endpoint URL where one is configured. */
  readonly partition: string;
  readonly endpoint: string;
  /** Every hop from the source to the role, in order. */
  readonly hops: readonly AssumeRoleRequest[];
}

/**
 * Makes the cache key of a session: a hash of the whole request, so that an edited profile never gets an old session.
 */
export function sessionKey(request: SessionRequest): string {
  const canonical = JSON.stringify([
    1,
    request.source,
    request.partition,
    request.endpoint,
    request.hops.map((hop) => Object.entries(hop).sort(([a], [b]) => (a < b ? -1 : 1))),
  ]);
  return createHash('sha256').update(canonical).digest('hex');
}

/** Makes the cache key of a user's MFA session with a device, which serves every role behind the device. */
export function mfaSessionKey(request: Omit<SessionRequest, 'hops'>, serial: string): string {
  return createHash('sha256')
    .update(JSON.stringify([1, 'mfa', request.source, request.partition, request.endpoint, serial]))
    .digest('hex');
}
