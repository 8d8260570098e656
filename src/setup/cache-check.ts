import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { entriesOf } from '../files/temporary-file.ts';
import { printable } from '../profiles/printable.ts';
import { shellWord } from '../profiles/shell-word.ts';
import { cacheFolder } from '../sessions/cache-folder.ts';
import { type Check, type Finding, note, ok, unknown, wrong } from './finding.ts';
import { isWritable, look, othersMayRead, othersMayWrite } from './rights.ts';

const AGAIN = 'without it no session is kept: every switch asks AWS, and you for an MFA code';

/** The folder that sessions are kept in: whether it is the user's alone, and can be written. */
export const cacheCheck: Check = {
  name: 'cache',
  waitsFor: 'the folder of the sessions',
  look: ({ context }) => {
    const folder = cacheFolder(context);
    if (folder === undefined) return [note('there is no home folder to keep sessions in', AGAIN)];
    const shown = printable(folder);
    const writable = isWritable(folder);
    const link = lstatSync(folder, { throwIfNoEntry: false });
    if (link === undefined) {
      return [
        writable
          ? ok(`no session is kept yet (${shown} will be made)`)
          : note(`${shown} is not there and cannot be made`, AGAIN),
      ];
    }
    if (!link.isDirectory())
      return [wrong(`${shown} is not a folder`, 'move it away; awsrole makes its own')];
    const faults = ['', 'sessions', 'shell', 'stamps'].flatMap((below) => faultOf(join(folder, below)));
    if (faults.length > 0) return faults;
    if (!writable) return [note(`${shown} cannot be written`, AGAIN)];
    return [ok(`${shown} is yours alone`)];
  },
};

function faultOf(folder: string): Finding[] {
  const stat = look(folder);
  if (stat === undefined) return [];
  const shown = printable(folder);
  const fault = othersMayWrite(stat);
  if (fault !== undefined) {
    return [wrong(`${shown} ${fault}, so nothing in it is trusted`, `chmod 700 ${shellWord(folder)}`)];
  }
  if (!stat.isDirectory()) return [unknown(`${shown} is not a folder`)];
  const open = entriesOf(folder).find((name) => {
    const file = look(join(folder, name));
    return file?.isFile() && othersMayRead(file) && name.endsWith('.session');
  });
  if (open === undefined) return [];
  const file = join(folder, open);
  return [wrong(`other users can read ${printable(file)}`, `chmod 600 ${shellWord(file)}`)];
}
