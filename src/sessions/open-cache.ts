import type { Context } from '../context.ts';
import { ensurePrivateFolder, PrivateFileError } from '../files/private-file.ts';
import { printable } from '../profiles/printable.ts';
import { cacheFolder } from './cache-folder.ts';

/**
 * Makes sure that awsrole's cache folder is there and private. Undefined, with a warning, when it cannot be trusted or
 * written: then nothing is kept.
 */
export function openCache(context: Context): string | undefined {
  const folder = cacheFolder(context);
  if (folder === undefined) return undefined;
  try {
    ensurePrivateFolder(folder);
    return folder;
  } catch (error) {
    if (!(error instanceof PrivateFileError)) throw error;
    context.stderr.write(`awsrole: sessions are not kept: ${printable(error.message)}\n`);
    return undefined;
  }
}
