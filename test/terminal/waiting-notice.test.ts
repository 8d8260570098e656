import { expect, it } from 'vitest';
import { SAMPLE_WORLD } from '../../src/demo/sample-world.ts';
import { DEMO_VARIABLE } from '../../src/demo/sandbox.ts';
import { startUnending } from '../credentials/sources/unending.ts';
import { makeWorld } from '../world.ts';

it('says whom it waits for when STS takes its time, and only then', async () => {
  const world = await makeWorld();
  world.sts.setFault({ action: 'AssumeRole', delayMs: 4000, count: 1 });
  const slow = await world.run(['session-lines', 'plain']);
  expect(slow).toMatchObject({ status: 0, stderr: `waiting for an answer from ${world.sts.url}\n` });
  const { accessKeyId, secretAccessKey } = SAMPLE_WORLD.users[0] ?? {};
  world.sts.setFault({ action: 'GetCallerIdentity', delayMs: 4000, count: 1 });
  const env = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const who = await world.run(['whoami'], { env });
  expect(who).toMatchObject({ status: 0, stderr: `waiting for an answer from ${world.sts.url}\n` });
  const quick = await world.run(['session-lines', 'external']);
  expect(quick).toMatchObject({ status: 0, stderr: '' });
});

it('does not wait for the device of a demo that says nothing', async () => {
  const world = await makeWorld();
  const { url } = await startUnending('sends byte after byte');
  const run = await world.run(['demo', 'code'], { env: { [DEMO_VARIABLE]: url } });
  expect(run).toMatchObject({ status: 6, stdout: '' });
  expect(run.stderr).toContain(`this demo's sandbox does not answer (${url})`);
});
