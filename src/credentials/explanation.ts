import type { Context } from '../context.ts';
import { accountIdOf } from '../profiles/account-id.ts';
import type { Source } from '../profiles/chain-source.ts';
import { credentialsOfDefault } from '../profiles/default-profile.ts';
import { guardOf } from '../profiles/guard.ts';
import type { MfaDevice } from '../profiles/mfa-device.ts';
import { placeOf, placeText } from '../profiles/place.ts';
import { type ProfileStore, setting } from '../profiles/profile-store.ts';
import { regionNotices, switchRegion, unknownRegions } from '../profiles/region.ts';
import { type NamedSetting, settingsWithoutVariable } from '../profiles/setting-variables.ts';
import type { Property } from '../profiles/shared-config-file.ts';
import { type Shown, shownVariables } from '../profiles/shown-variables.ts';
import type { KeysEnd } from '../profiles/temporary-keys.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { expirationText, type Session } from '../sessions/session.ts';
import { readFreshSession } from '../sessions/session-cache.ts';
import { profileVariables, shellVariables } from '../sessions/shell-variables.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { durationText } from '../terminal/durations.ts';
import { type KeptStep, keptSteps } from './kept-sessions.ts';
import { mfaSessionSeconds } from './mfa/mfa-session.ts';
import { directReason } from './mfa/strategy.ts';
import type { Plan, UserMfa } from './plan.ts';
import { stsUrl } from './sts/client.ts';
import type { StsSettings } from './sts/client-options.ts';
import { explainStsError } from './sts/refusal.ts';

// Explains what a switch would do, without doing it. People paste this into tickets, so it must hold no secret.

/** A value and where it stands. */
export interface ExplainedValue {
  readonly name: string;
  readonly value: string;
  readonly file?: string | undefined;
  /** 1-based. */
  readonly line?: number | undefined;
  /** The flag or variable that says it, where no file does. */
  readonly by?: string | undefined;
  /** The setting of [default] that this variable keeps out. */
  readonly keepsOut?: ExplainedValue;
}

/** A session that is kept and would be used now. */
export interface ExplainedSession {
  /** RFC 3339. */
  readonly expires: string;
  readonly secondsLeft: number;
  readonly from: KeptStep['from'];
}

/** The source of the credentials that the first role is assumed with. */
export interface ExplainedSource {
  readonly kind: Source['kind'];
  readonly profile: string;
  readonly values: readonly ExplainedValue[];
  readonly session?: ExplainedSession;
}

/** One AssumeRole call. */
export interface ExplainedCall {
  readonly profile: string;
  readonly roleArn: string;
  readonly values: readonly ExplainedValue[];
  /** False when a kept session of this role or a later one makes the call unnecessary. */
  readonly needed: boolean;
  readonly session?: ExplainedSession;
  readonly mfa?: { readonly serial: string; readonly code: string };
}

/** A user's MFA session, where that is what the switch is for. */
export interface ExplainedMfaSession {
  readonly serial: string;
  readonly values: readonly ExplainedValue[];
  /** Where the code comes from. */
  readonly code: string;
  /** False when the kept one serves. */
  readonly needed: boolean;
  readonly session?: ExplainedSession;
}

export interface Explanation {
  readonly profile: string;
  /** What has a switch asked about first: `awsrole_guard, FILE:LINE`. */
  readonly guard?: { readonly because: string; readonly minutes?: number | undefined };
  readonly source: ExplainedSource;
  readonly mfaSession?: ExplainedMfaSession;
  readonly sts: { readonly url: string; readonly region: string; readonly regionFrom: string };
  readonly calls: readonly ExplainedCall[];
  /** What the shell would hold. */
  readonly variables: readonly ExplainedValue[];
  readonly unset: readonly string[];
  /** What the switch would say of its region. */
  readonly regionNotices: readonly string[];
  /** Settings that only `--profile` sees, because no variable can say them. */
  readonly withoutVariable: readonly ExplainedValue[];
  /** Settings of [default] that would count in the shell, because no variable can keep them out. */
  readonly reachesIn: readonly ExplainedValue[];
  /** Set when [default] has credentials: version 3 of the AWS SDK for .NET prefers them to the variables. */
  readonly defaultCredentials?: ExplainedValue;
}

/** Shortens an access key id so that it may be shown to others: its kind and its end are left. */
function shortKeyId(accessKeyId: string): string {
  return accessKeyId.length < 12 ? '…' : `${accessKeyId.slice(0, 4)}…${accessKeyId.slice(-4)}`;
}

/**
 * Explains what a switch by this plan would do now. Calls nobody, asks nothing and writes nothing.
 * @throws AwsroleError kind `configuration`, as the switch would
 */
export async function explain(context: Context, plan: Plan): Promise<Explanation> {
  const { store, chain, sts } = plan;
  const own = await loadSettings(context);
  const steps = keptSteps(context, plan, own);
  const last = steps.findLastIndex(({ session }) => session !== undefined);
  const calls: ExplainedCall[] = [];
  for (const [index, step] of steps.entries()) {
    const { hop } = step;
    const needed = index > last;
    const serial = serialOf(plan, step, index);
    const mfa = serial?.value && {
      serial: serial.value,
      code: needed ? codeText(context, own, plan, step, index) : 'not needed: a kept session is used',
    };
    calls.push({
      profile: hop.profile,
      roleArn: hop.roleArn.value,
      values: stepValues(store, step, serial),
      needed,
      ...(step.session && { session: sessionOf(context, step.session, step.from) }),
      ...(mfa && { mfa }),
    });
  }
  const ofDefault = credentialsOfDefault(store, chain.profile);
  const accountId = accountIdOf(store, chain, true);
  const guard = guardOf(store, { profile: chain.profile, accountId }, own.guard);
  return {
    profile: chain.profile,
    ...(guard && { guard }),
    source: sourceOf(context, plan),
    ...(plan.mfa && steps.length === 0 && { mfaSession: mfaSessionOf(context, own, plan, plan.mfa) }),
    sts: {
      url: urlOf(context, sts),
      region: sts.region,
      regionFrom: regionFrom(context, plan),
    },
    calls,
    ...shellOf(context, plan, { guard, accountId, accountNames: own.accountNames, renew: own.renew }),
    regionNotices: [
      ...regionNotices(store, chain, context.env),
      ...unknownRegions(store, chain, context.env),
    ],
    withoutVariable: settingsWithoutVariable(store, chain.profile).map(({ key, property }) =>
      at(key, property),
    ),
    ...(ofDefault && { defaultCredentials: credentialsAt(ofDefault) }),
  };
}

/** Returns what [default] says about credentials, without the secret or the arguments of a command. */
function credentialsAt({ key, property }: NamedSetting): ExplainedValue {
  if (key === 'aws_access_key_id') return at(key, property, shortKeyId(property.value));
  return key === 'credential_process' ? commandName(key, property) : at(key, property);
}

function at(name: string, property: Property, value = property.value): ExplainedValue {
  return { name, value: withoutPassword(value), ...placeOf(property) };
}

/** Hides the password that a URL may hold. */
function withoutPassword(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1…@');
}

function commandName(name: string, property: Property): ExplainedValue {
  const [program = '', ...more] = property.value.trim().split(/\s+/);
  return at(name, property, more.length === 0 ? program : `${program} …`);
}

function sessionOf(context: Context, session: Session, from: KeptStep['from']): ExplainedSession {
  return {
    expires: expirationText(session.expires),
    secondsLeft: Math.floor(session.expires - context.now() / 1000),
    from,
  };
}

function sourceOf(context: Context, { chain, sourceKey }: Plan): ExplainedSource {
  const { source } = chain;
  const session = readFreshSession(cacheFolder(context), sourceKey, context.now());
  return {
    kind: source.kind,
    profile: source.profile,
    values: sourceValues(context, source),
    ...(session && { session: sessionOf(context, session, 'awsrole') }),
  };
}

function sourceValues({ env, now }: Context, source: Source): ExplainedValue[] {
  switch (source.kind) {
    case 'keys':
      return [
        at('aws_access_key_id', source.accessKeyId, shortKeyId(source.accessKeyId.value)),
        at('aws_secret_access_key', source.secretAccessKey, '(not shown)'),
        ...(source.sessionToken ? [at('aws_session_token', source.sessionToken, '(not shown)')] : []),
        ...(source.end ? [endValue(source.end, now())] : []),
      ];
    case 'credential-process':
      if (source.stored !== undefined)
        return [at('credential_process', source.command, '(stored by awsrole)')];
      return [commandName('credential_process', source.command)];
    case 'sso':
      return [
        ...(source.session ? [at('sso_session', source.session)] : []),
        at('sso_start_url', source.startUrl),
        at('sso_region', source.region),
        at('sso_account_id', source.accountId),
        at('sso_role_name', source.roleName),
      ];
    case 'web-identity':
      return [
        at('role_arn', source.roleArn),
        at('web_identity_token_file', source.tokenFile),
        ...(source.roleSessionName ? [at('role_session_name', source.roleSessionName)] : []),
      ];
    case 'login-session':
      return [at('login_session', source.session)];
    case 'credential-source': {
      const keyId = env.AWS_ACCESS_KEY_ID;
      const environment = source.credentialSource === 'Environment';
      return [
        at('credential_source', source.property),
        ...(environment
          ? [{ name: 'AWS_ACCESS_KEY_ID', value: keyId ? shortKeyId(keyId) : '(not set)' }]
          : []),
      ];
    }
  }
}

/** Says when temporary keys end, in words where the file has only a time without its zone. */
function endValue({ key, property, seconds }: KeysEnd, nowMs: number): ExplainedValue {
  if (seconds === undefined) return at(key, property, `${property.value} (not a time that can be read)`);
  const left = seconds - nowMs / 1000;
  return at(
    key,
    property,
    `${expirationText(seconds)} (${left > 0 ? `${durationText(left)} left` : 'they have expired'})`,
  );
}

function mfaSessionOf(
  context: Context,
  own: Settings,
  { chain }: Plan,
  { device, serial, key }: UserMfa,
): ExplainedMfaSession {
  const kept = readFreshSession(cacheFolder(context), key, context.now());
  const seconds = mfaSessionSeconds(device, own);
  const ifKeys = chain.source.kind === 'keys' ? '' : '; none if the source gives a session';
  return {
    serial,
    values: [
      at('mfa_serial', device.serial),
      device.sessionDuration
        ? at('mfa_session_duration', device.sessionDuration)
        : { name: 'mfa_session_duration', value: `${durationText(seconds)} (awsrole's own setting)` },
    ],
    code: kept ? 'not needed: the kept session is used' : `${codeFrom(device)}${ifKeys}`,
    needed: kept === undefined,
    ...(kept && { session: sessionOf(context, kept, 'awsrole') }),
  };
}

/** The `mfa_serial` of a call: that for which a code is asked, else one that is of no use. */
function serialOf({ mfa, chain, store }: Plan, { hop }: KeptStep, index: number): Property | undefined {
  return index === 0 ? (mfa?.device.serial ?? chain.unusedMfa) : setting(store, hop.profile, 'mfa_serial');
}

/** Lists the inputs of a call: what the profile says, then what awsrole or AWS adds. */
function stepValues(
  store: ProfileStore,
  { hop, request }: KeptStep,
  serial: Property | undefined,
): ExplainedValue[] {
  const written = [
    ['role_arn', hop.roleArn],
    ['source_profile', setting(store, hop.profile, 'source_profile')],
    ['mfa_serial', serial],
    ['external_id', hop.externalId],
    ['role_session_name', hop.roleSessionName],
    ['duration_seconds', hop.durationSeconds],
    ['source_identity', hop.sourceIdentity],
  ] as const;
  const values = written.flatMap(([name, property]) =>
    property ? [at(name, property, property === serial && serial.value === '' ? '(none)' : undefined)] : [],
  );
  if (!hop.roleSessionName) {
    values.push({
      name: 'role_session_name',
      value: `${request.RoleSessionName} (your user name on this computer)`,
    });
  }
  if (!hop.durationSeconds) values.push({ name: 'duration_seconds', value: "3600 (AWS's default)" });
  for (const tag of hop.tags ?? []) values.push(at('session_tags', tag));
  for (const key of hop.transitiveTagKeys ?? []) values.push(at('transitive_session_tags', key));
  if (hop.policy) values.push(at('policy', hop.policy, `(${hop.policy.value.length} characters)`));
  for (const arn of hop.policyArns ?? []) values.push(at('policy_arn', arn));
  return values;
}

/** Says where the MFA code of a call comes from, and what it is used for. */
function codeText(context: Context, own: Settings, plan: Plan, step: KeptStep, index: number): string {
  const { mfa, chain } = plan;
  const { source } = chain;
  if (index > 0 || mfa === undefined) {
    return 'not asked for: AWS accepts no code with the session of a role';
  }
  const { device } = mfa;
  const folder = cacheFolder(context);
  const from = codeFrom(device);
  const temporary = source.kind === 'keys' && source.sessionToken !== undefined;
  if (temporary) return `${from}, for AssumeRole itself; none if the keys are those of a role's session`;
  if (source.kind !== 'keys') return `${from}; how it is used depends on the keys that the source gives`;
  const why = directReason(context, { plan, request: step.request, temporary, folder });
  if (why !== undefined) return `${from}, for AssumeRole itself: ${why}`;
  const kept = readFreshSession(folder, mfa.key, context.now());
  if (kept !== undefined) {
    const left = durationText(kept.expires - context.now() / 1000);
    return `not needed: an MFA session of profile ${source.profile} is kept (${left} left)`;
  }
  const length = durationText(mfaSessionSeconds(device, own));
  return `${from}, for an MFA session of ${length} (GetSessionToken) that serves every role behind the device`;
}

function codeFrom({ process }: MfaDevice): string {
  return process ? `mfa_process (${placeText(process)})` : 'asked for on the terminal';
}

function urlOf(context: Context, sts: StsSettings): string {
  try {
    return withoutPassword(stsUrl(sts));
  } catch (error) {
    const asked = { action: 'AssumeRole', accessKeyId: '', sourceProfile: '' } as const;
    throw explainStsError(error, { ...asked, ...sts }, context.now());
  }
}

function regionFrom({ env }: Context, { store, chain, sts }: Plan): string {
  const { region, from } = switchRegion(store, chain, env);
  if (region === undefined || from === 'default') return 'no region is set; the default of the partition';
  return region.value === sts.region ? placeText(region) : 'the default of the partition';
}

/** Lists what the shell would hold, with file and line of each value that is in a file. */
function shellOf(
  context: Context,
  { store, chain, mfa }: Plan,
  shown: Pick<Shown, 'guard' | 'accountId' | 'accountNames' | 'renew'>,
): Pick<Explanation, 'variables' | 'unset' | 'reachesIn'> {
  const written = profileVariables(store, chain, context.env);
  const { source } = chain;
  const keys = { accessKeyId: '', secretAccessKey: '', sessionToken: '' };
  const ofFile = chain.hops.length === 0 && source.kind === 'keys' && mfa === undefined;
  const program = chain.hops.length === 0 && source.kind === 'credential-process';
  const endless = ofFile && source.end?.seconds === undefined;
  const credentials = {
    ...keys,
    sessionToken: ofFile ? source.sessionToken?.value : keys.sessionToken,
    ...(!endless && { expires: 0, obtained: 0 }),
    ...(mfa && chain.hops.length === 0 && { mfaSerial: mfa.serial }),
  };
  const { set, unset, reachesIn, keepOut } = shellVariables(context, store, chain, credentials);
  const inPrompt = shownVariables(store, { ...shown, profile: chain.profile, now: context.now() / 1000 });
  const fromSession = [
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
    'AWS_CREDENTIAL_EXPIRATION',
    'AWSROLE_ACCESS_KEY_ID',
    'AWSROLE_EXPIRES',
  ];
  const variables = [...set, ...inPrompt].map(([name, value]): ExplainedValue => {
    const out = keepOut.get(name)?.setting;
    if (out !== undefined) return { name, value, keepsOut: at(out.key, out.property) };
    const property = written.get(name);
    if (property !== undefined) return at(name, property, value);
    if (!fromSession.includes(name)) return { name, value };
    if (program) return { name, value: '(from the program, if it prints one)' };
    return { name, value: ofFile ? '(from the profile)' : '(from the session)' };
  });
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION']) {
    const value = context.env[name];
    if (value && !set.has(name)) variables.push({ name, value, by: 'as it is in the shell' });
  }
  return { variables, unset, reachesIn: reachesIn.map(({ key, property }) => at(key, property)) };
}
