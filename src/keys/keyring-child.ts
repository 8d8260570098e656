import { readSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AsyncEntry } from '@napi-rs/keyring';
import type { KeyringAnswer, KeyringRequest } from './keyring.ts';

// A process of its own, because a locked keyring can keep the thread that asks it for ever: only a signal ends that.
// Somebody waits for its start each time: it is CommonJS, which Node starts sooner, and opens no streams before it must.

interface Keyring {
  readonly AsyncEntry: typeof AsyncEntry;
}

/** Loads the native module: the build's copy for this platform, else that of the installed package. */
function loadKeyring(): Keyring | undefined {
  const require = createRequire(process.argv[1] ?? '');
  for (const name of ['./keyring.node', '@napi-rs/keyring']) {
    try {
      return require(name);
    } catch {
      // Not there, or not for this platform.
    }
  }
  return undefined;
}

async function answer(keyring: Keyring, { action, account, secret }: KeyringRequest): Promise<KeyringAnswer> {
  try {
    // Without a Secret Service the package would take the kernel's keyring, which forgets everything at reboot.
    const entry = new keyring.AsyncEntry('awsrole', account, { linux: { store: 'secret-service' } });
    if (action === 'write') await entry.setPassword(secret ?? '');
    if (action === 'remove') await entry.deletePassword();
    return action === 'read' ? { secret: (await entry.getPassword()) ?? undefined } : {};
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** Answers one request after the other, up to the first that fails: the others would fail alike. */
async function answers(requests: readonly KeyringRequest[]): Promise<KeyringAnswer[]> {
  const keyring = loadKeyring();
  if (keyring === undefined) return [{ error: 'no-module' }];
  const given: KeyringAnswer[] = [];
  for (const request of requests) {
    const one = await answer(keyring, request);
    given.push(one);
    if (one.error !== undefined) break;
  }
  return given;
}

/** Reads a line of standard input, without its end. */
function readLine(): string {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(65_536);
    const length = readSync(0, part);
    parts.push(part.subarray(0, length));
    if (length === 0 || part[length - 1] === 10) return Buffer.concat(parts).toString();
  }
}

function write(text: string): void {
  const bytes = Buffer.from(text);
  for (let written = 0; written < bytes.length; ) written += writeSync(1, bytes, written);
}

const asked = answers(JSON.parse(readLine()));
// Who asks holds our standard input open, and has ended when that does. The thread that waits for the keyring would
// outlive an ordinary exit.
process.stdin
  .on('error', () => {})
  .on('close', () => process.kill(process.pid, 'SIGKILL'))
  .resume();
void asked.then((given) => {
  write(`${JSON.stringify(given)}\n`);
  process.exit();
});
