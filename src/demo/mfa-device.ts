import { get } from 'node:http';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { SAMPLE_MFA_SERIAL } from './sample-world.ts';
import { DEMO_VARIABLE } from './sandbox.ts';
import type { MfaCode } from './sts-state.ts';

/** The demo is on this computer, so it answers at once. */
const PATIENCE_MS = 5_000;

/**
 * Prints the code that the demo's MFA device shows, or its next code when that one was used, and says on standard error
 * for how many seconds it is shown.
 * @throws AwsroleError kind `usage` outside of a demo, `mfa` when all codes are used, `network` when the demo has ended
 */
export async function showMfaCode(context: Context): Promise<number> {
  const url = context.env[DEMO_VARIABLE] ?? '';
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(url)) {
    throw new AwsroleError('usage', 'this shell is not in a demo, so there is no MFA device to read', {
      hint: 'start one: awsrole demo',
    });
  }
  const shown = await askDevice(url, '');
  const { code } = shown.used ? await askDevice(url, '&next=1') : shown;
  const seconds = `${shown.secondsLeft} s`;
  if (code === null) {
    throw new AwsroleError('mfa', 'all codes that are valid now have been used', {
      hint: `wait for the next one (${seconds})`,
    });
  }
  context.stdout.write(`${code}\n`);
  context.stderr.write(
    shown.used
      ? `this is the next code, as the current one has been used; it is shown in ${seconds} and already accepted\n`
      : `shown for ${seconds}\n`,
  );
  return 0;
}

// Not fetch(): its headers are those of a browser, which the sandbox refuses.
function askDevice(url: string, more: string): Promise<MfaCode> {
  const gone = (cause: unknown): AwsroleError =>
    new AwsroleError('network', `this demo's sandbox does not answer (${url})`, {
      hint: 'it ends with `awsrole demo`; leave this shell and start another one',
      cause,
    });
  return new Promise((resolve, reject) => {
    const path = `/_sandbox/code?serial=${encodeURIComponent(SAMPLE_MFA_SERIAL)}${more}`;
    get(`${url}${path}`, { agent: false, signal: AbortSignal.timeout(PATIENCE_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', (error) => reject(gone(error)));
      response.on('end', () => {
        try {
          resolve(JSON.parse(text) as MfaCode);
        } catch (error) {
          reject(gone(error));
        }
      });
    }).on('error', (error) => reject(gone(error)));
  });
}
