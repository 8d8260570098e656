import { describe, expect, it } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD, sampleFiles } from '../../src/demo/sample-world.ts';
import { checkWorld } from '../../src/demo/sts-world.ts';

/** The sections of a plain file: `key = value` lines only. */
function sections(text: string): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const block of text.trim().split('\n\n')) {
    const [header = '', ...lines] = block.split('\n');
    found.set(header.slice(1, -1), Object.fromEntries(lines.map((line) => line.split(' = ', 2))));
  }
  return found;
}

describe('the sample world', () => {
  const { credentials, config } = sampleFiles();

  it('is one that the server takes, with keys that are not real', () => {
    expect(() => checkWorld(SAMPLE_WORLD)).not.toThrow();
    for (const { accessKeyId, secretAccessKey } of SAMPLE_WORLD.users) {
      // Real ones hold no 0 and no 1.
      expect(accessKeyId).toMatch(/^AKIA(?=.*[01])[A-Z0-9]{9}EXAMPLE$/);
      expect(secretAccessKey).toHaveLength(40);
    }
    expect(SAMPLE_WORLD.users.some(({ secretAccessKey }) => secretAccessKey.startsWith('/'))).toBe(true);
  });

  it('has credentials as people have them', () => {
    expect(credentials).toContain(
      [
        '[user101]',
        'aws_access_key_id = AKIAUSER10100EXAMPLE',
        'aws_secret_access_key = sandbox+user101/notARealSecret0EXAMPLEKE',
        'region = us-east-1',
        'output = json',
        '',
        '[role101]',
        'role_arn = arn:aws:iam::123456789012:role/role101',
        `mfa_serial = ${SAMPLE_MFA_SERIAL}`,
        'output = json',
        'source_profile = user101',
        '',
      ].join('\n'),
    );
  });

  it('has a profile for every user and role, and no more', () => {
    const all = new Map([...sections(credentials), ...sections(config)]);
    const keys = [...all.values()].flatMap(({ aws_access_key_id: id }) => id ?? []);
    expect(keys.sort()).toEqual(SAMPLE_WORLD.users.map(({ accessKeyId }) => accessKeyId).sort());
    const roles = [...all.values()].flatMap(({ role_arn: arn }) => arn ?? []);
    expect(roles.sort()).toEqual(SAMPLE_WORLD.roles.map(({ arn }) => arn).sort());
    for (const { source_profile: source } of all.values()) {
      if (source !== undefined) expect([...all.keys()]).toContain(source);
    }
  });
});
