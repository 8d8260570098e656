import { expect, test } from 'vitest';
import { makeWorld } from '../world.ts';

const USUAL = 'run: awsrole --help';

test.concurrent.each([
  [['--regin', 'eu-west-1', 'role101'], 'did you mean "--region"?'],
  [['--regin=eu-west-1', 'role101'], 'did you mean "--region"?'],
  [['--mfa-cod', '-', 'role101'], 'did you mean "--mfa-code"?'],
  [['exec', '--refesh', 'role101', '--', 'true'], 'did you mean "--refresh"?'],
  [['session-lines', 'role101', '--refesh'], 'did you mean "--refresh"?'],
  [['list', '--jsn'], 'did you mean "--json"?'],
  [['list', '--regin'], USUAL],
  [['role101', '--agan'], USUAL],
  [['role101', '--\u{1b}[2J'], USUAL],
  [['list', 'debu'], USUAL],
])('%j: %s', async (words, hint) => {
  const world = await makeWorld({ onFinished: () => {} });
  const run = await world.run(words);
  await world.close();
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(/^awsrole: Unknown argument[^\x1b]*$/);
  expect(run.stderr.split('\n').slice(1)).toEqual([`  ${hint}`, '']);
});
