import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { planSwitch } from '../credentials/plan.ts';
import { sessionOptions } from '../credentials/session-options.ts';
import { AwsroleError } from '../errors.ts';
import { type LoadedProfiles, loadProfiles } from '../profiles/load-profiles.ts';
import { checkMfaSerial } from '../profiles/mfa-serial.ts';
import {
  defaultRegion,
  knownRegions,
  type Partition,
  parseRoleArn,
  partitionOfRegion,
} from '../profiles/partition.ts';
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
    const profile = await new Asked(context, files, options, questions).profile(name);
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

/** What a new profile is to say: what options say, and where they do not what a person answers. */
class Asked {
  readonly #context: Context;
  readonly #files: LoadedProfiles;
  readonly #options: NewOptions;
  readonly #questions: Questions | undefined;

  /** @param questions undefined where nobody can be asked */
  constructor(
    context: Context,
    files: LoadedProfiles,
    options: NewOptions,
    questions: Questions | undefined,
  ) {
    this.#context = context;
    this.#files = files;
    this.#options = options;
    this.#questions = questions;
  }

  /** @throws AwsroleError kind `usage` where nobody can be asked, or the answers end */
  async profile(named: string | undefined): Promise<NewProfile> {
    if (named !== undefined) this.#checkName(named);
    const role = await this.#role();
    const { partition } = parseRoleArn(role.roleArn);
    const all = candidates(this.#context, this.#files, partition);
    const name = named ?? (await this.#name(role));
    const source = await this.#source(all);
    const mfaSerial = await this.#device(source, role);
    const region = await this.#region(source, partition);
    return {
      name,
      settings: [
        ['role_arn', role.roleArn],
        ['source_profile', source.name],
        ...(mfaSerial ? ([['mfa_serial', mfaSerial]] as const) : []),
        ...(region ? ([['region', region]] as const) : []),
      ],
    };
  }

  /** Asks until the answer is good. @throws AwsroleError kind `usage` where nobody can be asked, or the answers end */
  async #until<T>(
    question: string,
    option: string,
    read: (answer: string) => T,
    words: readonly string[] = [],
  ): Promise<T> {
    if (this.#questions === undefined) throw lacking(option);
    for (;;) {
      const answer = await this.#questions.line(question, words);
      if (answer === undefined) throw new AwsroleError('interrupted', 'the input ended: nothing changed');
      try {
        return read(answer.trim());
      } catch (error) {
        if (!(error instanceof AwsroleError)) throw error;
        const { message, hint } = error;
        const more = hint === undefined ? '' : `  ${printableLines(hint)}\n`;
        this.#context.stderr.write(`${printableLines(message)}\n${more}`);
      }
    }
  }

  #role(): Promise<NamedRole> | NamedRole {
    if (this.#options.roleArn !== undefined) return namedRole(this.#options.roleArn);
    return this.#until("Role: its ARN, or the console's link for switching to it: ", '--role-arn', namedRole);
  }

  #checkName(name: string): string {
    if (COMMANDS.some((command) => command === name)) {
      throw usage(`${quoted(name)} is a command of awsrole`, 'choose another name');
    }
    checkNewName(name, this.#files);
    return name;
  }

  #name(role: NamedRole): Promise<string> {
    const proposed = this.#proposedName(role.name);
    const shown = proposed === undefined ? '' : ` [${printable(proposed)}]`;
    return this.#until(`Name of the profile${shown}: `, 'NAME', (answer) =>
      this.#checkName(answer || (proposed ?? '')),
    );
  }

  #proposedName(name: string): string | undefined {
    try {
      return this.#checkName(name);
    } catch {
      return undefined;
    }
  }

  #source(all: readonly Candidate[]): Promise<Candidate> | Candidate {
    if (this.#options.sourceProfile !== undefined)
      return candidate(all, this.#options.sourceProfile, this.#files);
    const names = all.map((one) => one.name);
    const [first = ''] = names;
    const users = all.filter(({ chain }) => chain.hops.length === 0).map((one) => one.name);
    const shown = users.length > 0 ? users : names;
    if (this.#questions !== undefined && shown.length > 1) {
      const more = shown.length > MOST_NAMED ? ', …' : '';
      this.#context.stderr.write(
        `profiles with credentials: ${shown.slice(0, MOST_NAMED).map(printable).join(', ')}${more}\n`,
      );
    }
    return this.#until(
      `Source profile, whose credentials assume the role [${printable(first)}]: `,
      '--source-profile',
      (answer) => candidate(all, answer || first, this.#files),
      names,
    );
  }

  async #device(source: Candidate, role: NamedRole): Promise<string | undefined> {
    const check = (serial: string, by: string): string =>
      checkMfaSerial(
        { serial: { value: serial, by }, profile: source.name, isOfUser: false },
        { value: role.roleArn, by: '--role-arn' },
      );
    if (this.#options.mfaSerial !== undefined) return check(this.#options.mfaSerial, '--mfa-serial');
    if (!takesCodes(source)) return undefined;
    const known = source.chain.mfa?.serial.value;
    if (this.#options.yes || this.#questions === undefined) return known;
    const told = known === undefined ? devicesOfRoles(this.#files, source) : [known];
    const devices = told.length > 0 ? told : await devicesOfSource(this.#context, this.#files, source);
    const [first] = devices;
    if (devices.length > 1)
      this.#context.stderr.write(`devices of the user: ${devices.map(printable).join(', ')}\n`);
    const question =
      first === undefined
        ? 'MFA device: its ARN, or Enter for none: '
        : `MFA device, or ${NONE} for none [${printable(first)}]: `;
    return this.#until(
      question,
      '--mfa-serial',
      (answer) => {
        const serial = answer || (first ?? NONE);
        return serial === NONE ? undefined : check(serial, 'this answer');
      },
      devices,
    );
  }

  async #region(source: Candidate, partition: Partition): Promise<string | undefined> {
    const check = (region: string): string => {
      const other = partitionOfRegion(region);
      if (other === partition) return region;
      throw usage(
        other === undefined
          ? `${quoted(region)} is not a region`
          : `${quoted(region)} is a region of ${other}, and the role is of ${partition}`,
        `a region of ${partition} looks like ${defaultRegion(partition)}`,
      );
    };
    if (this.#options.region !== undefined) return check(this.#options.region);
    const known = regionOf(this.#files.store, source.chain)?.value;
    const proposed = known !== undefined && partitionOfRegion(known) === partition ? known : undefined;
    if (this.#options.yes || this.#questions === undefined) return proposed;
    const first = proposed ?? defaultRegion(partition);
    return this.#until(
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
