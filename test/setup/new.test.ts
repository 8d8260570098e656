import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity } from 'age-encryption';
import { expect, test } from 'vitest';
import { SAMPLE_MFA_SERIAL, SAMPLE_WORLD } from '../../src/demo/sample-world.ts';
import { aws, hasBoth, python } from '../aws-tools.ts';
import { hasScript, type Step, typeInto } from '../terminal/typing.ts';
import {
  makeWorld,
  needs,
  type Run,
  type RunOptions,
  roleArn,
  section,
  USER101_KEYS,
  type World,
} from '../world.ts';

const LINK = 'https://signin.aws.amazon.com/switchrole';
const CREDENTIALS = section('user101', { ...USER101_KEYS, region: 'eu-west-1' });

function small(): Promise<World> {
  return makeWorld({ config: undefined, credentials: CREDENTIALS });
}

function write(world: World, words: readonly string[], options: RunOptions = {}): Promise<Run> {
  return world.run(['new', ...words, '--yes', '--no-try'], options);
}

function config(world: World): string {
  return readFileSync(join(world.home, '.aws', 'config'), 'utf8');
}

const PLAIN = ['--role-arn', roleArn('plain'), '--source-profile', 'user101'];

test('by options alone: the lines, in a file of its own rights, and a switch that works', async () => {
  const world = await small();
  const run = await world.run(['new', 'plain', ...PLAIN, '--yes'], {
    prefix: ['sh', '-c', 'umask 0; exec "$@"', 'sh'],
  });
  expect(run).toMatchObject({ status: 0, stdout: '' });
  const lines = section('profile plain', {
    role_arn: roleArn('plain'),
    source_profile: 'user101',
    region: 'eu-west-1',
  }).trimEnd();
  expect(config(world).trimEnd()).toBe(lines);
  expect(run.stderr).toContain(`\n\n${lines.replace(/^/gm, '  ')}\n\n`);
  expect(run.stderr).toMatch(/it works: AWS gives a session of "plain"\nnow: awsrole plain\n$/);
  expect(statSync(join(world.home, '.aws', 'config')).mode & 0o777).toBe(0o600);
  // The session that was tried is kept.
  const asked = world.sts.requests().length;
  expect((await world.lines('plain')).set.AWSROLE_PROFILE).toBe('plain');
  expect(world.sts.requests().length).toBe(asked);
});

test('the folder is made for one user alone', async () => {
  const world = await makeWorld({ config: undefined, credentials: undefined });
  rmSync(join(world.home, '.aws'), { recursive: true });
  const other = join(world.home, 'elsewhere');
  mkdirSync(other);
  const credentials = join(other, 'credentials');
  writeFileSync(credentials, CREDENTIALS, { mode: 0o600 });
  const env = { AWS_SHARED_CREDENTIALS_FILE: credentials };
  expect(
    await write(world, ['plain', ...PLAIN], { env, prefix: ['sh', '-c', 'umask 0; exec "$@"', 'sh'] }),
  ).toMatchObject({
    status: 0,
  });
  expect(statSync(join(world.home, '.aws')).mode & 0o777).toBe(0o700);
});

test.each([
  [
    `${LINK}?roleName=plain&account=123456789012&displayName=acme+prod`,
    'acme prod',
    'user101',
    roleArn('plain'),
  ],
  [`${LINK}?account=123456789012&roleName=team%2Fplain`, 'plain', 'user101', roleArn('team/plain')],
  [
    'https://us-gov-west-1.signin.amazonaws-us-gov.com/switchrole?roleName=gov&account=123456789012',
    'gov',
    'user-gov',
    roleArn('gov', 'aws-us-gov'),
  ],
  [
    'https://signin.amazonaws.cn/switchrole?roleName=cn&account=123456789012',
    'cn',
    'user-cn',
    roleArn('cn', 'aws-cn'),
  ],
])("the console's link %s", async (link, name, source, arn) => {
  const world = await makeWorld({ config: undefined });
  expect(await write(world, [name, '--role-arn', link, '--source-profile', source])).toMatchObject({
    status: 0,
  });
  expect(config(world)).toContain(`role_arn = ${arn}\nsource_profile = ${source}\n`);
});

test.each([
  ['https://evil.example/switchrole?roleName=a&account=123456789012', 'is not a console link'],
  [
    'https://signin.aws.amazon.com.evil.example/switchrole?roleName=a&account=123456789012',
    'is not a console link',
  ],
  [`${LINK}?roleName=admin&account=acme`, 'is an alias'],
  [`${LINK}?account=123456789012`, 'names no account (account) or no role'],
  [`${LINK}?roleName=a%0Aregion%3Dx&account=123456789012`, 'is not the ARN of an IAM role'],
  [`${roleArn('plain')}\ncredential_process = evil`, 'does not name a role'],
  ['arn:aws:iam::123456789012:user/user101', 'is not the ARN of an IAM role'],
])('refuses %j for a role, and writes nothing', async (text, words) => {
  const world = await small();
  const run = await write(world, ['x', '--role-arn', text, '--source-profile', 'user101']);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain(words);
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
});

test.each([
  ['list', 'is a command of awsrole'],
  ['-x', 'would be taken for an option'],
  ['', 'cannot be the name'],
  [' ', 'cannot be the name'],
  ['a]b', 'cannot be the name'],
  ['a\nb', 'cannot be the name'],
  ['a\u001b[31mb', 'cannot be the name'],
  ['a\u202eb', 'cannot be the name'],
])('refuses the name %j', async (name, words) => {
  const world = await small();
  const run = await world.run(['new', ...PLAIN, '--yes', '--no-try', '--', name]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain(words);
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
});

test.each([
  [['x', '--source-profile', 'user101', '--yes'], '--role-arn'],
  [['--role-arn', roleArn('plain'), '--source-profile', 'user101', '--yes'], 'NAME'],
  [['x', '--role-arn', roleArn('plain'), '--yes'], '--source-profile'],
  [['x', ...PLAIN], '--yes'],
])('without a terminal %j lacks %s', async (words, option) => {
  const world = await small();
  const run = await world.run(['new', ...words]);
  expect(run.status).toBe(2);
  expect(run.stderr).toContain(`new needs ${option} where there is no terminal`);
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
});

test('what is in the file stays to the byte: comments, order, line ends, mode, and a symbolic link', async () => {
  const text =
    '# mine\r\n[profile a]\r\n  region = us-east-1 ; here\r\n  s3 =\r\n    addressing_style = path';
  const world = await makeWorld({ config: text, credentials: CREDENTIALS });
  const file = join(world.home, '.aws', 'config');
  renameSync(file, join(world.home, 'dotfiles'));
  symlinkSync('../dotfiles', file);
  expect(await write(world, ['plain', ...PLAIN, '--region', 'eu-west-2'])).toMatchObject({ status: 0 });
  expect(lstatSync(file).isSymbolicLink()).toBe(true);
  const written = config(world);
  expect(written.startsWith(text)).toBe(true);
  expect(written.slice(text.length)).toBe(
    `\r\n\r\n[profile plain]\r\nrole_arn = ${roleArn('plain')}\r\nsource_profile = user101\r\nregion = eu-west-2\r\n`,
  );
});

test('a profile that is there, in either file or by a broken header, is never changed', async () => {
  const world = await makeWorld({
    config: '[profile taken]\nregion = us-east-1\n[meant]\nregion = x\n',
    credentials: CREDENTIALS,
  });
  const before = world.snapshot();
  for (const name of ['taken', 'user101', 'meant']) {
    const run = await write(world, [name, ...PLAIN]);
    expect(run.status).toBe(3);
    expect(run.stderr).toMatch(/(config|credentials):\d+: there is a profile/);
  }
  expect(world.snapshot()).toEqual(before);
});

test('a value that the file would not give back as it is, is not written', async () => {
  const source = section('profile "user #1"', { ...USER101_KEYS, region: 'us-east-1' });
  const world = await makeWorld({ config: source, credentials: undefined });
  const run = await write(world, ['plain', '--role-arn', roleArn('plain'), '--source-profile', 'user #1']);
  expect(run.status).toBe(3);
  expect(run.stderr).toContain('would not read these lines as intended');
  expect(config(world)).toBe(source);
});

test('a home that can only be read', async () => {
  const world = await makeWorld({ config: undefined, credentials: undefined });
  rmSync(join(world.home, '.aws'), { recursive: true });
  const credentials = join(world.home, 'credentials');
  writeFileSync(credentials, CREDENTIALS, { mode: 0o600 });
  chmodSync(world.home, 0o555);
  const run = await write(world, ['plain', ...PLAIN], {
    env: { AWS_SHARED_CREDENTIALS_FILE: credentials },
    ordinary: true,
  });
  chmodSync(world.home, 0o755);
  expect(run.status).toBe(3);
  expect(run.stderr).toMatch(/config cannot be made: EACCES.*\n {2}nothing was changed/);
});

test('a file that cannot be replaced without a loss is left alone', async () => {
  const world = await makeWorld({ config: '', credentials: CREDENTIALS });
  const file = join(world.home, '.aws', 'config');
  linkSync(file, join(world.home, 'other-name'));
  const run = await write(world, ['plain', ...PLAIN]);
  expect(run.status).toBe(3);
  expect(run.stderr).toContain('has 2 names (hard links)');
  expect(config(world)).toBe('');
});

test('a region, a device or a source of another partition, and a source that is none', async () => {
  const world = await makeWorld({ config: undefined });
  const cases: [string[], string][] = [
    [[...PLAIN, '--region', 'cn-north-1'], '"cn-north-1" is a region of aws-cn, and the role is of aws'],
    [[...PLAIN, '--region', 'nowhere'], '"nowhere" is not a region'],
    [[...PLAIN, '--mfa-serial', 'arn:aws-cn:iam::123456789012:mfa/me'], 'a device of partition aws-cn'],
    [[...PLAIN, '--mfa-serial', 'arn:aws:iam::123456789012:u2f/user/me/key'], 'those give no code'],
    [
      ['--role-arn', roleArn('plain'), '--source-profile', 'user-cn'],
      'cannot be the source of a role of that partition',
    ],
    [['--role-arn', roleArn('plain'), '--source-profile', 'user10'], 'there is no profile "user10"'],
  ];
  for (const [words, expected] of cases) {
    const run = await write(world, ['x', ...words]);
    expect([2, 3]).toContain(run.status);
    expect(run.stderr).toContain(expected);
  }
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
});

test('a trial that fails says what AWS said, and that the profile stays', async () => {
  const world = await small();
  const run = await world.run([
    'new',
    'lost',
    '--role-arn',
    roleArn('lost'),
    '--source-profile',
    'user101',
    '--yes',
  ]);
  expect(run.status).toBe(5);
  expect(run.stderr).toMatch(/not authorized/);
  expect(run.stderr).toContain(
    `the profile stays in ${join(world.home, '.aws', 'config')}; to try it again: awsrole lost`,
  );
  expect(config(world)).toContain('[profile lost]');
});

test('whoever has no profile is led to the first user', async () => {
  const world = await makeWorld({ config: undefined, credentials: undefined });
  const run = await world.run(['new', 'x', ...PLAIN, '--yes']);
  expect(run).toMatchObject({ status: 3 });
  expect(run.stderr).toContain('awsrole add user101');
  const list = await world.run(['list']);
  expect(list.stderr).toContain('awsrole new role101');
});

test('the first user: from no AWS file at all to a role, with keys that never lie in plain text', async () => {
  const world = await makeWorld({ config: undefined, credentials: undefined });
  rmSync(join(world.home, '.aws'), { recursive: true });
  writeFileSync(join(world.home, 'identity'), `${await generateX25519Identity()}\n`);
  world.settings('key_store = age\nkey_store_identity = ~/identity\n');
  const { aws_access_key_id: id, aws_secret_access_key: secret } = USER101_KEYS;
  expect(await world.run(['add', 'user101', '--stdin'], { input: `${id}\n${secret}\n` })).toMatchObject({
    status: 0,
  });
  const run = await world.run(['new', 'plain', ...PLAIN, '--region', 'us-east-1', '--yes']);
  expect(run.stderr).toMatch(/it works: AWS gives a session of "plain"\nnow: awsrole plain\n$/);
  expect(config(world)).not.toContain(secret);
  expect((await world.lines('plain')).set.AWS_REGION).toBe('us-east-1');
});

const NAMES = [
  'a b',
  'quo"te',
  'back\\slash',
  "single'quote",
  '$(touch x)',
  'a;b',
  'a#b',
  'żółć',
  '`x`',
  '50%',
  'a=b',
  'C:\\x "y"',
];

test(
  'names that need quotes are read by the AWS CLI and boto3 as they were typed',
  needs(hasBoth),
  async () => {
    const world = await small();
    for (const name of NAMES) {
      const run = await write(world, [name, ...PLAIN, '--region', 'eu-west-3']);
      expect([name, run.status]).toEqual([name, 0]);
    }
    const seen = await world.command([
      python,
      '-c',
      'import boto3, json; print(json.dumps(boto3.Session().available_profiles))',
    ]);
    expect(JSON.parse(seen.stdout)).toEqual(expect.arrayContaining(NAMES));
    for (const name of ['a b', 'C:\\x "y"']) {
      const shown = await world.command([aws, 'configure', 'list', '--profile', name], {
        env: { PYENV_VERSION: '3.11.7' },
      });
      expect(shown.stdout).toMatch(/region.*eu-west-3/);
    }
    expect((await world.lines('a b')).set.AWS_REGION).toBe('eu-west-3');
  },
);

/** Answers the questions in a pseudo-terminal; gives the screen. */
function answer(
  world: World,
  words: string,
  steps: readonly Step[],
  env: Record<string, string> = {},
): Promise<string> {
  return typeInto(`'${process.execPath}' '${world.cli}' new ${words}; echo "status $?"`, steps, {
    cwd: world.home,
    env: world.env({ NO_COLOR: '1', ...env }),
  });
}

const USERS = SAMPLE_WORLD.users.map((user) =>
  user.mfa?.serial === SAMPLE_MFA_SERIAL ? { ...user, allow: ['iam:ListMFADevices'] } : user,
);

test('asks for what is missing, proposes what is there, and tries the switch', needs(hasScript), async () => {
  const world = await makeWorld({ config: undefined, credentials: CREDENTIALS, users: USERS });
  const screen = await answer(
    world,
    '',
    [
      ['Role: ', `nonsense\n`],
      ['Role: ', `${LINK}?roleName=role101&account=123456789012&displayName=prod\n`],
      ['Name of the profile [prod]: ', 'user101\n'],
      ['Name of the profile [prod]: ', '\n'],
      ['Source profile, whose credentials assume the role [user101]: ', '\n'],
      [`MFA device, or - for none [${SAMPLE_MFA_SERIAL}]: `, '\n'],
      ['Region [eu-west-1]: ', 'us-east-1\n'],
      ['Write them? [Y/n] ', '\n'],
      ['Try it? [Y/n] ', 'y\n'],
      ['MFA code', `${world.code()}\n`],
    ],
    { AWS_ENDPOINT_URL_IAM: world.sts.url },
  );
  expect(screen).toContain('"nonsense" is not the ARN of an IAM role');
  expect(screen).toContain('there is a profile "user101" already');
  expect(screen).toMatch(/it works: AWS gives a session of "prod"\r\nnow: awsrole prod\r\nstatus 0\r\n$/);
  expect(config(world).trimEnd()).toBe(
    section('profile prod', {
      role_arn: roleArn('role101'),
      source_profile: 'user101',
      mfa_serial: SAMPLE_MFA_SERIAL,
      region: 'us-east-1',
    }).trimEnd(),
  );
});

test(
  'proposes the device that other roles of the source name, and users before roles',
  needs(hasScript),
  async () => {
    const other = { role_arn: roleArn('other'), source_profile: 'user101' };
    const world = await makeWorld({
      config:
        section('profile other', { ...other, mfa_serial: SAMPLE_MFA_SERIAL }) +
        section('profile keyless', other),
      credentials: CREDENTIALS,
    });
    const screen = await answer(world, `role101 --role-arn ${roleArn('role101')} --no-try`, [
      ['Source profile, whose credentials assume the role [user101]: ', 'us\t'],
      ['er101', '\n'],
      [`MFA device, or - for none [${SAMPLE_MFA_SERIAL}]: `, '-\n'],
      ['Region [eu-west-1]: ', '\n'],
      ['Write them? [Y/n] ', '\n'],
    ]);
    expect(screen).not.toContain('profiles with credentials');
    expect(screen).toMatch(/now: awsrole role101\r\nstatus 0\r\n$/);
    expect(config(world).split('[profile role101]')[1]).not.toContain('mfa_serial');
  },
);

test(
  'a newline in what is pasted answers no other question and writes no line',
  needs(hasScript),
  async () => {
    const world = await small();
    const screen = await answer(world, 'plain', [
      ['Role: ', `${roleArn('plain')}\nuser101\ny\ny\ny\n`],
      ['assume the role [user101]: ', 'user101\n'],
      ['MFA device: its ARN, or Enter for none: ', '\n'],
      ['Region [eu-west-1]: ', '\n'],
      ['Write them? [Y/n] ', 'n\n'],
    ]);
    expect(screen).toMatch(/nothing was written\r\nstatus 0\r\n$/);
    expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
  },
);

test.each([
  ['\u0003', 130],
  ['\u0004', 130],
])('%j at a question ends it, and nothing is written', needs(hasScript), async (key, status) => {
  const world = await small();
  const screen = await answer(world, 'plain', [['Role: ', key]]);
  expect(screen).toMatch(new RegExp(`\\nawsrole: .*\\r\\nstatus ${status}\\r\\n$`));
  expect(existsSync(join(world.home, '.aws', 'config'))).toBe(false);
});
