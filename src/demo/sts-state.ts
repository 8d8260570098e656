import { randomBytes, randomInt } from 'node:crypto';
import { accessDenied } from './sts-error.ts';
import {
  parseIamArn,
  type StsRole,
  type StsUser,
  type StsWebToken,
  type StsWorld,
  uniqueId,
} from './sts-world.ts';
import { TOTP_STEP_SECONDS, totpCode, totpStep } from './totp.ts';

/** The owner of a request's keys. */
export type Identity =
  | {
      readonly kind: 'user';
      readonly user: StsUser;
      /** True for keys that come from GetSessionToken. */
      readonly temporary: boolean;
      /** When the session's MFA code was checked, epoch milliseconds; undefined without MFA. */
      readonly mfaTime: number | undefined;
    }
  | {
      readonly kind: 'role';
      readonly role: StsRole;
      readonly sessionName: string;
      readonly sourceIdentity: string | undefined;
      readonly transitiveTagKeys: readonly string[];
      /** True for a role that was assumed with the keys of a session: a role's, or a user's by GetSessionToken. */
      readonly chained: boolean;
    };

/** Keys that this server knows: a user's, or those of a session that it gave out. */
export interface KnownCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string | undefined;
  /** Epoch milliseconds; undefined for a user's keys. */
  readonly expires: number | undefined;
  readonly identity: Identity;
}

/** A session's keys, as just given out. */
export interface IssuedCredentials extends KnownCredentials {
  readonly sessionToken: string;
  readonly expires: number;
}

/** A user's long-lived key. Times are epoch milliseconds. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly user: StsUser;
  active: boolean;
  readonly created: number;
  readonly knownFrom: number;
  lastUsed: number | undefined;
}

/** What a virtual MFA device shows. */
export interface MfaCode {
  readonly serial: string;
  /** null: every code that would be accepted now has been used. */
  readonly code: string | null;
  /** Seconds until the device shows its next code. */
  readonly secondsLeft: number;
  readonly used: boolean;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Returns the ARN that GetCallerIdentity and refusals show: sts assumed-role for a role's session, without the role's
 * path.
 */
export function identityArn(identity: Identity): string {
  if (identity.kind === 'user') return identity.user.arn;
  const { partition, account, name } = roleParts(identity.role);
  return `arn:${partition}:sts::${account}:assumed-role/${name}/${identity.sessionName}`;
}

/** Returns the `UserId` of GetCallerIdentity: `AIDA...`, or `AROA...:session` which is also the `AssumedRoleId`. */
export function identityId(identity: Identity): string {
  if (identity.kind === 'role') return `${uniqueId('AROA', identity.role.arn)}:${identity.sessionName}`;
  const { user } = identity;
  return user.userId ?? (user.arn.endsWith(':root') ? accountOf(identity) : uniqueId('AIDA', user.arn));
}

/** Returns the 12-digit account of an identity. */
export function accountOf(identity: Identity): string {
  return identityArn(identity).split(':')[4] ?? '';
}

/** Returns the partition of an identity: `aws`, `aws-us-gov`, `aws-cn`. */
export function partitionOf(identity: Identity): string {
  return identityArn(identity).split(':')[1] ?? '';
}

function roleParts(role: StsRole): { partition: string; account: string; name: string } {
  return parseIamArn(role.arn) ?? { partition: '', account: '', name: '' };
}

/** What the server remembers: its clock, the sessions it gave out and the MFA codes it has seen. */
export class StsState {
  readonly #world: StsWorld;
  readonly #now: () => number;
  readonly #known = new Map<string, KnownCredentials>();
  readonly #keys = new Map<string, AccessKey>();
  /** The time steps whose code has been used, by MFA serial. */
  readonly #usedSteps = new Map<string, Set<number>>();
  #clockOffset = 0;
  #issued = 0;

  constructor(world: StsWorld, now: () => number) {
    this.#world = world;
    this.#now = now;
    this.reset();
  }

  /** Returns the time of the server's clock, in epoch milliseconds. */
  now(): number {
    return this.#now() + this.#clockOffset;
  }

  get clockOffset(): number {
    return this.#clockOffset;
  }

  /** Sets how far the server's clock is ahead of the real one, in milliseconds. */
  setClockOffset(milliseconds: number): void {
    this.#clockOffset = milliseconds;
  }

  /** Forgets all sessions and used codes and sets the clock right. */
  reset(): void {
    this.#clockOffset = 0;
    this.#usedSteps.clear();
    this.#known.clear();
    this.#keys.clear();
    for (const user of this.#world.users) this.#addKey(user, user.accessKeyId, user.secretAccessKey, 0);
  }

  #addKey(user: StsUser, accessKeyId: string, secretAccessKey: string, knownFrom: number): AccessKey {
    const key = { accessKeyId, user, active: true, created: this.now(), knownFrom, lastUsed: undefined };
    this.#keys.set(accessKeyId, key);
    this.#known.set(accessKeyId, {
      accessKeyId,
      secretAccessKey,
      sessionToken: undefined,
      expires: undefined,
      identity: { kind: 'user', user, temporary: false, mfaTime: undefined },
    });
    return key;
  }

  /** Lists a user's access keys. */
  keysOf(user: StsUser): AccessKey[] {
    return [...this.#keys.values()].filter((key) => key.user === user);
  }

  /** Makes a new access key, which STS knows only after a while. */
  createKey(user: StsUser): AccessKey & { readonly secretAccessKey: string } {
    const secretAccessKey = randomBytes(30).toString('base64');
    const id = `AKIA${Array.from({ length: 16 }, () => BASE32[randomInt(32)]).join('')}`;
    const delay = (this.#world.newKeySeconds ?? 0) * 1000;
    return { ...this.#addKey(user, id, secretAccessKey, this.now() + delay), secretAccessKey };
  }

  deleteKey(accessKeyId: string): void {
    this.#keys.delete(accessKeyId);
    this.#known.delete(accessKeyId);
  }

  /** Lists the users of an account. */
  users(account: string): StsUser[] {
    return this.#world.users.filter(({ arn }) => arn.split(':')[4] === account);
  }

  role(arn: string): StsRole | undefined {
    return this.#world.roles.find((role) => role.arn === arn);
  }

  webToken(token: string): StsWebToken | undefined {
    return this.#world.webTokens?.find((known) => known.token === token);
  }

  /** Finds the credentials of a request. An access key may be inactive, or too new to be known everywhere. */
  credentials(accessKeyId: string): KnownCredentials | undefined {
    const key = this.#keys.get(accessKeyId);
    if (key !== undefined) {
      if (!key.active || key.knownFrom > this.now()) return undefined;
      key.lastUsed = this.now();
    }
    return this.#known.get(accessKeyId);
  }

  /** Gives out a session's keys. Every fourth secret begins with `/`, which shells on Windows take for a path. */
  issue(identity: Identity, durationSeconds: number): IssuedCredentials {
    this.#issued += 1;
    const secret = randomBytes(30).toString('base64');
    const letters = Array.from({ length: 16 }, () => BASE32[randomInt(32)]);
    const issued: IssuedCredentials = {
      accessKeyId: `ASIA${letters.join('')}`,
      secretAccessKey: this.#issued % 4 === 0 ? `/${secret.slice(1)}` : secret,
      // Three lengths in turn, so that every padding occurs.
      sessionToken: randomBytes(286 + (this.#issued % 3)).toString('base64'),
      expires: Math.floor(this.now() / 1000 + durationSeconds) * 1000,
      identity,
    };
    this.#known.set(issued.accessKeyId, issued);
    return issued;
  }

  /** Ends every session given out so far; users' keys stay. */
  expireAllSessions(): void {
    for (const [key, known] of this.#known) {
      if (known.expires !== undefined) this.#known.set(key, { ...known, expires: 0 });
    }
  }

  /**
   * Checks a code of the user's device and uses it up: RFC 6238, one step early or late is accepted, each code once.
   * Throws {@link StsError} AccessDenied with AWS's words.
   */
  useMfaCode(identity: Identity, serial: string, code: string): void {
    const mfa = identity.kind === 'user' ? identity.user.mfa : undefined;
    if (mfa === undefined || mfa.serial !== serial) {
      throw accessDenied(
        'MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user. ',
      );
    }
    const used = this.#used(serial);
    const step = this.#acceptedSteps().find(
      (candidate) => !used.has(candidate) && codeOfStep(mfa.secret, candidate) === code,
    );
    if (step === undefined) {
      throw accessDenied('MultiFactorAuthentication failed with invalid MFA one time pass code. ');
    }
    used.add(step);
  }

  /**
   * Returns what the device with this serial shows now; with `next`, the first code that would still be accepted: the
   * one shown, the following or the one before. Undefined for a serial that no user has.
   */
  mfaCode(serial: string, options: { next?: boolean } = {}): MfaCode | undefined {
    const mfa = this.#world.users.find((user) => user.mfa?.serial === serial)?.mfa;
    if (mfa === undefined) return undefined;
    const used = this.#used(serial);
    const shown = totpStep(this.now() / 1000);
    const step = options.next ? this.#acceptedSteps().find((candidate) => !used.has(candidate)) : shown;
    return {
      serial,
      code: step === undefined ? null : codeOfStep(mfa.secret, step),
      secondsLeft: Math.ceil((shown + 1) * TOTP_STEP_SECONDS - this.now() / 1000),
      used: step === undefined || used.has(step),
    };
  }

  #acceptedSteps(): number[] {
    const step = totpStep(this.now() / 1000);
    return [step, step + 1, step - 1];
  }

  #used(serial: string): Set<number> {
    const used = this.#usedSteps.get(serial) ?? new Set<number>();
    this.#usedSteps.set(serial, used);
    return used;
  }
}

function codeOfStep(secret: string, step: number): string {
  return totpCode(secret, step * TOTP_STEP_SECONDS);
}
