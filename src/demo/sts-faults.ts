/** How a faulty answer looks; the action takes effect only with `reset-after`. */
const FAULT_ANSWERS = [
  /** 400 Throttling "Rate exceeded". */
  'throttle',
  /** 500 InternalFailure. */
  'internal-failure',
  /** 200 with a web page, as from a captive portal. */
  'garbage',
  /** The connection is reset before the action takes effect. */
  'reset-before',
  /** The action takes effect (an MFA code is used up), and the connection is reset instead of an answer. */
  'reset-after',
  /** 405 to a POST for the console's sign-in, as from a proxy that lets only GET pass. */
  'no-post',
] as const;

type FaultAnswer = (typeof FAULT_ANSWERS)[number];

/** A fault of the server, set by a test. */
export interface StsFault {
  /** Only requests for this action; otherwise all. */
  action?: string;
  /** Only this many requests; otherwise all until the faults are cleared. */
  count?: number;
  /** A delay before anything is checked. */
  delayMs?: number;
  /** Otherwise the request is only delayed. */
  answer?: FaultAnswer;
}

/** The faults that are set; each request meets the first that fits it. */
export class Faults {
  #faults: StsFault[] = [];

  add(fault: StsFault): void {
    this.#faults.push({ ...fault });
  }

  clear(): void {
    this.#faults = [];
  }

  list(): StsFault[] {
    return this.#faults.map((fault) => ({ ...fault }));
  }

  /** Returns the fault that a request for this action meets, and counts it. */
  take(action: string): StsFault | undefined {
    const index = this.#faults.findIndex((fault) => fault.action === undefined || fault.action === action);
    const fault = this.#faults[index];
    if (fault === undefined) return undefined;
    if (fault.count !== undefined) {
      fault.count -= 1;
      if (fault.count <= 0) this.#faults.splice(index, 1);
    }
    return fault;
  }
}

/** Reads a fault that came as JSON. Throws TypeError which says what is wrong. */
export function parseFault(value: unknown): StsFault {
  if (typeof value !== 'object' || value === null) throw new TypeError('a fault is an object');
  const fault: StsFault = {};
  for (const [name, held] of Object.entries(value)) {
    if (name === 'action' && typeof held === 'string') fault.action = held;
    else if (name === 'count' && Number.isInteger(held) && held > 0) fault.count = held;
    else if (name === 'delayMs' && typeof held === 'number' && held >= 0 && held <= 600_000)
      fault.delayMs = held;
    else if (name === 'answer' && FAULT_ANSWERS.includes(held)) fault.answer = held;
    else
      throw new TypeError(`a fault has no "${name}" of this value; answers are ${FAULT_ANSWERS.join(', ')}`);
  }
  return fault;
}
