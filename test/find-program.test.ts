import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../src/find-program.ts';

function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'awsrole-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of files) writeFileSync(join(folder, file), '', { mode: 0o755 });
  return folder;
}

it('is found on PATH, in the first folder that has it', () => {
  const [empty, plain, full, later] = [folderWith(), folderWith('aws'), folderWith('aws'), folderWith('aws')];
  mkdirSync(join(empty, 'aws'));
  chmodSync(join(plain, 'aws'), 0o644);
  const search = (PATH: string) => findProgram('aws', { PATH });
  expect(search(`:${empty}:${plain}:${full}/:${later}`)).toBe(join(full, 'aws'));
  expect([search(empty), search(''), findProgram('aws', {})]).toEqual([undefined, undefined, undefined]);
});

it('is not found by lying in the current folder', () => {
  const folder = folderWith('aws');
  const before = process.cwd();
  onTestFinished(() => process.chdir(before));
  process.chdir(folder);
  expect([findProgram('aws', { PATH: '' }), findProgram('aws', { PATH: ':' })]).toEqual([
    undefined,
    undefined,
  ]);
  expect(findProgram('aws', { PATH: folder })).toBe(join(folder, 'aws'));
});
