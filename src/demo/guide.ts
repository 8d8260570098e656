import type { DemoShell } from './demo-shell.ts';

/** Makes one screen (80 x 24) that says what to type in an interactive demo. `bold` marks what is to be typed. */
export function guide(
  { name, wired }: DemoShell,
  { awsCli, bold }: { awsCli: boolean; bold: (text: string) => string },
): string {
  const steps: [string, string][] = wired
    ? [
        ['awsrole list', 'the profiles in this sandbox'],
        ['awsrole demo code', 'the code on your MFA device'],
        ['awsrole role101', 'switch this shell to a role; enter that code'],
        ['awsrole whoami', 'who the STS says you are'],
        ...(awsCli
          ? ([['aws sts get-caller-identity', 'the AWS CLI says the same']] as [string, string][])
          : []),
        ...(name === 'pwsh'
          ? []
          : ([[`${name}, and in it: awsrole role101`, 'another shell, and no code is asked for']] as [
              string,
              string,
            ][])),
        ['awsrole prod', 'a role that is guarded: it asks first'],
        ['awsrole', 'choose one: type what you remember of it'],
        ['awsrole -', 'back to the role before'],
        ['awsrole console role101 --print', 'the URL of its console, here a page of the sandbox'],
        ['awsrole off', 'no role: the shell is as it was'],
        ['awsrole protect user101', 'the keys of the user, out of the AWS file'],
        ['awsrole rotate user101', 'and a new pair; the old one becomes inactive'],
        [
          name === 'pwsh'
            ? 'Get-Content ~/.aws/credentials, ~/.aws/config'
            : 'cat ~/.aws/credentials ~/.aws/config',
          'the files behind all this',
        ],
      ]
    : [
        ['awsrole list', 'the profiles in this sandbox'],
        ['awsrole demo code', 'the code on your MFA device'],
        ['awsrole exec role101 -- awsrole whoami', 'run a command with a role; enter that code'],
        ['awsrole exec role101 -- env', 'again, and no code is asked for'],
        ['awsrole console role101 --print', 'the URL of its console, here a page of the sandbox'],
      ];
  const width = Math.max(...steps.map(([typed]) => typed.length));
  return [
    '',
    bold('awsrole demo: a sandbox with an STS, a home folder and AWS files of its own'),
    'Nothing in here touches AWS or your own files, and nothing is left behind.',
    '',
    ...steps.map(([typed, what]) => `  ${bold(typed)}${' '.repeat(width - typed.length)}   ${what}`),
    '',
    `  ${bold('exit')}${' '.repeat(width - 'exit'.length)}   leave the demo`,
    ...(wired
      ? []
      : ['', 'Neither bash nor zsh was found. In sh, awsrole can only run commands with a role.']),
    '',
    '',
  ].join('\n');
}
