// Bundles src/ into dist/: one small file that starts fast, and chunks that load only where they are needed.
import { readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

rmSync('dist', { recursive: true, force: true });
await build({
  entryPoints: { cli: 'src/cli.ts', 'sandbox-sts': 'src/demo/sts-main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minify: true,
  keepNames: true,
  sourcemap: false,
  legalComments: 'external',
  // The SDK's search for credentials is never used, ours are always given: it would be a third of what has to be loaded.
  alias: { '@aws-sdk/credential-provider-node': './src/credentials/no-default-credentials.ts' },
  outExtension: { '.js': '.mjs' },
  // CommonJS packages (proper-lockfile) call require() on Node's own modules.
  banner: {
    js: "import { createRequire as __awsroleRequire } from 'node:module'; const require = __awsroleRequire(import.meta.url);",
  },
  define: { AWSROLE_VERSION: JSON.stringify(JSON.parse(readFileSync('package.json', 'utf8')).version) },
  logLevel: 'warning',
});
