import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { SAMPLE_MFA_SERIAL } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { makeWorld, needs, type Run, section, USER101_KEYS, type World } from '../world.ts';

// What AWS's tools make of the line that `protect` writes.

const USER = 'arn:aws:iam::123456789012:user/user101';
const ROLE = 'arn:aws:sts::123456789012:assumed-role/plain';
/** Who each profile is. The names are those that a shell or a splitter of words could break. */
const PROFILES: Readonly<Record<string, string>> = {
  user101: USER,
  default: USER,
  withDevice: USER,
  'team user': USER,
  "o'neil": USER,
  '$(touch${IFS}made)': USER,
  'a;touch${IFS}made': USER,
  '-h': USER,
  ünï: USER,
  role: ROLE,
  'role of team': ROLE,
};
const OF_KEYS = Object.keys(PROFILES).filter((name) => PROFILES[name] === USER);
/** The JavaScript SDK finds no profile in the config file whose name has anything else in it. */
const FOR_JS = Object.keys(PROFILES).filter((name) => /^[\w@+.%:/-]+$/.test(name));

const CONFIG = [
  // A name with a space has to be in the config file as well.
  section('profile "team user"', { region: 'us-east-1' }),
  section('profile withDevice', { mfa_serial: SAMPLE_MFA_SERIAL }),
  section('profile role', { role_arn: 'arn:aws:iam::123456789012:role/plain', source_profile: 'user101' }),
  section('profile "role of team"', {
    role_arn: 'arn:aws:iam::123456789012:role/plain',
    source_profile: 'team user',
  }),
].join('');

const BOTO3 = `import boto3, sys
for profile in sys.argv[1:]:
    print(boto3.Session(profile_name=profile).client('sts').get_caller_identity()['Arn'])`;
const SDK = `import { STSClient, GetCallerIdentityCommand } from '${import.meta.resolve('@aws-sdk/client-sts')}';
for (const profile of process.argv.slice(1)) {
  process.env.AWS_PROFILE = profile;
  console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);
}`;

async function protectedWorld(): Promise<World> {
  const world = await makeWorld({
    config: CONFIG,
    credentials: OF_KEYS.map((name) => section(name, USER101_KEYS)).join(''),
  });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`, { mode: 0o600 });
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  for (const name of OF_KEYS) {
    const done = await world.run(['protect', '--', name]);
    expect([done.stderr, done.status]).toEqual([expect.stringContaining('keys are in age files'), 0]);
  }
  expect(readFileSync(join(world.home, '.aws', 'credentials'), 'utf8')).not.toMatch(/aws_/);
  return world;
}

function arns(run: Run): string[] {
  expect([run.stderr, run.status]).toEqual(['', 0]);
  return run.stdout
    .trim()
    .split('\n')
    .map((arn) => arn.replace(/(:assumed-role\/[^/]+)\/.*$/, '$1'));
}

test('AWS CLI, boto3 and the JavaScript SDK get the keys by the line that protect writes', {
  ...needs(hasBoth),
  timeout: 240_000,
}, async () => {
  const world = await protectedWorld();
  const env = { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
  const names = Object.keys(PROFILES);
  const expected = names.map((name) => PROFILES[name]);
  expect(arns(await world.command([python, '-c', BOTO3, ...names], { env }))).toEqual(expected);
  for (const name of ['withDevice', "o'neil", 'role of team']) {
    const words = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'];
    expect(arns(await world.command([aws, ...words], { env: { ...env, AWS_PROFILE: name } }))).toEqual([
      PROFILES[name],
    ]);
  }
  // Not of its next versions.
  const node = [process.execPath, '--no-warnings', '--input-type=module', '-e', SDK, '--', ...FOR_JS];
  expect(arns(await world.command(node, { env }))).toEqual(FOR_JS.map((name) => PROFILES[name]));
});
