import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Run, World } from '../world.ts';

// The stores as they are on a machine, each in a home of its own.

export const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.mjs');

function has(...programs: string[]): boolean {
  return programs.every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
}

/** A desktop session of its own, whose GNOME Keyring is unlocked; then runs a shell script, in which $CLI is the program. */
const DESKTOP = [
  'dbus-run-session',
  '--',
  'bash',
  '-c',
  'mkdir -p -m 700 "$XDG_RUNTIME_DIR"; [ -n "$LOCKED" ] || printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sh -c "$1"',
  'bash',
];

export interface Store {
  readonly kind: 'keyring' | 'pass' | 'age';
  readonly there: boolean;
  prepare(world: World): void;
  run(world: World, script: string, env?: Record<string, string>): Promise<Run>;
}

export const environment = (world: World): Record<string, string> => ({
  CLI: `${process.execPath} ${CLI}`,
  XDG_RUNTIME_DIR: join(world.home, 'run'),
  GNUPGHOME: join(world.home, '.gnupg'),
});

export const plainShell = (world: World, script: string, env = {}): Promise<Run> =>
  world.command(['sh', '-c', script], { env: { ...environment(world), ...env } });

export const STORES: readonly Store[] = [
  {
    kind: 'keyring',
    there: has('dbus-run-session', 'gnome-keyring-daemon', 'secret-tool'),
    prepare: () => {},
    run: (world, script, env = {}) =>
      world.command([...DESKTOP, script], { env: { ...environment(world), ...env } }),
  },
  {
    kind: 'pass',
    there: has('pass', 'gpg'),
    prepare: (world) => {
      const env = { ...world.env(), GNUPGHOME: join(world.home, '.gnupg') };
      mkdirSync(env.GNUPGHOME, { mode: 0o700 });
      const made = spawnSync(
        'sh',
        ['-c', 'gpg -q --batch --passphrase "" --quick-gen-key test default default never && pass init test'],
        { env },
      );
      expect(String(made.stderr)).not.toMatch(/error/i);
    },
    run: plainShell,
  },
  {
    kind: 'age',
    there: has('age', 'age-keygen'),
    prepare: (world) => {
      spawnSync('age-keygen', ['-o', join(world.home, 'identity')]);
      world.settings(`key_store = age\nkey_store_identity = ~/identity\n`);
    },
    run: plainShell,
  },
];
