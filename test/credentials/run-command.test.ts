import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { splitCommand } from '../../src/credentials/run-command.ts';
import { hasBoth, python } from '../aws-tools.ts';
import { needs } from '../world.ts';

const LINES = [
  'plain words  and   more',
  '/opt/a\\ b "c d" \'e f\'',
  'C:\\Program Files\\x.exe',
  '"C:\\Program Files\\x.exe" --a "b \\"c\\" d" \\\\server\\share',
  'a"b c"d',
  'x "" y',
  "x '' y",
  '"a\\\\" b',
  '"a\\\\\\"b" c',
  "it's open",
  '"open',
  'back\\',
  '$HOME `id` $(id) ; | & > <',
  '$\'a b\' $"c"',
  'a # b',
  'sh -c "a # b; c ; d" #e ;f \'# ;\'',
  'tab\tbetween',
  'lines\nbetween\r\nwords',
  'other spaces\u00a0\u2003\u000b\f\u0085\u3000between',
  'a\\\nb',
  '"a\\\nb"',
  "a'b\\'c",
  '\\#x \\;y',
  '"\\$x \\`y \\n"',
  '"" \'\' ""\'\'',
  '\ufdd0',
  '',
  '   ',
  'zażółć "gęślą jaźń"',
];

describe('the words of a command line', needs(hasBoth), () => {
  it.each(['linux', 'win32'] as const)('are those of botocore on %s', (platform) => {
    const script = `import json, sys
from botocore.compat import compat_shell_split
def words(line):
    try:
        return compat_shell_split(line, platform='${platform}')
    except ValueError:
        return None
print(json.dumps([words(line) for line in json.load(sys.stdin)]))`;
    const expected = execFileSync(python, ['-c', script], { input: JSON.stringify(LINES), encoding: 'utf8' });
    expect(LINES.map((line) => splitCommand(line, platform) ?? null)).toEqual(JSON.parse(expected));
  });
});
