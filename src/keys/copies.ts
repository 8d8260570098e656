import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { printable } from '../profiles/printable.ts';
import { linesWith } from './aws-file-text.ts';
import type { KeyPair } from './key-store.ts';

/**
 * Lists where else a pair of keys stands, or one of the two: `FILE:LINE` in and beside the AWS files, comments included,
 * and git repositories around them.
 */
export function otherCopies(pair: KeyPair, awsFiles: readonly string[]): string[] {
  const folders = [...new Set(awsFiles.map(dirname))];
  const found = folders.flatMap((folder) =>
    names(folder).flatMap((name) => {
      const file = join(folder, name);
      const text = textOf(file);
      const secrets = linesWith(text, pair.secretAccessKey);
      const ids = linesWith(text, pair.accessKeyId).filter((line) => !secrets.includes(line));
      return [
        ...secrets.map((line) => `The secret is still in ${printable(file)}:${line}`),
        ...ids.map((line) => `The key id is still in ${printable(file)}:${line}`),
      ];
    }),
  );
  const repositories = folders.map(repositoryOf).filter((folder) => folder !== undefined);
  return [
    ...found,
    ...[...new Set(repositories)].map(
      (folder) => `The key id is still in the git repository ${printable(folder)}`,
    ),
  ];
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
