import { existsSync } from 'node:fs';
import { withWarnings } from '../context.ts';
import { printable } from '../profiles/printable.ts';
import { loadSettings, settingsFile } from '../settings.ts';
import { type Check, type Finding, note, ok } from './finding.ts';

/** awsrole's own settings file. */
export const settingsCheck: Check = {
  name: 'settings',
  waitsFor: "awsrole's settings",
  look: async ({ context }) => {
    const file = settingsFile(context);
    if (file === undefined || !existsSync(file))
      return [ok("awsrole's own settings are the usual ones (no file)")];
    const warnings: string[] = [];
    await loadSettings(withWarnings(context, (message) => void warnings.push(message)));
    const found = warnings.map((message): Finding => note(message, 'correct or remove it'));
    return found.length > 0 ? found : [ok(`${printable(file)} has no mistakes`)];
  },
};
