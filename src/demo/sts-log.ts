/** What one request asked for and got; nothing secret. */
export interface StsRequestFacts {
  readonly action: string;
  /** `OK`, the `Code` of a refusal, or the fault that ended it (`garbage`, `reset-before`, `reset-after`). */
  readonly answer: string;
  /** HTTP status; 0 when the connection was reset. */
  readonly status: number;
  /** The server's clock, epoch milliseconds. */
  readonly time: number;
  /** As the request claims it. */
  readonly accessKeyId?: string;
  /** Of the credential scope. */
  readonly region?: string;
  readonly userAgent?: string;
  readonly roleArn?: string;
  readonly roleSessionName?: string;
  /** As it was sent. */
  readonly durationSeconds?: string;
  readonly externalId?: string;
  readonly sourceIdentity?: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly transitiveTagKeys?: readonly string[];
  readonly policy?: string;
  readonly policyArns?: readonly string[];
  /** True when whoever sent it had hung up before it took effect: a killed process, or one that did not wait longer. */
  readonly hungUp: boolean;
  /** Whether there was one. */
  readonly serialNumber: boolean;
  readonly tokenCode: boolean;
  /** Names of parameters that the action does not know. */
  readonly unknownParameters?: readonly string[];
}

function countBy(map: Map<string, number>, key: string): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

/** Counts requests and keeps the last of them, for tests and the demo to show. */
export class RequestLog {
  readonly #limit: number;
  readonly #actions = new Map<string, number>();
  readonly #answers = new Map<string, number>();
  #requests: StsRequestFacts[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(facts: StsRequestFacts): void {
    countBy(this.#actions, facts.action);
    countBy(this.#answers, facts.answer);
    this.#requests.push(facts);
    if (this.#requests.length > this.#limit) this.#requests.shift();
  }

  /** Counts requests by action, faulty ones included. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#actions);
  }

  /** Counts requests by `answer`. */
  answers(): Record<string, number> {
    return Object.fromEntries(this.#answers);
  }

  requests(): StsRequestFacts[] {
    return [...this.#requests];
  }

  clear(): void {
    this.#actions.clear();
    this.#answers.clear();
    this.#requests = [];
  }
}
