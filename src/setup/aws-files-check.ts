import { dirname } from 'node:path';
import { makePlan } from '../credentials/plan.ts';
import { AwsroleError } from '../errors.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { placed } from '../profiles/place.ts';
import { printable } from '../profiles/printable.ts';
import type { Profile } from '../profiles/profile-store.ts';
import { unknownRegions } from '../profiles/region.ts';
import { resolveRoleChain } from '../profiles/role-chain.ts';
import type { Problem } from '../profiles/shared-config-file.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { type Check, type Examined, type Finding, note, ok, wrong } from './finding.ts';
import { look, modeText, othersMayRead, othersMayWrite } from './rights.ts';

const SECRETS = ['aws_secret_access_key', 'aws_session_token', 'aws_security_token'];
/** Without any of these a profile is only settings, such as a region. */
const IS_FOR_CREDENTIALS =
  /^(role_arn|source_profile|credential_source|credential_process|aws_access_key_id|aws_secret_access_key|login_session|web_identity_token_file|sso_.+)$/;

/** The AWS files: who may read and write them, every mistake in them, and every profile that cannot be used. */
export const awsFilesCheck: Check = {
  name: 'files',
  waitsFor: 'the AWS files',
  look: (examined) => {
    // Once more where that has failed, for its error.
    const files = examined.files ?? loadProfiles(examined.context);
    const { config, credentials } = files;
    const there = [config, credentials].flatMap((file) => (file === undefined ? [] : [file.path]));
    if (there.length === 0) {
      const { places } = files;
      const says = `there are no AWS files: neither ${printable(places.config)} nor ${printable(places.credentials)}`;
      return [note(says, 'for a first profile: awsrole new')];
    }
    const findings = [
      ...there.flatMap((path) => rightsOf(path, files)),
      ...[...new Set(there.map(dirname))].flatMap(rightsOfFolder),
      ...mistakesOf(examined, files),
    ];
    const { size } = files.store.profiles;
    if (size === 0)
      findings.push(note('there is no profile in the AWS files', 'for a first one: awsrole new'));
    if (findings.length > 0) return findings;
    const where = there.map(printable).join(' and ');
    return [ok(`${size === 1 ? 'the one profile' : `all ${size} profiles`} in ${where} can be used`)];
  },
};

function rightsOf(path: string, { store }: LoadedProfiles): Finding[] {
  const stat = look(path);
  if (stat === undefined || !stat.isFile()) return [];
  const fault = othersMayWrite(stat);
  if (fault !== undefined) {
    return [wrong(`${printable(path)} ${fault}`, `make it yours alone: chmod 600 ${shellWord(path)}`)];
  }
  const hasSecrets = [...store.profiles.values()].some(({ properties }) =>
    SECRETS.some((key) => properties.get(key)?.file === path),
  );
  if (!hasSecrets || !othersMayRead(stat)) return [];
  return [
    wrong(
      `other users can read the keys in ${printable(path)} (mode ${modeText(stat.mode)})`,
      `chmod 600 ${shellWord(path)}`,
    ),
  ];
}

function rightsOfFolder(folder: string): Finding[] {
  const stat = look(folder);
  const fault = stat && othersMayWrite(stat);
  // Everybody may write to /tmp, but not replace what is another's there.
  if (stat === undefined || fault === undefined || (stat.mode & 0o1000) !== 0) return [];
  return [wrong(`${printable(folder)} ${fault}`, `chmod go-w ${shellWord(folder)}`)];
}

function mistakesOf({ context }: Examined, files: LoadedProfiles): Finding[] {
  const { store } = files;
  const problems = store.problems.map(problemFinding);
  const said = new Set(problems.map(({ says }) => says));
  const unusable = [...store.profiles.values()].flatMap((profile) => {
    if (![...profile.properties.keys()].some((key) => IS_FOR_CREDENTIALS.test(key))) return [];
    return faultsOf(profile);
  });
  // A mistake of a source is one of every role behind it.
  return [...problems, ...unusable.filter(({ says }) => !said.has(says) && said.add(says))];

  function faultsOf({ name }: Profile): Finding[] {
    try {
      const chain = resolveRoleChain(store, name);
      makePlan(context, { files, store, chain });
      return unknownRegions(store, chain, context.env).map((warning) => note(warning));
    } catch (error) {
      if (!(error instanceof AwsroleError)) throw error;
      return [wrong(error.message, error.hint)];
    }
  }
}

function problemFinding(problem: Problem): Finding {
  const says = placed(problem, problem.message);
  return problem.severity === 'error' ? wrong(says, problem.hint) : note(says, problem.hint);
}
