import { externalDataInterceptor } from '@smithy/core/config';
import type { Context } from '../../context.ts';
import { printable } from '../../profiles/printable.ts';
import type { StsSettings } from '../sts/client-options.ts';
import { requestHandler } from '../sts/http.ts';

// The AWS SDK's providers read AWS's files and process.env, and would find other settings there than we did: they read
// the files differently, and see what an earlier switch has set. So they are given made-up files and variables with our
// answers in them.

/** Not on disk: the SDK is given this text when it opens the file. */
const CONFIG_FILE = '/awsrole/config';
const CREDENTIALS_FILE = '/awsrole/credentials';

/** The one profile of the made-up config file. */
export const PROFILE = 'awsrole';
/** Where the providers look for it. */
export const MADE_UP_FILES = { filepath: CREDENTIALS_FILE, configFilepath: CONFIG_FILE, profile: PROFILE };

/**
 * From here on the SDK sees `config` in place of AWS's files, and only these AWS variables. It stays so for the whole
 * process, which asks one source.
 */
export function isolateSdk(config: string, variables: Readonly<Record<string, string | undefined>>): void {
  externalDataInterceptor.interceptFile(CONFIG_FILE, config);
  externalDataInterceptor.interceptFile(CREDENTIALS_FILE, '');
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) delete process.env[name];
  }
  const ours = { AWS_CONFIG_FILE: CONFIG_FILE, AWS_SHARED_CREDENTIALS_FILE: CREDENTIALS_FILE };
  for (const [name, value] of Object.entries({ ...variables, ...ours })) {
    if (value) process.env[name] = value;
  }
  // Turns off the SDK's seven lines about old versions of Node, which the person cannot change here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}

/** Gives the SDK a token that it would otherwise look for in `~/.aws/sso/cache`. */
export function handToken(id: string, token: { accessToken: string; expiresAt: string }): void {
  externalDataInterceptor.interceptToken(id, token);
}

/** The errors of the calls inside a provider, which it rewords or keeps to itself. */
export interface Failures {
  readonly list: readonly unknown[];
  /** The client that made each call, such as `SSOOIDCClient`. */
  readonly calls: readonly string[];
  readonly logger: SdkLogger;
}

interface SdkLogger {
  trace(): void;
  debug(): void;
  info(): void;
  warn(text: unknown): void;
  error(entry: unknown): void;
}

/** Collects the SDK's errors, and shows its warnings. */
export function collectFailures({ warn }: Pick<Context, 'warn'>): Failures {
  const list: unknown[] = [];
  const calls: string[] = [];
  return {
    list,
    calls,
    logger: {
      trace: () => {},
      debug: () => {},
      info: () => {},
      warn: (text) => {
        // A warning that is an object tells what a request contained.
        if (typeof text === 'string') warn(printable(text));
      },
      error: (entry) => {
        if (typeof entry !== 'object' || entry === null || !('error' in entry)) return;
        list.push(entry.error);
        calls.push('clientName' in entry ? String(entry.clientName) : '');
      },
    },
  };
}

/**
 * Makes the settings of the SDK's clients for SSO and sign-in: they call AWS as our STS client does.
 * @param host AWS's own, by which a proxy is chosen
 */
export async function clientConfig(
  { endpoint, caBundle, maxAttempts, callSeconds, useFipsEndpoint, useDualstackEndpoint }: StsSettings,
  region: string,
  host: string,
  logger: SdkLogger,
) {
  return {
    region,
    logger,
    maxAttempts,
    useFipsEndpoint,
    useDualstackEndpoint,
    retryMode: 'standard',
    defaultsMode: 'legacy' as const,
    userAgentAppId: async () => undefined,
    requestHandler: await requestHandler(() => endpoint ?? `https://${host}`, { caBundle, callSeconds }),
  };
}
