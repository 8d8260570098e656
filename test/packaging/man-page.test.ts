import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { manPage } from '../../packaging/man-page.ts';
import { COMMAND_HELP } from '../../src/commands/help-texts.ts';
import { EXEC_OPTIONS, PROFILE_OPTIONS } from '../../src/commands/switch-options.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const page = manPage(version);

describe('the manual page', () => {
  it('is what the build writes', () => {
    expect(readFileSync('man/awsrole.1', 'utf8'), 'run: npm run build').toBe(page);
  });

  it('has every command', () => {
    for (const { usage, about } of Object.values(COMMAND_HELP)) {
      expect(page).toContain(`\n.SS awsrole ${usage.replaceAll('-', '\\-')}\n${plain(about).split(' ', 1)}`);
    }
  });

  it('has every option but the hidden ones', () => {
    for (const [name, option] of Object.entries({ ...PROFILE_OPTIONS, ...EXEC_OPTIONS })) {
      const shown = new RegExp(`^\\.B \\\\-\\\\-${name.replaceAll('-', '\\\\-')}( |$)`, 'm').test(page);
      expect([name, shown]).toEqual([name, !('hidden' in option)]);
    }
  });

  it('has no line that a formatter would take for a request by chance, or break off at a backslash', () => {
    for (const line of page.split('\n')) {
      expect(line).toMatch(/^$|^\.(\\"|TH|SH|SS|TP|PP|B|BR|EX|EE|br)|^[^.']/);
      expect(line.replace(/\\(e|-|&|fB|fI|fR|\(..|\[u[0-9A-F]{4,6}\]|")/g, '')).not.toContain('\\');
      expect(line).toMatch(/^[ -~]*$/);
    }
  });
});

function plain(text: string): string {
  return text.replaceAll('-', '\\-').replaceAll('`', '\\(ga');
}
