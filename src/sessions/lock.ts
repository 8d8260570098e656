import { mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ensurePrivateFolder,
  PrivateFileError,
  readPrivateFile,
  writePrivateFile,
} from '../files/private-file.ts';
import { removeFile, temporaryName } from '../files/temporary-file.ts';
import { nameFor, ourMachine, processIn } from '../processes/process-id.ts';
import { identify, processState } from '../processes/process-state.ts';
import { removeEmpty } from './lock-files.ts';

// A lock is a folder with one file in it, whose name says which process holds the lock. proper-lockfile, and all that go
// by the age of a lock alone, cannot give a stale lock to one of many waiters only: whoever has looked removes the lock,
// also when meanwhile it has become another's. Here each step is one rename that only one process can do: a folder that
// has its file already takes the lock's place, which fails while the lock has one; and a taker renames the file of the
// very holder that it has found gone.

/** A holder says so often that it is still there. */
const BEAT_MS = 3_000;
/** Of a holder that cannot be looked at from here, so long without a word means that it is gone. */
const SILENT_MS = 15_000;
/** A stopped holder cannot do anything, and when it is continued it looks at its lock first. */
const STOPPED_MS = 2_000;
const GIVE_UP_MS = 180_000;
/** What a waiter counts of the time between two looks: it may have been stopped itself. */
const MOST_BETWEEN_MS = 1_000;

/** What those who wait for a lock are told about its holder. */
export interface LockOwner {
  readonly pid: number;
  /** What it does under the lock: `is asking for the MFA code of ...`. */
  readonly doing: string;
  /** What was typed to start it, as far as it is a command and names: `awsrole role101`. */
  readonly command: string;
  /** When it took the lock, in seconds since 1970. */
  readonly since: number;
  readonly stopped: boolean;
  /** Whether it is on another computer, or in another container, than we. */
  readonly elsewhere: boolean;
}

/** Another process has taken the lock, because this one was stopped. */
class LockLost extends Error {
  override readonly name = 'LockLost';
}

/** A lock while it is held. */
export interface HeldLock {
  /** Aborted with {@link LockLost} soon after the lock was lost. */
  readonly signal: AbortSignal;
  /** To be asked before a step that must not be done twice. @throws LockLost when another process has the lock */
  check(): void;
}

/** For work that is done without a lock. */
export const NO_LOCK: HeldLock = { signal: new AbortController().signal, check: () => {} };

export interface LockedWork<T> {
  /** What the owner does, told to those who wait for it. */
  readonly doing: string;
  readonly command: string;
  /** Returns the result if somebody else has done the work; called on every wait and once the lock is ours. */
  readonly poll: () => T | undefined | Promise<T | undefined>;
  /** Called for each holder that is waited for, and when it is stopped; undefined where nothing is known of it. */
  readonly onWait: (owner: LockOwner | undefined) => void;
  /** Makes the error that ends waiting when one holder keeps the lock for three minutes. */
  readonly giveUp: (owner: LockOwner | undefined) => Error;
  /** The work. When it ends with {@link LockLost}, the lock is waited for again. */
  readonly work: (held: HeldLock) => Promise<T>;
}

/**
 * Does `work` while no other process does work under the same `path`, unless `poll` finds it done. The lock of a
 * process that is gone or stopped is taken over by one of those who wait, whatever the clocks say; the age of a lock
 * counts only where its holder is on another machine.
 * @throws what `giveUp` makes; PrivateFileError when there can be no lock (before any work is done)
 */
export async function underLock<T>(path: string, locked: LockedWork<T>): Promise<T> {
  const { poll, work, onWait, giveUp } = locked;
  const lock = new LockFolder(path);
  const watch = new Watch();
  for (;;) {
    if (lock.take(watch.takeable)) {
      const held = new Holding(lock);
      try {
        const done = await poll();
        if (done !== undefined) return done;
        lock.tell(locked);
        return await work(held);
      } catch (error) {
        if (!(error instanceof LockLost)) throw error;
      } finally {
        held.end();
      }
    }
    const isNews = watch.look(lock);
    const owner = lock.owner(watch.isStopped);
    if (isNews && watch.isHeld) onWait(owner);
    if (watch.waitedMs > GIVE_UP_MS) throw giveUp(owner);
    await sleep(100 + Math.random() * 200);
    const done = await poll();
    if (done !== undefined) return done;
  }
}

/** A lock on disk. */
class LockFolder {
  readonly #path: string;
  /** The folder whose file names the holder. */
  readonly #folder: string;
  readonly #process = identify(process.pid);
  /** Our file's name. */
  #ours = '';

  constructor(path: string) {
    this.#path = path;
    this.#folder = `${path}.lock`;
  }

  get #ownerFile(): string {
    return `${this.#path}.owner`;
  }

  /** The holder's file; undefined where there is none. */
  holder(): string | undefined {
    try {
      const names = readdirSync(this.#folder);
      return names.find((name) => processIn(name) !== undefined) ?? names[0];
    } catch {
      return undefined;
    }
  }

  /** What changes when a holder says that it is there; undefined when it is not. */
  signOf(holder: string): string | undefined {
    const stat = statSync(join(this.#folder, holder), { bigint: true, throwIfNoEntry: false });
    return stat && `${stat.mtimeNs} ${stat.ctimeNs}`;
  }

  /**
   * Takes the lock if nobody has it, or the holder that was found gone; true when it is ours now.
   * @throws PrivateFileError when there can be no lock
   */
  take(gone: string | undefined): boolean {
    const holder = this.holder();
    if (holder !== undefined && holder !== gone) return false;
    this.#ours = nameFor(this.#process);
    const candidate = holder === undefined ? this.#makeCandidate() : undefined;
    try {
      if (candidate !== undefined) renameSync(candidate, this.#folder);
      else renameSync(join(this.#folder, holder ?? ''), join(this.#folder, this.#ours));
    } catch (error) {
      if (!this.#isOvertaken(error as NodeJS.ErrnoException)) {
        throw new PrivateFileError(`${this.#folder}: ${(error as Error).message}`);
      }
    } finally {
      if (candidate !== undefined) rmSync(candidate, { recursive: true, force: true });
    }
    // The file itself tells, also where a network repeats a rename and the answer is to the second.
    return this.isOurs();
  }

  /** True when a rename failed because another process was faster. */
  #isOvertaken({ code = '' }: NodeJS.ErrnoException): boolean {
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].includes(code) || this.holder() !== undefined) return true;
    // Windows puts no folder in the place of an empty one, and refuses while somebody looks at it.
    return process.platform === 'win32' && removeEmpty(this.#folder);
  }

  /** Makes a folder that is to become the lock. */
  #makeCandidate(): string {
    ensurePrivateFolder(dirname(this.#path));
    const candidate = temporaryName(dirname(this.#path));
    try {
      mkdirSync(candidate, { mode: 0o700 });
      writeFileSync(join(candidate, this.#ours), '', { mode: 0o600 });
      return candidate;
    } catch (error) {
      rmSync(candidate, { recursive: true, force: true });
      // Node names the candidate and the call behind that, which tell a person nothing.
      const [reason] = (error as Error).message.split(/, (?=mkdir|open|write)/, 1);
      throw new PrivateFileError(`${dirname(this.#path)}: ${reason}`);
    }
  }

  isOurs(): boolean {
    return this.holder() === this.#ours;
  }

  /** Says that we are still there; false when the lock is another's by now. */
  beat(): boolean {
    try {
      const now = Date.now() / 1000;
      utimesSync(join(this.#folder, this.#ours), now, now);
      return true;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code !== 'ENOENT';
    }
  }

  release(): void {
    if (readOwner(this.#ownerFile)?.file === this.#ours) removeFile(this.#ownerFile);
    removeFile(join(this.#folder, this.#ours));
    removeEmpty(this.#folder);
  }

  /** Tells those who wait about us. Without it they know less, but the lock holds. */
  tell({ doing, command }: Pick<LockOwner, 'doing' | 'command'>): void {
    const since = Math.floor(Date.now() / 1000);
    try {
      writePrivateFile(this.#ownerFile, JSON.stringify({ file: this.#ours, doing, command, since }));
    } catch (error) {
      if (!(error instanceof PrivateFileError)) throw error;
    }
  }

  owner(stopped: boolean): LockOwner | undefined {
    const told = readOwner(this.#ownerFile);
    const id = told && processIn(told.file);
    if (told === undefined || id === undefined || told.file !== this.holder()) return undefined;
    const elsewhere = id.machine.name !== ourMachine().name;
    return { ...told, pid: id.pid, stopped, elsewhere };
  }
}

/** What a waiter has seen of a lock's holder. */
class Watch {
  /** The holder whose lock may be taken over. */
  takeable: string | undefined;
  isHeld = false;
  isStopped = false;
  /** How long this holder has been waited for. */
  waitedMs = 0;
  #holder: string | undefined;
  #sign: string | undefined;
  #silentMs = 0;
  #stoppedMs = 0;
  #lookedAt = performance.now();

  /** Looks at the holder; true when it is another than before, or is stopped now. */
  look(lock: LockFolder): boolean {
    const now = performance.now();
    const between = Math.min(now - this.#lookedAt, MOST_BETWEEN_MS);
    this.#lookedAt = now;
    const holder = lock.holder();
    const isNew = holder !== this.#holder;
    if (isNew) {
      this.#holder = holder;
      this.#sign = undefined;
      this.waitedMs = this.#silentMs = this.#stoppedMs = 0;
    }
    this.takeable = undefined;
    this.isHeld = false;
    this.waitedMs += between;
    const wasStopped = this.isStopped && !isNew;
    this.isStopped = false;
    if (holder === undefined) return isNew;
    const sign = lock.signOf(holder);
    const id = processIn(holder);
    const state = id === undefined ? 'unknown' : processState(id);
    this.isStopped = state === 'stopped';
    this.#silentMs = sign === this.#sign ? this.#silentMs + between : 0;
    this.#stoppedMs = this.isStopped ? this.#stoppedMs + between : 0;
    this.#sign = sign;
    const isGone =
      state === 'gone' ||
      (state === 'unknown' && this.#silentMs >= SILENT_MS) ||
      this.#stoppedMs >= STOPPED_MS;
    this.takeable = isGone ? holder : undefined;
    this.isHeld = state !== 'gone';
    return isNew || (this.isStopped && !wasStopped);
  }
}

/** Keeps a lock up while it is ours. */
class Holding implements HeldLock {
  readonly #lock: LockFolder;
  readonly #lost = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #look = (): void => {
    if (!this.#lock.beat()) this.#lost.abort(new LockLost('another process has taken the lock'));
  };

  constructor(lock: LockFolder) {
    this.#lock = lock;
    this.#timer = setInterval(this.#look, BEAT_MS).unref();
    // Who was stopped looks at once whether the lock was taken.
    if (process.platform !== 'win32') process.on('SIGCONT', this.#look);
  }

  get signal(): AbortSignal {
    return this.#lost.signal;
  }

  check(): void {
    this.#look();
    this.signal.throwIfAborted();
  }

  end(): void {
    clearInterval(this.#timer);
    process.off('SIGCONT', this.#look);
    this.#lock.release();
  }
}

interface Told extends Pick<LockOwner, 'doing' | 'command' | 'since'> {
  /** The name of the holder's file: what is told may be of a holder before. */
  readonly file: string;
}

function readOwner(path: string): Told | undefined {
  try {
    const { file, doing, command, since }: Record<string, unknown> = Object(
      JSON.parse(readPrivateFile(path) ?? ''),
    );
    if (typeof file !== 'string' || typeof doing !== 'string' || typeof command !== 'string')
      return undefined;
    return typeof since === 'number' ? { file, doing, command, since } : undefined;
  } catch {
    return undefined;
  }
}
