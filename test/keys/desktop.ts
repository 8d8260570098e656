import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Run, World } from '../world.ts';

export const CLI = join(import.meta.dirname, '..', '..', 'dist', 'cli.mjs');

export function has(...programs: string[]): boolean {
  return programs.every((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status === 0);
}

export const hasKeyring = has('dbus-run-session', 'gnome-keyring-daemon', 'secret-tool');

export const environment = (world: World): { readonly [name: string]: string; XDG_RUNTIME_DIR: string } => ({
  CLI: `${process.execPath} ${CLI}`,
  XDG_RUNTIME_DIR: join(world.home, 'run'),
  GNUPGHOME: join(world.home, '.gnupg'),
});

/** Runs a shell script, in which $CLI is the program, without a desktop. */
export const plainShell = (world: World, script: string, env = {}): Promise<Run> =>
  world.command(['sh', '-c', script], { env: { ...environment(world), ...env } });

/** A desktop session of its own, whose GNOME Keyring is unlocked, unless LOCKED is set; then runs a shell script. */
const DESKTOP = [
  'dbus-run-session',
  '--',
  'bash',
  '-c',
  'mkdir -p -m 700 "$XDG_RUNTIME_DIR"; [ -n "$LOCKED" ] || printf %s pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sh -c "$1"',
  'bash',
];

/** Runs a shell script as {@link plainShell} does, on a desktop that is gone when it returns. */
export async function onDesktop(world: World, script: string, env = {}): Promise<Run> {
  const variables = { ...environment(world), ...env };
  const run = await world.command([...DESKTOP, script], { env: variables });
  // The keyring ends by itself, and removes its folder while a test may be reading what is below the home.
  const folder = join(variables.XDG_RUNTIME_DIR, 'keyring');
  for (let tries = 0; existsSync(folder) && tries < 400; tries += 1) await setTimeout(25);
  return run;
}
