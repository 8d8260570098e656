import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ChainCase, Step } from './chains.ts';

const FOLDER = process.env.AWSROLE_VECTORS ?? join(import.meta.dirname, '../../../shared/vectors');

/**
 * The AWS SDKs' own test cases of one file, as a suite in addition to ours: `run` makes the tests. They are not part of
 * the project, and ours check the same, so nothing is missed where they are not there. Where AWSROLE_VECTORS says that
 * they are, they must be.
 */
export function describeSdkCases<T>(file: string, atLeast: number, run: (cases: T[]) => void): void {
  if (process.env.AWSROLE_VECTORS === undefined && !existsSync(FOLDER)) return;
  const content: T[] | { tests: T[] } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
  const cases = Array.isArray(content) ? content : content.tests;
  describe('the test cases of the AWS SDKs', () => {
    test('are all there', () => expect(cases.length).toBeGreaterThanOrEqual(atLeast));
    run(cases);
  });
}

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A case of `assume-role.json`. */
export interface SdkChainCase {
  readonly docs: string;
  readonly input: {
    readonly profiles: Sections;
    readonly sso_sessions?: Sections;
    readonly selected_profile: string;
  };
  readonly output: { readonly ProfileChain?: readonly Step[]; readonly Error?: string };
}

/** Such a case in the form of ours; its error is in the SDKs' words and left out. */
export function chainCase({ docs, input, output }: SdkChainCase): ChainCase {
  return {
    name: docs,
    config: text('profile', input.profiles) + text('sso-session', input.sso_sessions ?? {}),
    profile: input.selected_profile,
    chain: output.ProfileChain,
  };
}

function text(prefix: string, sections: Sections): string {
  return Object.entries(sections)
    .map(([name, settings]) => {
      const lines = Object.entries(settings).map(([key, value]) => `${key} = ${value}\n`);
      return `[${prefix} ${name}]\n${lines.join('')}`;
    })
    .join('');
}
