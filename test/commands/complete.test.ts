import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeWorld, section, type World } from '../world.ts';

const ROLE = 'arn:aws:iam::123456789012:role/x';
const CONFIG = [
  section('profile kees', { aws_access_key_id: 'AKIAUSER10100EXAMPLE' }),
  section('profile role101', { role_arn: ROLE, source_profile: 'kees' }),
  section('profile "two words"', { region: 'eu-west-1' }),
  section('profile "$(touch x)"', { role_arn: ROLE, source_profile: 'kees' }),
  section('profile list', { role_arn: ROLE, source_profile: 'kees' }),
  section('profile --tag=x', { role_arn: ROLE, source_profile: 'kees' }),
  section('profile e\u{1b}[31mvil', { role_arn: ROLE, source_profile: 'kees' }),
  section('profile evil2', { role_arn: `${ROLE}\u{202e}`, source_profile: 'kees' }),
].join('');

const ROLES = ['role101', '$(touch x)', 'list', '--tag=x'];
const OTHERS = ['kees', 'two words'];
const NAMES = [...ROLES, ...OTHERS];
/** Those that would not be taken for an option. */
const BARE = NAMES.filter((name) => name !== '--tag=x');
const HELP = ['--help', '--version', '--debug'];
const ROLE_FLAGS = [
  '--source-profile',
  '--region',
  '--duration',
  '--session-name',
  '--external-id',
  '--mfa-serial',
  '--no-mfa',
  '--source-identity',
  '--tag',
  '--transitive-tag',
  '--policy',
  '--policy-arn',
];
const SWITCH_FLAGS = ['--refresh', '--yes', '--mfa-code', ...ROLE_FLAGS];
const PROFILE_FLAGS = [...SWITCH_FLAGS, '--dry-run', '--json'];
const COMMANDS = [
  ...['off', '-', 'status', 'exec', 'env', 'list', 'explain', 'whoami', 'console', 'clear', 'new'],
  ...[
    'demo',
    'init',
    'protect',
    'unprotect',
    'add',
    'rotate',
    'keys',
    'unlock',
    'lock',
    'doctor',
    'setup',
    'help',
  ],
];

/** Names of commands are no profiles there. */
const ALL = [...BARE.filter((name) => name !== 'list'), ...COMMANDS];

let world: World;
beforeAll(async () => {
  let end = async (): Promise<void> => {};
  world = await makeWorld({
    config: CONFIG,
    credentials: undefined,
    onFinished: (close) => {
      end = close;
    },
  });
  return () => end();
});

/** The lines of an answer, which must come without a word on standard error. */
async function complete(words: readonly string[], shell = 'fish', options = {}): Promise<string[]> {
  const run = await world.run(['complete', shell, ...words], options);
  expect(run).toMatchObject({ status: 0, stderr: '' });
  expect(run.stdout).toMatch(/^(words|files)\n(.+\n)*$/);
  return run.stdout.split('\n').slice(0, -1);
}

/** What is offered, without the descriptions. */
async function offered(words: readonly string[]): Promise<string[]> {
  const [kind, ...lines] = await complete(words);
  expect(kind).toBe('words');
  return lines.map((line) => line.split('\t')[0] ?? '');
}

describe.each<[string, readonly [words: readonly string[], answer: readonly string[]][]]>([
  [
    'names and commands for the first word',
    [
      [[], ALL],
      [[''], ALL],
      [['r'], ['role101', 'rotate']],
      [['o'], ['off']],
      [['e'], ['exec', 'env', 'explain']],
      [['$0'], []],
      [['c'], ['console', 'clear']],
      [['session'], []],
      [['index'], []],
      [['complete'], []],
      [['EX'], []],
    ],
  ],
  [
    'options of a switch',
    [
      [['-'], ['-', ...HELP, ...PROFILE_FLAGS]],
      [['--'], [...HELP, ...PROFILE_FLAGS]],
      [['--re'], ['--refresh', '--region']],
      [
        ['role101', '--re'],
        ['--refresh', '--region'],
      ],
      [
        ['role101', '-'],
        [...HELP, ...PROFILE_FLAGS],
      ],
      [['--region', 'eu-west-1', 'role101', '--re'], ['--refresh']],
      [['role101', '--bogus'], []],
    ],
  ],
  [
    'options of each command',
    [
      [
        ['exec', '--'],
        [...HELP, ...SWITCH_FLAGS, '--serve', '--'],
      ],
      [
        ['exec', 'role101', '-'],
        [...HELP, ...SWITCH_FLAGS, '--serve', '--'],
      ],
      [
        ['explain', '--'],
        [...HELP, ...ROLE_FLAGS, '--json'],
      ],
      [
        ['list', '--'],
        [...HELP, '--json'],
      ],
      [
        ['whoami', '--'],
        [...HELP, '--json'],
      ],
      [['clear', '-'], HELP],
      [['off', '--'], HELP],
      [['-', '--'], HELP],
      [
        ['status', '--'],
        [...HELP, '--json'],
      ],
      [['demo', '--d'], ['--debug']],
      [['init', '--h'], ['--help']],
      [['--region', 'x', 'list', '--j'], ['--json']],
    ],
  ],
  [
    'no option again, unless it may be repeated',
    [
      [['--refresh', '--re'], ['--region']],
      [['--region=eu', '--re'], ['--refresh']],
      [['exec', '--region', 'eu', '--mfa-code', '-', '--re'], ['--refresh']],
      [
        ['--tag', 'a=b', '--t'],
        ['--tag', '--transitive-tag'],
      ],
      [['--transitive-tag=a', '--tr'], ['--transitive-tag']],
      [
        ['--policy-arn', 'a', '--policy'],
        ['--policy', '--policy-arn'],
      ],
      [['--policy', 'a', '--policy'], ['--policy-arn']],
      [
        ['role101', '--debug', '--d'],
        ['--duration', '--dry-run'],
      ],
    ],
  ],
  [
    'values',
    [
      [['--mfa-code', ''], ['-']],
      [['--mfa-code', '-'], ['-']],
      [['--mfa-code', '1'], []],
      [['exec', 'role101', '--mfa-code='], ['--mfa-code=-']],
      [['--source-profile', ''], BARE],
      [['--source-profile='], NAMES.map((name) => `--source-profile=${name}`)],
      [['--source-profile=-'], ['--source-profile=--tag=x']],
      [['--source-profile', 'k'], ['kees']],
      [['--source-profile=r'], ['--source-profile=role101']],
      [['exec', '--source-profile=two'], ['--source-profile=two words']],
      [['--region', ''], []],
      [['--region', '--re'], []],
      [['--region='], []],
      [['--tag', 'a='], []],
      [['--tag=a='], []],
      [['--refresh=t'], []],
      [['--bogus='], []],
      [['--bogus', ''], []],
      [['list', '--source-profile='], []],
    ],
  ],
  [
    'positional words',
    [
      [
        ['init', ''],
        ['bash', 'zsh', 'fish', 'powershell', 'nushell', 'elvish', 'xonsh', 'posix'],
      ],
      [
        ['init', 'po'],
        ['powershell', 'posix'],
      ],
      [['init', 'bash', ''], []],
      [['demo', ''], ['code']],
      [['demo', 'c'], ['code']],
      [['demo', 'x'], []],
      [['demo', '--debug', ''], ['code']],
      [['demo', 'code', ''], []],
      [['list', ''], []],
      [['off', ''], []],
      [['-', ''], []],
      [['role101', ''], []],
    ],
  ],
  [
    'profile names',
    [
      [['exec', ''], BARE],
      [['exec', 'k'], ['kees']],
      [['exec', '--region', 'eu', 'k'], ['kees']],
      [['exec', '--mfa-code', '-', 'k'], ['kees']],
      [['exec', 'list'], ['list']],
      [['exec', 'e'], []],
      [['explain', ''], BARE],
      [['env', ''], BARE],
      [['env', 'role101', '--format', 'd'], ['docker']],
      [
        ['setup', '--shell', ''],
        ['bash', 'zsh', 'fish', 'powershell', 'pwsh'],
      ],
      [['setup', '--shell=z'], ['--shell=zsh']],
      [['setup', '--shell', 'bash', '--sh'], ['--shell']],
      [['setup', '--shell', 'bash', '--dr'], ['--dry-run']],
      [['console', ''], BARE],
      [['console', 'role101', '--service', 'dyn'], ['dynamodb']],
      [['console', '--service=dd'], ['--service=ddb']],
      [['console', '--service', 'ddb', 'r'], ['role101']],
      [
        ['console', '--s'],
        ['--service', '--source-profile'],
      ],
      [['explain', 'role101', ''], []],
      [['clear', ''], BARE],
      [['clear', 'role101', ''], []],
      [['--refresh', ''], BARE.filter((name) => name !== 'list')],
      [['--mfa-code', '-', 'ro'], ['role101']],
      [['--', ''], NAMES],
      [['--', '-'], ['--tag=x']],
      [['--', '--region='], []],
      [['--', '--tag='], ['--tag=x']],
      [['--refresh', '--', 'li'], ['list']],
      [['role101', '--', ''], []],
      [['--', 'role101', ''], []],
      [['explain', '--', '-'], ['--tag=x']],
      [['list', '--', ''], []],
    ],
  ],
  [
    'the command of exec',
    [
      [['exec', 'role101', ''], ['--']],
      [['exec', 'role101', 'x'], []],
      [['exec', 'role101', 'x', ''], []],
      [['exec', '--', ''], []],
      [['exec', 'role101', '--', ''], []],
      [['exec', 'role101', '--', '--re'], []],
      [['exec', 'role101', '--', 'aws', '--region='], []],
      [['exec', 'role101', '--', 'aws', '--', ''], []],
    ],
  ],
  [
    'plain data',
    [
      [['exec', '$('], ['$(touch x)']],
      [
        ['exec', '$(touch x)', '--re'],
        ['--refresh', '--region'],
      ],
      [['exec', 'two '], ['two words']],
      [['exec', "'two"], []],
      [['exec', '"'], []],
      [['exec', '*'], []],
      [['exec', '.'], []],
      [['--constructor', ''], []],
      [['exec', '--__proto__='], []],
      [
        ['__proto__', '--re'],
        ['--refresh', '--region'],
      ],
      [
        ['constructor', '--__proto__.x=1', '--re'],
        ['--refresh', '--region'],
      ],
      [
        ['--get-yargs-completions', 'exec', '--re'],
        ['--refresh', '--region'],
      ],
      [
        ['hilfe', '--re'],
        ['--refresh', '--region'],
      ],
      [
        ['--help', '--re'],
        ['--refresh', '--region'],
      ],
      [['--version', 'exec', '--v'], []],
      [
        ['a\nb', 'c\td', '--re'],
        ['--refresh', '--region'],
      ],
    ],
  ],
])('%s', (_, cases) => {
  test.concurrent.each(cases.map(([words, answer]) => ({ words, answer })))(
    '$words',
    async ({ words, answer }) => {
      expect(await offered(words)).toEqual(answer);
    },
  );
});

test.each([[['--policy', '']], [['--policy=./p']], [['exec', 'role101', '--policy', 'x y']]])(
  'file names: %j',
  async (words) => expect(await complete(words)).toEqual(['files']),
);

test.each(['fish', 'powershell'])('%s gets descriptions', async (shell) => {
  expect(await complete(['exec', 'ro'], shell)).toEqual(['words', `role101\t${ROLE}`]);
  expect(await complete(['exec', 'kees'], shell)).toEqual(['words', 'kees\tkeys']);
  expect(await complete(['exec', 'two'], shell)).toEqual(['words', 'two words']);
  expect(await complete(['exec', '--tag'], shell)).toEqual([
    'words',
    '--tag\tA session tag, as KEY=VALUE (may be repeated)',
  ]);
  expect(await complete(['w'], shell)).toEqual(['words', 'whoami\tAsk AWS who you are in this shell']);
});

test('zsh gets them as its _describe takes them', async () => {
  expect(await complete(['exec', 'ro'], 'zsh')).toEqual(['words', `role101:${ROLE.replaceAll(':', '\\:')}`]);
  expect(await complete(['exec', 'two'], 'zsh')).toEqual(['words', 'two words']);
  expect(await complete(['exec', '--dura'], 'zsh')).toEqual([
    'words',
    '--duration:How long it lasts\\: 1h30m, 45m, or a number of seconds',
  ]);
});

describe('bash hands over its line', () => {
  const BREAKS = ' \t\n"\'@><=;|&(:';

  test.concurrent.each<[string, readonly string[]]>([
    ['awsrole ', [...['role101', '\\$\\(touch\\ x\\)', 'kees', 'two\\ words'], ...COMMANDS]],
    ['awsrole r', ['role101', 'rotate']],
    ['awsrole "tw', ['two words']],
    ["awsrole '$", ['$(touch x)']],
    ['awsrole "$', ['\\$(touch x)']],
    ['awsrole two\\ w', ['two\\ words']],
    ['awsrole "who', ['whoami']],
    ['awsrole exec "tw', ['two words']],
    ['awsrole exec -- ', []],
    ['awsrole -- -', ['--tag=x']],
    ['awsrole -', ['-', ...HELP, ...PROFILE_FLAGS]],
    ['awsrole exec "role101" --re', ['--refresh', '--region']],
    ['awsrole --source-profile=tw', ['two\\ words']],
    ['awsrole "--source-profile=tw', ['--source-profile=two words']],
    ['other --re', ['--refresh', '--region']],
  ])('%j', async (line, answer) => {
    expect(await complete([line, BREAKS], 'bash')).toEqual(['words', ...answer]);
  });

  test('files are for bash to find', async () => {
    expect(await complete(['awsrole --policy ./', BREAKS], 'bash')).toEqual(['files']);
  });

  test('and finds names that are kept for it: quoted, in the order of their bytes, none that begins with a dash', async () => {
    world.settle();
    const shell = { env: { AWSROLE_SHELL: world.shellKey() } };
    await complete(['awsrole "', BREAKS], 'bash', shell);
    const names = readFileSync(join(world.cache, 'completion/names'), 'utf8').split('\n');
    expect(names[0]).toBe('awsrole-names 2 3');
    expect(names.slice(3)).toEqual([
      '\\$\\(touch\\ x\\)',
      'list',
      'role101',
      'kees',
      'two\\ words',
      'end',
      '',
    ]);
  });
});

test('the names are those of the index, in its order', async () => {
  const index = await world.run(['index-lines']);
  const lines = index.stdout.split('\n').filter((line) => line.includes('\t'));
  expect(lines.map((line) => line.split('\t')[0])).toEqual(NAMES);
  expect(await complete(['--', ''])).toEqual(['words', ...lines.map((line) => line.replace(/\t$/, ''))]);
});

test.each(['nushell', 'elvish', 'xonsh'])('%s, which reads no index, gets the names too', async (shell) => {
  const profile = `role101\t${ROLE}`;
  expect(await complete(['ro'], shell)).toEqual([
    'words',
    profile,
    'rotate\tReplace stored keys with new ones',
  ]);
  expect(await complete([''], shell)).toContain('two words');
  // It stands only behind `--`.
  expect(await complete(['li'], shell)).toEqual(['words', 'list\tList your profiles and kept sessions']);
  expect(await complete(['exec', 'ro'], shell)).toEqual(['words', profile]);
  expect(await complete(['--reg'], shell)).toEqual(['words', '--region\tThe region of the session']);
});

test('every command that takes a profile completes it', async () => {
  for (const command of COMMANDS.filter((command) => command !== '-')) {
    const help = await world.run([command, '--help']);
    const takes = / \[?PROFILE\b/.test(help.stdout.split('\n', 1)[0] ?? '');
    expect([command, await offered([command, 'role'])]).toEqual([command, takes ? ['role101'] : []]);
  }
});

test('no variable of the caller changes the form', async () => {
  const env = {
    SHELL: '/bin/zsh',
    ZSH_NAME: 'zsh',
    AWSROLE_NAMES: 'AWS_CONFIG_FILE',
    AWS_CONFIG_FILE: '/none',
  };
  expect(await complete(['--pol'], 'fish', { env })).toEqual([
    'words',
    '--policy\tA file with a policy (JSON) that narrows the session',
    '--policy-arn\tThe ARN of a policy that narrows it (may be repeated)',
  ]);
  // The role's file is not the caller's.
  expect(await complete(['exec', 'ro'], 'fish', { env })).toHaveLength(2);
});

test.each(['tcsh', '', 'BASH', '--help', 'toString', '\u{1b}[31m'])('no such shell: %j', async (shell) => {
  const run = await world.run(['complete', shell, '']);
  expect(run).toMatchObject({ status: 2, stdout: '' });
  expect(run.stderr).toMatch(
    /^awsrole: complete does not know the shell "[\x20-\x7e]*"\n {2}it answers bash, /,
  );
});

test('AWS files that cannot be read give no names, and no error', async () => {
  const folder = { env: { AWS_CONFIG_FILE: world.home } };
  expect(await world.run(['list'], folder)).toMatchObject({ status: 3 });
  for (const words of [['exec', ''], ['--source-profile='], ['--', '']]) {
    expect(await complete(words, 'zsh', folder)).toEqual(['words']);
  }
  expect(await complete(['--reg'], 'zsh', folder)).toEqual(['words', '--region:The region of the session']);
});
