import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { findProgram } from '../../../src/credentials/sources/sign-in.ts';

function folderWith(...files: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'awsrole-path-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of files) writeFileSync(join(folder, file), '', { mode: 0o755 });
  return folder;
}

it('a program is found on PATH', () => {
  const [empty, full] = [folderWith(), folderWith('aws')];
  mkdirSync(join(empty, 'aws'));
  const search = (env: Record<string, string>) => findProgram('aws', { env, platform: 'linux' });
  expect(search({ PATH: `:${empty}:${full}` })).toBe(join(full, 'aws'));
  expect([search({ PATH: empty }), search({})]).toEqual([undefined, undefined]);
});

it('on Windows it is found by any spelling of PATH, and by the endings that programs have', () => {
  const [without, full] = [folderWith('aws'), folderWith('aws.CMD', 'aws.EXE')];
  const search = (env: Record<string, string>) => findProgram('aws', { env, platform: 'win32' });
  const Path = `;${without};${full}`;
  expect(search({ Path })).toBe(join(full, 'aws.EXE'));
  expect(search({ PATH: Path, PATHEXT: '.CMD;.EXE' })).toBe(join(full, 'aws.CMD'));
  expect([search({ Path: without }), search({})]).toEqual([undefined, undefined]);
});
