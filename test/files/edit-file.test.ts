import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { CannotEdit, checkReplaceable, editFile } from '../../src/files/edit-file.ts';
import { needs } from '../world.ts';

const OURS = { ofOthers: false, mode: 0o600 };
const ROOT = process.geteuid?.() === 0;
const OTHER = 65_534;

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsrole edit\n'));
  file = join(folder, 'file');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const more = (content: Buffer | undefined): Buffer =>
  Buffer.concat([content ?? Buffer.alloc(0), Buffer.from('+')]);

/** Why a file cannot be changed; nothing is left beside it then. */
function obstacleOf(editing: Parameters<typeof editFile>[2] = OURS): string | undefined {
  const before = readdirSync(folder);
  try {
    editFile(file, more, editing);
    return undefined;
  } catch (error) {
    if (!(error instanceof CannotEdit)) throw error;
    expect(readdirSync(folder)).toEqual(before);
    return error.obstacle;
  }
}

test('what cannot be replaced without a loss is said, and left as it is', () => {
  mkdirSync(file);
  expect(obstacleOf()).toBe('special');
  rmSync(file, { recursive: true });
  sh('mkfifo "$1"');
  expect(obstacleOf()).toBe('special');
  rmSync(file);
  symlinkSync('nowhere', file);
  expect(obstacleOf()).toBe('dangling');
  rmSync(file);
  symlinkSync('file', file);
  expect(obstacleOf()).toBe('unreadable');
  rmSync(file);
  writeFileSync(file, 'one');
  linkSync(file, `${file}2`);
  expect(obstacleOf()).toBe('named-twice');
  expect(readFileSync(file, 'utf8')).toBe('one');
});

test('a file that is mounted by itself is refused before it is tried', needs(canMount()), () => {
  writeFileSync(file, 'one');
  sh('mount --bind "$1" "$1"');
  onTestFinished(() => sh('umount "$1"'));
  expect(() => checkReplaceable(file, OURS)).toThrow(/a mount point/);
  expect(obstacleOf()).toBe('mounted');
});

test("another user's file is left alone, or stays that user's", needs(ROOT), () => {
  writeFileSync(file, 'one');
  chownSync(file, OTHER, OTHER);
  expect(obstacleOf()).toBe('owner');
  expect(obstacleOf({ ...OURS, ofOthers: true })).toBeUndefined();
  expect(statSync(file)).toMatchObject({ uid: OTHER, gid: OTHER });
  chownSync(folder, OTHER, OTHER);
  rmSync(file);
  expect(obstacleOf({ ...OURS, ofOthers: true })).toBeUndefined();
  expect(statSync(file)).toMatchObject({ uid: OTHER, gid: OTHER, mode: 0o100600 });
});

test('a group that cannot be kept hands nothing to another one', needs(ROOT), () => {
  for (const [before, after] of [
    [0o640, 0o600],
    [0o664, 0o644],
  ] as const) {
    writeFileSync(file, 'one');
    chmodSync(file, before);
    chownSync(file, OTHER, 0);
    chownSync(folder, OTHER, OTHER);
    expect(asOther(() => editFile(file, more, OURS))).toBe(true);
    expect(statSync(file)).toMatchObject({ uid: OTHER, gid: OTHER, mode: 0o100000 + after });
  }
});

test('a file that is to be removed stays where somebody has just written into it', () => {
  writeFileSync(file, 'ours');
  let edits = 0;
  const edit = (content: Buffer | undefined): Buffer | undefined => {
    edits += 1;
    const text = String(content);
    if (edits === 1) appendFileSync(file, ' theirs');
    return text === 'ours' ? undefined : Buffer.from(text.replace('ours ', ''));
  };
  expect(editFile(file, edit, OURS)).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('theirs');
  expect(editFile(file, () => undefined, OURS)).toBe(true);
  expect(existsSync(file)).toBe(false);
  expect(editFile(file, () => undefined, OURS)).toBe(false);
});

function canMount(): boolean {
  return ROOT && spawnSync('sh', ['-c', 'unshare -m mount --bind /etc /etc']).status === 0;
}

function sh(command: string): void {
  spawnSync('sh', ['-c', command, 'sh', file]);
}

function asOther<T>(work: () => T): T {
  const groups = process.getgroups?.() ?? [];
  process.setgroups?.([]);
  process.setegid?.(OTHER);
  process.seteuid?.(OTHER);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(0);
    process.setgroups?.(groups);
  }
}
