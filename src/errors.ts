/** The kinds of errors; each has its exit status in {@link EXIT_STATUS}. */
export type ErrorKind =
  | 'unexpected'
  | 'usage'
  | 'configuration'
  | 'mfa'
  | 'sign-in'
  | 'keys'
  | 'refused'
  | 'network'
  | 'guarded'
  | 'interrupted';

/** The exit statuses that `awsrole --help` documents. */
export const EXIT_STATUS: Readonly<Record<ErrorKind, number>> = {
  unexpected: 1,
  usage: 2,
  configuration: 3,
  mfa: 4,
  'sign-in': 4,
  refused: 5,
  network: 6,
  keys: 7,
  guarded: 8,
  interrupted: 130,
};

/** An error meant for a person: what happened and why (`message`), and what to do next (`hint`). */
export class AwsroleError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(
    kind: ErrorKind,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AwsroleError';
    this.kind = kind;
    this.hint = options.hint;
  }

  /** Compares by name, because every bundle in dist/ has a copy of this class (see build.mjs). */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'AwsroleError';
  }

  get exitStatus(): number {
    return EXIT_STATUS[this.kind];
  }
}
