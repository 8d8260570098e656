import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { describe, expect, it } from 'vitest';
import { makeWorld, USER101_KEYS, type World } from '../world.ts';

const ID = USER101_KEYS.aws_access_key_id;
const SECRET = USER101_KEYS.aws_secret_access_key;
const KEYS = `aws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`;

interface Files {
  readonly config?: string | undefined;
  readonly credentials?: string | undefined;
}

/** A world with an age store that needs no passphrase. */
async function keysWorld(files: Files): Promise<World> {
  const world = await makeWorld({ config: undefined, credentials: undefined, ...files });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`);
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  return world;
}

function filesOf(world: World): Files {
  const read = (name: string): string | undefined => {
    const path = join(world.home, '.aws', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
  };
  return { config: read('config'), credentials: read('credentials') };
}

async function run(world: World, ...words: string[]): Promise<void> {
  expect(await world.run(words)).toMatchObject({ status: 0 });
}

const CRLF = (text: string): string => text.replaceAll('\n', '\r\n');
const CREDENTIALS = `# mine\n[other]\nregion = eu-west-1\n\n[user101]\n# first\n${KEYS}region=eu-west-1\n\n; last\n`;
const CONFIG = '# all\n[profile a]\nregion = eu-west-1\n\n[profile user101]\n# about it\noutput = json\n';

describe('protect, then unprotect', () => {
  it.each<[string, Files]>([
    ['a profile of the credentials file', { credentials: CREDENTIALS }],
    ['an empty config file', { config: '', credentials: CREDENTIALS }],
    [
      'another profile in the config file',
      { config: '[profile a]\noutput = json\n', credentials: CREDENTIALS },
    ],
    ['a blank line at the end', { config: '[profile a]\noutput = json\n\n', credentials: CREDENTIALS }],
    ['no line end at the end', { config: '[profile a]\noutput = json', credentials: CREDENTIALS.trimEnd() }],
    ['keys in the last line', { credentials: `[user101]\n${KEYS}`.trimEnd() }],
    ['a header in the last line', { config: '[profile user101]', credentials: CREDENTIALS }],
    ['a section of its own that is empty', { config: '[profile user101]\n', credentials: CREDENTIALS }],
    ['a profile in both', { config: CONFIG, credentials: CREDENTIALS }],
    ['CRLF', { config: CRLF(CONFIG), credentials: CRLF(CREDENTIALS) }],
    [
      'CRLF, and a profile of the credentials file',
      { config: CRLF('[a]\nb = c\n'), credentials: CRLF(CREDENTIALS) },
    ],
    ['a profile in the config file only', { config: `${CONFIG}${KEYS}# end\n` }],
    ['a profile in the config file only, without a line end', { config: `${CONFIG}${KEYS}`.trimEnd() }],
    ['keys in both', { config: `${CONFIG}${KEYS}`, credentials: CREDENTIALS }],
    [
      'two sections, odd spaces and the other order',
      {
        credentials: `[user101]\nregion = x\n[b]\n[ user101 ]\n  AWS_SECRET_ACCESS_KEY=${SECRET} \n\n  aws_access_key_id   =${ID}\n[c]\n`,
      },
    ],
    ['[default]', { config: '[default]\nregion = x\n', credentials: `[default]\n${KEYS}` }],
  ])('leaves the bytes as they were: %s', async (what, files) => {
    const world = await keysWorld(files);
    const profile = what === '[default]' ? 'default' : 'user101';
    const before = filesOf(world);
    await run(world, 'protect', profile);
    const between = filesOf(world);
    expect(between.config).toContain('credential_process = ');
    expect(JSON.stringify(between)).not.toContain(SECRET);
    // Once more: what was noted is of the state before.
    await run(world, 'protect', profile);
    await run(world, 'unprotect', profile);
    expect(filesOf(world)).toEqual(before);
  });

  it.each<[string, string, string]>([
    ['a setting', 'region = x\n', '[profile a]\noutput = json\n\n[profile user101]\nregion = x\n'],
    ['a comment', '# mine\n', '[profile a]\noutput = json\n\n[profile user101]\n# mine\n'],
    ['another section', '\n# b\n[profile b]\n', '[profile a]\noutput = json\n\n# b\n[profile b]\n'],
    ['another section at once', '[profile b]\n', '[profile a]\noutput = json\n[profile b]\n'],
  ])('keeps what was added meanwhile: %s', async (_what, added, expected) => {
    const world = await keysWorld({ config: '[profile a]\noutput = json\n', credentials: CREDENTIALS });
    await run(world, 'protect', 'user101');
    const between = filesOf(world);
    world.write({ config: `${between.config}${added}` });
    await run(world, 'unprotect', 'user101');
    expect(filesOf(world)).toEqual({ config: expected, credentials: CREDENTIALS });
  });

  it('gives keys a section of their own where theirs is gone, and the store is emptied', async () => {
    const world = await keysWorld({ credentials: `[user101]\n${KEYS}` });
    await run(world, 'protect', 'user101');
    world.write({ credentials: '[b]\nc = d\n' });
    await run(world, 'unprotect', 'user101');
    expect(filesOf(world)).toEqual({
      config: undefined,
      credentials: `[b]\nc = d\n\n[user101]\n${`aws_access_key_id = ${ID}\naws_secret_access_key = ${SECRET}\n`}`,
    });
  });

  it('takes out the section of keys that were added', async () => {
    const world = await keysWorld({ config: '[profile a]\n' });
    const add = await world.run(['add', 'new', '--stdin'], { input: `${ID}\n${SECRET}\n` });
    expect(add).toMatchObject({ status: 0 });
    await run(world, 'unprotect', 'new');
    expect(filesOf(world)).toEqual({ config: '[profile a]\n', credentials: `[new]\n${KEYS}` });
  });
});
