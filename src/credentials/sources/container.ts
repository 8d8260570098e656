import { readFileSync } from 'node:fs';
import { fromHttp } from '@aws-sdk/credential-provider-http';
import type { Context } from '../../context.ts';
import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { announced } from '../announced.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';
import { collectFailures, isolateSdk } from './sdk-isolation.ts';

/** As the AWS CLI allows it. */
const TIMEOUT_MS = 2_000;
const RETRIES = 1;
const ECS_HOST = 'http://169.254.170.2';

/**
 * The credentials of the task or pod that we run in (`credential_source = EcsContainer`), from where the container's
 * variables point.
 * @throws AwsroleError
 */
export async function containerCredentials(context: Context, profile: string): Promise<GivenCredentials> {
  const { env } = context;
  const relative = env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || undefined;
  const full = env.AWS_CONTAINER_CREDENTIALS_FULL_URI || undefined;
  const url = relative === undefined ? full : `${ECS_HOST}${relative}`;
  if (url === undefined) {
    throw new AwsroleError(
      'configuration',
      `profile ${printable(profile)} takes the credentials of its container (credential_source), and this is none: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI and AWS_CONTAINER_CREDENTIALS_FULL_URI are not set`,
      { hint: 'use the profile inside of an ECS task or an EKS pod' },
    );
  }
  const token = authorization(
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE,
    env.AWS_CONTAINER_AUTHORIZATION_TOKEN,
  );
  isolateSdk('', {});
  context.debug(`container credentials of ${url}`);
  try {
    const provide = fromHttp({
      ...(relative === undefined
        ? { awsContainerCredentialsFullUri: url }
        : { awsContainerCredentialsRelativeUri: relative }),
      ...(token !== undefined && { awsContainerAuthorizationToken: token }),
      timeout: TIMEOUT_MS,
      maxRetries: RETRIES,
      logger: collectFailures(context).logger,
    });
    return givenCredentials(await announced(context, `an answer of ${url}`, provide()));
  } catch (error) {
    throw explain(error, url);
  }
}

/** What to show the endpoint; read anew on each switch, because it is changed from time to time. */
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
  const { message = '', Code, Message } = error as Error & { Code?: unknown; Message?: unknown };
  const host = printable(url);
  const [text = ''] = message.trim().split('\n', 1);
  const status = Number(/^Server responded with status: (\d+)/.exec(text)?.[1] ?? Number.NaN);
  if (status >= 400 && status < 500) {
    const why = [Code, Message].filter((part) => typeof part === 'string' && part !== '').join(': ');
    return new AwsroleError(
      'refused',
      `${host} refuses (HTTP ${status})${why ? `: ${printable(why)}` : ''}`,
      {
        hint: 'check AWS_CONTAINER_AUTHORIZATION_TOKEN or its file, and the role of the task or pod',
        cause: error,
      },
    );
  }
  if (text.startsWith('URL not accepted') || (error as { code?: unknown }).code === 'ERR_INVALID_URL') {
    return new AwsroleError('configuration', `${host} is no place for the credentials of a container`, {
      hint: 'AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or http on this computer',
      cause: error,
    });
  }
  // A parser quotes the text that it cannot read.
  const quotes = error instanceof SyntaxError;
  return new AwsroleError(
    'network',
    `${host} gave no credentials: ${quotes ? 'its answer is no JSON' : printable(text)}`,
    { hint: 'ask the one who runs the container', cause: error },
  );
}
