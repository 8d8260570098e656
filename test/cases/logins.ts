import { generateKeyPairSync } from 'node:crypto';

// What `aws login` has left in its cache, and what becomes of it: used, renewed, or of no use.

/** A token file of `~/.aws/login/cache`. */
export interface Token {
  readonly accessToken: Readonly<Record<string, string>>;
  readonly refreshToken?: string;
  readonly dpopKey: string;
  readonly clientId?: string;
  readonly idToken?: string;
}

export interface LoginCase {
  readonly name: string;
  readonly config: string;
  readonly profile: string;
  /** The token files by their names. */
  readonly tokens: Readonly<Record<string, Token>>;
  /** What sign-in is asked, and answers; it is not asked anything else. */
  readonly calls: readonly {
    readonly asks: Readonly<Record<string, string>>;
    /** What it gives, or the status with which it refuses. */
    readonly answer: Readonly<Record<string, unknown>> | number;
  }[];
  /** What the profile gives; undefined where the person has to sign in again. The end is only known where nothing was asked. */
  readonly credentials?: Readonly<Record<string, string>> | undefined;
  /** The token files as they are left, where they change. */
  readonly left?: Readonly<Record<string, Token>> | undefined;
}

const SESSION = 'arn:aws:sts::444455556666:assumed-role/Operator/ann';
/** The SHA-256 of SESSION. */
const FILE = '3d66c15ecbc660d26d1a69bb81787b022e857c870f307ddf753bcdd56e21069f.json';
const CONFIG = `[profile desk]\nlogin_session = ${SESSION}\n`;

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const FIRST = {
  accessKeyId: 'ASIADESK000000EXAMPLE',
  secretAccessKey: 'desk/notARealSecret/first',
  sessionToken: 'desk/notARealToken/first',
};
const NEXT = {
  accessKeyId: 'ASIADESK000001EXAMPLE',
  secretAccessKey: 'desk/notARealSecret/next',
  sessionToken: 'desk/notARealToken/next',
};

const LASTING: Token = {
  accessToken: { ...FIRST, accountId: '444455556666', expiresAt: '2998-07-06T05:04:03Z' },
  clientId: 'arn:aws:signin:::devtools/cross-device',
  refreshToken: 'renews-once',
  idToken: 'who.ann.is',
  dpopKey: privateKey.export({ type: 'sec1', format: 'pem' }).toString(),
};
const ENDED: Token = {
  ...LASTING,
  accessToken: { ...LASTING.accessToken, expiresAt: '2021-02-03T04:05:06Z' },
};

function without(token: Token, key: 'refreshToken' | 'clientId'): Token {
  const { [key]: _, ...rest } = token;
  return rest;
}

const ASKS = {
  clientId: 'arn:aws:signin:::devtools/cross-device',
  refreshToken: 'renews-once',
  grantType: 'refresh_token',
};

/** A token that has ended and is renewed. */
export const RENEWED: LoginCase = {
  name: 'a session that has ended is renewed, and the new tokens are kept',
  config: CONFIG,
  profile: 'desk',
  tokens: { [FILE]: ENDED },
  calls: [{ asks: ASKS, answer: { accessToken: NEXT, refreshToken: 'renews-again', expiresIn: 900 } }],
  credentials: NEXT,
  left: {
    [FILE]: {
      ...ENDED,
      accessToken: { ...NEXT, accountId: '444455556666', expiresAt: '' },
      refreshToken: 'renews-again',
    },
  },
};

const AGAIN = { config: CONFIG, profile: 'desk', calls: [], credentials: undefined };

export const LOGIN_CASES: readonly LoginCase[] = [
  {
    name: 'a session that lasts is used as it is, and nobody is asked',
    config: CONFIG,
    profile: 'desk',
    tokens: { [FILE]: LASTING },
    calls: [],
    credentials: { ...FIRST, expiresAt: '2998-07-06T05:04:03Z' },
  },
  RENEWED,
  { ...AGAIN, name: 'nobody has signed in', tokens: {} },
  {
    ...AGAIN,
    name: 'a session that has ended and cannot be renewed, without a refresh token',
    tokens: { [FILE]: without(ENDED, 'refreshToken') },
  },
  {
    ...AGAIN,
    name: 'a session that has ended and cannot be renewed, without a client',
    tokens: { [FILE]: without(ENDED, 'clientId') },
  },
  {
    ...AGAIN,
    name: 'a refresh token that sign-in no longer takes',
    tokens: { [FILE]: ENDED },
    calls: [{ asks: ASKS, answer: 400 }],
  },
];
