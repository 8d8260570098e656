import { readFileSync } from 'node:fs';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { withWaitingNotice } from '../../terminal/waiting-notice.ts';
import { networkReason } from '../sts/refusal.ts';
import type { GivenCredentials } from './given-credentials.ts';
import { attempt, isMetadataRefusal, metadata, metadataCredentials } from './metadata-request.ts';

/** The AWS CLI's limits. */
const SECONDS = 2;
const ATTEMPTS = 2;
const PAUSE_MS = 1_000;
const ECS_HOST = 'http://169.254.170.2';
/** Hosts that may see the token without TLS: this computer, and the addresses of ECS and EKS on it. */
const LOCAL = /^(localhost|127(\.\d+){3}|\[::1\]|169\.254\.170\.(2|23)|\[fd00:ec2::23\])$/;

/**
 * Gets the credentials of the task or pod that we run in (`credential_source = EcsContainer`) from the address in the
 * container's variables.
 * @throws AwsroleError
 */
export async function containerCredentials(context: Context, profile: string): Promise<GivenCredentials> {
  const { env } = context;
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || undefined;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI || undefined;
  const place = relative === undefined ? full : `${ECS_HOST}${relative}`;
  if (place === undefined) {
    throw new AwsroleError(
      'configuration',
      `profile ${printable(profile)} uses the credentials of a container (credential_source), and this is not one: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set`,
      { hint: 'use the profile inside an ECS task or an EKS pod' },
    );
  }
  const url = URL.canParse(place) ? new URL(place) : undefined;
  if (
    url === undefined ||
    !(url.protocol === 'https:' || (url.protocol === 'http:' && LOCAL.test(url.hostname)))
  ) {
    throw new AwsroleError(
      'configuration',
      `${printable(place)} is not an allowed address for the credentials of a container`,
      { hint: 'AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http on this computer' },
    );
  }
  const token = authorization(
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN,
  );
  context.debug(`container credentials of ${url}`);
  const asked = { seconds: SECONDS, ...(token !== undefined && { headers: { Authorization: token } }) };
  const given = attempt(ATTEMPTS, PAUSE_MS, async () => metadataCredentials(await metadata(url, asked)));
  try {
    return await withWaitingNotice(context, `an answer from ${url}`, given);
  } catch (error) {
    throw explain(error, String(url));
  }
}

/** Returns the token for the endpoint, read anew for each switch because it changes from time to time. */
function authorization(file: string | undefined, text: string | undefined): string | undefined {
  let token = text || undefined;
  if (file) {
    try {
      token = readFileSync(file, 'utf8');
    } catch (error) {
      throw new AwsroleError(
        'configuration',
        `${printable(file)} cannot be read: ${printable((error as Error).message)}`,
        { hint: 'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE names it', cause: error },
      );
    }
  }
  if (token === undefined || !/[\r\n]/.test(token)) return token;
  throw new AwsroleError(
    'configuration',
    `the authorization token of the container has a line break in it${file ? ` (${printable(file)})` : ''}`,
    { hint: 'no AWS tool sends such a token: write it without one' },
  );
}

function explain(error: unknown, url: string): AwsroleError {
  const host = printable(url);
  if (isMetadataRefusal(error)) {
    const why = error.reason === '' ? '' : `: ${printable(error.reason)}`;
    return new AwsroleError('refused', `${host} refuses (HTTP ${error.status})${why}`, {
      hint: 'check AWS_CONTAINER_AUTHORIZATION_TOKEN or its file, and the role of the task or pod',
      cause: error,
    });
  }
  const why = networkReason(error) ?? `gave no credentials: ${printable((error as Error).message)}`;
  return new AwsroleError('network', `${host} ${why}`, {
    hint: 'ask whoever runs the container',
    cause: error,
  });
}
