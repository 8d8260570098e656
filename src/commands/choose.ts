import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { AwsroleError, EXIT_STATUS } from '../errors.ts';
import { bestEffort } from '../files/private-file.ts';
import { accountOfArn } from '../profiles/account-id.ts';
import { locateFiles } from '../profiles/file-location.ts';
import { loadProfiles } from '../profiles/load-profiles.ts';
import { hasControlCharacter, quoted } from '../profiles/printable.ts';
import { isRole } from '../profiles/profile-overrides.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { openCache } from '../sessions/open-cache.ts';
import { keptSessions } from '../sessions/session-cache.ts';
import { keepUses, readIndexFile, usesOf } from '../sessions/session-file.ts';
import { type IndexEntry, shownEntries } from '../sessions/session-lines.ts';
import { keyOf } from '../sessions/shell-key.ts';
import { promptName } from '../sessions/shell-variables.ts';
import { stateName } from '../sessions/stamps.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { pick, type Question } from '../terminal/picker.ts';
import type { Choice } from '../terminal/ranking.ts';
import { openScreen } from '../terminal/terminal.ts';
import { profileOfFolder } from './folder.ts';
import { indexEntries } from './index-entries.ts';
import { keepEntries } from './index-lines.ts';
import { COMMANDS } from './names.ts';
import { heldLine, status } from './status.ts';

/** A class, as ten thousand are made before the first is shown, and of most nobody asks for the role. */
class Profile implements Choice {
  readonly name: string;
  readonly description: string;
  readonly used: number | undefined;
  readonly held: boolean;
  readonly #accounts: ReadonlyMap<string, string> | undefined;

  constructor(
    { profile, description }: Pick<IndexEntry, 'profile' | 'description'>,
    used: number | undefined,
    held: boolean,
    accounts: ReadonlyMap<string, string> | undefined,
  ) {
    this.name = profile;
    this.description = description;
    this.used = used;
    this.held = held;
    this.#accounts = accounts;
  }

  /** The role, and what the user calls its account. */
  get about(): string {
    const account = this.#accounts?.get(accountOfArn(this.description) ?? '');
    return `${promptName(this.description)}${account === undefined ? '' : ` (${account})`}`;
  }
}

/** How well a profile has to fit what was typed in place of a name; what fits less is shown only to those who search. */
const LEAST_FIT = 0.3;

/** `impossible` where nobody can be asked, or there is nothing to choose. */
type Answer = Choice | 'nothing' | 'impossible';

/**
 * `choice-line`, which the function of an interactive shell calls for `awsrole` alone: lets a person choose, and prints the
 * line that says what. Where nobody can choose, it shows what the shell holds. `choice-line exec` is the launcher's, and
 * `choice-line .` is what the file of a folder has chosen.
 */
export async function choiceLine(context: Context, use: string | undefined): Promise<number> {
  // For a shell, or for the launcher, whose command is to have the role.
  if (use === '.') return say(context, { name: profileOfFolder(context), about: '' });
  const isForExec = use === 'exec';
  const header = isForExec ? 'exec: which role should the command have?' : heldLine(context);
  let answer: Answer;
  try {
    answer = context.env.TERM === 'dumb' ? 'impossible' : await choose(context, header, isForExec);
  } catch (error) {
    // What the shell holds does not hang on what is wrong with the files.
    if (!isForExec) await status(context);
    throw error;
  }
  if (answer === 'impossible') {
    if (!isForExec) return status(context);
    throw new AwsroleError('usage', 'exec needs a profile', {
      hint: 'such as: awsrole exec role101 -- aws s3 ls',
    });
  }
  return say(context, answer, !isForExec);
}

/**
 * Has somebody choose among the profiles that fit a name which is none's, and prints the choice as {@link choiceLine} does.
 * Undefined where none fits, or nobody can be asked.
 */
export async function chooseInPlaceOf(context: Context, name: string): Promise<number | undefined> {
  if (!context.mayChoose) return undefined;
  if (isRole(name) || hasControlCharacter(name)) return undefined;
  const settings = await loadSettings(context);
  const choices = await choicesOf(context, settings);
  if (choices.some((choice) => choice.name === name)) return undefined;
  const { ranking } = await import('../terminal/ranking.ts');
  if (ranking(choices)(name).score < LEAST_FIT) return undefined;
  const header = `there is no profile ${quoted(name)}; which one is it?`;
  const answer = await ask(context, { header, query: name, choices }, settings);
  return answer === 'impossible' ? undefined : say(context, answer);
}

/**
 * Has somebody choose the profile of a command that was given none.
 */
export function chooseFor(context: Context, header: string): Promise<Answer> {
  return context.mayChoose ? choose(context, header, false) : Promise.resolve('impossible');
}

/** Has somebody choose of which profile the kept sessions are to be removed: one, or all. */
export async function chooseKept(
  context: Context,
): Promise<{ readonly profile: string | undefined } | 'nothing' | 'impossible'> {
  const folder = cacheFolder(context);
  if (!context.mayChoose || folder === undefined) return 'impossible';
  const names = new Set(keptSessions(folder, context.now()).map(({ profile }) => profile));
  if (names.size === 0) return 'impossible';
  const all = { name: 'all of them', about: '' };
  const choices = [all, ...[...names].sort().map((name) => ({ name, about: 'kept session' }))];
  const header = 'clear: which kept sessions should be removed?';
  const answer = await ask(context, { header, query: '', choices }, await loadSettings(context));
  if (answer === 'nothing' || answer === 'impossible') return answer;
  return { profile: answer === all ? undefined : answer.name };
}

/** @param asWords whether it is typed behind `awsrole`, where some names need a `--` before them */
function say({ stdout }: Context, answer: Exclude<Answer, 'impossible'>, asWords = true): number {
  if (answer === 'nothing') return EXIT_STATUS.interrupted;
  const { name } = answer;
  const isMistakable = asWords && (name.startsWith('-') || COMMANDS.some((command) => command === name));
  stdout.write(`awsrole-choice ${isMistakable ? '-- ' : ''}${name}\n`);
  return 0;
}

async function choose(context: Context, header: string, isForExec: boolean): Promise<Answer> {
  const settings = await loadSettings(context);
  const all = await choicesOf(context, settings);
  // Before `--` the launcher would take it for an option.
  const choices = isForExec ? all.filter(({ name }) => !name.startsWith('-')) : all;
  return choices.length === 0 ? 'impossible' : ask(context, { header, query: '', choices }, settings);
}

async function ask(
  context: Context,
  question: Question,
  { picker }: Pick<Settings, 'picker'>,
): Promise<Answer> {
  const screen = openScreen(context);
  if (screen === undefined) return 'impossible';
  try {
    const fzf = picker === 'fzf' ? await import('./fzf.ts') : undefined;
    const program = fzf?.findFzf(context);
    const choice =
      fzf && program
        ? await fzf.pickWithFzf(context, program, question)
        : await pick(context, screen, question);
    return choice ?? 'nothing';
  } finally {
    screen.close();
  }
}

/** All profiles that can be shown, lately and often used ones first, then the roles. */
async function choicesOf(
  outer: Context,
  { accountNames }: Pick<Settings, 'accountNames'>,
): Promise<Choice[]> {
  const context = withEnvironment(outer, baseEnvironment(outer.env));
  const folder = openCache(context);
  const uses = folder === undefined ? new Map<string, number>() : usesOf(folder);
  // The wrappers write only into what is there.
  if (folder !== undefined) bestEffort(context.debug, 'no list of uses', () => keepUses(folder));
  const held = outer.env.AWSROLE_PROFILE;
  const choices = (await entriesOf(context, folder)).map(
    (entry) => new Profile(entry, uses.get(entry.profile), entry.profile === held, accountNames),
  );
  const used = choices.filter(({ used }) => used !== undefined);
  used.sort((a, b) => (b.used ?? 0) - (a.used ?? 0));
  return [...used, ...choices.filter(({ used }) => used === undefined)];
}

/** From the index that the shells read at a Tab while it fits the files, else from the files. */
async function entriesOf(context: Context, folder: string | undefined) {
  const { config, credentials } = locateFiles(context.env, context.platform);
  const states = [stateName(config), stateName(credentials)];
  const kept = folder === undefined ? undefined : readIndexFile(folder, states);
  if (kept !== undefined) return kept;
  const loaded = loadProfiles(context);
  const entries = indexEntries(loaded.store);
  // Beside the choosing, for the next time and for completion.
  void keepEntries(context, loaded, entries, keyOf(context));
  return shownEntries(entries).flat();
}
