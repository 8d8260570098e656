import { expect, test } from 'vitest';
import { makeWorld, roleArn, section } from '../world.ts';

const USAGE = 2;
const CONFIGURATION = 3;
const HELP = 'for help, run: awsrole help';

async function mistake(words: readonly string[]) {
  const world = await makeWorld({ onFinished: () => {} });
  const run = await world.run(words);
  await world.close();
  const [message, ...hints] = run.stderr.split('\n').slice(0, -1);
  return { status: run.status, stdout: run.stdout, message, hints: hints.map((hint) => hint.trim()) };
}

test.concurrent.each<[string[], string, string]>([
  [['--regin', 'eu-west-1', 'role101'], 'there is no option --regin', 'did you mean "--region"?'],
  [['role101', '--regin', 'eu-west-1'], 'there is no option --regin', 'did you mean "--region"?'],
  [['--regin=eu-west-1', 'role101'], 'there is no option --regin', 'did you mean "--region"?'],
  [['--mfa-cod', '-', 'role101'], 'there is no option --mfa-cod', 'did you mean "--mfa-code"?'],
  [['exec', '--refesh', 'role101', '--', 'true'], 'there is no option --refesh', 'did you mean "--refresh"?'],
  [['session-lines', 'role101', '--refesh'], 'there is no option --refesh', 'did you mean "--refresh"?'],
  [['explain', 'role101', '--jsno'], 'there is no option --jsno', 'did you mean "--json"?'],
  [['list', '--jsn'], 'there is no option --jsn', 'did you mean "--json"?'],
  [['list', '--regin'], 'there is no option --regin', `${HELP} list`],
  [['list', '--region', 'x'], 'list has no option --region', 'for its options, run: awsrole help list'],
  [
    ['explain', 'a', '--refresh'],
    'explain has no option --refresh',
    'for its options, run: awsrole help explain',
  ],
  [['role101', '--agan'], 'there is no option --agan', HELP],
  [['role101', '--\u{1b}[2J'], 'there is no option --\\u{1b}[2J', HELP],
  [['role101', '-la'], 'there is no option -la', HELP],
  [['help', 'lst'], 'help does not know "lst"', 'did you mean "list"?'],
  [['demo', 'cod'], 'demo does not know "cod"', 'did you mean "code"?'],
  [['init', 'bas'], 'init does not know "bas"', 'did you mean "bash"?'],
  [['init', 'ksh'], 'init does not know "ksh"', 'for ksh, run: awsrole init posix'],
  [['init', 'nu'], 'init does not know "nu"', 'for nu, run: awsrole init nushell'],
  [
    ['setup', '--shell', 'elvish'],
    'setup does not know "elvish"',
    'put this line into ~/.config/elvish/rc.elv, and open a new shell: eval (awsrole init elvish | slurp)',
  ],
  [
    ['init', 'tcsh'],
    'init does not know "tcsh"',
    'it takes "bash", "zsh", "fish", "powershell", "nushell", "elvish", "xonsh", "posix"; in other shells, open one with a role: awsrole exec PROFILE -- SHELL',
  ],
  [['init', 'bash', 'zsh'], 'init does not take "zsh"', 'usage: awsrole init SHELL'],
  [
    ['init'],
    'init needs the name of a shell',
    'it takes bash, zsh, fish, powershell, nushell, elvish, xonsh, posix',
  ],
  [
    ['exec', 'role101', 'aws', '--version'],
    'exec needs a profile and, after --, a command',
    'such as: awsrole exec role101 -- aws s3 ls',
  ],
  [['demo', 'x'], 'demo does not know "x"', 'it takes "code"'],
  [['whoami', 'me'], 'whoami does not take "me"', 'usage: awsrole whoami'],
  [
    ['role101', 'role102'],
    'one profile at a time: role101 role102',
    'to run a command with a role: awsrole exec role101 -- role102',
  ],
  [
    ['session-lines', '--mfa-code', '-', 'role101', 'aws', 's3 ls'],
    'one profile at a time: role101 aws s3 ls',
    "to run a command with a role: awsrole exec role101 -- aws 's3 ls'",
  ],
  [['role101', '--policy'], '--policy needs a value', `write: --policy FILE; ${HELP}`],
])('%j: %s; %s', async (words, message, hint) => {
  expect(await mistake(words)).toEqual({
    status: USAGE,
    stdout: '',
    message: `awsrole: ${message}`,
    hints: [hint],
  });
});

test.concurrent.each([
  [['--region', 'eu-west-1', 'list'], /list has no option --region$/],
  [['session-lines', '--region', 'eu-west-1', 'list'], /list has no option --region$/],
  [['session-lines', '--json', 'list'], /a command comes before its options$/],
  [['session-lines', '--debug', 'off'], /a command comes before its options$/],
  [['session-lines', '--refresh', 'exec', 'role101'], /a command comes before its options$/],
])('options before a command: %j', async (words, message) => {
  const run = await mistake(words);
  expect(run).toMatchObject({ status: USAGE, stdout: '', message: expect.stringMatching(message) });
  const command = words.find((word) => ['list', 'off', 'exec'].includes(word));
  expect(run.hints.join()).toContain(`awsrole ${command} [OPTIONS]`);
});

const HUNDRED = Array.from({ length: 100 }, (_, i) => `company-production-${i}-${i % 2 ? 'admin' : 'read'}`);

test.concurrent.each<[string, RegExp]>([
  ['lst', /^ {2}did you mean the command "awsrole list"\?$/m],
  ['stauts', /^ {2}did you mean the command "awsrole status"\?$/m],
  ['ls', /^ {2}did you mean the command "awsrole list"\?$/m],
  ['logout', /^ {2}did you mean the command "awsrole off"\?$/m],
  ['zzz', /^ {2}to see your profiles: awsrole list$/m],
  [
    'prod',
    /^ {2}did you mean "company-production-\d+-\w+", "company-.*" or "company-.*"\?\n {2}for all 100 that contain it: awsrole list prod$/m,
  ],
  ['prdo', /^ {2}did you mean "company-production-/m],
  ['admin-production', /^ {2}did you mean "company-production-\d+-admin"/m],
  ['company-production-7-admni', /^ {2}did you mean "company-production-7-admin"/m],
  // Both a profile and a command.
  ['lists', /^ {2}did you mean "listing"\?\n {2}did you mean the command "awsrole list"\?$/m],
])('a profile that does not exist: %s', async (name, hint) => {
  const names = [...HUNDRED, 'listing'];
  const config = names.map((one) =>
    section(`profile ${one}`, { role_arn: roleArn('plain'), source_profile: 'user101' }),
  );
  const world = await makeWorld({ config: config.join(''), onFinished: () => {} });
  // With the shell function, and without it.
  for (const words of [['session-lines', name], [name]]) {
    const run = await world.run(words);
    expect(run).toMatchObject({ status: CONFIGURATION, stdout: '' });
    expect(run.stderr).toMatch(new RegExp(`^awsrole: there is no profile "${name}" in `));
    expect(run.stderr).toMatch(hint);
  }
  for (const words of [
    ['exec', name, '--', 'true'],
    ['explain', name],
  ]) {
    const { status, stderr } = await world.run(words);
    expect(status).toBe(CONFIGURATION);
    expect(stderr).not.toContain('the command');
  }
  await world.close();
});
