import { AwsroleError } from '../../errors.ts';
import { printable } from '../../profiles/printable.ts';
import { networkReason, THROTTLED } from '../sts/refusal.ts';

interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly $fault?: 'client' | 'server';
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** True when AWS itself has refused, so that asking again in the same way is useless. */
export function isRefusal(error: unknown): boolean {
  const { name = '', $fault, $metadata } = error as SdkError;
  const status = $metadata?.httpStatusCode ?? 0;
  return networkReason(error) === undefined && $fault !== undefined && status < 500 && !THROTTLED.has(name);
}

/** Explains an error of a service other than STS. `host` names who was asked, and `what` for what. */
export function explainServiceError(
  error: unknown,
  { host, what, hint }: { host: string; what: string; hint: string },
): AwsroleError {
  if (error instanceof AwsroleError) return error;
  const { name = 'Error', message = '', $metadata } = error as SdkError;
  const network = networkReason(error);
  if (network !== undefined) {
    return new AwsroleError('network', `${printable(host)} ${network}`, {
      hint: 'check the network, a proxy or VPN, and the endpoint',
      cause: error,
    });
  }
  if (THROTTLED.has(name)) {
    return new AwsroleError('refused', 'AWS is throttling: too many requests were sent', {
      hint: 'wait a little, then try again',
      cause: error,
    });
  }
  const status = $metadata?.httpStatusCode;
  const [text = ''] = message.trim().split('\n', 1);
  if (isRefusal(error)) {
    return new AwsroleError(
      'refused',
      `${printable(host)} refuses ${printable(what)}: ${printable(name)}: ${printable(text)}`,
      { hint, cause: error },
    );
  }
  const http = status === undefined ? '' : ` (HTTP ${status})`;
  return new AwsroleError('network', `${printable(host)} gave no usable answer${http}: ${printable(text)}`, {
    hint: 'try again in a little while; if it keeps happening, check the endpoint and the proxy',
    cause: error,
  });
}
