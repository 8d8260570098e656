import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Run, World } from '../world.ts';
import { has, hasKeyring, onDesktop, plainShell } from './desktop.ts';

// The stores as they are on a machine, each in a home of its own.

export interface Store {
  readonly kind: 'keyring' | 'pass' | 'age';
  readonly there: boolean;
  prepare(world: World): void;
  run(world: World, script: string, env?: Record<string, string>): Promise<Run>;
}

export const STORES: readonly Store[] = [
  {
    kind: 'keyring',
    there: hasKeyring,
    prepare: () => {},
    run: onDesktop,
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
