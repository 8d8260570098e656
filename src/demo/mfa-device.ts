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
  if (!/^http:\/\/127\.0\.0\.1:\d+(\/[0-9a-f]+)?$/.test(url)) {
    throw new AwsroleError('usage', 'this shell is in no demo, so there is no MFA device to read', {
      hint: 'start one: awsrole demo',
    });
  }
  const shown = await askDevice(url, '');
  const { code } = shown.used ? await askDevice(url, '&next=1') : shown;
  const seconds = `${shown.secondsLeft} s`;
  if (code === null) {
    throw new AwsroleError('mfa', 'the codes that would be taken now were all used', {
      hint: `wait for the next one (${seconds})`,
    });
  }
  context.stdout.write(`${code}\n`);
  context.stderr.write(
    shown.used
      ? `shown in ${seconds}, and taken already; the one before is used\n`
      : `shown for ${seconds}\n`,
  );
  return 0;
}

// Not fetch(): its headers are those of a browser, which the sandbox refuses.
function askDevice(url: string, more: string): Promise<MfaCode> {
  const gone = (cause: unknown): AwsroleError =>
    new AwsroleError('network', `the sandbox of this demo does not answer (${new URL(url).origin})`, {
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
