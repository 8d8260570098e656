import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = process.env.AWSROLE_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');

/** Whether the AWS SDKs' common test cases are missing and may be: on a user's machine, not in CI. */
export const vectorsMissing = !existsSync(FOLDER) && process.env.CI !== 'true';
if (vectorsMissing)
  console.warn(`skipped: the AWS SDKs' test cases are not in ${FOLDER} (set AWSROLE_VECTORS)`);

/** The test cases of one file; none when {@link vectorsMissing}. */
export function vectors<T>(name: string): T[] {
  if (vectorsMissing) return [];
  const content: T[] | { tests: T[] } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  return Array.isArray(content) ? content : content.tests;
}
