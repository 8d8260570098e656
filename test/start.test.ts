import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld, type World } from './world.ts';

/** Runs the core after a few lines of JavaScript. */
function runAfter(lines: string, world: World, args: readonly string[]) {
  const NODE_OPTIONS = `--import data:text/javascript,${encodeURIComponent(lines)}`;
  return world.run(args, { env: { NODE_OPTIONS } });
}

it.each(['12.22.12', '18.20.8', '20.18.3'])('Node.js %s is told that it is too old', async (node) => {
  const world = await makeWorld();
  const versions = JSON.stringify({ ...process.versions, node });
  const old = `Object.defineProperty(process, 'versions', { value: ${versions} });`;
  const { status, stdout, stderr } = await runAfter(old, world, ['list']);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toContain(
    `Node.js ${node} is too old (${process.execPath}).\n  Put Node.js 20.19 or newer on PATH`,
  );
});

describe('the compile cache of V8', () => {
  const SPY = `import module from 'node:module'; module.enableCompileCache = (folder) => console.log('in', folder);`;
  const asked = async (world: World) => (await runAfter(SPY, world, ['--version'])).stdout.split('\n')[0];

  it("is in awsrole's cache folder, once that is there", async () => {
    const world = await makeWorld();
    expect(await asked(world)).not.toMatch(/^in /);
    await world.run(['session-lines', 'plain']);
    expect(await asked(world)).toBe(`in ${join(world.cache, 'compiled')}`);
  });

  it.skipIf(process.platform === 'win32')('is not where somebody else could write', async () => {
    const world = await makeWorld();
    mkdirSync(world.cache, { recursive: true });
    chmodSync(world.cache, 0o770);
    expect(await asked(world)).not.toMatch(/^in /);
    const other = await makeWorld();
    mkdirSync(join(other.cache, '..'), { recursive: true });
    symlinkSync(world.cache, other.cache);
    chmodSync(world.cache, 0o700);
    expect(await asked(other)).not.toMatch(/^in /);
  });

  it('does no harm where it fails', async () => {
    const world = await makeWorld();
    await world.run(['session-lines', 'plain']);
    const failing = SPY.replace('console.log(', 'undefined.log(');
    expect(await runAfter(failing, world, ['list'])).toMatchObject({ status: 0, stderr: '' });
  });

  it('is filled from Node 22.1 on, and not there before', async () => {
    const world = await makeWorld();
    for (const _ of [1, 2]) expect(await world.run(['session-lines', 'plain'])).toMatchObject({ status: 0 });
    const folder = join(world.cache, 'compiled');
    if ('enableCompileCache' in module) {
      expect(readdirSync(folder, { recursive: true }).length).toBeGreaterThan(1);
    } else {
      expect(existsSync(folder)).toBe(false);
    }
  });
});
