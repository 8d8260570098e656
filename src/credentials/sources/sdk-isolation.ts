import { externalDataInterceptor } from '@smithy/core/config';
import type { Context } from '../../context.ts';
import { printable } from '../../profiles/printable.ts';
import type { StsSettings } from '../sts/client.ts';
import { requestHandler } from '../sts/http.ts';

// The AWS SDK's providers look into AWS's files and into process.env, and would find other settings than ours there:
// another reading of the files, and what an earlier switch has set. Here they are given a world with our answers in it.

/** Never on disk: the SDK is handed its text when it wants to open it. */
const CONFIG_FILE = '/awsrole/config';
const CREDENTIALS_FILE = '/awsrole/credentials';

/** The one profile of the made-up config file. */
export const PROFILE = 'awsrole';
/** Where the providers are to look for it. */
export const MADE_UP_FILES = { filepath: CREDENTIALS_FILE, configFilepath: CONFIG_FILE, profile: PROFILE };

/**
 * From here on the SDK sees `config` in place of AWS's files, and of the AWS variables `variables` alone.
 * For this process: it asks one source.
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
  // The SDK's seven lines about the Node of a person who cannot act on them.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
}

/** Gives the SDK a token that it would else look for in `~/.aws/sso/cache`. */
export function handToken(id: string, token: { accessToken: string; expiresAt: string }): void {
  externalDataInterceptor.interceptToken(id, token);
}

/** The errors of the calls that a provider made inside, which it words anew or keeps to itself. */
export interface Failures {
  readonly list: readonly unknown[];
  /** Of each, the client that made the call, such as `SSOOIDCClient`. */
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

/** Collects what goes wrong, and shows what the SDK warns of. */
export function collectFailures({ stderr }: Pick<Context, 'stderr'>): Failures {
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
        // A warning with an object says what a request held.
        if (typeof text === 'string') stderr.write(`awsrole: warning: ${printable(text)}\n`);
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
 * How the SDK's clients of SSO and sign-in call AWS: as that of STS does.
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
