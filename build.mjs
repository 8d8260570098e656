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
  outExtension: { '.js': '.mjs' },
  // CommonJS packages (proper-lockfile) call require() on Node's own modules.
  banner: {
    js: "import { createRequire as __awsroleRequire } from 'node:module'; const require = __awsroleRequire(import.meta.url);",
  },
  define: { AWSROLE_VERSION: JSON.stringify(JSON.parse(readFileSync('package.json', 'utf8')).version) },
  logLevel: 'warning',
});
