import type { Context } from '../context.ts';
import type { Keys, StsSettings } from '../credentials/sts/client-options.ts';
import { requestHandler } from '../credentials/sts/http.ts';
import { networkReason } from '../credentials/sts/refusal.ts';
import type { RequestHandler } from '../credentials/sts/request-handler.ts';
import { AwsroleError } from '../errors.ts';
import { hasControlCharacter, printable } from '../profiles/printable.ts';
import { durationText } from '../terminal/durations.ts';
import { withWaitingNotice } from '../terminal/waiting-notice.ts';

/** What a sign-in is for. */
export interface SignIn {
  /** How AWS's sign-in endpoint is reached. */
  readonly settings: StsSettings & { readonly endpoint: string };
  readonly session: Keys;
  /** When the session ends, where that is known: epoch seconds. */
  readonly expires?: number | undefined;
  /** How long the console is open, in seconds; undefined: as long as the session lasts. */
  readonly duration?: number | undefined;
  /** The page to open. */
  readonly destination: string;
}

/** What AWS shows where a console session has ended. */
const ISSUER = 'awsrole';
/** Far more than a token has: that of a role has 1-2 KB. */
const LONGEST_TOKEN = 32_768;

/**
 * Exchanges a session for the URL that opens the console: it holds a token that is good for 15 minutes.
 * @throws AwsroleError that explains a refusal
 */
export async function signInUrl(context: Context, signIn: SignIn): Promise<string> {
  const url = federationUrl(signIn.settings.endpoint);
  const token = await signInToken(context, url, signIn);
  url.search = new URLSearchParams({
    Action: 'login',
    Issuer: ISSUER,
    Destination: signIn.destination,
    SigninToken: token,
  }).toString();
  return url.href;
}

function federationUrl(endpoint: string): URL {
  const url = new URL(endpoint);
  url.pathname = url.pathname.replace(/(\/federation)?\/*$/, '/federation');
  url.search = '';
  url.hash = '';
  return url;
}

/** Calls getSigninToken. */
async function signInToken(context: Context, url: URL, signIn: SignIn): Promise<string> {
  const { settings, session, duration } = signIn;
  const query = new URLSearchParams({
    Action: 'getSigninToken',
    ...(duration !== undefined && { SessionDuration: String(duration) }),
    Session: JSON.stringify({
      sessionId: session.accessKeyId,
      sessionKey: session.secretAccessKey,
      sessionToken: session.sessionToken,
    }),
  }).toString();
  context.debug(
    `getSigninToken with ${session.accessKeyId}${duration === undefined ? '' : ` for ${duration} s`} at ${url.origin}${url.pathname}`,
  );
  const handler = await requestHandler(() => url.href, settings);
  try {
    const { status, text } = await withWaitingNotice(
      context,
      `an answer from ${url.host}`,
      ask(context, handler, url, query),
    );
    if (status === 200) return tokenIn(text, url);
    throw refusal(status, text, url, signIn, context.now());
  } catch (error) {
    throw error instanceof AwsroleError ? error : noAnswer(error, url);
  } finally {
    handler.destroy();
  }
}

/** By POST, as a GET has the session in its URL; where something on the way takes no POST, by GET as AWS's examples do. */
async function ask(
  context: Context,
  handler: RequestHandler,
  url: URL,
  query: string,
): Promise<{ status: number; text: string }> {
  const type = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' };
  const answer = await handler.send(url, 'POST', type, query);
  if (!refusesPost(answer)) return answer;
  context.debug(`POST is refused there (HTTP ${answer.status}), so GET`);
  const whole = new URL(url);
  whole.search = query;
  return handler.send(whole, 'GET', { accept: 'application/json' });
}

/** True where the method was refused, and not the session: a second try with that would be refused as well. */
function refusesPost({ status, text }: { status: number; text: string }): boolean {
  if (status === 405 || status === 501) return true;
  return (status === 400 || status === 403) && /\bmethod\b/i.test(text.slice(0, 4096));
}

function tokenIn(text: string, url: URL): string {
  let token: unknown;
  try {
    token = Object(JSON.parse(text)).SigninToken;
  } catch {
    // It is no JSON.
  }
  const isToken = typeof token === 'string' && token !== '' && token.length <= LONGEST_TOKEN;
  if (isToken && !hasControlCharacter(token as string)) return token as string;
  throw notAws(url, 'HTTP 200, without a sign-in token');
}

function refusal(status: number, text: string, url: URL, signIn: SignIn, nowMs: number): AwsroleError {
  if (status >= 500 || status === 429) {
    const what = status === 429 ? 'is throttling: too many requests were sent' : `failed (HTTP ${status})`;
    return new AwsroleError('network', `AWS's sign-in at ${printable(url.host)} ${what}`, {
      hint: 'try again in a little while',
    });
  }
  if (status !== 400 && status !== 401 && status !== 403) return notAws(url, `HTTP ${status}`);
  const said = wordsOf(text, signIn);
  const answer = `AWS refuses to sign in with this session${said === undefined ? ` (HTTP ${status})` : `: ${said}`}`;
  return new AwsroleError('refused', answer, { hint: whyRefused(signIn, nowMs) });
}

/** AWS's own words, where they are a line of plain text, and repeat nothing of the session. */
function wordsOf(text: string, { session }: SignIn): string | undefined {
  const words = text.trim();
  const secrets = [session.secretAccessKey, session.sessionToken ?? ''].filter((secret) => secret !== '');
  const repeats = secrets.some((secret) =>
    [secret, encodeURIComponent(secret)].some((one) => words.includes(one)),
  );
  return /^[\w .,:;'"()-]{1,200}$/.test(words) && !repeats ? words : undefined;
}

/** AWS has one answer for all of these. */
function whyRefused({ expires, duration }: SignIn, nowMs: number): string {
  if (expires !== undefined && expires * 1000 <= nowMs) {
    return `the session ended ${durationText(nowMs / 1000 - expires)} ago; get a new one: --refresh`;
  }
  if (duration !== undefined) {
    return `${durationText(duration)} may be longer than the role allows (its maximum session duration in IAM): try a shorter --duration, or none`;
  }
  return 'it has ended or was revoked, or it is a session of a user (GetSessionToken) and not of a role: switch to a role, or get a new session with --refresh';
}

function notAws(url: URL, what: string): AwsroleError {
  return new AwsroleError('network', `${printable(url.host)} gave no usable answer (${what})`, {
    hint: "something other than AWS's sign-in may be answering there: check the proxy, and AWS_ENDPOINT_URL_SIGNIN",
  });
}

function noAnswer(error: unknown, url: URL): AwsroleError {
  const reason = networkReason(error) ?? `could not be reached: ${(error as Error).message}`;
  return new AwsroleError('network', `${printable(url.host)} ${printable(reason)}`, {
    hint: 'check the network, a proxy or VPN, and AWS_ENDPOINT_URL_SIGNIN where it is set',
    cause: error,
  });
}
