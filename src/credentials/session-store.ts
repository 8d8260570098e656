import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { AT_TERMINAL, type Patience, UNATTENDED } from '../keys/key-store.ts';
import { homeFolder } from '../profiles/file-location.ts';
import { printable } from '../profiles/printable.ts';
import { removePlainSessions } from '../sessions/litter.ts';
import { isFresh } from '../sessions/session.ts';
import {
  type CachedSession,
  readCard,
  readSession,
  removeKeptIn,
  unusedItems,
  writeSession,
} from '../sessions/session-cache.ts';
import { notedItems } from '../sessions/session-item.ts';
import type { Settings } from '../settings.ts';
import type { CodeSource } from './mfa/codes.ts';

/** Where sessions are kept, as the setting `keep_sessions` says. */
export interface SessionStore {
  /** False when a session that is written would not be found again. */
  readonly keeps: boolean;
  /** Reads the session under a key, if it has not ended. */
  read(key: string): Promise<CachedSession | undefined>;
  /** @throws PrivateFileError when the disk refuses */
  write(key: string, session: CachedSession): Promise<void>;
  /** Removes from the keyring what no session needs any more. Needed for nothing at once. */
  tidy(): Promise<void>;
}

/** Reads a session that need not be renewed yet. */
export async function readFresh(
  context: Pick<Context, 'now'>,
  sessions: SessionStore,
  key: string,
): Promise<CachedSession | undefined> {
  const session = await sessions.read(key);
  return session !== undefined && isFresh(session, context.now()) ? session : undefined;
}

/**
 * Opens the place where sessions are kept. What the other setting has kept is removed: nobody would look for it there.
 * @param folder the cache folder; undefined when nothing can be kept
 */
export function openSessions(
  context: Context,
  folder: string | undefined,
  { keepSessions }: Pick<Settings, 'keepSessions'>,
  codeSource: CodeSource,
): SessionStore {
  if (folder === undefined) return NOWHERE;
  if (keepSessions === 'files') return sessionFiles(context, folder);
  const left = removePlainSessions(folder, homeFolder(context.env, context.platform));
  for (const path of left) context.warn(`${printable(path)} holds a session in plain text: remove it`);
  return new KeyringSessions(context, folder, codeSource);
}

const NOWHERE: SessionStore = {
  keeps: false,
  read: async () => undefined,
  write: async () => {},
  tidy: async () => {},
};

function sessionFiles(context: Context, folder: string): SessionStore {
  // Only where there was another setting before.
  const hasItems = notedItems(folder).length > 0;
  const gone = new Set(hasItems ? removeKeptIn('keyring', folder).removed.map(({ item }) => item?.id) : []);
  return {
    keeps: true,
    read: async (key) => readSession(folder, key, context.now()),
    write: async (key, session) => writeSession(folder, key, session),
    tidy: async () => {
      if (hasItems) await removeUnused(context, folder, gone, { seconds: 5, person: false });
    },
  };
}

/** The secrets in the keyring; what is known without them in the cache. */
class KeyringSessions implements SessionStore {
  readonly #context: Context;
  readonly #folder: string;
  readonly #person: boolean;
  /** What was read of each item: none changes. */
  readonly #items = new Map<string, CachedSession | undefined>();
  /** Those whose place another one has taken. */
  readonly #replaced = new Set<string | undefined>();
  #answers = false;
  #fails = false;

  constructor(context: Context, folder: string, codeSource: CodeSource) {
    this.#context = context;
    this.#folder = folder;
    this.#person = codeSource !== 'none';
  }

  get keeps(): boolean {
    return !this.#fails;
  }

  async read(key: string): Promise<CachedSession | undefined> {
    for (let looked: string | undefined; ; ) {
      const card = readCard(this.#folder, key, this.#context.now());
      const item = card?.item;
      // Where it is another one by now, it was renewed while we looked.
      if (card === undefined || item === undefined || item.id === looked) return undefined;
      looked = item.id;
      if (!this.#items.has(item.id)) {
        const found = await this.#ask(async (patience) => {
          const { readFromKeyring } = await import('../keys/keyring-sessions.ts');
          return readFromKeyring(this.#context, { ...card, item }, patience);
        });
        this.#items.set(item.id, found);
      }
      const session = this.#items.get(item.id);
      if (session !== undefined) return session;
    }
  }

  async write(key: string, session: CachedSession): Promise<void> {
    const item = await this.#ask(async (patience) => {
      const { writeToKeyring } = await import('../keys/keyring-sessions.ts');
      return writeToKeyring(this.#context, this.#folder, session, patience);
    });
    if (item === undefined) return;
    const { secretAccessKey, sessionToken, ...known } = session;
    this.#replaced.add(readCard(this.#folder, key, 0)?.item?.id);
    writeSession(this.#folder, key, { ...known, item });
    this.#items.set(item.id, session);
  }

  async tidy(): Promise<void> {
    // A keyring that we did not need stays closed.
    if (this.#answers && !this.#fails) {
      await this.#ask((patience) => removeUnused(this.#context, this.#folder, this.#replaced, patience));
    }
  }

  /** Asks the keyring. Where it fails, says so once and asks no more: each time could take as long. */
  async #ask<T>(work: (patience: Patience) => Promise<T>): Promise<T | undefined> {
    if (this.#fails) return undefined;
    try {
      const done = await work(this.#person ? AT_TERMINAL : UNATTENDED);
      this.#answers = true;
      return done;
    } catch (error) {
      if (!(error instanceof AwsroleError)) throw error;
      this.#fails = true;
      const what = `${printable(error.message)}; sessions are not kept meanwhile, and each switch asks AWS`;
      this.#context.warn(what);
      return undefined;
    }
  }
}

async function removeUnused(
  context: Context,
  folder: string,
  gone: ReadonlySet<string | undefined>,
  patience: Patience,
): Promise<void> {
  const unused = unusedItems(folder, context.now(), gone);
  if (unused.length === 0) return;
  const { removeFromKeyring } = await import('../keys/keyring-sessions.ts');
  await removeFromKeyring(context, folder, unused, patience);
}
