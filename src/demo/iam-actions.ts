import type { StsAction } from './sts-actions.ts';
import { accessDenied, invalidClientTokenId, StsError, validationError } from './sts-error.ts';
import { accountOf, type Identity, identityArn } from './sts-state.ts';
import { parseIamArn, type StsUser } from './sts-world.ts';

// Limits as in the public IAM API model.
const USER_NAME = { min: 1, max: 128, pattern: '[\\w+=,.@-]+' };
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

const listMfaDevices: StsAction = (state, caller, parameters) => {
  const asked = parameters.text('UserName', USER_NAME);
  parameters.text('Marker', MARKER);
  parameters.wholeNumber('MaxItems', { min: 1, max: 1000 });
  parameters.check();
  if (caller.kind === 'user' && caller.temporary && caller.mfaTime === undefined)
    throw invalidClientTokenId();
  if (asked === undefined && caller.kind === 'role') {
    throw validationError('Must specify userName when calling with non-User credentials');
  }
  const name = asked ?? (caller.kind === 'user' ? nameOf(caller.user) : '');
  checkAllowed(caller, 'ListMFADevices', `user ${name}`);
  const user = state.users(accountOf(caller)).find((one) => nameOf(one) === name);
  if (user === undefined) {
    throw new StsError(404, 'NoSuchEntity', `The user with name ${name} cannot be found.`);
  }
  const serials = [...(user.mfa ? [user.mfa.serial] : []), ...(user.otherDevices ?? [])];
  return {
    IsTruncated: 'false',
    MFADevices: serials.map((SerialNumber) => ({ UserName: name, SerialNumber, EnableDate: ENABLED })),
  };
};

/** The actions of IAM that the sandbox knows. */
export const IAM_ACTIONS: ReadonlyMap<string, StsAction> = new Map([['ListMFADevices', listMfaDevices]]);
