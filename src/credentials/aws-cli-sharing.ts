import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { bestEffort } from '../files/private-file.ts';
import type { AwsFile } from '../profiles/aws-file.ts';
import { homeFolder } from '../profiles/file-location.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { parseRoleArn } from '../profiles/partition.ts';
import { type Profile, setting } from '../profiles/profile-store.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import {
  type AwsCliRequest,
  awsCliKey,
  isLongEnough,
  readAwsCliSession,
  writeAwsCliSession,
} from '../sessions/aws-cli-cache.ts';
import { isFresh, type Session } from '../sessions/session.ts';
import { isKept } from '../sessions/session-cache.ts';
import type { AssumeRoleRequest } from '../sessions/session-key.ts';
import type { Settings } from '../settings.ts';
import { makePlan, type Plan, type Step } from './plan.ts';

/**
 * The inputs that go into the AWS CLI's key of a session, besides the session name. A call with others has no key
 * there.
 */
const IN_THE_KEY: readonly (keyof AssumeRoleRequest)[] = [
  'RoleArn',
  'RoleSessionName',
  'ExternalId',
  'SerialNumber',
  'DurationSeconds',
];

/** What a switch may read from the AWS CLI's cache and write to it. */
export interface AwsCliSharing {
  /** Returns the AWS CLI's session for a call, unless it has to be renewed. */
  read(step: Step): Session | undefined;
  /** Returns the key to write the session of a call under; undefined when it is not to be shared. */
  keyToWrite(step: Step): string | undefined;
  /** True when the AWS CLI would find no usable session under a key and may be given one. */
  lacks(key: string): boolean;
}

/**
 * Decides which sessions are shared with the AWS CLI. Its key says nothing about the source of a role, and its file
 * does not say whose session it holds. So a session is shared only when every profile in the files that has this key
 * would ask for it from the same source and the same STS (our own key tells), and taken only when no AWS file was
 * changed after the session was written. A session that our cache already holds is never taken: it was got for another
 * call, or it has to be renewed.
 *
 * A role's MFA device may be named by its source profile, which the AWS CLI does not read: it would ask for such a role
 * without a code. It is given our session, which can do no less, but its own is not taken: that was got without MFA.
 */
export function awsCliSharing(
  context: Context,
  own: Settings,
  plan: Pick<Plan, 'files' | 'store' | 'steps'>,
  folder: string | undefined,
): AwsCliSharing {
  const { files } = plan;
  const home = homeFolder(context.env, context.platform);
  // Who reads other files next time is no concern of what came out of a pipe.
  const piped = [files.config, files.credentials].some((file) => file?.isStream);
  const awsCliCache = piped ? 'off' : own.awsCliCache;
  const keys = new Map<Step, string | undefined>();
  const keyOf = (step: Step): string | undefined => {
    if (!keys.has(step)) keys.set(step, sharedKey(context, plan, step));
    return keys.get(step);
  };
  return {
    read: (step) => {
      const key =
        home === undefined || awsCliCache === 'off' || !asksAlike(plan, step) ? undefined : keyOf(step);
      const found = home === undefined || key === undefined ? undefined : readAwsCliSession(home, key);
      if (found === undefined || !isFresh(found.session, context.now())) return undefined;
      if (folder !== undefined && isKept(folder, found.session.accessKeyId)) return undefined;
      if (!isOfTheseFiles(files, found.modified)) {
        context.debug(
          `the AWS CLI's session for ${step.request.RoleArn} is older than the AWS files: not used`,
        );
        return undefined;
      }
      return found.session;
    },
    keyToWrite: (step) => (home !== undefined && awsCliCache === 'read-write' ? keyOf(step) : undefined),
    lacks: (key) => {
      if (awsCliCache !== 'read-write') return false;
      const found = home === undefined ? undefined : readAwsCliSession(home, key);
      return (
        found === undefined ||
        !isLongEnough(found.session, context.now()) ||
        !isOfTheseFiles(files, found.modified)
      );
    },
  };
}

/** Writes a session of ours to the AWS CLI's cache as well. Where that fails, only our cache has it. */
export function giveToAwsCli(
  context: Context,
  key: string,
  { RoleArn }: Pick<AssumeRoleRequest, 'RoleArn'>,
  session: Session,
): void {
  const home = homeFolder(context.env, context.platform);
  if (home === undefined) return;
  bestEffort(context.debug, 'not shared with the AWS CLI', () =>
    writeAwsCliSession(home, key, session, parseRoleArn(RoleArn).accountId, context.now()),
  );
}

/** True when something written at a time (nanoseconds) was made from the AWS files as we have read them. */
function isOfTheseFiles({ places, config, credentials }: LoadedProfiles, time: bigint): boolean {
  const unchanged = (place: string, file: AwsFile | undefined): boolean => {
    // The folder of a missing file tells when it was removed.
    const stat = statSync(file ? place : dirname(place), { bigint: true, throwIfNoEntry: false });
    if (file === undefined) return stat === undefined || stat.mtimeNs < time;
    return stat?.mtimeNs === file.modified && file.changed < time;
  };
  try {
    return unchanged(places.config, config) && unchanged(places.credentials, credentials);
  } catch {
    return false;
  }
}

/** True when the AWS CLI would ask for a session, and for those before it, with a code where we do. */
function asksAlike({ store, steps }: Pick<Plan, 'store' | 'steps'>, step: Step): boolean {
  return steps.slice(0, steps.indexOf(step) + 1).every(({ hop, request }) => {
    const written = setting(store, hop.profile, 'mfa_serial')?.value;
    return (written || undefined) === request.SerialNumber;
  });
}

/** Returns the AWS CLI's key of a call, if it can mean no other call than this. */
function sharedKey(
  context: Context,
  { files, store }: Pick<Plan, 'files' | 'store'>,
  step: Step,
): string | undefined {
  const { request, hop } = step;
  if (Object.keys(request).some((name) => !(IN_THE_KEY as readonly string[]).includes(name)))
    return undefined;
  const key = awsCliKey({
    ...request,
    RoleSessionName: hop.roleSessionName?.value,
    // As it is written there, for the AWS CLI knows no other, and an empty one counts.
    SerialNumber: setting(store, hop.profile, 'mfa_serial')?.value,
  });
  const others = [...files.store.profiles.values()].filter(
    (profile) =>
      profile.properties.get('role_arn')?.value === request.RoleArn && keyOfProfile(profile) === key,
  );
  const ours = others
    .map((profile) => ourKey(context, files, profile))
    .filter((found) => found !== undefined);
  return ours.length > 0 && ours.every((found) => found === step.key) ? key : undefined;
}

/** Computes the key that the AWS CLI uses for a profile as it is written (botocore's AssumeRoleProvider). */
function keyOfProfile({ properties }: Profile): string {
  const text = (name: string): string | undefined => properties.get(name)?.value;
  const seconds = text('duration_seconds');
  const request: AwsCliRequest = {
    RoleArn: text('role_arn') ?? '',
    RoleSessionName: text('role_session_name'),
    ExternalId: text('external_id'),
    SerialNumber: text('mfa_serial'),
    // Like Python's int(); the AWS CLI leaves out what is not a number.
    DurationSeconds:
      seconds !== undefined && /^\d+(_\d+)*$/.test(seconds) ? Number(seconds.replaceAll('_', '')) : undefined,
  };
  return awsCliKey(request);
}

/**
 * Returns our own key for the session of a profile: `none` for a session that we would not keep, or that only the AWS
 * CLI can get; undefined where the AWS CLI cannot get one either.
 */
function ourKey(context: Context, files: LoadedProfiles, profile: Profile): string | undefined {
  const { store } = files;
  const source = profile.properties.get('source_profile')?.value;
  const credentialSource = profile.properties.get('credential_source');
  const web = profile.properties.has('web_identity_token_file');
  if (!web && (source === undefined) === (credentialSource === undefined)) return undefined;
  if (!web && source !== undefined && !store.profiles.has(source)) return undefined;
  try {
    const chain = resolveRoleChain(store, profile.name);
    // The credentials of such a source depend on the shell or the computer that asks.
    if (chain.source.kind === 'credential-source') return 'none';
    return makePlan(context, { files, store, chain }).steps.at(-1)?.key ?? 'none';
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    return 'none';
  }
}
