import type { RequestHandler } from './request-handler.ts';

/** Long-lived keys, or a session's. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** As in `Session`. */
  readonly accountId?: string;
}

/** How STS is reached. */
export interface StsSettings {
  readonly region: string;
  /** A configured endpoint; undefined for AWS's own endpoint in the region. */
  readonly endpoint: string | undefined;
  readonly useFipsEndpoint: boolean;
  readonly useDualstackEndpoint: boolean;
  /**
   * Whether to call the old global STS of partition aws where it serves the region (`sts_regional_endpoints = legacy`).
   */
  readonly useGlobalEndpoint: boolean;
  readonly maxAttempts: number;
  /** Seconds that a call may take, all attempts together. */
  readonly callSeconds: number;
  /** Certificates (PEM) to trust instead of Node's. */
  readonly caBundle: string | undefined;
}

/** Makes the options that every client of the AWS SDK is given. */
export function clientOptions(settings: StsSettings, keys: Keys, handler?: RequestHandler) {
  const { region, endpoint } = settings;
  // Turns off the SDK's seven lines about old versions of Node, which the person cannot change here.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  return {
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    credentials: {
      accessKeyId: keys.accessKeyId,
      secretAccessKey: keys.secretAccessKey,
      ...(keys.sessionToken === undefined ? {} : { sessionToken: keys.sessionToken }),
    },
    useFipsEndpoint: settings.useFipsEndpoint,
    useDualstackEndpoint: settings.useDualstackEndpoint,
    maxAttempts: settings.maxAttempts,
    retryMode: 'standard' as const,
    // These keep the SDK from reading AWS's files itself: it would find another profile's settings.
    ignoreConfiguredEndpointUrls: true,
    defaultsMode: 'legacy' as const,
    authSchemePreference: ['aws.auth#sigv4'],
    sigv4aSigningRegionSet: [region],
    userAgentAppId: async () => undefined,
    ...(handler && { requestHandler: handler }),
  };
}
