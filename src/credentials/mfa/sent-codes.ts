import { join } from 'node:path';
import type { Context } from '../../context.ts';
import { bestEffort, fingerprint, readPrivateFile, writePrivateFile } from '../../files/private-file.ts';
import { parseProcessId, processIdText } from '../../processes/process-id.ts';
import { identify, processState } from '../../processes/process-state.ts';
import { CODE_LIFE_MS } from './totp.ts';

// A code works once, so no process sends one that another has sent. What is known of the codes of a device stands in a
// file of the cache, as hashes, for as long as they could work.

/** What has become of a code: AWS has accepted it (or may have, as the answer was lost), or has refused it. */
type Outcome = 'used' | 'refused';

/**
 * Outcomes, and what is known where there is none yet: `sent` by a process that is there, `abandoned` by one that has
 * ended before it had an answer, so that nobody knows whether the code is used.
 */
export type CodeState = Outcome | 'sent' | 'abandoned';

interface Note {
  readonly when: number;
  readonly hash: string;
  readonly state: Outcome | 'sent';
  /** Who has sent it. */
  readonly sender: string;
}

/** The codes of one device that were sent in the last minutes, by whichever process. */
export class SentCodes {
  readonly #context: Context;
  readonly #file: string | undefined;
  readonly #serial: string;
  readonly #ours = processIdText(identify(process.pid));

  /** @param folder the cache; undefined where nothing can be kept */
  constructor(context: Context, folder: string | undefined, serial: string) {
    this.#context = context;
    this.#file = folder === undefined ? undefined : join(folder, 'mfa', fingerprint(serial));
    this.#serial = serial;
  }

  /** Says what is known of a code; undefined for one that nobody has sent. */
  stateOf(code: string): CodeState | undefined {
    const note = this.#notes().find(({ hash }) => hash === this.#hash(code));
    if (note?.state !== 'sent') return note?.state;
    const sender = parseProcessId(note.sender);
    return sender !== undefined && processState(sender) === 'gone' ? 'abandoned' : 'sent';
  }

  /** To be noted before the code is sent, because a process that is killed notes nothing any more. */
  sending(code: string): void {
    this.#note(code, 'sent');
  }

  /** Notes what has become of a code that was sent. */
  ended(code: string, outcome: Outcome): void {
    this.#note(code, outcome);
  }

  /** Takes back that a code was sent: AWS has not looked at it. */
  notSent(code: string): void {
    this.#note(code, undefined);
  }

  #note(code: string, state: Note['state'] | undefined): void {
    const file = this.#file;
    if (file === undefined) return;
    const hash = this.#hash(code);
    const others = this.#notes().filter((note) => note.hash !== hash);
    const own: Note[] = state ? [{ when: this.#context.now(), hash, state, sender: this.#ours }] : [];
    const lines = [...others, ...own].map(
      ({ when, hash, state, sender }) => `${when} ${hash} ${state} ${sender}\n`,
    );
    bestEffort(this.#context.debug, 'the MFA codes that were sent are not remembered', () =>
      writePrivateFile(file, lines.join('')),
    );
  }

  #notes(): Note[] {
    const text = this.#file === undefined ? '' : (readPrivateFile(this.#file) ?? '');
    return text
      .split('\n')
      .flatMap((line) => noteIn(line) ?? [])
      .filter(({ when }) => Math.abs(this.#context.now() - when) < CODE_LIFE_MS);
  }

  #hash(code: string): string {
    return fingerprint(`${this.#serial} ${code}`);
  }
}

/** Reads a line; those of awsrole 0.1 have neither a state nor a sender. */
function noteIn(line: string): Note | undefined {
  const [, when, hash = '', state = 'used', sender = ''] =
    /^(\d{1,15}) ([0-9a-f]{32})(?: (used|refused|sent) (\S+))?$/.exec(line) ?? [];
  return when === undefined ? undefined : { when: Number(when), hash, state: state as Note['state'], sender };
}
