import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

// A wrapper has to know which words are the core's commands and which options take a value, or it would take one for a
// profile. These lists stand in four files beside the core's own.

const help = execFileSync(process.execPath, ['dist/cli.mjs', '--help'], { encoding: 'utf8' });
const shown = [...help.matchAll(/^ {2}awsrole ([a-z][a-z-]*)/gm)].map(([, word]) => word ?? '');
const HIDDEN = ['session-lines', 'index-lines'];

describe.each(['bash', 'zsh', 'fish', 'ps1'])('shell/awsrole.%s', (extension) => {
  const text = readFileSync(`shell/awsrole.${extension}`, 'utf8');

  it('knows the commands of the core', () => {
    expect(shown.length).toBeGreaterThan(6);
    // The line that has one of the hidden words as a bare word is the list of those that go straight to the core.
    const line = text.split('\n').find((text) => HIDDEN.every((word) => text.includes(word))) ?? '';
    const words = line.match(/[a-z]+(?:-[a-z]+)*/g) ?? [];
    const forCore = [...shown, ...HIDDEN].filter((word) => word !== 'off' && word !== 'whoami');
    expect(new Set(words.filter((word) => forCore.includes(word)))).toEqual(new Set(forCore));
  });

  it('knows the options that take a value', () => {
    const switchHelp = execFileSync(process.execPath, ['dist/cli.mjs', 'exec', '--help'], {
      encoding: 'utf8',
    });
    const withValue = [...switchHelp.matchAll(/^ +(--[a-z-]+) .*\[string\]/gm)].map(
      ([, option]) => option ?? '',
    );
    expect(withValue).toContain('--mfa-code');
    expect(withValue).toHaveLength(12);
    // One function says so; completion offers each once more.
    const start = text.indexOf('# True for an option whose value is the next word.');
    const body = text.slice(start, text.indexOf('\n\n', start));
    expect(new Set(body.match(/--[a-z-]+/g))).toEqual(new Set(withValue));
    for (const option of withValue) {
      expect(text.replace(body, '').match(new RegExp(`${option}(?![a-z-])`))).not.toBeNull();
    }
  });

  it('leaves a switch that is only tried to the core', () => {
    expect(text).toMatch(/--version.*--dry-run|--dry-run.*--version/);
  });
});
