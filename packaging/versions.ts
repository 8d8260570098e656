// Keeps the files of package managers at the version of package.json: the build calls it. After a release
//   node packaging/versions.ts awsrole-1.2.3.tgz
// (with Node.js 22.18 or newer) puts the checksum of what was published into them.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';

/** Those that name a version, below packaging/. */
export const FILES = [
  'aur/.SRCINFO',
  'aur/PKGBUILD',
  'homebrew/awsrole.rb',
  'nix/package.nix',
  'scoop/awsrole.json',
  'windows/package.json',
] as const;

const VERSION =
  /(?<=awsrole-|^\t?pkgver ?= ?|\bversion = "|"version": "|"awsrole": ")\d+\.\d+\.\d+[\w.+-]*?(?=\.tgz|"|$)/gm;
const CHECKSUM = /\b[0-9a-f]{64}\b/g;
const UNKNOWN = '0'.repeat(64);

/**
 * The text of such a file for a version. With another version the checksum (SHA-256, in hexadecimal digits) goes, unless
 * one is given.
 */
export function withVersion(text: string, version: string, checksum?: string): string {
  const changed = text.replace(VERSION, version);
  if (checksum === undefined && changed === text) return text;
  return changed.replace(CHECKSUM, checksum ?? UNKNOWN);
}

/** Writes only those of the files that change. */
export function writeVersions(version: string, checksum?: string): void {
  for (const name of FILES) {
    const file = join('packaging', name);
    const text = readFileSync(file, 'utf8');
    const written = withVersion(text, version, checksum);
    if (written !== text) writeFileSync(file, written);
  }
}

const [, program = '', tarball] = argv;
if (/[\\/]packaging[\\/]versions\.ts$/.test(program) && tarball !== undefined) {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  writeVersions(version, createHash('sha256').update(readFileSync(tarball)).digest('hex'));
}
