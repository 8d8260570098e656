import { CONSOLE_OPTIONS } from './console-options.ts';
import { ENV_OPTIONS } from './env-options.ts';
import { ADD_OPTIONS, PROTECT_OPTIONS, ROTATE_OPTIONS } from './key-options.ts';
import type { COMMANDS } from './names.ts';
import { NEW_OPTIONS } from './new-options.ts';
import { SETUP_OPTIONS } from './setup-options.ts';
import { EXEC_OPTIONS, EXPLAIN_OPTIONS, JSON_OPTION, type OptionTexts } from './switch-options.ts';

/** A thing to type or to set, and what it is for. */
export type Entry = readonly [what: string, about: string];

export interface CommandHelp {
  /** What follows `awsrole`; words in capitals are to be replaced. */
  readonly usage: string;
  /** One line, which completion shows as well. */
  readonly about: string;
  /** Paragraphs. */
  readonly more?: readonly string[];
  readonly examples?: readonly Entry[];
  readonly options?: OptionTexts;
}

type Explained = Exclude<
  (typeof COMMANDS)[number],
  'complete' | 'session-lines' | 'index-lines' | 'choice-line'
>;

/** What `awsrole help COMMAND`, `awsrole --help` and the manual page say of each command. */
export const COMMAND_HELP: Readonly<Record<Explained, CommandHelp>> = {
  off: {
    usage: 'off',
    about: 'Put back what this shell held before',
  },
  '-': {
    usage: '-',
    about: 'Go back to the role before, as `cd -` does',
  },
  status: {
    usage: 'status',
    about: 'Show what this shell holds, and for how long',
    more: [
      'It reads only the variables of the shell: no file is read, and AWS is not asked. In scripts, `awsrole` alone does the same; typed in a terminal, it lets you choose a profile.',
    ],
    options: JSON_OPTION,
  },
  exec: {
    usage: 'exec PROFILE -- COMMAND [ARGUMENT...]',
    about: 'Run one command with a role',
    more: [
      'For scripts, make and cron, and for shells that awsrole cannot switch. In a terminal, you may leave out PROFILE and choose it from a list.',
      'The command takes the place of awsrole: its input and output, its signals and its exit status are its own. The shell that you type this in is not changed.',
    ],
    examples: [
      ['awsrole exec role101 -- aws s3 ls', 'one command with the role'],
      ['awsrole exec role101 --duration 2h -- make', 'options of awsrole go before the --'],
      ['my-authenticator | awsrole exec --mfa-code - role101 -- make', 'an MFA code from another program'],
      ['awsrole exec role101 -- ksh', 'a shell with the role'],
      ['awsrole exec --serve role101 -- ./nightly.py', 'a command that runs for longer than a session'],
    ],
    options: EXEC_OPTIONS,
  },
  env: {
    usage: 'env PROFILE',
    about: 'Print a role for another program to read',
    more: [
      'It prints the session and settings of a profile as variables, in the format that --format names; sh by default. These are secrets, so it refuses to print them to a terminal: keep a file with them as safe as your keys.',
      'If awsrole can start the program, exec is better: nothing is written down.',
      'A value that a format cannot express is refused: docker reads no quotes, and Node cannot read a value with all three kinds of quotes. github tells GitHub to hide the keys in the log, and writes the variables into the file that GITHUB_ENV names.',
    ],
    examples: [
      ['eval "$(awsrole env role101)"', 'in sh, ksh and the like'],
      ['awsrole env role101 --format fish | source', 'in fish, without the function'],
      ['awsrole env role101 --format docker >FILE', 'for docker run --env-file FILE'],
      ['awsrole env role101 --format github', 'for the later steps of a job'],
    ],
    options: ENV_OPTIONS,
  },
  list: {
    usage: 'list [FILTER...]',
    about: 'List your profiles and kept sessions',
    more: [
      'With words as a filter, it lists only profiles that have all of them in their name, role or source; case does not matter.',
      'A * after a name marks the profile that this shell holds.',
    ],
    examples: [
      ['awsrole list', 'all profiles, roles first'],
      ['awsrole list prod admin', 'those with both words in name, role or source'],
      ['awsrole list 123456789012', 'the roles of an account'],
      ['awsrole list --json', 'for scripts'],
    ],
    options: JSON_OPTION,
  },
  explain: {
    usage: 'explain PROFILE',
    about: 'Show what a switch would do',
    more: [
      'It shows the file and line of every value. Nothing is changed, AWS is not asked, and no secret is shown. In a terminal, you may leave out PROFILE and choose it from a list.',
    ],
    examples: [
      ['awsrole explain role101', 'where its session would come from, and what the shell would hold'],
      ['awsrole explain role101 --region eu-west-1', 'the same, with an option of the switch'],
    ],
    options: EXPLAIN_OPTIONS,
  },
  whoami: {
    usage: 'whoami',
    about: 'Ask AWS who you are in this shell',
    more: ['This is the answer of GetCallerIdentity for the keys in the environment.'],
    options: JSON_OPTION,
  },
  console: {
    usage: 'console [PROFILE]',
    about: 'Open the AWS console with a role',
    more: [
      'Without a profile, it uses the session that this shell holds. The console opens in your browser; if there is no display, as in an ssh session, the URL is printed.',
      'Whoever has the URL can open the console with it for 15 minutes, and other programs can see it in the command line of the browser: --print avoids that.',
      "AWS opens its console only for the session of a role, and accepts --duration only for a role that is assumed with a user's own keys.",
    ],
    examples: [
      ['awsrole console', 'with the role of this shell'],
      ['awsrole console role101 --service s3', 'the page of a service'],
      ['awsrole console role101 --duration 8h', 'open for a working day; needs an MFA code'],
      ['awsrole console role101 --print', 'the URL, to open it elsewhere'],
    ],
    options: CONSOLE_OPTIONS,
  },
  clear: {
    usage: 'clear [PROFILE]',
    about: 'Remove kept sessions, of a profile or all',
    more: [
      'Without PROFILE, it removes all of them; in a terminal, you choose from a list first.',
      'Shells that hold a session keep it until it ends. The MFA session of a device serves all of its roles; it is removed when you clear its user, or everything.',
    ],
    examples: [
      ['awsrole clear role101', 'the next switch to it asks AWS again'],
      ['awsrole clear', 'everything, so the next switch asks for an MFA code again'],
    ],
  },
  new: {
    usage: 'new [NAME]',
    about: 'Write a profile for a role, and try it',
    more: [
      "It asks for what the options leave open: the role, by its ARN or the console's link for switching to it, the profile whose credentials assume it, your MFA device (it asks IAM which ones you have) and the region. It shows the lines before it writes them into the config file, and never changes an existing profile.",
      'Without a terminal, it needs NAME, --role-arn, --source-profile and --yes.',
    ],
    examples: [
      ['awsrole new', 'asks for everything'],
      [
        'awsrole new role101 --role-arn arn:aws:iam::123456789012:role/role101 --source-profile user101 --yes',
        'in a script; add --no-try if no MFA code can be typed',
      ],
    ],
    options: NEW_OPTIONS,
  },
  protect: {
    usage: 'protect PROFILE',
    about: 'Move long-lived keys out of the AWS files',
    more: [
      'The keys of a user go into the keyring of your desktop, pass, or age files, and a credential_process in the config file gives them to every AWS tool, so everything works as before.',
      'It protects against copied files, backups and commits, and programs that look in well-known places. It does not protect against a program that runs as you while the store is open.',
    ],
    examples: [
      ['awsrole protect user101', 'into the first store that works here'],
      ['awsrole protect user101 --store pass', 'into pass'],
      ['awsrole rotate user101', 'afterwards: the old copy may survive in backups'],
    ],
    options: PROTECT_OPTIONS,
  },
  unprotect: {
    usage: 'unprotect PROFILE',
    about: 'Write stored keys back, in plain text',
  },
  add: {
    usage: 'add PROFILE',
    about: 'Store the keys of a new user',
    more: [
      'The key id and the secret are typed without being shown, tried with GetCallerIdentity, and stored; they are never written to an AWS file.',
    ],
    examples: [
      ['awsrole add user202', 'asks for both'],
      ['my-secrets | awsrole add user202 --stdin', 'from standard input: the id, then the secret'],
    ],
    options: ADD_OPTIONS,
  },
  rotate: {
    usage: 'rotate PROFILE',
    about: 'Replace stored keys with new ones',
    more: [
      'AWS creates a new key pair, which is stored, tried until it works, and used from then on. The old pair becomes inactive and is kept: --undo goes back to it, --finish deletes it. Other computers that have the old keys stop working.',
      'Before a key is deleted that is still active, or that awsrole has never stored, --finish says whose it is and when it was last used, and asks; without a terminal it needs --yes.',
    ],
    options: ROTATE_OPTIONS,
  },
  keys: {
    usage: 'keys',
    about: 'List where long-lived keys are; never a secret',
    options: JSON_OPTION,
  },
  unlock: {
    usage: 'unlock [TIME]',
    about: 'Open the age files for a while, 8h by default',
    more: [
      'The identity that opens them is kept in memory for that time, so that no passphrase is asked for; meanwhile, every program of yours can read the keys.',
    ],
    examples: [['awsrole unlock 1h', 'for an hour; `awsrole lock` ends it earlier']],
  },
  lock: {
    usage: 'lock',
    about: 'Close the age files that unlock has opened',
  },
  doctor: {
    usage: 'doctor',
    about: 'Find out what is wrong, and what to do',
    more: [
      'It looks at Node.js, the launcher, the start-up files of your shells, this shell, the AWS files and their permissions, your keys, proxy and certificates, the clock, and whether STS answers. Nothing is changed. It asks IAM how old keys in plain text are, with those keys.',
      '✓ is fine, ! is worth knowing but not wrong, ✗ is wrong, ? could not be checked, for example without a network. The exit status is 3 if something is wrong, else 0.',
      'You can paste its output into a ticket: it has no secret and no account number, and ~ stands for your home folder.',
    ],
    examples: [
      ['awsrole doctor --json', 'a list of {check, state, says, todo}; state is ok, note, wrong or unknown'],
    ],
    options: JSON_OPTION,
  },
  setup: {
    usage: 'setup',
    about: 'Add awsrole to the start-up files of your shells',
    more: [
      'It sets up the shells that you use: the one in $SHELL, the one that you type this in, and those that have a start-up file. It adds a marked block, or updates it. If there is no file yet, it asks first at a terminal. A file that it cannot change, or that another program such as Nix generates, is left alone: it prints the line to add, and the exit status is 3.',
      'With --uninstall it removes its block again, and the kept sessions (at a terminal it asks first), and says what it leaves.',
    ],
    examples: [
      ['awsrole setup --dry-run', 'what would it change?'],
      ['awsrole setup --shell fish', 'only fish, even if it has no start-up file'],
      ['awsrole setup --uninstall', 'put every start-up file back as it was'],
    ],
    options: SETUP_OPTIONS,
  },
  demo: {
    usage: 'demo [code]',
    about: 'Try awsrole without an AWS account',

    more: [
      'It opens a shell in a sandbox: an STS, a home folder and AWS files of its own. Inside, `awsrole demo code` shows the code of its MFA device.',
    ],
  },
  init: {
    usage: 'init SHELL',
    about: 'Print the function for a start-up file',
    more: [
      'SHELL is bash, zsh, fish, powershell, nushell, elvish, xonsh, or posix (ksh, mksh, dash, busybox).',
    ],
    examples: [
      ['eval "$(awsrole init bash)"', 'in ~/.bashrc'],
      ['eval "$(awsrole init zsh)"', 'in ~/.zshrc'],
      ['awsrole init fish | source', 'in ~/.config/fish/config.fish'],
    ],
  },
  help: {
    usage: 'help [COMMAND]',
    about: 'Show this help, or more about one command',
  },
  'credential-process': {
    usage: 'credential-process PROFILE',
    about: 'Print a session for credential_process',
    more: [
      'For programs that run longer than a session lasts. It never asks for an MFA code: it prints the kept session, or gets a new one where no code is needed or mfa_process gives it.',
      'In ~/.aws/config:',
      '    [profile role101-kept]\n    credential_process = awsrole credential-process role101\n    region = us-east-1',
    ],
    examples: [
      ['AWS_PROFILE=role101-kept ./long-running-program', 'its session is renewed as long as it runs'],
    ],
  },
};

/** The ways to call awsrole. */
export const USAGE: readonly Entry[] = [
  ['awsrole PROFILE [OPTIONS]', 'switch this shell to a profile'],
  ['awsrole COMMAND [OPTIONS]', 'one of the commands below'],
  ['awsrole help COMMAND', 'more about a command'],
];

/** What most people type, first. */
export const EXAMPLES: readonly Entry[] = [
  ['awsrole role101', 'switch this shell to a profile in your AWS files'],
  ['awsrole 123456789012:admin', 'switch to a role without a profile; its ARN works, too'],
  ['awsrole role101 --region eu-west-1', 'change something for this switch'],
  ['awsrole', 'see what this shell holds, and choose a profile'],
  ['awsrole -', 'back to the role before'],
  ['awsrole off', 'leave the role: the shell is as it was'],
  ['awsrole list prod', 'find a profile'],
  ['awsrole new', 'write a profile for a role'],
  ['awsrole doctor', 'find out what is wrong'],
  ['awsrole exec role101 -- aws s3 ls', 'run one command with a role'],
  ['awsrole console role101', 'open the AWS console with a role'],
  ['awsrole .', 'switch to the profile that the file .awsrole of this folder names'],
  ['awsrole -- list', 'switch to a profile that is named like a command'],
];

/** What the exit statuses mean: those of `EXIT_STATUS`, worded. */
export const EXIT_STATUSES: readonly Entry[] = [
  ['0', 'it worked'],
  ['1', 'unexpected: a bug in awsrole, or a broken installation'],
  ['2', 'usage: something is wrong on the command line'],
  [
    '3',
    'configuration: a profile or a file; the message names the line. doctor: something is wrong. setup: a file was left alone',
  ],
  ['4', 'no MFA code or sign-in, or one that was refused'],
  ['5', 'refused by AWS'],
  ['6', 'network or endpoint'],
  ['7', 'a store of long-lived keys: locked, missing, or it does not have them'],
  ['8', 'a guarded profile, or a key that may be in use, and nobody confirmed'],
  ['130', 'interrupted with Ctrl-C, or nothing was chosen'],
  ['exec', "the command's own; 126 if it cannot be run, 127 if it is not found"],
];

/** The variables that awsrole reads for itself. */
export const ENVIRONMENT: readonly Entry[] = [
  ['AWS_CONFIG_FILE', 'your AWS config file, instead of ~/.aws/config'],
  ['AWS_SHARED_CREDENTIALS_FILE', 'instead of ~/.aws/credentials'],
  ['AWS_ENDPOINT_URL_STS, AWS_ENDPOINT_URL', "another STS than AWS's own"],
  ['AWS_ENDPOINT_URL_SIGNIN', "another sign-in page for the console than AWS's own"],
  [
    'HTTPS_PROXY, HTTP_PROXY, ALL_PROXY, NO_PROXY',
    'the proxy on the way to AWS, and what is reached without it',
  ],
  [
    'AWSROLE_TIMEOUT',
    'how long AWS may take to answer, retries included: 1 to 300 seconds, 30 by default; an mfa_process may take twice, a credential_process four times as long',
  ],
  ['XDG_CACHE_HOME', 'sessions are kept in its folder awsrole, instead of ~/.cache/awsrole'],
  [
    'XDG_CONFIG_HOME',
    "awsrole's own settings are in its file awsrole/config, instead of ~/.config/awsrole/config: aws_cli_cache = off, read or read-write; keep_sessions = files or keyring; mfa_session_duration = 12h; key_store = keyring, pass or age; key_store_identity = FILE; browser = COMMAND {url}; renew = auto; picker = fzf; advice = off; and the sections [guard] and [accounts]",
  ],
  [
    'XDG_DATA_HOME',
    'stored keys: their list, and the age files, are in its folder awsrole/keys, instead of ~/.local/share/awsrole/keys',
  ],
  ['AWSROLE_PROMPT', 'off: the prompt does not show the role'],
  [
    'AWSROLE_PROMPT_FORMAT',
    '"(%s) " by default; %p is the profile, %t the time left, %r the region, %a the account, %n its name',
  ],
  [
    'AWSROLE_PAGER, PAGER',
    'shows what is longer than the screen; `less` by default, empty or `cat` for none',
  ],
  ['AWSROLE_DEBUG', 'set: as --debug'],
  ['NO_COLOR', 'set: no colour'],
];
