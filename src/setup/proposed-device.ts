import type { Context } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { listDevices } from '../credentials/mfa/list-devices.ts';
import { makePlan } from '../credentials/plan.ts';
import { sessionOptions } from '../credentials/session-options.ts';
import { AwsroleError } from '../errors.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { isCodeDevice } from '../profiles/mfa-serial.ts';
import { openCache } from '../sessions/open-cache.ts';
import type { Candidate } from './source-choice.ts';

/** True where AWS takes an MFA code with the credentials of a source: they are a user's, and no session. */
export function takesCodes({ chain: { hops, source } }: Candidate): boolean {
  if (hops.length > 0) return false;
  return (
    source.kind === 'credential-process' || (source.kind === 'keys' && source.sessionToken === undefined)
  );
}

/** The devices that other roles of the same source name. */
export function devicesOfRoles({ store }: LoadedProfiles, { name }: Candidate): string[] {
  const roles = [...store.profiles.values()].filter(
    ({ properties }) => properties.get('source_profile')?.value === name,
  );
  const serials = roles.map(({ properties }) => properties.get('mfa_serial')?.value ?? '');
  return [...new Set(serials)].filter((serial) => serial !== '' && isCodeDevice(serial));
}

/** The devices that give codes of the user whose keys a source has; none where the user may not list them. */
export async function devicesOfSource(
  context: Context,
  files: LoadedProfiles,
  { name, chain }: Candidate,
): Promise<string[]> {
  const { source } = chain;
  // What another program does, and asks, is not for a proposal.
  if (source.kind !== 'keys' && !(source.kind === 'credential-process' && source.stored)) return [];
  const { store } = files;
  try {
    const { mfa, ...plan } = makePlan(context, { files, store, chain });
    const folder = openCache(context);
    const options = await sessionOptions(context, { codeSource: 'none', refresh: false, folder });
    const keys = await getCredentials(context, plan, options);
    if (!('secretAccessKey' in keys)) return [];
    const devices = await listDevices(context, { sts: plan.sts, store, profile: name }, keys);
    return (devices ?? []).filter(isCodeDevice);
  } catch (error) {
    if (!(error instanceof AwsroleError) || error.kind === 'interrupted') throw error;
    context.debug(`no MFA device is proposed: ${error.message}`);
    return [];
  }
}
