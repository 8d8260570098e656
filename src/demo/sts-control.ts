import { headerValue, type WireRequest } from './sigv4.ts';
import { type Faults, parseFault } from './sts-faults.ts';
import type { RequestLog } from './sts-log.ts';
import type { StsState } from './sts-state.ts';

/** The path under which tests in other processes control the sandbox: behind its secret one. */
export const CONTROL_PATH = '/_sandbox/';

/** The parts of a sandbox that tests can control. */
export interface Controlled {
  readonly state: StsState;
  readonly faults: Faults;
  readonly log: RequestLog;
  reset(): void;
}

interface JsonAnswer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

function json(status: number, value: unknown): JsonAnswer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

/**
 * True for a request from a browser. No web page may reach this: not across origins, nor by a name that points to
 * 127.0.0.1.
 */
function fromBrowser(request: WireRequest): boolean {
  const host = headerValue(request, 'host') ?? '';
  if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)) return true;
  return ['origin', 'referer', 'sec-fetch-site', 'sec-fetch-mode'].some(
    (name) => headerValue(request, name) !== undefined,
  );
}

function readJson(request: WireRequest): unknown {
  const text = request.body.toString('utf8');
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError('the body is no JSON');
  }
}

function setFaults({ faults }: Controlled, value: unknown): void {
  if (!Array.isArray(value)) {
    faults.add(parseFault(value));
    return;
  }
  const parsed = value.map(parseFault);
  faults.clear();
  for (const fault of parsed) faults.add(fault);
}

function setClock({ state }: Controlled, value: unknown): void {
  const { advanceMs, offsetMs } = value as { advanceMs?: unknown; offsetMs?: unknown };
  const milliseconds =
    typeof advanceMs === 'number'
      ? state.clockOffset + advanceMs
      : typeof offsetMs === 'number'
        ? offsetMs
        : NaN;
  if (!Number.isFinite(milliseconds)) throw new TypeError('"advanceMs" or "offsetMs" must be a number');
  state.setClockOffset(milliseconds);
}

function stateOf({ state, faults, log }: Controlled): unknown {
  return {
    now: state.now(),
    clockOffsetMs: state.clockOffset,
    counts: log.counts(),
    answers: log.answers(),
    faults: faults.list(),
    requests: log.requests(),
  };
}

/**
 * Answers a control request, whose target is without the secret path, with JSON:
 * `GET state`; `POST faults` (an object adds one, an array replaces all); `POST clock` `{"advanceMs"}` or
 * `{"offsetMs"}`; `GET code?serial=...[&next=1]`; `POST expire-sessions`; `POST reset`. Browsers are refused.
 */
export function answerControl(sandbox: Controlled, request: WireRequest): JsonAnswer {
  if (fromBrowser(request)) return json(403, { error: 'not for browsers' });
  const url = new URL(request.target, 'http://127.0.0.1');
  try {
    switch (`${request.method} ${url.pathname.slice(CONTROL_PATH.length)}`) {
      case 'GET state':
        break;
      case 'GET code': {
        const serial = url.searchParams.get('serial') ?? '';
        const code = sandbox.state.mfaCode(serial, { next: url.searchParams.get('next') === '1' });
        return code === undefined ? json(404, { error: 'no MFA device has this serial' }) : json(200, code);
      }
      case 'POST faults':
        setFaults(sandbox, readJson(request));
        break;
      case 'POST clock':
        setClock(sandbox, readJson(request) ?? {});
        break;
      case 'POST expire-sessions':
        sandbox.state.expireAllSessions();
        break;
      case 'POST reset':
        sandbox.reset();
        break;
      default:
        return json(404, { error: 'no such control' });
    }
  } catch (error) {
    if (error instanceof TypeError) return json(400, { error: error.message });
    throw error;
  }
  return json(200, stateOf(sandbox));
}
