import { AwsroleError } from '../errors.ts';

const SIGNALS = ['SIGHUP', 'SIGINT', 'SIGTERM'] as const;

/** Lets the signals that end a program wait while work goes on that is not to be cut short. */
export class HeldSignals {
  #first: NodeJS.Signals | undefined;
  readonly #note = (signal: NodeJS.Signals): void => {
    this.#first ??= signal;
  };

  constructor() {
    for (const signal of SIGNALS) process.on(signal, this.#note);
  }

  /** @throws AwsroleError kind `interrupted` once a signal has come */
  readonly check = (): void => {
    if (this.#first !== undefined) throw new AwsroleError('interrupted', 'it was interrupted');
  };

  /** Lets go of the signals; one that has come ends the program now. */
  release(): void {
    for (const signal of SIGNALS) process.off(signal, this.#note);
    if (this.#first !== undefined) process.kill(process.pid, this.#first);
  }
}
