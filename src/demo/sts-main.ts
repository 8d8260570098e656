// Runs the sandbox STS as a process of its own, for tests that are not written in TypeScript.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AwsroleError } from '../errors.ts';
import { SAMPLE_WORLD, sampleFiles } from './sample-world.ts';
import { type StsOptions, startStsServer } from './sts-server.ts';

const USAGE = `Usage: sts-main [--port N] [--stop-with-stdin] [--aws-folder DIR] [FILE]
FILE: JSON with users and roles; without it the built-in sample world.
--stop-with-stdin: stop when standard input closes, that is when the parent ends.
--aws-folder: write the sample world's config and credentials into DIR, which must not hold any.`;

function readOptions(file: string): StsOptions {
  let value: Partial<StsOptions> | null;
  try {
    value = JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new AwsroleError('configuration', `${file} cannot be read as JSON.`, { cause });
  }
  if (!Array.isArray(value?.users) || !Array.isArray(value.roles)) {
    throw new AwsroleError('configuration', `${file} has no "users" and "roles".`);
  }
  return { ...value, users: value.users, roles: value.roles };
}

function writeFiles(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, text] of Object.entries(sampleFiles())) {
    const path = join(folder, name);
    // "wx": somebody's real files are never overwritten.
    writeFileSync(path, text, { flag: 'wx', mode: 0o600 });
    chmodSync(path, 0o600);
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      'stop-with-stdin': { type: 'boolean' },
      'aws-folder': { type: 'string' },
    },
  });
  const [file, ...more] = positionals;
  if (more.length > 0) throw new AwsroleError('usage', USAGE);
  const options: StsOptions =
    file === undefined ? { ...SAMPLE_WORLD, checkPartition: true } : readOptions(file);
  if (values.port !== undefined) options.port = Number(values.port);
  if (values['aws-folder'] !== undefined) writeFiles(values['aws-folder']);
  const server = await startStsServer(options);

  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  if (values['stop-with-stdin']) process.stdin.on('end', stop).on('error', stop).on('close', stop).resume();
  process.stdout.on('error', fail);
  process.stdout.write(`${JSON.stringify({ url: server.url, pid: process.pid })}\n`);
}

function fail(error: unknown): void {
  process.stderr.write(`sts-main: ${error instanceof Error ? error.message : error}\n`);
  process.exit(error instanceof AwsroleError ? error.exitStatus : 1);
}

main().catch(fail);
