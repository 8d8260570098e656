import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeWorld } from '../world.ts';

describe('renew = auto', () => {
  it('lets a prompt start the core, which asks nobody', async () => {
    const world = await makeWorld();
    world.settle();
    expect((await world.lines('plain')).set).not.toHaveProperty('AWSROLE_RENEW');
    world.settings('renew = auto\naws_cli_cache = off\n');
    world.settle();
    expect((await world.lines('plain')).set).toMatchObject({ AWSROLE_RENEW: 'auto' });
    const kept = join(world.cache, 'shell', 's-plain.session');
    const before = readFileSync(kept, 'utf8');
    // Past the time to renew nothing is kept that serves.
    for (const session of world.keptSessions()) {
      const aged = readFileSync(session, 'utf8').replace(
        /"(expires|obtained)":(\d+)/g,
        (_, key, time) => `"${key}":${time - 3500}`,
      );
      writeFileSync(session, aged);
    }
    expect(await world.run(['session-lines', '--renew', 'plain'])).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(kept, 'utf8')).not.toBe(before);
    const run = await world.run(['session-lines', '--renew', 'role101']);
    expect(run).toMatchObject({ status: 4, stdout: '' });
    expect(existsSync(join(world.cache, 'shell', 's-role101.session'))).toBe(false);
  });

  it('is refused where it is none', async () => {
    const world = await makeWorld();
    const file = world.settings('renew = always\n');
    const run = await world.run(['session-lines', 'plain']);
    expect(run).toMatchObject({ status: 3 });
    expect(run.stderr).toContain(`${file}:1: renew is "always"`);
  });
});
