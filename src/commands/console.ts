import { checkPartition, hasConsole, signInEndpoint } from '../console/console-hosts.ts';
import { type Asked, checkAsked, destination } from '../console/destination.ts';
import { signInUrl } from '../console/sign-in.ts';
import { baseEnvironment, type Context, withEnvironment } from '../context.ts';
import { getCredentials } from '../credentials/get-credentials.ts';
import { type Plan, planSwitch, replan } from '../credentials/plan.ts';
import type { SessionOptions } from '../credentials/session-options.ts';
import { openSessions } from '../credentials/session-store.ts';
import { standingKeys } from '../credentials/sources/standing-keys.ts';
import type { Keys, StsSettings } from '../credentials/sts/client-options.ts';
import {
  checkSameCloud,
  environmentSettings,
  environmentStsSettings,
  partitionOf,
  serviceSettings,
} from '../credentials/sts/settings.ts';
import { AwsroleError } from '../errors.ts';
import { accountIdOf } from '../profiles/account-id.ts';
import { didYouMean } from '../profiles/closest-names.ts';
import { secondsOfDuration } from '../profiles/duration.ts';
import {
  defaultRegion,
  knownRegions,
  type Partition,
  partitionOfArn,
  partitionOfRegion,
} from '../profiles/partition.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { partitionOfChain, switchRegion } from '../profiles/region.ts';
import { openCache } from '../sessions/open-cache.ts';
import type { EndingKeys } from '../sessions/session.ts';
import { heldUntil } from '../sessions/session.ts';
import { loadSettings, type Settings } from '../settings.ts';
import { clockText } from '../terminal/durations.ts';
import { advised } from './advised.ts';
import { passGuard } from './guard.ts';
import { shellKeys } from './shell-keys.ts';
import { switchCommand } from './switch-command.ts';
import type { SwitchOptions } from './switch-options.ts';
import { usage } from './usage.ts';

/** What is asked for: a page, whose session, and how it is opened. */
export interface ConsoleOptions extends Asked {
  readonly region?: string | undefined;
  readonly print: boolean;
  /** As it was typed. */
  readonly duration?: string | undefined;
  readonly session: SwitchOptions;
}

/** Whose console is opened. */
interface Holder {
  /** What it is called in messages, and for the browser. */
  readonly name: string;
  readonly partition: Partition;
  /** Where --region does not say it; undefined where nothing does. */
  readonly region: string | undefined;
  readonly signIn: StsSettings;
  readonly session: Keys;
  readonly expires?: number | undefined;
  readonly duration?: number | undefined;
}

const SHORTEST = 900;
const LONGEST = 43_200;
/** Up to this long a role may be assumed from an MFA session, from which AWS takes no duration of the console. */
const LONGEST_FROM_SESSION = 3_600;

/**
 * `awsrole console [PROFILE]`: opens AWS's console with the session of a role; without a profile, that which the shell
 * holds.
 * @throws AwsroleError
 */
export async function openConsole(
  outer: Context,
  profile: string | undefined,
  options: ConsoleOptions,
): Promise<number> {
  checkAsked(options);
  if (options.service !== undefined && options.url !== undefined) {
    throw usage('--service and --url both name a page', 'leave one of them out');
  }
  if (options.region !== undefined && options.url !== undefined) {
    throw usage('--region goes with a page that awsrole builds: a URL has its own', 'leave one of them out');
  }
  const context = profile === undefined ? outer : withEnvironment(outer, baseEnvironment(outer.env));
  const own = await loadSettings(context);
  const holder =
    profile === undefined ? heldSession(context, options) : await sessionOf(context, profile, options, own);
  const region = regionFor(holder, options.region);
  const { url: page, warning } = destination(options, holder.partition, region);
  if (warning !== undefined) context.warn(warning);
  const { signIn, session, expires, duration, name } = holder;
  const url = await signInUrl(context, {
    settings: { ...signIn, endpoint: signIn.endpoint ?? signInEndpoint(holder.partition, region) },
    session,
    expires,
    duration,
    destination: page,
  });
  await show(context, own, { url, profile: name }, options.print);
  return 0;
}

/** The session in the environment. */
function heldSession(context: Context, options: ConsoleOptions): Holder {
  const { env } = context;
  const {
    duration,
    session: { refresh, overrides, codeSource },
  } = options;
  if (duration !== undefined) {
    throw usage(
      '--duration needs a profile: AWS accepts it only for a role that is newly assumed',
      'name the role: awsrole console PROFILE --duration 8h',
    );
  }
  if (refresh || overrides !== undefined || codeSource === 'stdin') {
    throw usage(
      'without a profile, console uses the session of this shell and gets no new one',
      'name the role: awsrole console PROFILE',
    );
  }
  const keys = shellKeys(context, 'switch first (awsrole PROFILE), or name a role: awsrole console PROFILE');
  const isOurs = keys.accessKeyId === env.AWSROLE_ACCESS_KEY_ID;
  const name = isOurs ? env.AWSROLE_PROFILE : undefined;
  if (keys.sessionToken === undefined)
    throw noRole(`this shell holds a user's own keys (${keys.accessKeyId})`);
  if (isOurs && env.AWSROLE_MFA_SERIAL) throw noRole('this shell holds the MFA session of a user');
  const expires = isOurs ? heldUntil(env) : undefined;
  if (expires !== undefined && expires * 1000 <= context.now()) {
    const again = name === undefined ? '' : `: ${switchCommand(name, ['--refresh'])}`;
    throw new AwsroleError(
      'sign-in',
      `the session of this shell ended at ${clockText(expires, context.now())}`,
      { hint: `get a new one${again}` },
    );
  }
  const sts = environmentStsSettings(env);
  const signIn = environmentSettings(env, 'signin');
  checkSameCloud('signin', signIn, sts);
  const region = env.AWS_REGION || env.AWS_DEFAULT_REGION || undefined;
  const partition =
    (isOurs && partitionOfArn(env.AWSROLE_ROLE_ARN ?? '')) || partitionOfRegion(region ?? '') || 'aws';
  checkPartition(partition);
  return { name: name ?? 'aws', partition, region, signIn, session: keys, expires };
}

/** The session of a profile, got as a switch gets it. */
async function sessionOf(
  context: Context,
  profile: string,
  options: ConsoleOptions,
  own: Settings,
): Promise<Holder> {
  const { overrides, yes } = options.session;
  const seconds = options.duration === undefined ? undefined : durationOf(options.duration);
  const asked = await advised(context, profile, false, () =>
    planSwitch(context, profile, overrides, { regions: options.region === undefined }),
  );
  const partition = partitionOfChain(asked.store, asked.chain) ?? partitionOf(asked.store, asked.chain);
  checkPartition(partition);
  checkRole(context, asked);
  const plan = seconds === undefined ? asked : planOfDuration(context, asked, seconds, options);
  const { store, chain, sts } = plan;
  const signIn = serviceSettings(context.env, store, chain.profile, 'signin', sts.region);
  // Before anybody is asked for a code: also whether the page can be opened at all.
  checkSameCloud('signin', signIn, sts);
  const region = switchRegion(store, chain, context.env).region?.value;
  destination(options, partition, regionFor({ partition, region }, options.region));
  const guarded = { plan, own, yes, verb: 'open the console' };
  const guard = await passGuard(context, guarded);
  const credentials = await getCredentials(context, plan, howToGet(context, plan, options, own, seconds));
  if (guard === undefined) {
    await passGuard(context, guarded, credentials.accountId ?? accountIdOf(store, chain, true));
  }
  checkSession(profile, credentials);
  return {
    name: chain.profile,
    partition,
    region,
    signIn,
    session: credentials,
    expires: 'expires' in credentials ? credentials.expires : undefined,
    duration: seconds,
  };
}

/** Refuses what is known to be no role before anybody is asked. */
function checkRole(context: Context, { chain, steps }: Plan): void {
  if (steps.length === 0 && isUsersOwn(context, chain.source)) throw noRole(usersOwn(chain.profile));
}

function checkSession(profile: string, credentials: EndingKeys | Keys): void {
  const isOfUser = 'mfaSerial' in credentials && credentials.mfaSerial !== undefined;
  if (credentials.sessionToken === undefined || isOfUser) throw noRole(usersOwn(profile));
}

function usersOwn(profile: string): string {
  return `${quoted(profile)} has the keys of a user`;
}

type Source = Plan['chain']['source'];

/** True for long-lived keys in a file, in the environment, or in a store of ours. */
function isUsersOwn(context: Context, source: Source): boolean {
  if (source.kind === 'credential-process') return source.stored !== undefined;
  const keys = standingKeys(context, source);
  return keys !== undefined && keys.sessionToken === undefined;
}

function noRole(what: string): AwsroleError {
  return new AwsroleError('usage', `${what}, and AWS opens its console only for the session of a role`, {
    hint: 'use a role: awsrole console PROFILE, with a profile that has a role_arn (awsrole list shows them)',
  });
}

/** AWS takes a duration only for a role that was assumed with a user's own keys. */
function planOfDuration(context: Context, plan: Plan, seconds: number, options: ConsoleOptions): Plan {
  const { chain, steps } = plan;
  const [, source] = chain.profiles;
  const why =
    steps.length === 0
      ? `${quoted(chain.profile)} is not a role that is assumed with keys`
      : steps.length > 1
        ? `${quoted(chain.profile)} is assumed from another role, ${quoted(source ?? '')}`
        : isUsersOwn(context, chain.source)
          ? undefined
          : `${quoted(chain.profile)} is assumed with the keys of a session`;
  if (why !== undefined) {
    throw usage(
      `--duration: ${why}, and AWS takes a duration only for a role that is assumed with a user's own keys`,
      'without --duration the console is open as long as the session lasts',
    );
  }
  return replan(context, plan, { ...options.session.overrides, duration: String(seconds) });
}

function durationOf(text: string): number {
  const seconds = secondsOfDuration(text);
  if (seconds !== undefined && seconds >= SHORTEST && seconds <= LONGEST) return seconds;
  throw usage(`--duration is ${quoted(text)}`, 'write a time of 15m to 12h, such as 8h');
}

/**
 * How the session is got. One of a duration has to come from the user's keys themselves: longer ones always do, and
 * are kept as what a switch with this duration would get; a shorter one might come from an MFA session, or have come
 * from one, so it is got for this once and not kept.
 */
function howToGet(
  context: Context,
  plan: Plan,
  { session }: ConsoleOptions,
  own: Settings,
  seconds: number | undefined,
): SessionOptions {
  if (seconds === undefined || seconds > LONGEST_FROM_SESSION || plan.mfa === undefined) {
    const folder = openCache(context);
    return { ...session, folder, own, sessions: openSessions(context, folder, own, session.codeSource) };
  }
  const sessions = openSessions(context, undefined, own, session.codeSource);
  return { ...session, folder: undefined, own: { ...own, awsCliCache: 'off' }, sessions };
}

/** The region of the page. @throws AwsroleError kind `usage` for one of another partition */
function regionFor(
  { partition, region }: Pick<Holder, 'partition' | 'region'>,
  asked: string | undefined,
): string {
  if (asked === undefined) {
    return region !== undefined && hasConsole(partition, region) ? region : defaultRegion(partition);
  }
  if (hasConsole(partition, asked)) return asked;
  const other = partitionOfRegion(asked);
  const why =
    other === undefined || other === partition
      ? `${quoted(asked)} is not a region`
      : `${quoted(asked)} is in partition ${other}, but the session is of ${partition}`;
  const like = `a region of ${partition} looks like ${defaultRegion(partition)}`;
  throw usage(`--region: ${why}`, didYouMean(asked, knownRegions(partition)) ?? like);
}

async function show(
  context: Context,
  { browser }: Settings,
  page: { readonly url: string; readonly profile: string },
  print: boolean,
): Promise<void> {
  const { stdout, stderr } = context;
  const say = (text: string): void => {
    stderr.write(`${text}\n`);
  };
  if (print) {
    stdout.write(`${page.url}\n`);
    return;
  }
  const { browserCommand, noDisplay, openByCommand, openInBrowser } = await import('../console/browser.ts');
  const opens = `AWS's console (${printable(page.profile)}) opens in your browser; if it does not, --print shows the URL`;
  if (browser !== undefined) {
    const words = browserCommand(browser, context.platform);
    if (words.some((word) => word.includes('{container}'))) say(CONTAINER_WARNING);
    say(opens);
    await openByCommand(words, page, context.env);
    return;
  }
  const why = noDisplay(context);
  if (why === undefined) {
    say(opens);
    await openInBrowser(page.url);
    return;
  }
  say(`${why}, so this is the URL to open, within 15 minutes; whoever has it has the console:`);
  stdout.write(`${page.url}\n`);
}

const CONTAINER_WARNING =
  'Firefox needs its extension for containers (Open external links in a container): without it, it searches the web for this URL, which lets in whoever has it';
