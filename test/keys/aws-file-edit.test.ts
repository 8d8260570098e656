import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
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
import { basename, join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { temporaryName } from '../../src/files/temporary-file.ts';
import { editAwsFile } from '../../src/keys/aws-file-edit.ts';
import { needs } from '../world.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'awsrole-edit-'));
  file = join(folder, 'credentials');
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

const double = (text: string): string => `${text}more\n`;

test('mode and symbolic link stay, and nothing is left beside the file', () => {
  mkdirSync(join(folder, 'dotfiles'));
  const target = join(folder, 'dotfiles', 'creds');
  writeFileSync(target, 'one\n');
  chmodSync(target, 0o640);
  symlinkSync(target, file);
  expect(editAwsFile(file, double)).toBe(true);
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  expect(readFileSync(target, 'utf8')).toBe('one\nmore\n');
  expect(statSync(target).mode & 0o777).toBe(0o640);
  expect(readdirSync(join(folder, 'dotfiles'))).toEqual(['creds']);
});

test('a file that is not there is made for us alone, its folder too', () => {
  const path = join(folder, '.aws', 'config');
  expect(editAwsFile(path, double)).toBe(true);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, '.aws')).mode & 0o777).toBe(0o700);
});

test('an edit that changes nothing touches nothing', () => {
  writeFileSync(file, 'one\n');
  const before = statSync(file, { bigint: true });
  expect(editAwsFile(file, (text) => text)).toBe(false);
  expect(statSync(file, { bigint: true }).ino).toBe(before.ino);
  expect(editAwsFile(join(folder, 'none'), () => '')).toBe(false);
  expect(readdirSync(folder)).toEqual(['credentials']);
});

test('a file with a second name is refused: that one would keep the secret', () => {
  writeFileSync(file, 'one\n');
  linkSync(file, join(folder, 'other'));
  expect(() => editAwsFile(file, double)).toThrow(/has 2 names \(hard links\)/);
  expect(readFileSync(file, 'utf8')).toBe('one\n');
});

test('a file of another user is refused', needs(process.geteuid?.() === 0), () => {
  writeFileSync(file, 'one\n');
  chownSync(file, 65_534, 65_534);
  expect(() => editAwsFile(file, double)).toThrow(/belongs to another user \(uid 65534\)/);
  expect(statSync(file).uid).toBe(65_534);
});

test('a file that is not UTF-8 is refused, and stays as it is', () => {
  const bytes = Buffer.from([0x5b, 0xe4, 0x5d, 0x0a]);
  writeFileSync(file, bytes);
  expect(() => editAwsFile(file, double)).toThrow(/is not UTF-8/);
  expect(readFileSync(file)).toEqual(bytes);
});

test('what a killed run has left is removed, what a running one writes is not', () => {
  writeFileSync(file, 'one\n');
  const ours = basename(temporaryName(folder)).split('-');
  const ofProcess = (pid: number): string => ours.with(1, String(pid)).join('-');
  writeFileSync(join(folder, ofProcess(999_999_999)), 'secret\n');
  writeFileSync(join(folder, ofProcess(1)), 'of process 1\n');
  editAwsFile(file, double);
  expect(readdirSync(folder).sort()).toEqual([ofProcess(1), 'credentials'].sort());
});

test('a line that somebody adds between reading and renaming is kept', () => {
  writeFileSync(file, 'one\n');
  let edits = 0;
  editAwsFile(file, (text) => {
    edits += 1;
    if (edits === 1) writeFileSync(file, 'one\ntheirs\n');
    return `${text}ours\n`;
  });
  expect(readFileSync(file, 'utf8')).toBe('one\ntheirs\nours\n');
});
