import type { Environment } from '../context.ts';
import type { Source } from '../profiles/chain-source.ts';
import { errorAt } from '../profiles/place.ts';
import { printable, quoted } from '../profiles/printable.ts';
import type { UserMfa } from './plan.ts';

// A program of the user's may ask awsrole for the very thing that awsrole has started it for, which would go on without
// end, or until one of them gives up waiting for the other's lock.

/** Tells a credential_process, and every awsrole that it starts, which profiles it runs for: a JSON array of names. */
const CREDENTIALS_VARIABLE = 'AWSROLE_CREDENTIAL_PROCESS';
/** The same of an mfa_process: the devices whose codes are waited for. */
const MFA_VARIABLE = 'AWSROLE_MFA_PROCESS';

/** Makes the environment of a profile's credential_process. */
export function processEnvironment(env: Environment, profile: string): Environment {
  return withName(env, CREDENTIALS_VARIABLE, profile);
}

/** Makes the environment of an mfa_process that is to give a code of a device. */
export function mfaProcessEnvironment(env: Environment, serial: string): Environment {
  return withName(env, MFA_VARIABLE, serial);
}

/**
 * Refuses a profile whose credential_process we are already running in.
 * @throws AwsroleError kind `configuration` with file and line
 */
export function refuseProcessLoop(env: Environment, source: Source): void {
  if (source.kind !== 'credential-process' || source.stored !== undefined) return;
  const names = namesIn(env, CREDENTIALS_VARIABLE);
  if (!names.includes(source.profile)) return;
  const circle = [...names, source.profile].map(quoted).join(' → ');
  throw errorAt(
    source.command,
    `the credential_process of profile ${quoted(source.profile)} asks awsrole for the same profile again: ${circle}`,
    'let it run a command that has credentials of its own',
  );
}

/**
 * Refuses to ask for a code of a device while an mfa_process that we are running in is to give one.
 * @throws AwsroleError kind `configuration` with file and line
 */
export function refuseMfaLoop(env: Environment, { device, serial }: UserMfa): void {
  if (!namesIn(env, MFA_VARIABLE).includes(serial)) return;
  throw errorAt(
    device.process ?? device.serial,
    `the mfa_process for ${printable(serial)} asks awsrole for a session that needs an MFA code of that device`,
    'let it run a command that needs no MFA code',
  );
}

function withName(env: Environment, variable: string, name: string): Environment {
  return { ...env, [variable]: JSON.stringify([...namesIn(env, variable), name]) };
}

function namesIn(env: Environment, variable: string): string[] {
  try {
    const names: unknown = JSON.parse(env[variable] ?? '');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
