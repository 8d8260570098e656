import { randomBytes } from 'node:crypto';
import { headerValue, type WireRequest } from './sigv4.ts';
import type { StsFault } from './sts-faults.ts';
import type { RequestLog } from './sts-log.ts';
import { accountOf, type Identity, identityArn, partitionOf, type StsState } from './sts-state.ts';

/** The path of AWS's sign-in for the console, behind the sandbox's secret one. */
const SIGN_IN_PATH = '/federation';

const TOKEN_MS = 15 * 60_000;
/** AWS's own words for whatever is wrong about a session. */
const INVALID = 'Invalid credentials parameter';
const CONSOLES: Readonly<Record<string, string>> = {
  aws: 'console.aws.amazon.com',
  'aws-us-gov': 'console.amazonaws-us-gov.com',
  'aws-cn': 'console.amazonaws.cn',
  'aws-eusc': 'console.amazonaws-eusc.eu',
};

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** A refusal, worded as AWS's sign-in does: plain text. */
class SignInError extends Error {
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** What a token stands for. */
interface Issued {
  readonly identity: Identity;
  /** Epoch milliseconds. */
  readonly until: number;
  readonly consoleEnds: number;
}

/** True for a target, without the secret path, that is the sign-in's. */
export function isSignIn(target: string): boolean {
  return new RegExp(`^${SIGN_IN_PATH}(\\?|$)`).test(target);
}

/** AWS's sign-in for the console: tokens for sessions, and the page that a token leads to. */
export class SignIn {
  readonly #state: StsState;
  readonly #log: RequestLog;
  readonly #tokens = new Map<string, Issued>();

  constructor(state: StsState, log: RequestLog) {
    this.#state = state;
    this.#log = log;
  }

  clear(): void {
    this.#tokens.clear();
  }

  /** Answers a request whose target is without the secret path. */
  answer(request: WireRequest, takeFault: (action: string) => StsFault | undefined): Answer {
    const parameters = parametersOf(request);
    const action = parameters.get('Action') ?? '';
    const fault = takeFault(action);
    const answer = this.#answer(request.method, action, parameters, fault);
    const duration = parameters.get('SessionDuration');
    this.#log.add({
      action: action.slice(0, 128),
      answer: answer.status === 200 ? 'OK' : answer.body.trim(),
      status: answer.status,
      time: this.#state.now(),
      method: request.method,
      ...(duration !== null && { durationSeconds: duration }),
      hungUp: false,
      serialNumber: false,
      tokenCode: false,
    });
    return answer;
  }

  #answer(method: string, action: string, parameters: URLSearchParams, fault: StsFault | undefined): Answer {
    try {
      if (!['GET', 'POST'].includes(method)) throw new SignInError('Method Not Allowed', 405);
      if (fault?.answer === 'no-post' && method === 'POST') throw new SignInError('Method Not Allowed', 405);
      if (fault?.answer === 'internal-failure') throw new SignInError('Internal Server Error', 500);
      if (fault?.answer === 'garbage') return html(200, '<h1>Welcome to our WLAN</h1>');
      if (action === 'getSigninToken') return this.#token(parameters);
      if (action === 'login' && method === 'GET') return this.#login(parameters);
      throw new SignInError('Invalid action');
    } catch (error) {
      if (!(error instanceof SignInError)) throw error;
      return { status: error.status, type: 'text/plain', body: `${error.message}\n` };
    }
  }

  #token(parameters: URLSearchParams): Answer {
    const session = jsonOf(parameters.get('Session') ?? '');
    const known = this.#state.credentials(String(session.sessionId));
    const now = this.#state.now();
    if (
      known?.sessionToken === undefined ||
      known.expires === undefined ||
      known.secretAccessKey !== session.sessionKey ||
      known.sessionToken !== session.sessionToken ||
      known.expires <= now
    ) {
      throw new SignInError(INVALID);
    }
    // A user's session opens no console.
    if (known.identity.kind !== 'role') throw new SignInError(INVALID);
    const asked = parameters.get('SessionDuration');
    const isLength =
      asked === null || (/^\d{3,5}$/.test(asked) && Number(asked) >= 900 && Number(asked) <= 43_200);
    if (!isLength || (asked !== null && known.identity.chained)) throw new SignInError(INVALID);
    // AWS's are longer, and would fill the demo's screen.
    const SigninToken = randomBytes(48).toString('base64url');
    this.#tokens.set(SigninToken, {
      identity: known.identity,
      until: now + TOKEN_MS,
      consoleEnds: asked === null ? known.expires : now + Number(asked) * 1000,
    });
    return { status: 200, type: 'application/json', body: JSON.stringify({ SigninToken }) };
  }

  #login(parameters: URLSearchParams): Answer {
    const issued = this.#tokens.get(parameters.get('SigninToken') ?? '');
    const now = this.#state.now();
    if (issued === undefined || issued.until <= now) {
      throw new SignInError('The sign-in token is not valid, or older than 15 minutes');
    }
    const { identity, consoleEnds } = issued;
    if ((parameters.get('Issuer') ?? '').length > 2048) throw new SignInError('Invalid Issuer');
    const destination = parameters.get('Destination') ?? '';
    if (!isConsole(destination, partitionOf(identity))) throw new SignInError('Invalid Destination');
    const minutes = Math.round((consoleEnds - now) / 60_000);
    return html(
      200,
      [
        '<h1>AWS console (sandbox)</h1>',
        '<dl>',
        ...[
          ['Signed in as', identityArn(identity)],
          ['Account', accountOf(identity)],
          ['Would open', destination],
          ['Until', `${minutes} minutes from now`],
        ].map(([term = '', text = '']) => `<dt>${term}</dt><dd>${escaped(text)}</dd>`),
        '</dl>',
      ].join('\n'),
    );
  }
}

/** Of a POST those in the body, with those in the target. */
function parametersOf({ target, method, body, ...request }: WireRequest): URLSearchParams {
  const at = target.indexOf('?');
  const parameters = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  const type = headerValue({ target, method, body, ...request }, 'content-type') ?? '';
  if (method === 'POST' && type.startsWith('application/x-www-form-urlencoded')) {
    for (const [name, value] of new URLSearchParams(body.toString('utf8'))) parameters.append(name, value);
  }
  return parameters;
}

function jsonOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // It is no JSON.
  }
  throw new SignInError(INVALID);
}

function isConsole(destination: string, partition: string): boolean {
  const url = URL.canParse(destination) ? new URL(destination) : undefined;
  const console = CONSOLES[partition];
  if (url?.protocol !== 'https:' || console === undefined) return false;
  return url.host === console || url.host.endsWith(`.${console}`);
}

function html(status: number, body: string): Answer {
  return {
    status,
    type: 'text/html; charset=utf-8',
    body: `<!DOCTYPE html>\n<html lang="en"><head><title>AWS console (sandbox)</title></head><body>\n${body}\n</body></html>\n`,
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
