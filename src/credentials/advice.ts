import { join } from 'node:path';
import type { Context } from '../context.ts';
import { bestEffort, fingerprint, readPrivateFile, writePrivateFile } from '../files/private-file.ts';
import { findUser, readIndex, replacedText } from '../keys/key-index.ts';
import type { AwsFile } from '../profiles/aws-file.ts';
import { printable } from '../profiles/printable.ts';
import { profileWord } from '../profiles/shell-word.ts';
import type { Settings } from '../settings.ts';
import { isTerminal } from '../terminal/is-terminal.ts';
import type { Plan } from './plan.ts';

// One line of advice after a switch, at most once a week. `advice = off` in awsrole's settings ends it.

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
const OLD_MS = 90 * DAY_MS;

/** What is remembered: when advice was given, and when each key was first seen (epoch milliseconds). */
interface Memory {
  readonly told: number;
  readonly seen: Readonly<Record<string, number>>;
}

/** Advises on the long-lived keys of a plan: where they have been in plain text for long, or others can read them. */
export function advise(
  context: Context,
  plan: Pick<Plan, 'chain' | 'files'>,
  folder: string,
  own: Pick<Settings, 'advice'>,
): void {
  const { source } = plan.chain;
  // For a person, not for scripts.
  if (!isTerminal(context.stderr)) return;
  if (source.kind === 'credential-process' && source.stored !== undefined) {
    adviseOnStored(context, source.stored.id, join(folder, 'advice.json'), own);
    return;
  }
  if (source.kind !== 'keys' || source.sessionToken !== undefined) return;
  const { config, credentials } = plan.files;
  const file = [config, credentials].find((known) => known?.path === source.accessKeyId.file);
  if (file === undefined) return;
  const path = join(folder, 'advice.json');
  const memory = readMemory(path);
  const now = context.now();
  const key = fingerprint(source.accessKeyId.value);
  const first = Math.min(memory.seen[key] ?? now, Number(file.modified / 1_000_000n));
  const due = now - memory.told < WEEK_MS ? undefined : adviceOn(context, file, source.profile, now - first);
  const advice = own.advice ? due : undefined;
  if (advice === undefined && memory.seen[key] !== undefined) return;
  if (advice !== undefined) context.stderr.write(`awsrole: ${advice}\n`);
  const told = advice === undefined ? memory.told : now;
  const text = JSON.stringify({ told, seen: { ...memory.seen, [key]: first } } satisfies Memory);
  bestEffort(context.debug, 'advice is not remembered', () => writePrivateFile(path, text));
}

/** Reminds of a key that a rotation has replaced long ago, and that was not deleted. */
function adviseOnStored(context: Context, id: string, path: string, own: Pick<Settings, 'advice'>): void {
  const memory = readMemory(path);
  const now = context.now();
  if (now - memory.told < WEEK_MS) return;
  const user = findUser(readIndex(context), id);
  const advice = user && replacedText(user, now);
  if (advice === undefined || !own.advice) return;
  context.stderr.write(`awsrole: ${advice}\n`);
  const text = JSON.stringify({ ...memory, told: now });
  bestEffort(context.debug, 'advice is not remembered', () => writePrivateFile(path, text));
}

function adviceOn(
  { platform }: Context,
  { path, mode }: AwsFile,
  profile: string,
  age: number,
): string | undefined {
  if (platform !== 'win32' && (mode & 0o077) !== 0) {
    return `other users can read the keys in ${printable(path)}; run: chmod 600 ${printable(path)}`;
  }
  if (age < OLD_MS) return undefined;
  return (
    `the keys of ${printable(profile)} have been in plain text for ${Math.floor(age / DAY_MS)} days; ` +
    `awsrole protect ${profileWord(profile)} moves them into your keyring, and every AWS tool keeps working`
  );
}

function readMemory(path: string): Memory {
  try {
    const { told, seen } = Object(JSON.parse(readPrivateFile(path) ?? ''));
    const entries = Object.entries(Object(seen)).filter(([, first]) => typeof first === 'number');
    return { told: typeof told === 'number' ? told : 0, seen: Object.fromEntries(entries) as Memory['seen'] };
  } catch {
    return { told: 0, seen: {} };
  }
}
