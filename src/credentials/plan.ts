import { userInfo } from 'node:os';
import type { Context } from '../context.ts';
import { checkHop } from '../profiles/assume-role-input.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import type { MfaDevice } from '../profiles/mfa-device.ts';
import { checkMfaSerial } from '../profiles/mfa-serial.ts';
import { applyOverrides, type Overrides } from '../profiles/profile-overrides.ts';
import type { ProfileStore } from '../profiles/profile-store.ts';
import { type Hop, type RoleChain, resolveRoleChain } from '../profiles/role-chain.ts';
import { type AssumeRoleRequest, mfaSessionKey, sessionKey } from '../sessions/session-key.ts';
import { checkShellValues } from '../sessions/shell-variables.ts';
import { sourceIdentity } from './sources/identity.ts';
import type { StsSettings } from './sts/client-options.ts';
import { partitionOf, stsSettings } from './sts/settings.ts';
import { warnOfProblems, warnOfRegions, warnOfShadowedKeys } from './warnings.ts';

/** The chain of a profile, and the files that it was resolved from. */
export interface LoadedChain {
  /** The files as they are. */
  readonly files: LoadedProfiles;
  /** The files' profiles, with what flags change. */
  readonly store: ProfileStore;
  readonly chain: RoleChain;
}

/** Everything that has to be done for a profile's credentials, worked out before anybody is asked for anything. */
export interface Plan extends LoadedChain {
  /** How STS is reached. */
  readonly sts: StsSettings;
  /** The cache key of the source's session. */
  readonly sourceKey: string;
  /** The calls from the source to the role, in order; none where the profile has no role. */
  readonly steps: readonly Step[];
  /** The MFA session of the user whose keys the source gives; undefined where no code is asked for. */
  readonly mfa?: UserMfa;
}

/** A user's session by GetSessionToken with an MFA code, which serves every role behind the device. */
export interface UserMfa {
  readonly device: MfaDevice;
  /** The device's serial number or ARN, checked. */
  readonly serial: string;
  /** The cache key of the session. */
  readonly key: string;
}

/** One AssumeRole call. */
export interface Step {
  readonly hop: Hop;
  readonly request: AssumeRoleRequest;
  /** The cache key of its session. */
  readonly key: string;
}

/**
 * Makes the plan of a switch. Mistakes in other profiles are warnings on standard error.
 * @param options `regions`: whether to warn of the region of the switch
 * @throws AwsroleError kind `configuration` for whatever the switch would fail with before it asks anybody; `usage` for
 * a flag
 */
export function planSwitch(
  context: Context,
  profile: string,
  overrides: Overrides = {},
  { regions = true }: { readonly regions?: boolean } = {},
): Plan {
  const loaded = loadChain(context, profile, overrides);
  warnOfProblems(context, loaded);
  checkShellValues(loaded.store, loaded.chain, context.env);
  if (regions) warnOfRegions(context, loaded);
  warnOfShadowedKeys(context, loaded);
  return makePlan(context, loaded);
}

/**
 * Reads the files and resolves the chain of a profile, or of a role by its ARN.
 * @throws AwsroleError kind `configuration` when it cannot be resolved, or its own lines are wrong; `usage` for a flag
 */
export function loadChain(context: Context, profile: string, overrides: Overrides = {}): LoadedChain {
  const files = loadProfiles(context);
  const store = applyOverrides(files.store, profile, overrides, context.env);
  return { files, store, chain: resolveRoleChain(store, profile) };
}

/**
 * Makes a plan anew with other overrides, from the files as they were read for it.
 * @throws AwsroleError as {@link planSwitch}
 */
export function replan(context: Context, { files, chain }: Plan, overrides: Overrides): Plan {
  const store = applyOverrides(files.store, chain.profile, overrides, context.env);
  return makePlan(context, { files, store, chain: resolveRoleChain(store, chain.profile) });
}

/**
 * Makes the plan of a chain.
 * @throws AwsroleError kind `configuration`, with file and line, for a value that AWS would refuse
 */
export function makePlan(
  context: Pick<Context, 'env' | 'platform'>,
  { files, store, chain }: LoadedChain,
): Plan {
  const sts = stsSettings(context.env, store, chain);
  const asked = {
    source: sourceIdentity(chain.source, context),
    partition: partitionOf(store, chain),
    endpoint: sts.endpoint ?? '',
  };
  const serial = chain.mfa && checkMfaSerial(chain.mfa, chain.hops[0]?.roleArn);
  const hops: AssumeRoleRequest[] = [];
  const steps = chain.hops.map((hop, index): Step => {
    const request = index === 0 ? assumeRoleRequest(hop, false, serial) : assumeRoleRequest(hop, true);
    hops.push(request);
    // Hashed at once, so that it does not see what is still to come.
    return { hop, request, key: sessionKey({ ...asked, hops }) };
  });
  const sourceKey = sessionKey({ ...asked, hops: [] });
  return {
    files,
    store,
    chain,
    sts,
    sourceKey,
    steps,
    ...(chain.mfa && serial && { mfa: { device: chain.mfa, serial, key: mfaSessionKey(asked, serial) } }),
  };
}

/** Makes the inputs of an AssumeRole call. CloudTrail shows the session name, so the default is the OS user's name. */
function assumeRoleRequest(hop: Hop, chained: boolean, mfaSerial?: string): AssumeRoleRequest {
  const checked = checkHop(hop, chained);
  const { roleArn, roleSessionName, durationSeconds, externalId, sourceIdentity, policy } = checked;
  const tags = checked.tags?.map(({ key, value }) => ({ Key: key, Value: value }));
  return {
    RoleArn: roleArn,
    RoleSessionName: roleSessionName ?? legalSessionName(osUserName()),
    ...(durationSeconds === undefined ? {} : { DurationSeconds: durationSeconds }),
    ...(externalId === undefined ? {} : { ExternalId: externalId }),
    ...(mfaSerial === undefined ? {} : { SerialNumber: mfaSerial }),
    ...(sourceIdentity === undefined ? {} : { SourceIdentity: sourceIdentity }),
    // Sorted, because the same tags in another order are the same request.
    ...(tags && { Tags: tags.sort((a, b) => (a.Key < b.Key ? -1 : 1)) }),
    ...(checked.transitiveTagKeys && { TransitiveTagKeys: [...checked.transitiveTagKeys].sort() }),
    ...(checked.policyArns && { PolicyArns: [...checked.policyArns].sort().map((arn) => ({ arn })) }),
    ...(policy === undefined ? {} : { Policy: policy }),
  };
}

/** Makes a session name that STS takes: 2 to 64 of `[A-Za-z0-9_+=,.@-]`. */
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
