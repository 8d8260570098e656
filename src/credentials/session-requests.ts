import { userInfo } from 'node:os';
import type { Context } from '../context.ts';
import { checkHop } from '../profiles/assume-role-input.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import type { Hop, RoleChain } from '../profiles/role-chain.ts';
import { type AssumeRoleRequest, mfaSessionKey, sessionKey } from '../sessions/session-key.ts';
import { sourceIdentity } from './sources/identity.ts';
import type { StsSettings } from './sts/client.ts';
import { partitionOf } from './sts/settings.ts';

/** One AssumeRole call of a chain. */
export interface SessionStep {
  readonly hop: Hop;
  readonly request: AssumeRoleRequest;
  /** What its session is kept under. */
  readonly key: string;
  /** What an MFA session of the user and the device is kept under. */
  readonly mfaKey: string;
}

/** The requests of a chain and the keys their sessions are kept under, hop by hop. */
export function sessionRequests(
  context: Context,
  store: ProfileStore,
  chain: RoleChain,
  settings: Pick<StsSettings, 'endpoint'>,
): SessionStep[] {
  const calls = chain.hops.map((hop, index) => ({ hop, request: assumeRoleRequest(hop, index > 0) }));
  const requests = calls.map(({ request }) => request);
  const asked = {
    source: sourceIdentity(chain.source, context.env),
    partition: partitionOf(store, chain),
    endpoint: settings.endpoint ?? '',
  };
  return calls.map(({ hop, request }, index) => ({
    hop,
    request,
    key: sessionKey({ ...asked, hops: requests.slice(0, index + 1) }),
    mfaKey: mfaSessionKey(asked, request.SerialNumber ?? ''),
  }));
}

/** A hop's AssumeRole inputs. The session name says in CloudTrail who it was, so it is the OS user's unless configured. */
function assumeRoleRequest(hop: Hop, chained: boolean): AssumeRoleRequest {
  const checked = checkHop(hop, chained);
  const { roleArn, roleSessionName, durationSeconds, externalId, mfaSerial, sourceIdentity, policy } =
    checked;
  const tags = checked.tags?.map(({ key, value }) => ({ Key: key, Value: value }));
  return {
    RoleArn: roleArn,
    RoleSessionName: roleSessionName ?? legalSessionName(osUserName()),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(mfaSerial === undefined ? {} : { SerialNumber: mfaSerial }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    // The same in another order is the same request.
    ...(tags && { Tags: tags.sort((a, b) => (a.Key < b.Key ? -1 : 1)) }),
    ...(checked.transitiveTagKeys && { TransitiveTagKeys: [...checked.transitiveTagKeys].sort() }),
    ...(checked.policyArns && { PolicyArns: [...checked.policyArns].sort().map((arn) => ({ arn })) }),
    ...(policy === undefined ? {} : { Policy: policy }),
  };
}

/** STS takes 2 to 64 of `[A-Za-z0-9_+=,.@-]`. */
function legalSessionName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_+=,.@-]/g, '-')
    .slice(0, 64)
    .padEnd(2, '-');
}

function osUserName(): string {
  try {
    return userInfo().username || 'awsrole';
  } catch {
    return 'awsrole'; // a user id without an entry in the user database, as in containers
  }
}
