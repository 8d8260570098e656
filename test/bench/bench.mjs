// Prints one table: what a person waits for, its goal, our figure, and the reference measured in the same run.
// Goals are ratios or milliseconds on an idle machine; nothing here passes or fails.
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ROUNDS = Number(process.env.AWSROLE_BENCH_ROUNDS ?? 15);
const SWITCHES = Number(process.env.AWSROLE_BENCH_SWITCHES ?? 1000);

const home = mkdtempSync(join(tmpdir(), 'awsrole-bench-'));
const sandbox = spawn(
  process.execPath,
  [join(ROOT, 'dist/sandbox-sts.mjs'), '--stop-with-stdin', '--aws-folder', join(home, '.aws')],
  { stdio: ['pipe', 'pipe', 'inherit'] },
);
const { url } = JSON.parse(await new Promise((resolve) => sandbox.stdout.once('data', resolve)));
/** Makes a file old: nothing is kept for files that have just been written. */
function settle(...path) {
  const past = Date.now() / 1000 - 60.5;
  utimesSync(join(home, ...path), past, past);
}
settle('.aws', 'config');
settle('.aws', 'credentials');
// The environment as it is (some of it costs every Node its time), but for what would lead to somebody's real files.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|XDG_)/.test(name)));
Object.assign(env, { HOME: home, LANG: 'C.UTF-8', AWS_ENDPOINT_URL_STS: url });
Object.assign(env, { POWERSHELL_TELEMETRY_OPTOUT: '1', POWERSHELL_UPDATECHECK: 'Off' });

const run = (command, args) => {
  const began = process.hrtime.bigint();
  const { status, error, stderr, stdout } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  if (error?.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${stderr}`);
  return { milliseconds, stdout };
};
// The faster quarter: on a machine with other work, what is slower tells of that work.
const typical = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 4)];

/** Measures commands in turns, so that what else the machine does meets all of them alike. */
function compare(commands, rounds = ROUNDS) {
  const times = new Map(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, [command, args, prepare]] of Object.entries(commands)) {
      prepare?.();
      const result = run(command, args);
      if (round > 0 && result !== undefined) times.get(name).push(result.milliseconds);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, values]) => [name, values.length ? typical(values) : undefined]),
  );
}

/**
 * Runs a command in a pseudo-terminal; gives the milliseconds until `shown` is on the screen (without it: until the end),
 * and those from each key to what it draws. Undefined without `script`.
 */
function inTerminal(command, shown, keys = []) {
  return new Promise((resolve) => {
    const began = performance.now();
    let since = began;
    let awaited = shown;
    let screen = '';
    const times = [];
    const left = [...keys];
    const child = spawn('script', ['-qec', command, '/dev/null'], {
      env: { ...env, TERM: 'xterm', NO_COLOR: '1' },
    });
    const next = () => {
      const key = left.shift();
      awaited = key === undefined ? undefined : shown;
      screen = '';
      since = performance.now();
      child.stdin.write(key ?? '\u0003');
    };
    child.stdout.on('data', (text) => {
      screen += text;
      if (awaited === undefined || !screen.includes(awaited)) return;
      awaited = undefined;
      times.push(performance.now() - since);
      // As a person's first key comes: some time after the list.
      setTimeout(next, times.length === 1 ? 600 : 100);
    });
    child.once('error', () => resolve(undefined));
    child.once('close', () => resolve(shown === undefined ? [performance.now() - began] : times));
  });
}

// How each shell starts clean, and runs a body between two looks at its clock; $ROOT, $N and $BODY are put in.
const SHELLS = {
  bash: {
    start: ['bash', '--norc', '--noprofile', '-c'],
    script: `. "$ROOT/shell/awsrole.bash"; awsrole plain 2>/dev/null
f() { local i s=\${EPOCHREALTIME/[.,]/}; for ((i = 0; i < $N; i++)); do "$@" 2>/dev/null; done; echo $((\${EPOCHREALTIME/[.,]/} - s)); }
f $BODY; f :`,
    load: ['bash', ['--norc', '--noprofile', '-c', '. "$1"', 'bash']],
    tab: (word) =>
      `COMP_LINE='awsrole ${word}' COMP_POINT=${8 + word.length} COMP_CWORD=1 COMP_WORDS=(awsrole '${word}'); tab() { __awsrole_complete awsrole '${word}' awsrole; }`,
  },
  zsh: {
    start: ['zsh', '-f', '-c'],
    script: `. "$ROOT/shell/awsrole.zsh"; awsrole plain 2>/dev/null
f() { local s=$EPOCHREALTIME; repeat $N { "$@" 2>/dev/null }; printf '%d\\n' $(( (EPOCHREALTIME - s) * 1000000 )) }
f $BODY; f :`,
    load: ['zsh', ['-f', '-c', '. "$1"', 'zsh']],
    // The part of a Tab that is ours; compadd itself works only inside a completion.
    tab: (word) => `compadd() { : }; PREFIX='${word}'; tab() { __awsrole_run __awsrole_offer_names }`,
  },
  fish: {
    start: ['fish', '--no-config', '-c'],
    script: `source "$ROOT/shell/awsrole.fish"; awsrole plain 2>/dev/null
function f; set -l s (date +%s%N); for i in (seq $N); $argv 2>/dev/null; end; math -s0 "("(date +%s%N)" - $s) / 1000"; end
f $BODY; f true`,
    load: ['fish', ['--no-config', '-c', 'source $argv[1]']],
  },
};

/** Milliseconds of one `body` in a loop inside one shell, less the empty loop; undefined without that shell. */
function inside(shell, body, count = SWITCHES, before = '') {
  const { start, script } = SHELLS[shell];
  const text = script
    .replace(/^f (\{ )?\$BODY/m, (text) => `${before}\n${text}`)
    .replaceAll('$ROOT', ROOT.replace(/\/$/, ''))
    .replaceAll('$N', String(count))
    .replaceAll('$BODY', body);
  const result = run(start[0], [...start.slice(1), text]);
  if (result === undefined) return undefined;
  const [loop, empty] = result.stdout.trim().split('\n').map(Number);
  return (loop - empty) / count / 1000;
}

SHELLS.PowerShell = {
  start: ['pwsh', '-NoProfile', '-Command'],
  script: `. "$ROOT/shell/awsrole.ps1"; for ($i = 0; $i -lt 50; $i++) { awsrole plain } # warm
function f([scriptblock] $b) { $w = [Diagnostics.Stopwatch]::StartNew(); for ($i = 0; $i -lt $N; $i++) { & $b }; [string][long]($w.Elapsed.TotalMilliseconds * 1000) }
f { $BODY }; f { }`,
  load: ['pwsh', ['-NoProfile', '-File']],
};
/** What was started for the keyring. */
const started = [];

/** Gives each store of keys that is there a home with user101's keys in it; their names. */
async function storedKeys() {
  const there = [];
  for (const store of ['keyring', 'pass', 'age']) {
    const own = join(home, store);
    mkdirSync(join(own, 'run'), { recursive: true, mode: 0o700 });
    cpSync(join(home, '.aws'), join(own, '.aws'), { recursive: true });
    rmSync(join(own, '.aws/cli'), { recursive: true, force: true });
    const more = { HOME: own, GNUPGHOME: join(own, '.gnupg'), XDG_RUNTIME_DIR: join(own, 'run') };
    const sh = (script) => spawnSync('sh', ['-ec', script], { env: { ...env, ...more }, input: 'password' });
    if (store === 'keyring') {
      const bus = spawn('dbus-daemon', ['--session', '--print-address', '--nofork'], {
        env: { ...env, ...more },
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      started.push(bus);
      more.DBUS_SESSION_BUS_ADDRESS = await new Promise((resolve) => {
        bus.once('error', () => resolve('none'));
        bus.stdout.once('data', (text) => resolve(String(text).trim()));
      });
      sh('gnome-keyring-daemon --unlock --components=secrets');
    } else if (store === 'pass') {
      sh(
        'mkdir -m 700 "$GNUPGHOME"; gpg -q --batch --passphrase "" --quick-gen-key bench default default never; pass init bench',
      );
    } else {
      sh(
        'mkdir -p ~/.config/awsrole; age-keygen -o ~/identity; echo "key_store_identity = ~/identity" >~/.config/awsrole/config',
      );
    }
    const done = spawnSync(
      process.execPath,
      [join(ROOT, 'dist/cli.mjs'), 'protect', 'user101', '--store', store],
      {
        env: { ...env, ...more },
      },
    );
    if (done.status !== 0) continue;
    homes.set(store, more);
    there.push(store);
  }
  return there;
}

/** The environments of the stores. */
const homes = new Map();

/** Has the next commands run in the home of a store; in the first home where none is named. */
function moveTo(store, more = {}) {
  const NAMES = [
    'GNUPGHOME',
    'DBUS_SESSION_BUS_ADDRESS',
    'XDG_RUNTIME_DIR',
    'XDG_CONFIG_HOME',
    'XDG_CACHE_HOME',
  ];
  for (const name of NAMES) delete env[name];
  Object.assign(env, { HOME: home, ...homes.get(store), ...more });
}

/** An uncached switch whose keys are in a store, or in the file. */
function storedSwitch(store) {
  const prepare = () => {
    moveTo(store);
    rmSync(join(env.HOME, '.cache/awsrole/sessions'), { recursive: true, force: true });
    rmSync(join(env.HOME, '.aws/cli'), { recursive: true, force: true });
  };
  return [process.execPath, [join(ROOT, 'dist/cli.mjs'), 'session-lines', 'plain'], prepare];
}

/** A switch to a session that is kept in the keyring. */
function switchFromKeyring() {
  const folder = join(home, 'kept');
  mkdirSync(join(folder, 'awsrole'), { recursive: true });
  writeFileSync(join(folder, 'awsrole/config'), 'keep_sessions = keyring\n');
  const [command, args] = storedSwitch('keyring');
  return [
    command,
    args,
    () => moveTo('keyring', { XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: join(folder, 'cache') }),
  ];
}

writeFileSync(join(home, 'empty'), '');
settle('empty');
writeFileSync(join(home, 'empty.ps1'), '');
// The line that setup writes.
const psm1 = join(ROOT, 'shell/awsrole.psm1').replaceAll("'", "''");
writeFileSync(
  join(home, 'load.ps1'),
  `if ([IO.File]::Exists('${psm1}')) { Import-Module ('${psm1}') -Global }\n`,
);
const rows = [];
const ms = (value) => (value === undefined ? 'not here' : `${value.toFixed(2)} ms`);
const row = (what, goal, figure, reference) => rows.push([what, goal, figure, reference]);

try {
  const launcher = join(ROOT, 'shell/awsrole');
  const cli = join(ROOT, 'dist/cli.mjs');
  run(process.execPath, [cli, 'exec', 'plain', '--', 'true']);

  for (const [shell, goal] of [
    ['bash', '0.5 ms'],
    ['zsh', '0.5 ms'],
    ['fish', '3 ms'],
    ['PowerShell', '3 ms'],
  ]) {
    const count = goal === '3 ms' ? Math.ceil(SWITCHES / 5) : SWITCHES;
    row(
      `cached switch in ${shell}`,
      goal,
      ms(inside(shell, 'awsrole plain', count)),
      `${count} in one shell`,
    );
  }
  for (const shell of ['bash', 'zsh']) {
    row(
      `prompt segment in ${shell}`,
      '0.1 ms',
      ms(inside(shell, '__awsrole_prompt')),
      `${SWITCHES} in one shell`,
    );
  }
  for (const shell of Object.keys(SHELLS)) {
    const [command, args] = SHELLS[shell].load;
    const file = `awsrole.${shell}`;
    const goal = shell === 'PowerShell' ? '40 ms above bare' : '5 ms above bare';
    const times = compare({
      bare: [command, [...args, join(home, shell === 'PowerShell' ? 'empty.ps1' : 'empty')]],
      loaded: [
        command,
        [...args, shell === 'PowerShell' ? join(home, 'load.ps1') : join(ROOT, 'shell', file)],
      ],
    });
    if (times.bare === undefined) row(`loading into ${shell}`, goal, 'not here', '');
    else row(`loading into ${shell}`, goal, ms(times.loaded - times.bare), `bare ${ms(times.bare)}`);
  }
  for (const profiles of [10, 10_000]) {
    const lines = Array.from(
      { length: profiles },
      (_, i) =>
        `[profile team-${i}]\nrole_arn = arn:aws:iam::123456789012:role/r${i}\nsource_profile = user101\n`,
    );
    writeFileSync(join(home, 'many'), lines.join(''));
    settle('many');
    const many = { AWS_CONFIG_FILE: join(home, 'many') };
    if (profiles > 100) {
      // Written into a file for completion, too.
      const index = (file) => [
        process.execPath,
        [cli, 'index-lines'],
        () => {
          const key = `${home}|${join(home, file)}|${home}/.aws/credentials|${url}`;
          Object.assign(env, { AWS_CONFIG_FILE: join(home, file), AWSROLE_SHELL: key });
        },
      ];
      const times = compare({ few: index('empty'), many: index('many') }, 5);
      delete env.AWS_CONFIG_FILE;
      delete env.AWSROLE_SHELL;
      row(
        `reading ${profiles} profiles in the core`,
        '50 ms',
        ms(times.many - times.few),
        'with the index of their names',
      );
    }
    const [bare, lists, keyTimes] = [[], [], []];
    Object.assign(env, many);
    for (let round = 0; round < 8; round += 1) {
      const list = await inTerminal(`'${process.execPath}' '${cli}' choice-line`, '\n? ', [
        't',
        'e',
        'a',
        'm',
        '9',
      ]);
      const node = await inTerminal(`'${process.execPath}' -e 0`);
      if (list === undefined || round === 0) continue; // the first one has made the index
      bare.push(...node);
      lists.push(list[0]);
      keyTimes.push(...list.slice(1));
    }
    delete env.AWS_CONFIG_FILE;
    row(
      `choosing among ${profiles} profiles: the list`,
      '2.5 × node -e 0',
      lists.length ? `${(typical(lists) / typical(bare)).toFixed(2)} ×` : 'not here',
      lists.length ? ms(typical(lists)) : '',
    );
    row(
      `choosing among ${profiles} profiles: a key`,
      '40 ms',
      lists.length
        ? ms(keyTimes.toSorted((a, b) => a - b).at(Math.floor(keyTimes.length * 0.75)))
        : 'not here',
      'three of four keys',
    );
    for (const shell of ['bash', 'zsh']) {
      for (const word of ['', 'team-99']) {
        const goal = profiles < 100 ? '' : word === '' ? '50 ms' : '30 ms';
        const before = `export AWS_CONFIG_FILE='${many.AWS_CONFIG_FILE}'; ${SHELLS[shell].tab(word)}; tab`;
        const figure = inside(shell, 'tab', 20, before);
        row(`Tab in ${shell}, ${profiles} profiles, "${word}"`, goal, ms(figure), '20 in one shell');
      }
    }
  }

  // The ordinary uncached switch: a session has ended, all else is there.
  const uncached = () => {
    for (const kind of ['sessions', 'shell'])
      rmSync(join(home, '.cache/awsrole', kind), { recursive: true, force: true });
    // Else the AWS CLI's cache would serve.
    rmSync(join(home, '.aws/cli'), { recursive: true, force: true });
  };
  const core = compare({
    'bash -c :': ['bash', ['-c', ':']],
    'dash -c :': ['dash', ['-c', ':']],
    'node -e 0': [process.execPath, ['-e', '0']],
    'core, uncached': [process.execPath, [cli, 'session-lines', 'plain'], uncached],
    'core, cached': [process.execPath, [cli, 'session-lines', 'plain']],
    'launcher, uncached': [launcher, ['session-lines', 'plain'], uncached],
    'credential-process': [
      launcher,
      ['credential-process', 'plain'],
      () => run('bash', ['-c', `. "$1"/shell/awsrole.bash; awsrole plain 2>/dev/null`, 'bash', ROOT]),
    ],
    exec: [launcher, ['exec', 'plain', '--', 'true']],
    'core, --version': [process.execPath, [cli, '--version']],
  });
  const aws = compare({ aws: ['aws', ['sts', 'get-caller-identity', '--profile', 'user101']] }, 3).aws;
  const ratio = (name, base) =>
    core[name] === undefined ? 'not here' : `${(core[name] / core[base]).toFixed(2)} ×`;
  row(
    'the core, uncached switch',
    '2.5 × node -e 0',
    ratio('core, uncached', 'node -e 0'),
    ms(core['core, uncached']),
  );
  row(
    'the same by the launcher',
    '',
    ratio('launcher, uncached', 'node -e 0'),
    ms(core['launcher, uncached']),
  );
  row('the core, kept session', '', ratio('core, cached', 'node -e 0'), ms(core['core, cached']));
  row(
    'credential-process, cached',
    '5 × dash -c :',
    ratio('credential-process', 'dash -c :'),
    ms(core['credential-process']),
  );
  row('exec, cached', '5 × dash -c :', ratio('exec', 'dash -c :'), ms(core.exec));
  row('the core, --version (yargs)', '', ratio('core, --version', 'node -e 0'), ms(core['core, --version']));
  const stores = await storedKeys();
  // More of them, as what is looked for is a small difference.
  const switches = compare(
    {
      bare: [process.execPath, ['-e', '0']],
      file: storedSwitch(),
      ...Object.fromEntries(stores.map((store) => [store, storedSwitch(store)])),
    },
    2 * ROUNDS,
  );
  const bare = `node -e 0 ${ms(switches.bare)}`;
  row('uncached switch, keys in the file', '', ms(switches.file), bare);
  for (const store of ['keyring', 'pass', 'age']) {
    const there = switches[store] !== undefined;
    row(
      `uncached switch, keys in ${store}`,
      store === 'keyring' ? '60 ms more' : '',
      there ? `${ms(switches[store] - switches.file)} more` : 'not here',
      there ? ms(switches[store]) : '',
    );
  }
  if (stores.includes('keyring')) {
    const kept = compare({
      keyProcess: [process.execPath, [cli, 'key-process', 'user101'], () => moveTo('keyring')],
      fromKeyring: switchFromKeyring(),
      fromFile: [process.execPath, [cli, 'session-lines', 'plain'], () => moveTo()],
    });
    row('key-process, keys in keyring', '', ms(kept.keyProcess), bare);
    row(
      'kept session in the keyring',
      '',
      ms(kept.fromKeyring),
      `by the core from a file ${ms(kept.fromFile)}`,
    );
  }
  for (const name of ['node -e 0', 'bash -c :', 'dash -c :']) row(name, '', '', ms(core[name]));
  row('aws sts get-caller-identity', '', '', ms(aws));
} finally {
  for (const process of started) process.kill();
  const pass = homes.get('pass');
  if (pass !== undefined) spawnSync('gpgconf', ['--kill', 'all'], { env: { ...env, ...pass } });
  sandbox.stdin.end();
  rmSync(home, { recursive: true, force: true });
}

const table = [['what', 'goal', 'figure', 'measured'], ...rows];
const widths = table[0].map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
for (const cells of table)
  console.log(
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
