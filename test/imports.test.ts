import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { makeWorld, type Run, roleArn, section, USER101_KEYS, type World } from './world.ts';

const SRC = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  /** Below src/. */
  readonly from: string;
  /** A file below src/, or the name of a package or of a module of Node's. */
  readonly to: string;
  readonly own: boolean;
  readonly kind: 'static' | 'type' | 'dynamic';
}

/** What a source file imports. Biome keeps the statements in the shape that this reads. */
function importsOf(from: string): Import[] {
  const text = readFileSync(join(SRC, from), 'utf8');
  const found: Import[] = [];
  const add = (specifier: string, kind: Import['kind']): void => {
    const own = specifier.startsWith('.');
    const to = own ? relative(SRC, join(SRC, dirname(from), specifier)) : specifier;
    found.push({ from, to, own, kind });
  };
  for (const [, clause = '', specifier = ''] of text.matchAll(
    /^(?:import|export) ((?:type )?(?:\*[^;{]*|[\w$]+(?:, )?)?(?:\{[^}]*\})?) from '([^']+)';$/gm,
  )) {
    const names = /\{([^}]*)\}/
      .exec(clause)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean);
    const types =
      clause.startsWith('type ') ||
      (clause.startsWith('{') && names?.every((name) => name.startsWith('type ')));
    add(specifier, types ? 'type' : 'static');
  }
  for (const [, specifier = ''] of text.matchAll(/^import '([^']+)';$/gm)) add(specifier, 'static');
  for (const [, specifier = ''] of text.matchAll(/\bimport\('([^']+)'\)/g)) add(specifier, 'dynamic');
  return found;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
const imports = files.flatMap(importsOf);

/** `profiles` of `profiles/place.ts`; `start`, `cli`, `context`, `settings` and `errors` are rooms of one file. */
function room(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : file.replace(/\.ts$/, '');
}

/** From left to right; a room may use itself and every room to its right. */
const ARROWS = [
  'start',
  'cli',
  'commands',
  'server',
  'setup',
  'console',
  'credentials',
  'keys',
  'sessions',
  'settings',
  'files',
  'processes',
  'profiles',
  'errors',
];
/** What does not stand in the line. */
const ASIDE: Readonly<Record<string, readonly string[]>> = {
  // An error is coloured.
  cli: ['context', 'terminal'],
  // Of the process it holds what is read of standard input, too.
  context: ['terminal'],
  // The sandbox is a command of its own; what a person reads is worded in terminal/.
  commands: ['context', 'demo', 'find-program', 'terminal'],
  // A check looks for programs, and says what it waits for.
  setup: ['context', 'find-program', 'terminal'],
  // A duration is worded in what is refused.
  console: ['terminal'],
  // An MFA code is asked for where it is used up; a duration is worded in what is refused.
  credentials: ['find-program', 'terminal'],
  // A passphrase is asked for where it opens a store.
  keys: ['find-program', 'terminal'],
  terminal: ['errors'],
  demo: ['errors', 'find-program'],
};
/** Handed down, so others may know their types only. */
const HANDED_DOWN = ['terminal', 'context'];
/** Makes any text safe to show: a leaf that everybody needs. */
const PRINTABLE = 'profiles/printable.ts';

function allowed({ from, to, kind }: Import): boolean {
  const [here, there] = [room(from), room(to)];
  if (here === there || to === PRINTABLE) return true;
  if (kind === 'type' && HANDED_DOWN.includes(there)) return true;
  if (ASIDE[here]?.includes(there)) return true;
  const [left, right] = [ARROWS.indexOf(here), ARROWS.indexOf(there)];
  return left >= 0 && right > left;
}

const arrow = ({ from, to }: Import): string => `${from} -> ${to}`;

describe('the imports of src/', () => {
  it('are found', () => {
    const statements = files.map(
      (file) =>
        readFileSync(join(SRC, file), 'utf8').match(/^(?:import|\} from|export .* from)\b.*;$|\bimport\(/gm)
          ?.length ?? 0,
    );
    expect(imports).toHaveLength(statements.reduce((sum, count) => sum + count, 0));
    expect(imports.length).toBeGreaterThan(150);
  });

  it('go one way', () => {
    expect(imports.filter((one) => one.own && !allowed(one)).map(arrow)).toEqual([]);
  });

  it('lead in no circle, types and lazy imports included', () => {
    const left = new Set(files);
    // A file that imports none of those left, or that none of them imports, is in no circle: in the end only circles are left.
    for (let before = -1; before !== left.size; ) {
      before = left.size;
      const arrows = imports.filter(({ from, to }) => left.has(from) && left.has(to));
      for (const file of left) {
        if (!arrows.some(({ from }) => from === file) || !arrows.some(({ to }) => to === file))
          left.delete(file);
      }
    }
    expect(imports.filter(({ from, to }) => left.has(from) && left.has(to)).map(arrow)).toEqual([]);
  });

  it('never come back to cli.ts, which start.ts alone starts', () => {
    expect(imports.filter(({ to }) => to === 'cli.ts').map(arrow)).toEqual(['start.ts -> cli.ts']);
  });

  it('keep the profiles and the errors from the world outside', () => {
    const outside = imports.filter(
      ({ from, to, own }) =>
        ['profiles', 'errors'].includes(room(from)) &&
        !own &&
        !['node:fs', 'node:path', 'fastest-levenshtein'].includes(to),
    );
    expect(outside.map(arrow)).toEqual([]);
  });

  it('of packages stand in one file each', () => {
    const packages = new Map<string, Set<string>>();
    for (const { from, to, own } of imports) {
      if (own || to.startsWith('node:')) continue;
      expect(builtinModules).not.toContain(to);
      packages.set(to, (packages.get(to) ?? new Set()).add(from));
    }
    expect(Object.fromEntries([...packages].map(([name, users]) => [name, [...users].join()]))).toMatchObject(
      {
        '@aws-sdk/client-iam': 'credentials/iam/client.ts',
        '@aws-sdk/client-sts': 'credentials/sts/client.ts',
        yargs: 'commands/command-line.ts',
      },
    );
    for (const users of packages.values()) expect(users.size).toBe(1);
  });

  it('load neither the SDK nor yargs, nor the lock or the prompt, before they are needed', () => {
    const reached = new Set(['start.ts', 'cli.ts']);
    const packages = new Set<string>();
    for (const file of reached) {
      for (const { to, own, kind } of importsOf(file)) {
        if (kind !== 'static') continue;
        if (own) reached.add(to);
        else if (!to.startsWith('node:')) packages.add(to);
      }
    }
    // A page of code, for the names that are close to a mistyped one.
    expect([...packages]).toEqual(['fastest-levenshtein']);
    expect([...reached].filter((file) => /sts\/client|command-line|^demo\//.test(file))).toEqual([]);
  });
});

describe('the built program', () => {
  // Names that the bundle keeps, each with a run that loads it.
  const SDK = 'STSClient';
  const IAM = 'ListMFADevices';
  const YARGS = 'YError';

  /** Runs the core; the text of every file of ours that it loads. */
  async function loadedBy(
    world: World,
    args: readonly string[],
    { status = 0, env = {} }: { status?: number; env?: Record<string, string> } = {},
  ): Promise<{ run: Run; text: string }> {
    const loader = `import { writeSync } from 'node:fs';
      export async function load(url, context, next) {
        if (url.startsWith('file:')) writeSync(2, 'loaded ' + url + '\\n');
        return next(url, context);
      }`;
    const register = `import { register } from 'node:module'; register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(loader)}`)});`;
    const run = await world.run(args, {
      env: { ...env, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(register)}` },
    });
    expect(run.status).toBe(status);
    const urls = [...run.stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url = '']) => url);
    expect(urls.some((url) => url.endsWith('/dist/cli.mjs'))).toBe(true);
    return { run, text: urls.map((url) => readFileSync(fileURLToPath(url), 'utf8')).join('\n') };
  }

  it('loads neither the SDK nor yargs for a session that is kept', async () => {
    const world = await makeWorld();
    const first = await loadedBy(world, ['session-lines', 'plain']);
    expect(first.text.includes(SDK)).toBe(true);
    expect(first.text.includes(YARGS)).toBe(false);
    const second = await loadedBy(world, ['session-lines', 'plain']);
    expect(second.run.stdout).toContain('\nAWSROLE_PROFILE=plain\n');
    expect(second.text.includes(SDK)).toBe(false);
    expect(second.text.includes(YARGS)).toBe(false);
    expect((await loadedBy(world, ['--help'])).text.includes(YARGS)).toBe(true);
    expect(world.sts.counts()).toEqual({ AssumeRole: 1 });
  });

  it('loads neither for long-lived keys that are stored', async () => {
    const { run, text } = await loadedBy(await makeWorld(), ['key-process', 'nobody'], { status: 7 });
    expect(run.stderr).toContain('no keys of "nobody" are stored');
    expect([text.includes(SDK), text.includes(YARGS)]).toEqual([false, false]);
  });

  it('loads IAM only where a role is denied that has no MFA device', async () => {
    const world = await makeWorld({
      config: ['role101', 'plain']
        .map((name) => section(`profile ${name}`, { role_arn: roleArn(name), source_profile: 'user101' }))
        .join(''),
      credentials: section('user101', USER101_KEYS),
    });
    expect((await loadedBy(world, ['session-lines', 'plain'])).text.includes(IAM)).toBe(false);
    const denied = { status: 5, env: { AWS_ENDPOINT_URL_IAM: world.sts.url } };
    expect((await loadedBy(world, ['session-lines', 'role101'], denied)).text.includes(IAM)).toBe(true);
  });
});
