// Bundles src/ into dist/: one file that starts fast, and one for each module that it imports only when needed.
// Few files on purpose: each one that Node loads costs it a millisecond or two.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const bundles = new Map([
  // The name that the launchers know.
  ['cli', 'src/start.ts'],
  ['sandbox-sts', 'src/demo/sts-main.ts'],
  // A process of its own.
  ['keyring-child', 'src/keys/keyring-child.ts'],
]);

/** `import('./x.ts')` stays an import, of a bundle of its own. */
const lazyBundles = {
  name: 'lazy-bundles',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\.?\/.*\.ts$/ }, ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return undefined;
      const file = relative('', join(resolveDir, path)).replaceAll('\\', '/');
      const name = file === 'src/cli.ts' ? 'core' : file.replace(/^src\/|\.ts$/g, '').replaceAll('/', '-');
      bundles.set(name, file);
      return { path: `./${name}.mjs`, external: true };
    });
  },
};

/** Widths of emoji, which no help of ours has, would be half of what yargs takes to load. */
const plainWidths = {
  name: 'plain-widths',
  setup({ onResolve }) {
    onResolve({ filter: /^string-width$/ }, ({ importer }) =>
      /[\\/]node_modules[\\/]/.test(importer) ? { path: resolve('src/commands/help-width.ts') } : undefined,
    );
  },
};

rmSync('dist', { recursive: true, force: true });
const bundled = new Set();
// A map takes in what is added while it is gone through.
for (const [name, file] of bundles) {
  // The keyring's process is only waited for: Node starts CommonJS sooner.
  const format = name === 'keyring-child' ? 'cjs' : 'esm';
  const { metafile } = await build({
    entryPoints: { [name]: file },
    metafile: true,
    outdir: 'dist',
    bundle: true,
    format,
    platform: 'node',
    // The entry gets as far as a plain message in a Node that is too old for the rest.
    target: file === 'src/start.ts' ? 'node12.20' : 'node20.19',
    // The SDK's ES modules first: what of them is not used is left out.
    mainFields: ['module', 'main'],
    conditions: ['module'],
    minify: true,
    legalComments: 'external',
    outExtension: { '.js': format === 'cjs' ? '.cjs' : '.mjs' },
    plugins: [lazyBundles, plainWidths],
    // The SDK's search for credentials is never used, ours are always given: it would be a third of what has to be loaded.
    alias: { '@aws-sdk/credential-provider-node': './src/credentials/sts/no-default-credentials.ts' },
    // CommonJS packages (which) call require() on Node's own modules.
    banner: {
      js:
        format === 'esm'
          ? "import { createRequire as __awsroleRequire } from 'node:module'; const require = __awsroleRequire(import.meta.url);"
          : '',
    },
    define: { AWSROLE_VERSION: JSON.stringify(version) },
    logLevel: 'warning',
  });
  for (const input of Object.keys(metafile.inputs)) {
    const [folder] = /^.*node_modules\/(@[^/]+\/)?[^/]+/.exec(input) ?? [];
    if (folder !== undefined) bundled.add(folder);
  }
}

// What is bundled is handed on, and its licences have to go along: each text once, behind the packages that have it.
const licences = new Map();
for (const folder of [...bundled].sort()) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice)(\.|$)/i.test(file));
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  licences.set(text, [...(licences.get(text) ?? []), `${name} ${version} (${license})`]);
}
const parts = [...licences].map(([text, packages]) => `${packages.join('\n')}\n\n${text}\n`);
writeFileSync('dist/THIRD-PARTY-LICENSES.txt', parts.join(`\n${'-'.repeat(80)}\n\n`));

// The keyring's native module for this platform, where it is installed; no bundle can hold it.
const modules = 'node_modules/@napi-rs';
for (const folder of existsSync(modules) ? readdirSync(modules) : []) {
  const file = readdirSync(join(modules, folder)).find((name) => /^keyring\..*\.node$/.test(name));
  if (file !== undefined) copyFileSync(join(modules, folder, file), 'dist/keyring.node');
}

// Bundled first, as Node 20 reads no TypeScript.
async function load(file) {
  const { outputFiles } = await build({
    entryPoints: [file],
    bundle: true,
    format: 'esm',
    platform: 'node',
    write: false,
  });
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0].text)}`);
}

const { writeNames, writeVersion } = await load('shell-names.ts');
const shellFiles = ['', '-common.bash', '.zsh', '.fish', '-shell.ps1', '.sh', '.nu', '.elv', '.xsh'].map(
  (extension) => `shell/awsrole${extension}`,
);
writeNames(shellFiles);
writeVersion([...shellFiles, 'shell/awsrole.psd1'], version);
const { manPage } = await load('packaging/man-page.ts');
mkdirSync('man', { recursive: true });
writeFileSync('man/awsrole.1', manPage(version));
const { writeVersions } = await load('packaging/versions.ts');
writeVersions(version);
