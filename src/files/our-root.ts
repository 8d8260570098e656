import { fileURLToPath } from 'node:url';

/** The folder of this awsrole, above dist/, in which this is bundled; shell/ is beside that. */
export const OUR_ROOT = fileURLToPath(new URL('..', import.meta.url)).replace(/[/\\]$/, '');
