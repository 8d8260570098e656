import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { interactiveArguments, interactiveShell, scriptShells } from '../demo/demo-shell.ts';
import { guide } from '../demo/guide.ts';
import { showMfaCode } from '../demo/mfa-device.ts';
import { playIn } from '../demo/play.ts';
import { DEMO_VARIABLE, inSandbox } from '../demo/sandbox.ts';
import { AwsroleError } from '../errors.ts';
import { OUR_ROOT } from '../files/our-root.ts';
import { findProgram } from '../find-program.ts';
import { newIdentity } from '../keys/age-crypt.ts';
import { colours } from '../terminal/colour.ts';
import { hasPerson } from '../terminal/screen.ts';

/**
 * `awsrole demo` opens a shell in a sandbox for a person at a terminal; without one it plays the main job as a script.
 * `awsrole demo code` inside of it shows the MFA code.
 * @throws AwsroleError
 */
export async function demo(context: Context, word: string | undefined): Promise<number> {
  if (word === 'code') return showMfaCode(context);
  if (context.env[DEMO_VARIABLE]) {
    throw new AwsroleError('usage', 'this shell is already in a demo', {
      hint: 'leave it first: exit; for its MFA code: awsrole demo code',
    });
  }
  if (!existsSync(join(OUR_ROOT, 'shell', 'awsrole'))) {
    throw new AwsroleError('unexpected', `the shell functions are not in ${join(OUR_ROOT, 'shell')}`, {
      hint: 'install awsrole again: ./install.sh',
    });
  }
  return hasPerson(context) ? openShell(context) : playScript(context);
}

async function openShell(context: Context): Promise<number> {
  const shell = interactiveShell(context.env);
  if (shell === undefined) throw noShell();
  return inSandbox(
    context,
    { root: OUR_ROOT, interactive: true, identity: await newIdentity() },
    async (sandbox) => {
      const awsCli = findProgram('aws', context.env) !== undefined;
      context.stdout.write(guide(shell, { awsCli, bold: colours(context.stdout, context.env).bold }));
      const child = sandbox.start(shell.file, interactiveArguments(shell, sandbox.home), {
        stdio: 'inherit',
      });
      const [, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      if (signal !== null && !sandbox.stopped()) {
        throw new AwsroleError(
          'unexpected',
          `the demo's shell was killed by ${signal}; the demo has been removed`,
        );
      }
      // The exit status of the person's last command inside does not matter outside.
      return 0;
    },
  );
}

async function playScript(context: Context): Promise<number> {
  const shells = scriptShells(context.env);
  if (shells.length === 0) throw noShell();
  context.stdout.write(
    'awsrole demo, played as a script: real shells, a sandbox with an STS of its own, no AWS account\n',
  );
  for (const shell of shells) {
    // Each gets a sandbox of its own, because the second would find the first one's session.
    await inSandbox(
      context,
      { root: OUR_ROOT, interactive: false, identity: await newIdentity() },
      (sandbox) => playIn(context, sandbox, shell, OUR_ROOT),
    );
  }
  context.stdout.write(
    '\nEvery step did what it should, and the sandbox is gone. At a terminal, `awsrole demo` opens a shell in it.\n',
  );
  return 0;
}

function noShell(): AwsroleError {
  return new AwsroleError('configuration', 'the demo found no shell: no bash, zsh or sh is on PATH', {
    hint: 'install bash, or put its folder on PATH',
  });
}
