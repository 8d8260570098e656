/** The options of `awsrole new`. */
export const NEW_OPTIONS = {
  'role-arn': {
    type: 'string',
    placeholder: 'ARN',
    describe: "The role: its ARN, or the console's link for switching to it",
    requiresArg: true,
  },
  'source-profile': {
    type: 'string',
    placeholder: 'PROFILE',
    describe: 'The profile whose credentials are used to assume the role',
    requiresArg: true,
  },
  'mfa-serial': {
    type: 'string',
    placeholder: 'ARN',
    describe: 'The ARN or serial number of your MFA device; by default the one that the source profile names',
    requiresArg: true,
  },
  region: {
    type: 'string',
    placeholder: 'REGION',
    describe: 'The region; by default that of the source profile',
    requiresArg: true,
  },
  yes: { type: 'boolean', describe: 'Ask only for what is missing, and write the lines' },
  'no-try': { type: 'boolean', describe: 'Do not try the switch afterwards' },
} as const;
