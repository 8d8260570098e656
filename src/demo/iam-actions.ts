import type { StsAction } from './sts-actions.ts';
import { accessDenied, invalidClientTokenId, StsError, validationError } from './sts-error.ts';
import type { Parameters } from './sts-parameters.ts';
import { type AccessKey, accountOf, type Identity, identityArn, type StsState } from './sts-state.ts';
import { parseIamArn, type StsUser } from './sts-world.ts';

// Limits as in the public IAM API model.
const USER_NAME = { min: 1, max: 128, pattern: '[\\w+=,.@-]+' };
const ACCESS_KEY_ID = { min: 16, max: 128, pattern: '[\\w]+' };
/** IAM's quota for a user. */
const MOST_KEYS = 2;
const MARKER = { min: 1, max: 320 };

/** Some date or other: the world does not say when a device was set up. */
const ENABLED = '2026-01-01T00:00:00Z';

/** The user's name; the account's root user has none of its own. */
function nameOf({ arn }: StsUser): string {
  return parseIamArn(arn)?.name ?? 'root';
}

/** Refuses what no policy allows: unlike STS, IAM lets nobody in unasked. Throws {@link StsError}. */
function checkAllowed(caller: Identity, action: string, resource: string): void {
  const { allow = [], deny = [] }: Partial<StsUser> = caller.kind === 'user' ? caller.user : caller.role;
  const covers = (names: readonly string[]): boolean =>
    names.some((name) => ['*', 'iam:*', action, `iam:${action}`].includes(name));
  if (covers(allow) && !covers(deny)) return;
  const why = covers(deny)
    ? 'with an explicit deny in an identity-based policy'
    : `because no identity-based policy allows the iam:${action} action`;
  throw accessDenied(
    `User: ${identityArn(caller)} is not authorized to perform: iam:${action} on resource: ${resource} ${why}`,
  );
}

/** Finds the user that a call is for: the caller, unless it names another one. Throws {@link StsError}. */
function userOf(state: StsState, caller: Identity, parameters: Parameters, action: string): StsUser {
  const asked = parameters.text('UserName', USER_NAME);
  parameters.check();
  if (caller.kind === 'user' && caller.temporary && caller.mfaTime === undefined)
    throw invalidClientTokenId();
  if (asked === undefined && caller.kind === 'role') {
    throw validationError('Must specify userName when calling with non-User credentials');
  }
  const name = asked ?? (caller.kind === 'user' ? nameOf(caller.user) : '');
  checkAllowed(caller, action, `user ${name}`);
  const user = state.users(accountOf(caller)).find((one) => nameOf(one) === name);
  if (user !== undefined) return user;
  throw new StsError(404, 'NoSuchEntity', `The user with name ${name} cannot be found.`);
}

const listMfaDevices: StsAction = (state, caller, parameters) => {
  parameters.text('Marker', MARKER);
  parameters.wholeNumber('MaxItems', { min: 1, max: 1000 });
  const user = userOf(state, caller, parameters, 'ListMFADevices');
  const name = nameOf(user);
  const serials = [...(user.mfa ? [user.mfa.serial] : []), ...(user.otherDevices ?? [])];
  return {
    IsTruncated: 'false',
    MFADevices: serials.map((SerialNumber) => ({ UserName: name, SerialNumber, EnableDate: ENABLED })),
  };
};

const listAccessKeys: StsAction = (state, caller, parameters) => {
  parameters.text('Marker', MARKER);
  parameters.wholeNumber('MaxItems', { min: 1, max: 1000 });
  const user = userOf(state, caller, parameters, 'ListAccessKeys');
  return {
    IsTruncated: 'false',
    AccessKeyMetadata: state.keysOf(user).map((key) => ({
      UserName: nameOf(user),
      AccessKeyId: key.accessKeyId,
      Status: key.active ? 'Active' : 'Inactive',
      CreateDate: dateText(key.created),
    })),
  };
};

const createAccessKey: StsAction = (state, caller, parameters) => {
  const user = userOf(state, caller, parameters, 'CreateAccessKey');
  if (state.keysOf(user).length >= MOST_KEYS) {
    throw new StsError(409, 'LimitExceeded', `Cannot exceed quota for AccessKeysPerUser: ${MOST_KEYS}`);
  }
  const key = state.createKey(user);
  return {
    AccessKey: {
      UserName: nameOf(user),
      AccessKeyId: key.accessKeyId,
      Status: 'Active',
      SecretAccessKey: key.secretAccessKey,
      CreateDate: dateText(key.created),
    },
  };
};

/** Finds a key of a user. Throws {@link StsError}. */
function keyOf(state: StsState, user: StsUser, accessKeyId: string): AccessKey {
  const key = state.keysOf(user).find((one) => one.accessKeyId === accessKeyId);
  if (key !== undefined) return key;
  throw new StsError(404, 'NoSuchEntity', `The Access Key with id ${accessKeyId} cannot be found.`);
}

const updateAccessKey: StsAction = (state, caller, parameters) => {
  const id = parameters.requiredText('AccessKeyId', ACCESS_KEY_ID);
  const status = parameters.requiredText('Status', { min: 1, max: 8, pattern: 'Active|Inactive' });
  const user = userOf(state, caller, parameters, 'UpdateAccessKey');
  keyOf(state, user, id).active = status === 'Active';
  return {};
};

const deleteAccessKey: StsAction = (state, caller, parameters) => {
  const id = parameters.requiredText('AccessKeyId', ACCESS_KEY_ID);
  const user = userOf(state, caller, parameters, 'DeleteAccessKey');
  state.deleteKey(keyOf(state, user, id).accessKeyId);
  return {};
};

const getAccessKeyLastUsed: StsAction = (state, caller, parameters) => {
  const id = parameters.requiredText('AccessKeyId', ACCESS_KEY_ID);
  parameters.check();
  checkAllowed(caller, 'GetAccessKeyLastUsed', `access key ${id}`);
  const key = state
    .users(accountOf(caller))
    .flatMap((user) => state.keysOf(user))
    .find((one) => one.accessKeyId === id);
  if (key === undefined) {
    throw new StsError(404, 'NoSuchEntity', `The Access Key with id ${id} cannot be found.`);
  }
  const { lastUsed, user } = key;
  const used = lastUsed === undefined ? {} : { LastUsedDate: dateText(lastUsed) };
  const where = lastUsed === undefined ? 'N/A' : 'us-east-1';
  return {
    UserName: nameOf(user),
    AccessKeyLastUsed: { ...used, ServiceName: lastUsed === undefined ? 'N/A' : 'sts', Region: where },
  };
};

function dateText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** The actions of IAM that the sandbox knows. */
export const IAM_ACTIONS: ReadonlyMap<string, StsAction> = new Map([
  ['ListMFADevices', listMfaDevices],
  ['ListAccessKeys', listAccessKeys],
  ['CreateAccessKey', createAccessKey],
  ['UpdateAccessKey', updateAccessKey],
  ['DeleteAccessKey', deleteAccessKey],
  ['GetAccessKeyLastUsed', getAccessKeyLastUsed],
]);
