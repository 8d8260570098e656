import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { planSwitch } from '../credentials/plan.ts';
import { sessionOptions } from '../credentials/session-options.ts';
import { AwsroleError } from '../errors.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { checkMfaSerial } from '../profiles/mfa-serial.ts';
import { defaultRegion, knownRegions, parseRoleArn, partitionOfRegion } from '../profiles/partition.ts';
import { printable, printableLines, quoted } from '../profiles/printable.ts';
import { regionOf } from '../profiles/role-chain.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { openCache } from '../sessions/open-cache.ts';
import { type NamedRole, namedRole } from '../setup/named-role.ts';
import {
  checkNewName,
  type NewProfile,
  profileLines,
  withProfile,
  writeProfile,
} from '../setup/new-profile.ts';
import { devicesOfRoles, devicesOfSource, takesCodes } from '../setup/proposed-device.ts';
import { type Candidate, candidate, candidates, noSource } from '../setup/source-choice.ts';
import { openQuestions, type Questions } from '../terminal/questions.ts';
import { COMMANDS } from './names.ts';
import { usage } from './usage.ts';

/** What options say. */
export interface NewOptions {
  readonly roleArn: string | undefined;
  readonly sourceProfile: string | undefined;
  readonly mfaSerial: string | undefined;
  readonly region: string | undefined;
  readonly yes: boolean;
  readonly noTry: boolean;
}

const NONE = '-';
const MOST_NAMED = 12;

/**
 * Writes the profile of a role: asks what options do not say, shows the lines, writes them, and tries the switch.
 * @throws AwsroleError
 */
export async function newProfile(
  outer: Context,
  name: string | undefined,
  options: NewOptions,
): Promise<number> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const files = loadProfiles(context);
  if (files.store.profiles.size === 0) throw noSource();
  const questions = openQuestions(context);
  try {
    const profile = await ask(context, files, name, options, questions);
    const file = files.places.config;
    // What could not be written is said before anybody says yes to it.
    withProfile(files.config === undefined ? '' : Buffer.from(files.config.bytes).toString(), file, profile);
    const { stderr } = context;
    const lines = profileLines(profile).map((line) => `  ${line}\n`);
    stderr.write(`these lines go into ${printable(file)}:\n\n${lines.join('')}\n`);
    if (!options.yes) {
      if (questions === undefined) throw lacking('--yes');
      if (!(await questions.confirm('Write them? [Y/n] ', 'yes'))) {
        stderr.write('nothing was written\n');
        return 0;
      }
    }
    writeProfile(file, profile);
    stderr.write(`profile ${quoted(profile.name)} is in ${printable(file)}\n`);
    const command = `awsrole ${shellWord(profile.name)}`;
    const isTried =
      !options.noTry &&
      (options.yes || questions === undefined || (await questions.confirm('Try it? [Y/n] ', 'yes')));
    questions?.close();
    if (isTried) await tryIt(context, profile.name, file, command);
    stderr.write(`now: ${command}\n`);
    return 0;
  } finally {
    questions?.close();
  }
}

function lacking(option: string): AwsroleError {
  return usage(
    `new needs ${option} where there is no terminal to ask on`,
    'in a script: awsrole new NAME --role-arn ARN --source-profile PROFILE --yes',
  );
}

async function ask(
  context: Context,
  files: LoadedProfiles,
  named: string | undefined,
  options: NewOptions,
  questions: Questions | undefined,
): Promise<NewProfile> {
  if (named !== undefined) checkName(named);
  const role = await roleOf();
  const { partition } = parseRoleArn(role.roleArn);
  const all = candidates(context, files, partition);
  const name = await nameOf(role);
  const source = await sourceOf();
  const mfaSerial = await deviceOf(source);
  const region = await regionFor(source);
  return {
    name,
    settings: [
      ['role_arn', role.roleArn],
      ['source_profile', source.name],
      ...(mfaSerial ? ([['mfa_serial', mfaSerial]] as const) : []),
      ...(region ? ([['region', region]] as const) : []),
    ],
  };

  /** Asks until the answer is good. @throws AwsroleError kind `usage` where nobody can be asked, or the answers end */
  async function until<T>(
    question: string,
    option: string,
    read: (answer: string) => T,
    words: readonly string[] = [],
  ): Promise<T> {
    if (questions === undefined) throw lacking(option);
    for (;;) {
      const answer = await questions.line(question, words);
      if (answer === undefined) throw new AwsroleError('interrupted', 'the input ended: nothing changed');
      try {
        return read(answer.trim());
      } catch (error) {
        if (!(error instanceof AwsroleError)) throw error;
        const { message, hint } = error;
        const more = hint === undefined ? '' : `  ${printableLines(hint)}\n`;
        context.stderr.write(`${printableLines(message)}\n${more}`);
      }
    }
  }

  function roleOf(): Promise<NamedRole> | NamedRole {
    if (options.roleArn !== undefined) return namedRole(options.roleArn);
    return until("Role: its ARN, or the console's link for switching to it: ", '--role-arn', namedRole);
  }

  function checkName(name: string): string {
    if (COMMANDS.some((command) => command === name)) {
      throw usage(`${quoted(name)} is a command of awsrole`, 'choose another name');
    }
    checkNewName(name, files);
    return name;
  }

  function nameOf(role: NamedRole): Promise<string> | string {
    if (named !== undefined) return named;
    const proposed = proposedName(role.name);
    const shown = proposed === undefined ? '' : ` [${printable(proposed)}]`;
    return until(`Name of the profile${shown}: `, 'NAME', (answer) => checkName(answer || (proposed ?? '')));
  }

  function proposedName(name: string): string | undefined {
    try {
      return checkName(name);
    } catch {
      return undefined;
    }
  }

  function sourceOf(): Promise<Candidate> | Candidate {
    if (options.sourceProfile !== undefined) return candidate(all, options.sourceProfile, files);
    const names = all.map((one) => one.name);
    const [first = ''] = names;
    const users = all.filter(({ chain }) => chain.hops.length === 0).map((one) => one.name);
    const shown = users.length > 0 ? users : names;
    if (questions !== undefined && shown.length > 1) {
      const more = shown.length > MOST_NAMED ? ', …' : '';
      context.stderr.write(
        `profiles with credentials: ${shown.slice(0, MOST_NAMED).map(printable).join(', ')}${more}\n`,
      );
    }
    return until(
      `Source profile, whose credentials assume the role [${printable(first)}]: `,
      '--source-profile',
      (answer) => candidate(all, answer || first, files),
      names,
    );
  }

  async function deviceOf(source: Candidate): Promise<string | undefined> {
    const check = (serial: string, by: string): string =>
      checkMfaSerial(
        { serial: { value: serial, by }, profile: source.name, isOfUser: false },
        { value: role.roleArn, by: '--role-arn' },
      );
    if (options.mfaSerial !== undefined) return check(options.mfaSerial, '--mfa-serial');
    if (!takesCodes(source)) return undefined;
    const known = source.chain.mfa?.serial.value;
    if (options.yes || questions === undefined) return known;
    const told = known === undefined ? devicesOfRoles(files, source) : [known];
    const devices = told.length > 0 ? told : await devicesOfSource(context, files, source);
    const [first] = devices;
    if (devices.length > 1)
      context.stderr.write(`devices of the user: ${devices.map(printable).join(', ')}\n`);
    const question =
      first === undefined
        ? 'MFA device: its ARN, or Enter for none: '
        : `MFA device, or ${NONE} for none [${printable(first)}]: `;
    return until(
      question,
      '--mfa-serial',
      (answer) => {
        const serial = answer || (first ?? NONE);
        return serial === NONE ? undefined : check(serial, 'this answer');
      },
      devices,
    );
  }

  async function regionFor(source: Candidate): Promise<string | undefined> {
    const check = (region: string): string => {
      const other = partitionOfRegion(region);
      if (other === partition) return region;
      throw usage(
        other === undefined
          ? `${quoted(region)} is no region`
          : `${quoted(region)} is a region of ${other}, and the role is of ${partition}`,
        `a region of ${partition} is ${defaultRegion(partition)}`,
      );
    };
    if (options.region !== undefined) return check(options.region);
    const known = regionOf(files.store, source.chain)?.value;
    const proposed = known !== undefined && partitionOfRegion(known) === partition ? known : undefined;
    if (options.yes || questions === undefined) return proposed;
    const first = proposed ?? defaultRegion(partition);
    return until(
      `Region [${printable(first)}]: `,
      '--region',
      (answer) => check(answer || first),
      knownRegions(partition),
    );
  }
}

/** Gets the session, and keeps it for the switch that comes. @throws AwsroleError which says that the profile stays */
async function tryIt(context: Context, name: string, file: string, command: string): Promise<void> {
  try {
    const plan = planSwitch(context, name);
    const folder = openCache(context);
    const how = await sessionOptions(context, { codeSource: 'terminal', refresh: false, folder });
    await getCredentials(context, plan, how);
  } catch (error) {
    if (!(error instanceof AwsroleError)) throw error;
    const stays = `the profile stays in ${printable(file)}; to try it again: ${command}`;
    throw new AwsroleError(error.kind, error.message, {
      hint: error.hint === undefined ? stays : `${error.hint}\n  ${stays}`,
      cause: error,
    });
  }
  context.stderr.write(`it works: AWS gives a session of ${quoted(name)}\n`);
}
