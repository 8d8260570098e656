import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasBoth, python } from '../aws-tools.ts';
import { needs } from '../world.ts';
import { parse } from './files.ts';

/** Spaces to Python, the first eleven to everybody; then what only looks like one, or like nothing. */
const SPACES = [
  ...'\t\u000b\f\u001c\u001d\u001e\u001f \u0085\u00a0\u1680\u2000\u2003\u200a\u202f\u205f\u3000',
];
const NO_SPACES = ['\u200b', '\u2060', '\u180e'];

const LINES = [
  ...[...SPACES, ...NO_SPACES].flatMap((space) => [
    `k =${space}v`,
    `k = v${space}`,
    `k${space}= v`,
    `k = v${space}v`,
    `k = v\n${space}more`,
    `k =\n${space}inner = x${space}`,
    `${space}# comment\nk = v`,
    `k = v\n${space}\nl = w`,
  ]),
  'credential_process = sh -c "a # b ; c"',
  'credential_process = a # b',
  'credential_process = a ; b',
  'credential_process = a\t#b',
  'mfa_process = sh -c \'echo "1 ; 2"\' ; x',
  'cli_pager = less # x',
];

describe('the values of a file', needs(hasBoth), () => {
  it('are those of botocore, with whatever spaces around them, and the comments of commands', () => {
    const folder = mkdtempSync(join(tmpdir(), 'awsrole-values-'));
    try {
      LINES.forEach((text, index) => {
        writeFileSync(join(folder, `${index}`), `[profile a]\n${text}\n`);
      });
      const script = `import json, sys
from botocore.configloader import raw_config_parse
from botocore.exceptions import ConfigParseError
def values(path):
    try:
        return raw_config_parse(path)['profile a']
    except ConfigParseError:
        return None
print(json.dumps([values(f'{sys.argv[1]}/{i}') for i in range(int(sys.argv[2]))]))`;
      const expected: unknown = JSON.parse(
        execFileSync(python, ['-c', script, folder, `${LINES.length}`], { encoding: 'utf8' }),
      );
      expect(LINES.map(valuesOf)).toEqual(expected);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** The settings that we read, in the form that botocore gives them; null for what cannot be read. */
function valuesOf(text: string): Record<string, unknown> | null {
  const { sections, problems } = parse(`[profile a]\n${text}\n`);
  const [section] = sections;
  if (problems.some(({ severity }) => severity === 'error')) return null;
  return Object.fromEntries(
    [...(section?.properties ?? [])].map(([key, { value, nested }]) => [
      key,
      nested === undefined
        ? value
        : Object.fromEntries([...nested].map(([inner, property]) => [inner, property.value])),
    ]),
  );
}
