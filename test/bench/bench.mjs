// Prints one table: what a person waits for, its goal, our figure, and the reference measured in the same run.
// Goals are ratios or milliseconds on an idle machine; nothing here passes or fails.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
const env = {
  PATH: process.env.PATH,
  PYENV_VERSION: process.env.PYENV_VERSION ?? '',
  HOME: home,
  TMPDIR: tmpdir(),
  LANG: 'C.UTF-8',
  AWS_ENDPOINT_URL_STS: url,
};
if (!env.PYENV_VERSION) delete env.PYENV_VERSION;

const run = (command, args, more = {}) => {
  const began = process.hrtime.bigint();
  const { status, error, stderr, stdout } = spawnSync(command, args, {
    env: { ...env, ...more },
    encoding: 'utf8',
  });
  const milliseconds = Number(process.hrtime.bigint() - began) / 1e6;
  if (error?.code === 'ENOENT') return undefined;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: status ${status}\n${stderr}`);
  return { milliseconds, stdout };
};
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Measures commands in turns, so that what else the machine does meets all of them alike. */
function compare(commands, rounds = ROUNDS) {
  const times = new Map(Object.keys(commands).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, [command, args, more]] of Object.entries(commands)) {
      const result = run(command, args, typeof more === 'function' ? more() : more);
      if (round > 0 && result !== undefined) times.get(name).push(result.milliseconds);
    }
  }
  return Object.fromEntries(
    [...times].map(([name, values]) => [name, values.length ? median(values) : undefined]),
  );
}

/** Milliseconds of one cached switch, by a loop inside one shell, less the empty loop. */
function cachedSwitch(shell) {
  const wrapper = join(ROOT, 'shell', `awsrole.${shell}`);
  const body = {
    bash: `. "$1"; awsrole plain 2>/dev/null
f() { s=\${EPOCHREALTIME/[.,]/}; for ((i = 0; i < $2; i++)); do "\${@:3}" 2>/dev/null; done; e=\${EPOCHREALTIME/[.,]/}; echo $((e - s)); }
f x $2 awsrole plain; f x $2 :`,
    zsh: `. "$1"; awsrole plain 2>/dev/null
f() { local s=$EPOCHREALTIME; repeat $1 { "\${@:2}" 2>/dev/null }; printf '%d\\n' $(( (EPOCHREALTIME - s) * 1000000 )) }
f $2 awsrole plain; f $2 :`,
  }[shell];
  const quiet = { bash: ['--norc', '--noprofile'], zsh: ['-f'] }[shell];
  const result = run(shell, [...quiet, '-c', body, shell, wrapper, String(SWITCHES)]);
  if (result === undefined) return undefined;
  const [loop, empty] = result.stdout.trim().split('\n').map(Number);
  return (loop - empty) / SWITCHES / 1000;
}

const rows = [];
const ms = (value) => (value === undefined ? 'not here' : `${value.toFixed(2)} ms`);
const row = (what, goal, figure, reference) => rows.push([what, goal, figure, reference]);

try {
  const launcher = join(ROOT, 'shell/awsrole');
  const cli = join(ROOT, 'dist/cli.mjs');
  run(process.execPath, [cli, 'exec', 'plain', '--', 'true']);

  for (const shell of ['bash', 'zsh']) {
    row(`cached switch in ${shell}`, '0.5 ms', ms(cachedSwitch(shell)), `${SWITCHES} in one shell`);
  }

  let fresh = 0;
  const uncached = () => {
    fresh += 1;
    return { XDG_CACHE_HOME: join(home, `cache-${fresh}`) };
  };
  writeFileSync(join(home, 'lines'), '');
  const core = compare({
    'bash -c :': ['bash', ['-c', ':']],
    'dash -c :': ['dash', ['-c', ':']],
    'node -e 0': [process.execPath, ['-e', '0']],
    'core, uncached': [process.execPath, [cli, 'session-lines', 'plain'], uncached],
    'core, cached': [process.execPath, [cli, 'session-lines', 'plain']],
    'launcher, uncached': [launcher, ['session-lines', 'plain'], uncached],
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
  row('the core, --version (yargs)', '', ratio('core, --version', 'node -e 0'), ms(core['core, --version']));
  for (const name of ['node -e 0', 'bash -c :', 'dash -c :']) row(name, '', '', ms(core[name]));
  row('aws sts get-caller-identity', '', '', ms(aws));
} finally {
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
