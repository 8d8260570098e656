import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printable } from '../profiles/printable.ts';
import { linesWith } from './aws-file-text.ts';

/** Lists where else a key id stands: `FILE:LINE` in and beside the AWS files, and git repositories around them. */
export function otherCopies(accessKeyId: string, awsFiles: readonly string[]): string[] {
  const folders = [...new Set(awsFiles.map(dirname))];
  const found = folders.flatMap((folder) =>
    names(folder).flatMap((name) => {
      const file = join(folder, name);
      return linesWith(textOf(file), accessKeyId).map((line) => `${printable(file)}:${line}`);
    }),
  );
  const repositories = folders.map(repositoryOf).filter((folder) => folder !== undefined);
  return [...found, ...[...new Set(repositories)].map((folder) => `the git repository ${printable(folder)}`)];
}

/** The files of a folder: AWS's own, editors' backups and swap files. */
function names(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => entry.name);
  } catch {
    return [];
  }
}

const MOST_BYTES = 10_000_000;

function textOf(file: string): string {
  try {
    const bytes = readFileSync(file);
    return bytes.length > MOST_BYTES ? '' : bytes.toString('latin1');
  } catch {
    return '';
  }
}

function repositoryOf(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (at === dirname(at)) return undefined;
  }
}
