import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Context } from '../context.ts';
import { AwsroleError } from '../errors.ts';
import { findProgram } from '../find-program.ts';
import { type DemoShell, loadLine } from './demo-shell.ts';
import type { Sandbox } from './sandbox.ts';

interface Step {
  readonly command: string;
  /** A pattern that the output must match. */
  readonly expected: RegExp;
}

/** Ends the output of each step, before its exit status: a control character that awsrole never prints. */
const END_OF_STEP = '\u001e';

const ROLE101_SESSION = /\barn:aws:sts::123456789012:assumed-role\/role101\/\S/;

/**
 * Plays awsrole's main job in a real shell: prints each command and its real output.
 * @throws AwsroleError kind `unexpected`, naming the step, at the first that does not do what it should
 */
export async function playIn(
  context: Context,
  sandbox: Sandbox,
  shell: DemoShell,
  root: string,
): Promise<void> {
  const show = (text: string): void => {
    context.stdout.write(text);
  };
  show(`\n# ${shell.name}: a profile with an MFA device, and a switch to its role\n`);
  const awsCli = shell.wired && (await usableAwsCli(context, sandbox));
  await runSteps(sandbox, shell, root, show, shell.wired ? wiredSteps(awsCli) : execSteps());
  const { AssumeRole: before } = sandbox.server.counts();
  show(`\n# another ${shell.name}: the session is kept, so no code is asked for\n`);
  await runSteps(sandbox, shell, root, show, shell.wired ? againSteps() : execAgainSteps());
  if (sandbox.server.counts().AssumeRole !== before) {
    throw failure(shell, 'the second switch', 'it asked the STS for a new session');
  }
  show(`\n# long-lived keys: out of the AWS file, and a new pair\n`);
  await runSteps(sandbox, shell, root, show, KEY_STEPS);
}

const KEY_STEPS: readonly Step[] = [
  {
    command: 'awsrole protect user101',
    expected: /^user101's keys are in age files now; \S+ no longer has them/m,
  },
  {
    command: "sed -n '/key-process/p' ~/.aws/config",
    expected: /^credential_process = .* key-process user101$/m,
  },
  {
    command: 'awsrole exec plain -- awsrole whoami',
    expected: /\barn:aws:sts::123456789012:assumed-role\/plain\/\S/,
  },
  { command: 'awsrole rotate user101', expected: /^user101's keys are AKIA\w+ now/m },
  { command: 'awsrole keys', expected: /^user101 +AKIA\w+ +age files +current/m },
];

const CONSOLE: Step = {
  command: 'awsrole console role101 --service s3 --print',
  expected: /^http:\/\/127\.0\.0\.1:\d+\/\S+\/federation\?Action=login&\S+$/m,
};

/** Its session is lost in between, as at its end. */
const SERVE: Step = {
  command:
    "awsrole exec --serve plain -- sh -c 'aws sts get-caller-identity; awsrole clear plain; aws sts get-caller-identity'",
  expected: /assumed-role\/plain\/[\s\S]*assumed-role\/plain\//,
};

/** Nobody can be asked here. */
const GUARDED: Step = {
  command: 'awsrole prod || echo "not switched: $?"',
  expected: /"prod" is guarded [\s\S]*^not switched: 8$/m,
};

const READ_PROFILE: Step = {
  command: "sed -n '/role101/,/^$/p' ~/.aws/credentials",
  expected: /^role_arn = arn:aws:iam::123456789012:role\/role101$/m,
};

function wiredSteps(awsCli: boolean): Step[] {
  return [
    READ_PROFILE,
    {
      command: 'awsrole --mfa-code - role101 < <(awsrole demo code)',
      expected: /^role101: arn:aws:iam::123456789012:role\/role101, us-east-1, \d+m left/m,
    },
    { command: 'awsrole whoami', expected: ROLE101_SESSION },
    ...(awsCli ? [{ command: 'aws sts get-caller-identity', expected: ROLE101_SESSION }] : []),
    {
      command: 'awsrole exec plain -- awsrole whoami',
      expected: /\barn:aws:sts::123456789012:assumed-role\/plain\/\S/,
    },
    CONSOLE,
    ...(awsCli ? [SERVE] : []),
    GUARDED,
    {
      command: 'awsrole --yes prod',
      expected: /^prod: arn:aws:iam::123456789012:role\/plain, eu-west-1, \d+m left/m,
    },
    { command: 'awsrole -', expected: /^role101: arn:/ },
    { command: 'awsrole off', expected: /^left role101: / },
    { command: 'awsrole', expected: /^no role is held in this shell$/m },
    { command: 'awsrole -', expected: /^role101: arn:/ },
  ];
}

function againSteps(): Step[] {
  return [
    { command: 'awsrole role101', expected: /^role101: arn:/ },
    { command: 'awsrole whoami', expected: ROLE101_SESSION },
  ];
}

function execSteps(): Step[] {
  return [
    READ_PROFILE,
    {
      command: 'awsrole demo code | awsrole exec --mfa-code - role101 -- awsrole whoami',
      expected: ROLE101_SESSION,
    },
    CONSOLE,
  ];
}

function execAgainSteps(): Step[] {
  return [{ command: 'awsrole exec role101 -- awsrole whoami', expected: ROLE101_SESSION }];
}

async function runSteps(
  sandbox: Sandbox,
  shell: DemoShell,
  root: string,
  show: (text: string) => void,
  steps: readonly Step[],
): Promise<void> {
  const load = shell.wired && shell.name !== 'sh' ? [loadLine(shell.name, root)] : [];
  const script = [
    'exec 2>&1',
    ...load,
    ...steps.map(({ command }) => `${command}\nprintf '\\036%s\\n' "$?"`),
  ].join('\n');
  // A session of its own has no terminal, so that nothing inside can ask a person.
  const child = sandbox.start(shell.file, ['-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = once(child, 'close');
  ended.catch(() => {}); // awaited below, when all output is read
  const outputs = stepOutputs(child);
  for (const { command, expected } of steps) {
    show(`$ ${command}\n`);
    const { output, status } = (await outputs.next()).value ?? { output: '', status: undefined };
    show(output);
    if (sandbox.stopped()) throw new AwsroleError('interrupted', 'the demo was interrupted');
    if (status === undefined) throw failure(shell, command, 'the shell ended in it');
    if (status !== '0') throw failure(shell, command, `it ended with status ${status}`);
    if (!expected.test(output)) throw failure(shell, command, `its output does not match ${expected.source}`);
  }
  await ended;
}

/** Gives the output of each step as soon as it has ended; the last has no status if the shell ended in it. */
async function* stepOutputs(
  child: ChildProcess,
): AsyncGenerator<{ output: string; status: string | undefined }, undefined> {
  let text = '';
  child.stdout?.setEncoding('utf8');
  for await (const chunk of child.stdout ?? []) {
    text += chunk;
    for (;;) {
      const [output = '', rest] = text.split(END_OF_STEP, 2);
      const end = rest?.indexOf('\n') ?? -1;
      if (rest === undefined || end < 0) break;
      yield { output, status: rest.slice(0, end) };
      text = text.slice(output.length + 1 + end + 1);
    }
  }
  if (text !== '') yield { output: text, status: undefined };
}

/**
 * True when the AWS CLI can be used: those before 2.13 and 1.29 do not know AWS_ENDPOINT_URL and would ask AWS itself.
 */
async function usableAwsCli(context: Context, sandbox: Sandbox): Promise<boolean> {
  if (findProgram('aws', context.env) === undefined) return false;
  const child = sandbox.start('aws', ['--version'], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  await once(child, 'close').catch(() => undefined);
  const [, major, minor] = /^aws-cli\/(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) > 2 || Number(minor) >= (major === '2' ? 13 : 29);
}

function failure(shell: DemoShell, step: string, what: string): AwsroleError {
  return new AwsroleError('unexpected', `the demo in ${shell.name} failed at "${step}": ${what}`, {
    hint: 'this is a bug in awsrole, or a broken installation: run ./install.sh again',
  });
}
