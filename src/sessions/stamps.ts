import { createHash, randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import type { Context } from '../context.ts';
import type { AwsFile } from '../profiles/aws-file.ts';
import { homeFolder } from '../profiles/file-location.ts';
import type { LoadedProfiles } from '../profiles/load-profiles.ts';
import { ensurePrivateFolder, removeFile } from './private-file.ts';
import { filePlaces, type MadeFrom, type RecordedState } from './session-lines.ts';

/** Modification times this close to now may belong to two states of a file: clocks of file systems tick. */
const TICK_NS = 20_000_000n;
const SECOND_NS = 1_000_000_000n;

/** The files that lines are made from, without their states. */
export function madeFrom(context: Context): MadeFrom {
  return { home: homeFolder(context.env, context.platform) ?? '', ...filePlaces(context.env) };
}

/**
 * Records the states that both AWS files were read in, for the shells to compare. Started before AWS is asked, so that
 * it costs no time; undefined when a state cannot be told for sure, or no shell could compare it.
 */
export async function recordStates(
  context: Context,
  folder: string,
  loaded: LoadedProfiles,
): Promise<{ config: RecordedState; credentials: RecordedState } | undefined> {
  const { configFile, credentialsFile } = filePlaces(context.env);
  if (![configFile, credentialsFile].every((path) => path.startsWith('~/.aws/') || isAbsolute(path)))
    return undefined;
  try {
    const [config, credentials] = await Promise.all([
      stampFile(folder, loaded.places.config, loaded.config, context.now()),
      stampFile(folder, loaded.places.credentials, loaded.credentials, context.now()),
    ]);
    if (config === undefined || credentials === undefined) return undefined;
    return {
      config: { stamp: config, target: loaded.config?.target },
      credentials: { stamp: credentials, target: loaded.credentials?.target },
    };
  } catch (error) {
    context.debug(`no stamp, so the next switch asks the core again: ${(error as Error).message}`);
    return undefined;
  }
}

/**
 * Records the state of an AWS file as a stamp: an empty file with the same modification time, which a shell
 * compares with `-nt` and `-ot`. Node's own utimes loses the nanoseconds, so `touch -r` makes it, while STS is asked.
 * Gives the stamp's name (the file's path, hashed, and its time in nanoseconds), `absent`, or undefined when the state cannot be told for sure.
 */
async function stampFile(
  folder: string,
  path: string,
  file: AwsFile | undefined,
  nowMs: number,
): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  if (file === undefined) return 'absent';
  const tick = file.modified % SECOND_NS === 0n ? 2n * SECOND_NS : TICK_NS;
  const age = BigInt(Math.floor(nowMs)) * 1_000_000n - file.modified;
  if (age >= 0n && age < tick) return undefined;
  const stamps = join(folder, 'stamps');
  const prefix = createHash('sha256').update(path).digest('hex').slice(0, 16);
  const name = `${prefix}.${file.modified}`;
  const stamp = join(stamps, name);
  ensurePrivateFolder(stamps);
  if (modifiedOf(stamp) === file.modified) return name;
  const temporary = join(stamps, `${randomBytes(6).toString('hex')}.tmp`);
  try {
    writeFileSync(temporary, '', { flag: 'wx', mode: 0o600 });
    await touchLike(path, temporary);
    // Taken after the file was read: it counts only if the file is still in the state that was read.
    if (modifiedOf(temporary) === file.modified) renameSync(temporary, stamp);
  } finally {
    removeFile(temporary);
  }
  for (const other of readdirSync(stamps)) {
    if (other.startsWith(`${prefix}.`) && other !== name) removeFile(join(stamps, other));
  }
  return name;
}

/** Loads what it takes only here: a stamp is made once for each state of a file. */
async function touchLike(path: string, stamp: string): Promise<void> {
  const { execFile } = await import('node:child_process');
  await new Promise<void>((resolve, reject) => {
    execFile('touch', ['-r', path, stamp], (error) => {
      // Windows has no touch outside Git Bash; PowerShell compares the time in the stamp's name.
      if (error === null || error.code === 'ENOENT') resolve();
      else reject(error);
    });
  });
}

function modifiedOf(path: string): bigint | undefined {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? stat.mtimeNs : undefined;
}
