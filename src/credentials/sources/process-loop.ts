import type { Environment } from '../../context.ts';
import type { Source } from '../../profiles/chain-source.ts';
import { errorAt } from '../../profiles/place.ts';
import { quoted } from '../../profiles/printable.ts';

/** Tells a credential_process, and every awsrole that it starts, which profiles it runs for: a JSON array of names. */
const VARIABLE = 'AWSROLE_CREDENTIAL_PROCESS';

/** Makes the environment of a profile's credential_process. */
export function processEnvironment(env: Environment, profile: string): Environment {
  return { ...env, [VARIABLE]: JSON.stringify([...namesIn(env), profile]) };
}

/**
 * Refuses a profile whose credential_process we are already running in, which would start awsrole without end.
 * @throws AwsroleError kind `configuration` with file and line
 */
export function refuseProcessLoop(env: Environment, source: Source): void {
  if (source.kind !== 'credential-process') return;
  const names = namesIn(env);
  if (!names.includes(source.profile)) return;
  const circle = [...names, source.profile].map(quoted).join(' → ');
  throw errorAt(
    source.command,
    `the credential_process of profile ${quoted(source.profile)} asks awsrole for the same profile again: ${circle}`,
    'let it run a command that has credentials of its own',
  );
}

function namesIn(env: Environment): string[] {
  try {
    const names: unknown = JSON.parse(env[VARIABLE] ?? '');
    return Array.isArray(names) ? names.filter((name) => typeof name === 'string') : [];
  } catch {
    return [];
  }
}
