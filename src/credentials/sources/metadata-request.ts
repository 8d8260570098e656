import { setTimeout as sleep } from 'node:timers/promises';
import { secondsOfTimestamp } from '../../profiles/timestamp.ts';
import { RequestHandler } from '../sts/request-handler.ts';
import { type GivenCredentials, givenCredentials } from './given-credentials.ts';

// Asks for the credentials of an instance or a container. The SDK's providers could do it, but their requests have no
// limit of time and size as a whole, and after an instance's answer that is cut off they wait for ever.

/** An answer without credentials in it. */
export class MetadataError extends Error {
  /** The HTTP status; undefined when it was 200 but the content is wrong. */
  readonly status: number | undefined;
  /** The reason that the answer gives: `Code: Message`. */
  readonly reason: string;

  constructor(message: string, status?: number, reason = '') {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

export interface MetadataRequest {
  readonly method?: 'GET' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  /** For the whole request. */
  readonly seconds: number;
  /** The setting that says so, for those who want it longer. */
  readonly setting?: string;
}

/** Returns the text of an answer with status 200. @throws MetadataError, NoAnswer, or Node's error */
export async function metadata(
  url: URL,
  { method = 'GET', headers = {}, ...limits }: MetadataRequest,
): Promise<string> {
  const handler = new RequestHandler(limits);
  try {
    const { status, text } = await handler.send(url, method, headers);
    if (status === 200) return text;
    throw new MetadataError(`HTTP ${status}`, status, reasonIn(text));
  } finally {
    handler.destroy();
  }
}

/**
 * Reads the credentials in an answer. The answer is never shown: it is a secret.
 * @throws Error when a part of it is not usable
 */
export function metadataCredentials(text: string): GivenCredentials {
  const answer = objectIn(text);
  if (answer === undefined) throw new MetadataError('its answer is not JSON');
  const part = (name: string): string => {
    const value = answer[name];
    if (typeof value === 'string' && value !== '') return value;
    throw new MetadataError(`its answer has no ${name}`);
  };
  return givenCredentials({
    accessKeyId: part('AccessKeyId'),
    secretAccessKey: part('SecretAccessKey'),
    sessionToken: part('Token'),
    expiration: new Date((secondsOfTimestamp(part('Expiration')) ?? Number.NaN) * 1000),
  });
}

/** Tries this many times, with a pause in between; a refusal is final. */
export async function attempt<T>(times: number, pauseMs: number, work: () => Promise<T>): Promise<T> {
  for (let left = times; ; left -= 1) {
    try {
      return await work();
    } catch (error) {
      if (left <= 1 || isMetadataRefusal(error)) throw error;
      await sleep(pauseMs);
    }
  }
}

/** True where the service has answered, and an answer to the same question would be the same: it is not asked again. */
export function isMetadataRefusal(error: unknown): error is MetadataError & { readonly status: number } {
  return (
    error instanceof MetadataError && error.status !== undefined && error.status >= 300 && error.status < 500
  );
}

function reasonIn(text: string): string {
  const { Code, Message } = objectIn(text) ?? {};
  return [Code, Message].filter((part) => typeof part === 'string' && part !== '').join(': ');
}

function objectIn(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
