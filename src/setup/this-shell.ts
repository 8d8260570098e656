import { readFileSync } from 'node:fs';
import type { Context } from '../context.ts';
import { runProgram } from '../processes/run-program.ts';
import { programName } from './shells.ts';

/** What the installers say: the id of the process that they were typed into. */
export const TYPED_INTO = 'AWSROLE_TYPED_INTO';

/** The names of the programs of two shells. */
export interface PersonsShells {
  /** The person's own, by `$SHELL`. */
  readonly own: string;
  /** The one that this was typed into, as far as that can be told. */
  readonly here: string;
}

const ASKED_SECONDS = 3;
/** What else is a shell: everything that starts us and is none (make, npm, sudo, a script) says nothing of the person. */
const OTHERS = /^(?:ksh.*|mksh|tcsh|csh|nu|elvish|xonsh|yash)$/;
const OURS = /^(?:bash|zsh|fish|pwsh|powershell)$/;

/** Finds out which shells a person uses. */
export async function personsShells(context: Context): Promise<PersonsShells> {
  const { env, platform } = context;
  const usual = platform === 'win32' && !env.MSYSTEM ? powershellOf(env) : 'bash';
  const own = programName(env.SHELL || usual);
  const name = platform === 'win32' ? usual : programName(await nameOfProcess(env[TYPED_INTO], context));
  return { own, here: OURS.test(name) || OTHERS.test(name) ? name : own };
}

/** PowerShell 7 hands down where its modules are, which Windows PowerShell does not know. */
function powershellOf({ PSModulePath = '' }: Context['env']): string {
  return /[\\/]powershell[\\/]7/i.test(PSModulePath) ? 'pwsh' : 'powershell';
}

async function nameOfProcess(said: string | undefined, { env }: Context): Promise<string> {
  const id = said !== undefined && /^\d{1,10}$/.test(said) ? said : String(process.ppid);
  try {
    return readFileSync(`/proc/${id}/comm`, 'utf8').trim();
  } catch {
    const { stdout } = await runProgram(['ps', '-o', 'comm=', '-p', id], {
      env,
      seconds: ASKED_SECONDS,
      stdin: 'ignore',
      showErrors: false,
    });
    return stdout.trim();
  }
}
