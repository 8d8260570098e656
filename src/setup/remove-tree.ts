import { lstatSync, readdirSync, readlinkSync, rmdirSync, unlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { removeFile } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { foldersIn, readRecord, removeMade } from './made-folders.ts';
import {
  checkOwner,
  isOurLauncher,
  isOurTree,
  isThere,
  KEYS,
  MANUAL_LINK,
  type Prefix,
  prefixError,
} from './prefix.ts';
import { removeTreeAt, underStaging } from './staging.ts';

/** By this a tree is known; it goes last, so that a run after one that was killed still finds the rest. */
const LAST = 'package.json';

/**
 * Takes away what an installation has put below a prefix, but for the keys; false where there is nothing of one.
 * @param takeBack called first where there is something; it may need the tree
 * @throws AwsroleError where something could not be removed
 */
export async function removeTree(prefix: Prefix, takeBack: () => Promise<void>): Promise<boolean> {
  const { share, staging } = prefix;
  checkOwner(share);
  const launchers = prefix.launchers.filter(isOurProgram);
  if (!isOurTree(share) && !isThere(staging) && launchers.length === 0) return false;
  let record = '';
  let found = launchers.length > 0;
  const remove = async (): Promise<void> => {
    if (isOurTree(share)) {
      found = true;
      record = readRecord(prefix);
    }
    if (found) await takeBack();
    attempt(prefix, () => {
      if (isOurTree(share)) removeParts(share);
      for (const launcher of launchers) unlinkSync(launcher);
      removeManual(prefix);
    });
  };
  await (isThere(dirname(share)) ? underStaging(prefix, remove) : remove());
  removeMade(foldersIn(record, prefix));
  return found;
}

/** A link to a launcher is the person's, or a package manager's. */
function isOurProgram(launcher: string): boolean {
  return isThere(launcher) && lstatSync(launcher).isFile() && isOurLauncher(launcher);
}

function attempt({ folder }: Prefix, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw prefixError(
      `awsrole could not be removed completely from ${printable(folder)}: ${printable((error as Error).message)}`,
      'look at the permissions there, and run this again',
      error,
    );
  }
}

/** The stored keys of whoever owns ~/.local are no part of the program. */
function removeParts(share: string): void {
  if (lstatSync(share).isSymbolicLink()) {
    unlinkSync(share);
    return;
  }
  const parts = readdirSync(share).filter((name) => name !== KEYS && name !== LAST);
  for (const name of [...parts, LAST]) removeTreeAt(join(share, name));
  if (readdirSync(share).length === 0) rmdirSync(share);
}

function removeManual({ manual }: Prefix): void {
  try {
    if (readlinkSync(manual) === MANUAL_LINK) removeFile(manual);
  } catch {
    // It is no link.
  }
}
