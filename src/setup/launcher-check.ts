import { basename, dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { isExecutable } from '../files/is-executable.ts';
import { findProgram } from '../find-program.ts';
import { programOf } from '../keys/referring-lines.ts';
import { moves } from '../keys/steady-launcher.ts';
import { runProgram } from '../processes/run-program.ts';
import { referenceIn } from '../profiles/key-reference.ts';
import { placeText } from '../profiles/place.ts';
import { printable, quoted } from '../profiles/printable.ts';
import { type Check, type Examined, type Finding, note, ok, unknown, wrong } from './finding.ts';
import { realOf, rootOf } from './installation.ts';
import { isOurLauncher } from './prefix.ts';

const SECONDS = 3;

/** The program `awsrole` on PATH, which scripts and `credential_process` lines start, also for graphical programs. */
export const launcherCheck: Check = {
  name: 'launcher',
  waitsFor: 'the PATH of graphical programs',
  look: async (examined) => {
    const { context } = examined;
    const found = findProgram('awsrole', context.env);
    const lines = referring(examined);
    if (found === undefined) {
      return [
        ...lines,
        wrong(
          'there is no awsrole on PATH: scripts, make and credential_process lines cannot start it',
          `add its folder to PATH, such as ${printable(dirname(launcherOf(examined)))}`,
        ),
      ];
    }
    return [whose(examined, found), ...lines, ...(await forGraphicalPrograms(examined))];
  },
};

function launcherOf({ root }: Examined): string {
  const installed = join(root, '..', '..', 'bin', 'awsrole');
  return basename(dirname(root)) === 'share' ? installed : join(root, 'shell', 'awsrole');
}

function whose({ root }: Examined, found: string): Finding {
  const shown = printable(found);
  if (!isOurLauncher(found)) {
    return wrong(`awsrole on PATH is another program (${shown})`, "put awsrole's folder first on PATH");
  }
  const other = rootOf(found);
  if (other === undefined || other === realOf(root)) return ok(`awsrole is on PATH (${shown})`);
  return note(
    `awsrole on PATH (${shown}) belongs to another installation than this one (${printable(root)})`,
    'remove one of them: install.sh --uninstall, or npm uninstall --global awsrole',
  );
}

/** The lines that start awsrole by a path: one that is gone, or that goes with a version of Node.js. */
function referring(examined: Examined): Finding[] {
  const { context, files } = examined;
  return [...(files?.store.profiles.values() ?? [])].flatMap(({ name, properties }) => {
    const line = properties.get('credential_process');
    const program = line && programOf(line.value);
    if (line === undefined || program === undefined) return [];
    const isOurs = referenceIn(line.value, name) !== undefined;
    const where = `the credential_process of ${quoted(name)} (${placeText(line)})`;
    if (!isExecutable(program)) {
      const now = findProgram('awsrole', context.env) ?? launcherOf(examined);
      return [
        wrong(
          `${where} starts an awsrole that is gone: ${printable(program)}`,
          isOurs ? 'to rewrite it: awsrole setup' : `write this there: ${printable(now)}`,
        ),
      ];
    }
    if (!isOurs || !moves(program) || context.platform === 'win32') return [];
    return [
      note(
        `${where} starts awsrole by a path that is gone with the next version of Node.js or awsrole`,
        'for a path that stays: awsrole setup',
      ),
    ];
  });
}

/** Looks only where a profile starts awsrole by its bare name: an IDE would not find it. */
async function forGraphicalPrograms({ context, files }: Examined): Promise<Finding[]> {
  const bare = [...(files?.store.profiles.values() ?? [])].find(({ properties }) =>
    /^\s*awsrole(\.cmd)?\s/.test(properties.get('credential_process')?.value ?? ''),
  );
  if (bare === undefined || context.platform === 'win32') return [];
  const path = await graphicalPath(context);
  if (path === undefined)
    return [unknown('the PATH of programs that the desktop starts could not be determined')];
  if (findProgram('awsrole', { PATH: path }) !== undefined)
    return [ok('graphical programs find awsrole as well')];
  return [
    note(
      `programs that the desktop starts have no awsrole on PATH, and profile "${printable(bare.name)}" has it in its credential_process`,
      "write awsrole's full path there, or add its folder to the PATH of the session",
    ),
  ];
}

async function graphicalPath({ env, platform }: Context): Promise<string | undefined> {
  const words =
    platform === 'darwin' ? ['launchctl', 'getenv', 'PATH'] : ['systemctl', '--user', 'show-environment'];
  const { stdout, failure } = await runProgram(words, {
    env,
    seconds: SECONDS,
    stdin: 'ignore',
    showErrors: false,
  });
  if (failure !== undefined) return undefined;
  if (platform === 'darwin') return stdout.trim() || '/usr/bin:/bin:/usr/sbin:/sbin';
  return /^PATH=(.*)$/m.exec(stdout)?.[1];
}
