import { expect, it } from 'vitest';
import { makeWorld } from './world.ts';

it('says whom it waits for when STS takes its time, and only then', async () => {
  const world = await makeWorld();
  world.sts.setFault({ action: 'AssumeRole', delayMs: 4000, count: 1 });
  const slow = await world.run(['session-lines', 'plain']);
  expect(slow).toMatchObject({ status: 0, stderr: `waiting for an answer of ${world.sts.url}\n` });
  const quick = await world.run(['session-lines', 'external']);
  expect(quick).toMatchObject({ status: 0, stderr: '' });
});
