import { STORE_KINDS } from '../keys/key-store.ts';

// The options of the commands for long-lived keys.

const STORE = {
  store: {
    type: 'string',
    choices: STORE_KINDS,
    placeholder: 'STORE',
    describe: 'Which store; by default the one that has your other keys, else the first that works here',
    requiresArg: true,
  },
} as const;

export const PROTECT_OPTIONS = {
  ...STORE,
  session: { type: 'boolean', describe: 'Programs get the MFA session, never the keys themselves' },
} as const;

export const ADD_OPTIONS = {
  ...STORE,
  stdin: { type: 'boolean', describe: 'Read standard input: the key id, then the secret, a line each' },
} as const;

export const ROTATE_OPTIONS = {
  undo: { type: 'boolean', describe: 'Make the old pair active and current again' },
  finish: { type: 'boolean', describe: 'Delete the old pair, at AWS and here' },
  'delete-now': { type: 'boolean', describe: 'Delete the old pair at once' },
  yes: { type: 'boolean', describe: 'Delete old keys without asking' },
} as const;
