import { accessDenied, StsError, validationError } from './sts-error.ts';
import type { Parameters } from './sts-parameters.ts';
import {
  accountOf,
  type Identity,
  type IssuedCredentials,
  identityArn,
  identityId,
  partitionOf,
  type StsState,
} from './sts-state.ts';
import { parseIamArn, type StsRole } from './sts-world.ts';
import type { XmlElements } from './sts-xml.ts';

/** An action of the API: checks the parameters, acts, and gives the elements of its `...Result`. Throws {@link StsError}. */
export type StsAction = (state: StsState, caller: Identity, parameters: Parameters) => XmlElements;

/** Like {@link StsAction}, for requests that nobody has signed. */
type UnsignedAction = (state: StsState, parameters: Parameters) => XmlElements;

// Limits as in the public STS API model.
const SERIAL_NUMBER = { min: 9, max: 256, pattern: '[\\w+=/:,.@-]*' };
const TOKEN_CODE = { min: 6, max: 6, pattern: '[\\d]*', secret: true };
const SESSION_NAME = { min: 2, max: 64, pattern: '[\\w+=,.@-]*' };
const EXTERNAL_ID = { min: 2, max: 1224, pattern: '[\\w+=,.@:\\/-]*' };
const TAG_KEY = { min: 1, max: 128 };

/** The longest session of a role that was assumed with a session's keys, whatever the role allows. */
const CHAINED_SECONDS = 3600;

function notAuthorized(caller: Identity, action: string, resource: string, why = ''): StsError {
  return accessDenied(
    `User: ${identityArn(caller)} is not authorized to perform: sts:${action}${resource && ` on resource: ${resource}`}${why}`,
  );
}

function checkDeny(caller: Identity, action: string, resource: string): void {
  const denied = (caller.kind === 'user' ? caller.user.deny : caller.role.deny) ?? [];
  if (denied.some((name) => ['*', 'sts:*', action, `sts:${action}`].includes(name))) {
    throw notAuthorized(caller, action, resource, ' with an explicit deny in an identity-based policy');
  }
}

function credentialsXml(issued: IssuedCredentials): XmlElements {
  return {
    AccessKeyId: issued.accessKeyId,
    SecretAccessKey: issued.secretAccessKey,
    SessionToken: issued.sessionToken,
    Expiration: new Date(issued.expires).toISOString().replace('.000Z', 'Z'),
  };
}

/** Checks serial and code, which uses the code up. Returns the time of the MFA that the request may claim. */
function authenticateMfa(
  state: StsState,
  caller: Identity,
  serial: string | undefined,
  code: string | undefined,
): number | undefined {
  if (serial === undefined && code === undefined) return caller.kind === 'user' ? caller.mfaTime : undefined;
  if (serial === undefined || code === undefined) {
    throw accessDenied(
      'MultiFactorAuthentication failed, must provide both MFA serial number and one time pass code. ',
    );
  }
  state.useMfaCode(caller, serial, code);
  return state.now();
}

const getCallerIdentity: StsAction = (_state, caller) => ({
  Arn: identityArn(caller),
  UserId: identityId(caller),
  Account: accountOf(caller),
});

const getSessionToken: StsAction = (state, caller, parameters) => {
  const seconds = parameters.wholeNumber('DurationSeconds', { min: 900, max: 129_600 });
  const serial = parameters.text('SerialNumber', SERIAL_NUMBER);
  const code = parameters.text('TokenCode', TOKEN_CODE);
  parameters.check();
  if (caller.kind === 'role' || caller.temporary) {
    throw accessDenied('Cannot call GetSessionToken with session credentials');
  }
  const mfaTime = authenticateMfa(state, caller, serial, code);
  checkDeny(caller, 'GetSessionToken', '');
  const isRoot = caller.user.arn.endsWith(':root');
  // The account's root user gets an hour at most; asking for more is no error.
  const duration = isRoot ? Math.min(seconds ?? 3600, 3600) : (seconds ?? 43_200);
  const issued = state.issue({ kind: 'user', user: caller.user, temporary: true, mfaTime }, duration);
  return { Credentials: credentialsXml(issued) };
};

/** True when the caller is one of the role's trusted principals. */
function trusts(role: StsRole, caller: Identity): boolean {
  const account = accountOf(caller);
  const names = ['*', account, `arn:${partitionOf(caller)}:iam::${account}:root`, identityArn(caller)];
  if (caller.kind === 'role') names.push(caller.role.arn);
  return role.trust.principals.some((principal) => names.includes(principal));
}

/** Checks the conditions of the role's trust policy. */
function meetsConditions(
  role: StsRole,
  now: number,
  mfaTime: number | undefined,
  externalId: string | undefined,
): boolean {
  const { mfa, maxMfaAgeSeconds, externalId: wanted } = role.trust;
  if (wanted !== undefined && wanted !== externalId) return false;
  if (maxMfaAgeSeconds !== undefined && (mfaTime === undefined || now - mfaTime > maxMfaAgeSeconds * 1000)) {
    return false;
  }
  return !mfa || mfaTime !== undefined;
}

function checkTags(
  parameters: Parameters,
  caller: Identity,
): { tagged: boolean; transitive: string[]; characters: number } {
  const tags = parameters.tags('Tags', 50);
  const transitive = parameters.list('TransitiveTagKeys', 50, TAG_KEY);
  parameters.check();
  const keys = tags.map(({ key }) => key.toLowerCase());
  if (new Set(keys).size !== keys.length) {
    throw validationError('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  }
  if (!transitive.every((key) => keys.includes(key.toLowerCase()))) {
    throw validationError('The specified transitive tag key must be included in the requested tags.');
  }
  const inherited = caller.kind === 'role' ? caller.transitiveTagKeys : [];
  if (inherited.some((key) => keys.includes(key.toLowerCase()))) {
    throw validationError(
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  }
  return {
    tagged: tags.length > 0,
    transitive: [...inherited, ...transitive],
    characters: tags.reduce((sum, { key, value }) => sum + key.length + value.length, 0),
  };
}

/** Returns how much of the space for policies and tags a session uses, in per cent; undefined when it has none. */
function packedPolicySize(
  policy: string,
  policyArns: readonly string[],
  tagCharacters: number,
): number | undefined {
  const characters = policy.length + policyArns.join('').length + tagCharacters;
  return characters === 0 ? undefined : Math.ceil((characters / 4096) * 100);
}

function checkPolicy(policy: string): void {
  if (policy === '') return;
  try {
    if (typeof JSON.parse(policy).Statement === 'object') return;
  } catch {
    // It is no JSON.
  }
  throw new StsError(400, 'MalformedPolicyDocument', 'Syntax errors in policy.');
}

const assumeRole: StsAction = (state, caller, parameters) => {
  const roleArn = parameters.requiredText('RoleArn', { min: 20, max: 2048 });
  const sessionName = parameters.requiredText('RoleSessionName', SESSION_NAME);
  const seconds = parameters.wholeNumber('DurationSeconds', { min: 900, max: 43_200 }) ?? 3600;
  const externalId = parameters.text('ExternalId', EXTERNAL_ID);
  const serial = parameters.text('SerialNumber', SERIAL_NUMBER);
  const code = parameters.text('TokenCode', TOKEN_CODE);
  const policy = parameters.text('Policy', { min: 1, max: 2048 }) ?? '';
  const policyArns = parameters.arns('PolicyArns', 10);
  const askedSourceIdentity = parameters.text('SourceIdentity', SESSION_NAME);
  const { tagged, transitive, characters } = checkTags(parameters, caller);
  checkPolicy(policy);
  if (!roleArn.startsWith('arn:')) throw validationError(`${roleArn} is invalid`);
  if (parseIamArn(roleArn)?.kind !== 'role') throw validationError('Request ARN is invalid');
  if (identityArn(caller).endsWith(':root')) throw accessDenied('Roles may not be assumed by root accounts.');
  const chained = caller.kind === 'role' || caller.temporary;
  if (chained && seconds > CHAINED_SECONDS) {
    throw validationError(
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.',
    );
  }

  // The code belongs to the caller, so it is checked and used up before the role is looked at.
  const mfaTime = authenticateMfa(state, caller, serial, code);
  checkDeny(caller, 'AssumeRole', roleArn);
  const role = state.role(roleArn);
  // A role that does not exist is answered like one that is not trusted: nobody can find out which roles there are.
  if (
    role === undefined ||
    partitionOf(caller) !== parseIamArn(roleArn)?.partition ||
    !trusts(role, caller)
  ) {
    throw notAuthorized(caller, 'AssumeRole', roleArn);
  }
  if (!meetsConditions(role, state.now(), mfaTime, externalId)) {
    throw notAuthorized(caller, 'AssumeRole', roleArn);
  }
  const inherited = caller.kind === 'role' ? caller.sourceIdentity : undefined;
  if (inherited !== undefined && askedSourceIdentity !== undefined && inherited !== askedSourceIdentity) {
    throw notAuthorized(caller, 'SetSourceIdentity', roleArn);
  }
  if (seconds > (role.maxSessionDuration ?? 3600)) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }

  const sourceIdentity = inherited ?? askedSourceIdentity;
  if (askedSourceIdentity !== undefined) checkDeny(caller, 'SetSourceIdentity', roleArn);
  if (tagged) checkDeny(caller, 'TagSession', roleArn);
  const packed = packedPolicySize(policy, policyArns, characters);
  if (packed !== undefined && packed > 100) {
    const message = `Packed size of session tags consumes ${packed}% of allotted space.`;
    throw new StsError(400, 'PackedPolicyTooLarge', message);
  }
  const identity: Identity = {
    kind: 'role',
    role,
    sessionName,
    sourceIdentity,
    transitiveTagKeys: transitive,
    chained,
  };
  const issued = state.issue(identity, seconds);
  return {
    AssumedRoleUser: { AssumedRoleId: identityId(identity), Arn: identityArn(identity) },
    Credentials: credentialsXml(issued),
    PackedPolicySize: packed,
    SourceIdentity: sourceIdentity,
  };
};

/** Assumes a role with a token in place of a signature. */
const assumeRoleWithWebIdentity: UnsignedAction = (state, parameters) => {
  const roleArn = parameters.requiredText('RoleArn', { min: 20, max: 2048 });
  const sessionName = parameters.requiredText('RoleSessionName', SESSION_NAME);
  const token = parameters.requiredText('WebIdentityToken', { min: 4, max: 20_000, secret: true });
  const seconds = parameters.wholeNumber('DurationSeconds', { min: 900, max: 43_200 }) ?? 3600;
  parameters.check();
  if (parseIamArn(roleArn)?.kind !== 'role') throw validationError('Request ARN is invalid');
  const known = state.webToken(token);
  if (known === undefined) {
    throw new StsError(400, 'InvalidIdentityToken', 'No OpenIDConnect provider found in your account');
  }
  if (known.expired) throw new StsError(400, 'ExpiredTokenException', 'Token expired');
  const role = state.role(roleArn);
  if (role === undefined || !known.roles.includes(roleArn)) {
    throw accessDenied('Not authorized to perform sts:AssumeRoleWithWebIdentity');
  }
  if (seconds > (role.maxSessionDuration ?? 3600)) {
    throw validationError('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.');
  }
  const identity: Identity = {
    kind: 'role',
    role,
    sessionName,
    sourceIdentity: undefined,
    transitiveTagKeys: [],
    chained: false,
  };
  return {
    AssumedRoleUser: { AssumedRoleId: identityId(identity), Arn: identityArn(identity) },
    Credentials: credentialsXml(state.issue(identity, seconds)),
  };
};

/** The actions whose requests are not signed. */
export const UNSIGNED_ACTIONS: ReadonlyMap<string, UnsignedAction> = new Map([
  ['AssumeRoleWithWebIdentity', assumeRoleWithWebIdentity],
]);

/** The signed actions that the sandbox knows; all others of STS are answered InvalidAction. */
export const STS_ACTIONS: ReadonlyMap<string, StsAction> = new Map([
  ['GetCallerIdentity', getCallerIdentity],
  ['AssumeRole', assumeRole],
  ['GetSessionToken', getSessionToken],
]);
