import { lstatSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { cacheFolder } from './sessions/cache-folder.ts';

// The entry of the program. It is built for every Node that knows ES modules, so that an old one gets a plain message
// instead of a SyntaxError.

/**
 * Exists from Node 22.1 on. V8 then keeps the compiled code in a folder, and need not compile again at the next start.
 */
const { enableCompileCache } = module as { readonly enableCompileCache?: (folder: string) => unknown };

/**
 * Returns the folder for compiled code: in awsrole's cache folder, once that is there. Whoever can write into it
 * decides what we run, so it must belong to us alone. (On Windows the access list of the user's own folder ensures
 * that.)
 */
function compileCacheFolder(): string | undefined {
  const folder = cacheFolder(process);
  const stat = folder === undefined ? undefined : lstatSync(folder, { throwIfNoEntry: false });
  if (folder === undefined || !stat?.isDirectory()) return undefined;
  const uid = process.geteuid?.();
  if (uid !== undefined && (stat.uid !== uid || (stat.mode & 0o077) !== 0)) return undefined;
  return join(folder, 'compiled');
}

function useCompileCache(): void {
  const umask = process.umask(0o077); // for the folders that Node makes
  try {
    const folder = compileCacheFolder();
    if (folder !== undefined) enableCompileCache?.(folder);
  } catch {
    // It only makes the start faster.
  } finally {
    process.umask(umask);
  }
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(
    `awsrole: Node.js ${process.versions.node} is too old (${process.execPath}).\n` +
      '  Put Node.js 20.19 or newer on PATH, or run install.sh again to record where it is.\n',
  );
  process.exitCode = 1;
} else {
  useCompileCache();
  void import('./cli.ts');
}
