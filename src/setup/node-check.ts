import { join } from 'node:path';
import type { Environment } from '../context.ts';
import { isExecutable } from '../files/is-executable.ts';
import { findProgram } from '../find-program.ts';
import { nodeBeside } from '../keys/steady-launcher.ts';
import { runProgram } from '../processes/run-program.ts';
import { printable } from '../profiles/printable.ts';
import { readIfThere } from '../profiles/text-file.ts';
import { type Check, type Examined, type Finding, note, ok, wrong } from './finding.ts';
import { realOf } from './installation.ts';

const SECONDS = 5;
const INSTALL = 'install Node.js 20.19 or newer, and run install.sh again';

/** The Node.js that awsrole runs in, the one that the installation has recorded, and that of PATH. */
export const nodeCheck: Check = {
  name: 'node',
  waitsFor: 'the node on PATH to say its version',
  look: async (examined) => {
    const running = `Node.js ${process.versions.node} runs awsrole (${printable(process.execPath)})`;
    const recorded = recordedNode(examined);
    const lost = recorded !== undefined && !isExecutable(recorded);
    return [
      lost
        ? note(
            `${running}; the one that the installation has recorded is gone: ${printable(recorded)}`,
            'run install.sh again, which records where Node.js is',
          )
        : ok(running),
      ...(await onPath(examined, recorded !== undefined && !lost)),
    ];
  },
};

/** What the launcher takes before that of PATH. */
function recordedNode({ root }: Examined): string | undefined {
  const recorded = readIfThere(join(root, 'node-path'), 'make it readable')?.split('\n', 1)[0];
  return recorded || nodeBeside(realOf(root) ?? root);
}

/** @param isSpare whether another one is recorded, so that this one is not used */
async function onPath({ context }: Examined, isSpare: boolean): Promise<Finding[]> {
  const node = findProgram('node', context.env);
  if (node === undefined) {
    if (isSpare) return [];
    return [
      wrong('there is no node on PATH, and none is recorded: the next shell cannot start awsrole', INSTALL),
    ];
  }
  const version = await versionOf(node, context.env);
  const [major = 0, minor = 0] = version?.split('.').map(Number) ?? [];
  if (version !== undefined && (major > 20 || (major === 20 && minor >= 19))) {
    return [ok(`node on PATH is ${version}`)];
  }
  const what = version === undefined ? 'does not run as Node.js' : `is ${version}, which is too old`;
  const says = `node on PATH ${what} (${printable(node)})`;
  return [isSpare ? note(`${says}; awsrole uses its own`) : wrong(says, INSTALL)];
}

async function versionOf(node: string, env: Environment): Promise<string | undefined> {
  const { NODE_OPTIONS, ...rest } = env;
  const { stdout } = await runProgram([node, '--version'], {
    env: rest,
    seconds: SECONDS,
    stdin: 'ignore',
    showErrors: false,
  });
  return /^v(\d+\.\d+\.\d+)/.exec(stdout)?.[1];
}
