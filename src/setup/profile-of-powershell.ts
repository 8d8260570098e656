import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, isAbsolute, join } from 'node:path';
import type { Context } from '../context.ts';
import { findProgram } from '../find-program.ts';
import { runProgram } from '../processes/run-program.ts';
import { POWERSHELL_PROFILE, powershellFolders } from './shells.ts';

/** PowerShell takes a second to start where the disk is slow. */
const SECONDS = 20;
// In base64, as it prints in a code page of the machine.
const SCRIPT = '[Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes($PROFILE))';

/**
 * The files that $PROFILE names: that of the PowerShell of this shell, and on Windows that of the other one where it has a
 * folder for it. Each is asked, as OneDrive and policies move them; one that does not answer has it in the usual place.
 * @param here the program of this shell
 */
export async function powershellProfiles(context: Context, home: string, here: string): Promise<string[]> {
  const usual = powershellFolders(home, context).map((folder) => join(folder, POWERSHELL_PROFILE));
  const programs = context.platform === 'win32' ? ['pwsh', 'powershell'] : ['pwsh'];
  const first = Math.max(0, programs.indexOf(here));
  const files = await Promise.all(
    programs.map(async (program, index) => (await ask(program, context)) ?? usual[index] ?? ''),
  );
  return files.filter((file, index) => index === first || existsSync(dirname(file)));
}

async function ask(program: string, context: Context): Promise<string | undefined> {
  const path = findProgram(program, context.env);
  if (path === undefined) return undefined;
  // What it keeps of each start goes where it does not stay: nothing is left in a home that has not asked for it.
  const folder = mkdtempSync(join(tmpdir(), 'awsrole-powershell-'));
  try {
    const { stdout } = await runProgram([path, '-NoProfile', '-NonInteractive', '-Command', SCRIPT], {
      env: {
        ...context.env,
        XDG_CACHE_HOME: folder,
        XDG_DATA_HOME: folder,
        POWERSHELL_TELEMETRY_OPTOUT: '1',
        POWERSHELL_UPDATECHECK: 'Off',
      },
      seconds: SECONDS,
      stdin: 'ignore',
      showErrors: false,
    });
    const word = stdout.trim();
    if (!/^[A-Za-z0-9+/]+=*$/.test(word)) return undefined;
    const file = Buffer.from(word, 'base64').toString('utf8');
    return isAbsolute(file) && file.endsWith('.ps1') ? file : undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
