import type { Context } from '../context.ts';
import { accountOfArn } from '../profiles/account-id.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { removeLitter } from '../sessions/litter.ts';
import type { EndingKeys, Session } from '../sessions/session.ts';
import type { CachedSession } from '../sessions/session-cache.ts';
import { type AwsCliSharing, awsCliSharing, giveToAwsCli } from './aws-cli-sharing.ts';
import { isKeptSilently } from './keep-session.ts';
import type { Plan, Step, UserMfa } from './plan.ts';
import { refuseProcessLoop } from './process-loop.ts';
import type { Signer } from './role-call.ts';
import type { SessionOptions } from './session-options.ts';
import { readFresh, type SessionStore } from './session-store.ts';
import { standingKeys } from './sources/standing-keys.ts';
import type { Keys } from './sts/client-options.ts';

/**
 * Does what a plan says: gets the session of its role, or without a role the MFA session of its user, or the credentials
 * of its source.
 * @throws AwsroleError
 */
export async function getCredentials(
  context: Context,
  plan: Plan,
  options: SessionOptions,
): Promise<EndingKeys | Keys> {
  // One line is the code's, whether it is needed or not. Before a lock is held, which could not be kept up meanwhile.
  if (options.codeSource === 'stdin') context.firstLine.read();
  const end = plan.steps.at(-1);
  try {
    if (end !== undefined) return await roleSession(context, plan, end, options);
    return plan.mfa === undefined
      ? await sourceCredentials(context, plan, options)
      : await userSession(context, plan, plan.mfa, options);
  } finally {
    await tidyUp(context, options);
  }
}

/** Nothing of it is needed for the switch. */
async function tidyUp(context: Context, { folder, sessions }: SessionOptions): Promise<void> {
  if (folder === undefined) return;
  try {
    removeLitter(folder, homeFolder(context.env, context.platform), context.now());
    await sessions.tidy();
  } catch (error) {
    context.debug(`not all litter was removed: ${(error as Error).message}`);
  }
}

/** Gets the MFA session of a user: the kept one, which also serves the user's roles, else a new one. */
async function userSession(
  context: Context,
  plan: Plan,
  mfa: UserMfa,
  options: SessionOptions,
): Promise<EndingKeys | Keys> {
  const accountId = accountOfArn(mfa.serial);
  const kept = async (): Promise<Session | undefined> => {
    const session = await readFresh(context, options.sessions, mfa.key);
    return session && { ...session, mfaSerial: mfa.serial, ...(accountId && { accountId }) };
  };
  const good = await kept();
  if (good !== undefined && !options.refresh) {
    context.debug(`the kept MFA session serves ${plan.chain.profile}`);
    return good;
  }
  const signer = await sourceSigner(context, plan, options);
  // A program may give a session, for which there is no MFA session.
  if (signer.keys.sessionToken !== undefined) return signer.keys;
  const { askUser } = await import('./ask-sts.ts');
  const gotElsewhere = async (): Promise<Session | undefined> => otherThan(good, await kept());
  const session = await askUser(context, { plan, options, signer, gotElsewhere }, mfa);
  return { ...session, mfaSerial: mfa.serial, ...(accountId && { accountId }) };
}

/**
 * Gets the session of the last step: one from the cache while it is good, else a new one, step by step from the last
 * session in the cache or the source's keys. Concurrent callers get one session with one MFA code.
 */
async function roleSession(
  context: Context,
  plan: Plan,
  end: Step,
  options: SessionOptions,
): Promise<Session> {
  const { folder, sessions, refresh } = options;
  const sharing = awsCliSharing(context, options.own, plan, folder);
  const good = await readFresh(context, sessions, end.key);
  if (good !== undefined && !refresh) {
    context.debug(`a kept session serves ${end.hop.profile}`);
    await giveKept(context, sharing, end, good, sessions);
    return good;
  }

  const kept = async (step: Step): Promise<Session | undefined> => {
    const session = await readFresh(context, sessions, step.key);
    if (step !== end || !refresh) return session ?? takeOver(context, sharing, step, sessions);
    // With --refresh only a session that another process has got since counts.
    return otherThan(good, session);
  };
  // Goes from the role back towards the source, to the first step that has a session already.
  const missing: Step[] = [];
  let session: Session | undefined;
  let signer: Signer | undefined;
  for (const step of plan.steps.toReversed()) {
    session = await kept(step);
    if (session !== undefined) {
      signer = { keys: session, profile: step.hop.profile };
      break;
    }
    missing.unshift(step);
  }
  signer ??= await sourceSigner(context, plan, options);
  for (const step of missing) {
    const { askRole } = await import('./ask-sts.ts');
    const call = { plan, step, signer, options, awsCliKey: sharing.keyToWrite(step) };
    session = await askRole(context, { ...call, gotElsewhere: () => kept(step) });
    signer = { keys: session, profile: step.hop.profile };
  }
  return session as Session;
}

/** The session that another process has got since; undefined where it is still the one that was there. */
function otherThan(known: Session | undefined, session: Session | undefined): Session | undefined {
  return session?.accessKeyId === known?.accessKeyId ? undefined : session;
}

/** Gives the AWS CLI a session from our cache, if the one that it was given is missing there. */
async function giveKept(
  context: Context,
  sharing: AwsCliSharing,
  step: Step,
  session: CachedSession,
  sessions: SessionStore,
): Promise<void> {
  const { key, request } = step;
  // In the ordinary case one look is enough: the AWS CLI was given the session and still has it.
  if (session.awsCliKey !== undefined && !sharing.lacks(session.awsCliKey)) return;
  const awsCliKey = sharing.keyToWrite(step);
  if (awsCliKey === undefined || !sessions.keeps || !sharing.lacks(awsCliKey)) return;
  const marked =
    session.awsCliKey === awsCliKey ||
    (await isKeptSilently(context, sessions, key, { ...session, awsCliKey }));
  // Else `clear` could not take it back.
  if (marked) giveToAwsCli(context, awsCliKey, request, session);
}

/** Takes the AWS CLI's session for a call, and writes it to our cache, where `list` and other shells find it. */
async function takeOver(
  context: Context,
  sharing: AwsCliSharing,
  step: Step,
  sessions: SessionStore,
): Promise<Session | undefined> {
  const session = sharing.read(step);
  if (session === undefined) return undefined;
  const { hop, key } = step;
  context.debug(`the AWS CLI's session for ${hop.roleArn.value} is used`);
  const kept = { ...session, profile: hop.profile, roleArn: hop.roleArn.value };
  await isKeptSilently(context, sessions, key, kept);
  return session;
}

async function sourceSigner(context: Context, plan: Plan, options: SessionOptions): Promise<Signer> {
  const { source } = plan.chain;
  return {
    keys: await sourceCredentials(context, plan, options),
    profile: source.profile,
    ...(source.kind === 'keys' && { place: source.accessKeyId }),
  };
}

/**
 * Gets the credentials that a plan starts from: keys from a file or the environment, else a session from the cache,
 * else what the source answers. Long-lived keys have no end and are never cached.
 */
async function sourceCredentials(
  context: Context,
  plan: Plan,
  options: SessionOptions,
): Promise<EndingKeys | Keys> {
  const { chain, sourceKey } = plan;
  const standing = standingKeys(context, chain.source);
  if (standing !== undefined) return standing;
  if (chain.source.kind === 'credential-process' && chain.source.stored !== undefined) {
    const { storedKeys } = await import('./sources/stored-keys.ts');
    const asksSts = plan.steps.length > 0 || plan.mfa !== undefined;
    return storedKeys(context, chain.source.stored.id, options, () => {
      // What is loaded here is needed next; whether it can be loaded is seen there.
      if (asksSts) void import('./ask-sts.ts').catch(() => {});
    });
  }
  const kept = (): Promise<Session | undefined> => readFresh(context, options.sessions, sourceKey);
  const good = await kept();
  // --refresh of a role does not renew the session of its source.
  const refresh = options.refresh && plan.steps.length === 0;
  if (good !== undefined && !refresh) {
    context.debug(`a kept session serves the source of ${chain.profile}`);
    return good;
  }
  // Checked before the lock, which the awsrole that started this command holds while it waits for us.
  refuseProcessLoop(context.env, chain.source);
  const { askSource } = await import('./sources/ask-source.ts');
  const gotElsewhere = async (): Promise<Session | undefined> => otherThan(good, await kept());
  return askSource(context, { plan, options, gotElsewhere });
}
