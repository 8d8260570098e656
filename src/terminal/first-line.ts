import { readSync } from 'node:fs';

/** Longer than any line with a code in it: what has no end is not read to its end. */
const MOST_BYTES = 256;
const LINE_FEED = 10;
const RETRY_MS = 10;

/**
 * The first line of standard input. Not one byte more is read: the rest is for the command that comes after us. It is
 * read at once, so nothing else runs while it is waited for.
 */
export class FirstLine {
  #line: string | undefined;
  #isRead = false;
  #isTaken = false;

  get isTaken(): boolean {
    return this.#isTaken;
  }

  /** Reads it, where that has not been done yet. */
  read(): void {
    if (!this.#isRead) this.#line = readLine();
    this.#isRead = true;
  }

  /** Hands it out once; undefined where standard input had none, and from then on. */
  take(): string | undefined {
    this.read();
    const line = this.#isTaken ? undefined : this.#line;
    this.#isTaken = true;
    return line;
  }
}

function readLine(): string | undefined {
  const bytes: number[] = [];
  const byte = Buffer.alloc(1);
  while (bytes.length < MOST_BYTES && readByte(byte)) {
    if (byte[0] === LINE_FEED) return text(bytes);
    bytes.push(byte[0] ?? 0);
  }
  return bytes.length === 0 ? undefined : text(bytes);
}

/** False at the end. */
function readByte(byte: Buffer): boolean {
  for (;;) {
    try {
      return readSync(0, byte) === 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return false;
      // Who shares the pipe with us has made it non-blocking.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

function text(bytes: readonly number[]): string {
  return Buffer.from(bytes)
    .toString()
    .replace(/^\ufeff/, '')
    .trim();
}
